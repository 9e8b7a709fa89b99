// Expressions of Karnak's `expression.on.tags`: an action, or a choice between two by a condition.
import { translateCondition } from './karnak-condition.ts';
import type { RuleText } from './profile-builder.ts';

/** A rule without its selection; `when` in the words of a profile. Branches are asked in their order. */
export interface Branch {
  readonly when: string | undefined;
  readonly rule: RuleText;
}

const ACTIONS: readonly (readonly [pattern: RegExp, rule: (text: string) => RuleText])[] = [
  [/^Keep\(\)$/, () => ({ action: 'keep' })],
  [/^Remove\(\)$/, () => ({ action: 'remove' })],
  [/^ReplaceNull\(\)$/, () => ({ action: 'zero' })],
  [/^UID\(\)$/, () => ({ action: 'uid' })],
  [/^ExcludeInstance\(\)$/, () => ({ action: 'quarantine' })],
  [/^Replace\((['"])([^'"]*)\1\)$/, (text) => ({ action: 'replace', with: text })],
];

/**
 * The branches of an expression; none for `null`, which leaves the attribute to what follows. Undefined when it has no counterpart.
 * @param ownTag the attribute that `stringValue` means; undefined for a pattern
 */
export function translateExpression(source: string, ownTag: number | undefined): readonly Branch[] | undefined {
  const choice = splitChoice(source);
  if (choice === undefined) return translateAction(source.trim());
  const when = translateCondition(choice.condition, ownTag);
  const [yes, no] = [translateExpression(choice.yes, ownTag), translateExpression(choice.no, ownTag)];
  if (when === undefined || yes === undefined || no === undefined) return undefined;
  const inside = yes.map((branch) => ({
    ...branch,
    when: branch.when === undefined ? when : `${when} and ${branch.when}`,
  }));
  // Where the first half says nothing, the second must not speak in its place.
  if (yes.every((branch) => branch.when !== undefined) && no.length > 0)
    return [
      ...inside,
      ...no.map((branch) => ({
        ...branch,
        when: `not (${when})${branch.when === undefined ? '' : ` and ${branch.when}`}`,
      })),
    ];
  return [...inside, ...no];
}

function translateAction(text: string): readonly Branch[] | undefined {
  if (text === 'null') return [];
  for (const [pattern, write] of ACTIONS) {
    const match = pattern.exec(text);
    if (match !== null) return [{ when: undefined, rule: write(match.at(2) ?? '') }];
  }
  return undefined;
}

/** `condition ? yes : no`, outside quotes and parentheses. */
function splitChoice(
  source: string,
): { readonly condition: string; readonly yes: string; readonly no: string } | undefined {
  const question = findOutside(source, '?', 0);
  if (question === -1) return undefined;
  const colon = findOutside(source, ':', question + 1);
  if (colon === -1) return undefined;
  return { condition: source.slice(0, question), yes: source.slice(question + 1, colon), no: source.slice(colon + 1) };
}

function findOutside(source: string, sign: string, from: number): number {
  let quote = '';
  let depth = 0;
  // A choice inside a choice has its own colon.
  let inner = 0;
  for (let at = from; at < source.length; at++) {
    const character = source[at];
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (depth === 0 && character === sign && inner === 0) return at;
    else if (depth === 0 && sign === ':' && character === '?') inner++;
    else if (depth === 0 && sign === ':' && character === ':') inner--;
  }
  return -1;
}
