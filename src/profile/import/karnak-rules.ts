// The tags of a Karnak element as rules: which attributes it selects, under which condition, with which exceptions.
import { findByKeyword } from '../../standard/dictionary.ts';
import { parseTag, TAG } from '../../standard/tags.ts';

import { matchesMask, parseTagMask } from '../sequence-path.ts';
import { translateCondition } from './karnak-condition.ts';
import { tagText, without } from './profile-builder.ts';
import type { ProfileBuilder, RuleText } from './profile-builder.ts';
import { breaksSomeIod, isTakenByBasic, NEVER_BY_PATTERN, requiredIn } from './what-basic-does.ts';

/** One entry of `profileElements`. */
export interface KarnakElement {
  /** `file:line`. */
  readonly where: string;
  readonly name: string;
  readonly codename: string;
  readonly action: string;
  readonly option: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly excludedTags: readonly string[];
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Actions after which something of the value is still there: not for more than the original selects. */
const LEAVES_SOMETHING: ReadonlySet<string> = new Set(['keep', 'date']);
/** Names in one remark. */
const MAX_NAMES = 6;

/** A rule per tag of an element. */
export function addRules(element: KarnakElement, act: RuleText, builder: ProfileBuilder, also?: string): void {
  const { where, name, condition } = element;
  const translated = condition === '' ? undefined : translateCondition(condition);
  if (condition !== '' && translated === undefined) {
    if (LEAVES_SOMETHING.has(String(act.action))) {
      const said = `${name}: ${String(act.action)} under the condition ${condition}`;
      builder.leaveOut(where, said, 'the Basic Profile decides');
      return;
    }
    builder.leaveOut(where, `${name}: the condition ${condition}`, `${String(act.action)} without a condition`);
  }
  const when = [translated, also].filter((part) => part !== undefined).join(' and ');
  for (const text of element.tags) addRule(element, text, when === '' ? act : { when, ...act }, builder);
}

function addRule(element: KarnakElement, text: string, act: RuleText, builder: ProfileBuilder): void {
  const { where, name } = element;
  const selection = selectionOf(text);
  if (selection === undefined) {
    builder.leaveOut(where, `${name}: the tag "${text}"`, 'nothing beyond the Basic Profile');
    return;
  }
  const except = element.excludedTags.map(pathOf).filter((path) => path !== undefined);
  if (except.length < element.excludedTags.length) {
    const said = `${name}: ${String(act.action)}, with an exception that cannot be read`;
    if (LEAVES_SOMETHING.has(String(act.action))) {
      builder.leaveOut(where, said, 'the Basic Profile decides');
      return;
    }
    builder.leaveOut(where, said, `${String(act.action)} without that exception`);
  }
  if ('tag' in selection) {
    if (!except.includes(selection.tag)) addTagRule(element, selection.tag, text, act, builder);
  } else addPatternRule(element, selection.tags, except, act, builder);
}

function addTagRule(
  { where, name }: KarnakElement,
  path: string,
  text: string,
  act: RuleText,
  builder: ProfileBuilder,
): void {
  const tag = parseTag(text.replace(/^\./, ''));
  if ((tag === TAG.PatientID || tag === TAG.PatientName) && act.action !== 'quarantine') {
    // Karnak sets them after the profile, whatever it says.
    builder.differs(where, `${name}: ${String(act.action)} ${text}`, 'the subject of the project');
    return;
  }
  const isTaken = tag !== undefined && act.when === undefined && isTakenByBasic(tag);
  if (isTaken && (act.action === 'remove' || act.action === 'zero')) builder.countAsBasic();
  else if (tag !== undefined && (act.action === 'remove' || act.action === 'zero'))
    builder.addRemoval(tag, { tag: path, ...act }, name, where);
  // `vr` is for patterns: of one attribute the dictionary knows it.
  else builder.addRule({ tag: path, ...without(act, ['vr']) }, name, where);
}

function addPatternRule(
  { where, name }: KarnakElement,
  pattern: string,
  except: readonly string[],
  act: RuleText,
  builder: ProfileBuilder,
): void {
  const spared = (SPARED[String(act.action)] ?? NEVER_BY_PATTERN).filter((keyword) => isSelected(pattern, keyword));
  const said = `${name}: ${String(act.action)} ${pattern}`;
  if (spared.length > 0) builder.differs(where, said, `not for ${spared.join(', ')}, which every instance needs`);
  if (act.action === 'keep' && /^\(?[^,]*x/i.test(pattern) && !pattern.includes('.'))
    builder.leaveOut(where, `${said}, private attributes among them`, 'private attributes are removed');
  const all = [...new Set([...except, ...spared])].filter((other) => mayOverlap(pattern, other));
  if (act.action === 'remove' || act.action === 'zero') {
    const required = requiredBy(pattern, act.action).filter((tag) => !all.includes(tagText(tag)));
    // The Basic Profile takes these away, and knows what each kind of object requires.
    all.push(...required.filter(isTakenByBasic).map(tagText));
    const others = required.filter((tag) => !isTakenByBasic(tag)).map(tagText);
    if (others.length > 0)
      builder.differs(where, said, `objects that require one of ${fewOf(others)} go to quarantine (iod-broken)`);
  }
  builder.addRule({ tags: pattern, ...(all.length === 0 ? {} : { except: all }), ...act }, name, where);
}

/** What a pattern must not take, by action; what is not named here takes values away. */
const SPARED: Partial<Record<string, readonly string[]>> = {
  keep: ['PatientID', 'PatientName'],
  uid: [],
  date: [],
  quarantine: [],
};

function requiredBy(pattern: string, action: 'remove' | 'zero'): readonly number[] {
  const mask = parseTagMask(pattern);
  return mask === undefined ? [] : requiredIn((tag) => matchesMask(mask, tag) && breaksSomeIod(tag, action));
}

function fewOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function isSelected(pattern: string, keyword: string): boolean {
  const [mask, tag] = [parseTagMask(pattern), findByKeyword(keyword)?.tag];
  return mask !== undefined && tag !== undefined && matchesMask(mask, tag);
}

/** False when an exception cannot be selected by the pattern at all. */
function mayOverlap(pattern: string, other: string): boolean {
  return findByKeyword(other) === undefined || parseTagMask(pattern) === undefined || isSelected(pattern, other);
}

function selectionOf(text: string): { readonly tag: string } | { readonly tags: string } | undefined {
  const path = pathOf(text);
  if (path === undefined) return undefined;
  const last = text.split('.').at(-1) ?? '';
  return parseTag(last) === undefined ? { tags: path } : { tag: path };
}

/** A tag, pattern or path of Karnak in our words; `**.` at its beginning means there what `*.` does here: not at the top. */
function pathOf(text: string): string | undefined {
  const parts = text.split('.').map((part) => part.trim());
  const written = parts.map((part, i) => {
    if (part === '' && i === 0 && parts.length > 1) return '';
    if (part === '*' || part === '**') return part === '**' && i === 0 ? '*' : part;
    const tag = parseTag(part);
    if (tag !== undefined) return tagText(tag);
    return parseTagMask(part) === undefined ? undefined : `(${part.replace(/[(),]/g, '').replace(/^(.{4})/, '$1,')})`;
  });
  return written.includes(undefined) ? undefined : written.join('.');
}
