// What a CTP element does, in the words of a profile.
import { findByKeyword } from '../../standard/dictionary.ts';
import { parseTag } from '../../standard/tags.ts';
import { maxLengthOf } from '../../standard/vr.ts';

import { parseCtp } from './ctp-function.ts';
import type { CtpCall } from './ctp-function.ts';
import { escapePattern, quoteText } from './karnak-condition.ts';
import { tagText } from './profile-builder.ts';
import type { RuleText } from './profile-builder.ts';
import { vrOf } from './what-basic-does.ts';

/** The element that is translated, and the parameters of its script. */
export interface CtpContext {
  /** Undefined for a private element whose block is not known. */
  readonly tag: number | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface CtpBranch {
  readonly when?: string;
  /** Sequences in front of the attribute: `.` for the data set itself, `*.` for what stands in sequences. */
  readonly path?: '.' | '*.';
  readonly rule: RuleText;
  /** In what it is not what CTP does. */
  readonly differs?: string;
}

const NEWLY_HASHED = "a keyed hash of the project's own";
const SHIFT = 'a secret shift of each patient, of whole days, back in time';
const DEFAULT_HASH_CHARS = 16;
/** A rule writes between 8 and 40 characters. */
const HASH_CHARS = { min: 8, max: 40 };

/**
 * The branches of a script, asked in their order; undefined when it has no counterpart. The last one of those that are found always
 * holds, except where CTP does nothing either.
 */
export function translateCtp(script: string, context: CtpContext): readonly CtpBranch[] | undefined {
  const parts = parseCtp(script)?.filter((part) => typeof part === 'string' || part.name !== 'always');
  if (parts === undefined) return undefined;
  if (parts.length === 0) return [{ rule: { action: 'zero' } }];
  const [first] = parts;
  if (parts.length === 1 && typeof first !== 'string') {
    const branches = translateCall(first, context);
    if (branches !== undefined) return branches;
  }
  // Text, and parameters that stand for text.
  const texts = parts.map((part) => (typeof part === 'string' ? part : parameterOf(part, context)));
  return texts.includes(undefined) ? undefined : [{ rule: { action: 'replace', with: texts.join('').trim() } }];
}

function parameterOf({ name, args }: CtpCall, { parameters }: CtpContext): string | undefined {
  return name === 'param' && args.length > 0 ? parameters.get(args[0].replace(/^[@$]/, '').toUpperCase()) : undefined;
}

function translateCall(call: CtpCall, context: CtpContext): readonly CtpBranch[] | undefined {
  switch (call.name) {
    case 'keep':
      return [{ rule: { action: 'keep' } }];
    case 'require':
      return [{ rule: { action: 'keep' }, differs: 'nothing is added where it is missing' }];
    case 'process':
      return [{ rule: { action: 'keep' } }];
    case 'remove':
      return [{ rule: { action: 'remove' } }];
    case 'empty':
    case 'blank':
      return [{ rule: { action: 'zero' } }];
    case 'quarantine':
      return [{ rule: { action: 'quarantine' } }];
    case 'hashuid':
      return [{ rule: { action: 'uid' } }];
    case 'hash':
    case 'hashname':
    case 'hashptid':
    case 'integer':
      return [{ rule: { action: 'hash', chars: hashChars(call, context) }, differs: NEWLY_HASHED }];
    case 'hashdate':
    case 'incrementdate':
      return [{ rule: { action: 'date' }, differs: SHIFT }];
    case 'modifydate':
      return [modifiedDate(call)];
    case 'if':
      return translateIf(call, context);
    case 'select':
      return translateSelect(call, context);
    default:
      return undefined;
  }
}

function hashChars({ name, args }: CtpCall, { tag }: CtpContext): number {
  const asked = Number(name === 'hashptid' ? args[2] : args[1]);
  const wanted = Number.isInteger(asked) && name !== 'hashname' ? asked : DEFAULT_HASH_CHARS;
  const longest = Math.min(
    HASH_CHARS.max,
    (tag === undefined ? undefined : maxLengthOf(vrOf(tag) ?? '')) ?? HASH_CHARS.max,
  );
  return Math.min(longest, Math.max(HASH_CHARS.min, wanted));
}

/** `@modifydate(this,*,1,1)`: what is not `*` is written in its place. */
function modifiedDate({ args: [, year, month, day] }: CtpCall): CtpBranch {
  if (year === '*' && month === '1' && day === '1') return { rule: { action: 'date', to: 'year' } };
  if (year === '*' && month === '*' && day === '1') return { rule: { action: 'date', to: 'month' } };
  return { rule: { action: 'date', to: 'remove' }, differs: 'the date goes as the Basic Profile says' };
}

function translateIf(call: CtpCall, context: CtpContext): readonly CtpBranch[] | undefined {
  const when = conditionOf(call, context);
  const [yes, no] = [call.blocks.at(0), call.blocks.at(1)].map((block) =>
    block === undefined ? undefined : translateCtp(block, context),
  );
  if (when === undefined || yes === undefined || no === undefined) return undefined;
  return [
    ...yes.map((branch) => ({ ...branch, when: branch.when === undefined ? when : `${when} and ${branch.when}` })),
    ...no,
  ];
}

function translateSelect(call: CtpCall, context: CtpContext): readonly CtpBranch[] | undefined {
  const [root, nested] = [call.blocks.at(0), call.blocks.at(1)].map((block) =>
    block === undefined ? undefined : translateCtp(block, context),
  );
  if (root === undefined || nested === undefined) return undefined;
  if ([...root, ...nested].some(({ path }) => path !== undefined)) return undefined;
  return [
    ...root.map((branch) => ({ ...branch, path: '.' as const })),
    ...nested.map((branch) => ({ ...branch, path: '*.' as const })),
  ];
}

/** CTP compares without regard to case. */
function conditionOf({ args }: CtpCall, { tag: own, parameters }: CtpContext): string | undefined {
  const [element = '', test = '', given = ''] = args;
  const tag =
    element.toLowerCase() === 'this' ? own : (parseTag(element.replace(/[[\]]/g, '')) ?? findByKeyword(element)?.tag);
  if (tag === undefined) return undefined;
  const name = tagText(tag);
  const value = given.startsWith('@') ? parameters.get(given.slice(1).toUpperCase()) : given;
  if (value === undefined) return undefined;
  const exactly = escapePattern(value);
  switch (test.toLowerCase()) {
    case 'exists':
      return `${name} is present`;
    case 'isblank':
      return `not ${name} matches ${quoteText('\\S')}`;
    case 'equals':
      return `${name} matches ${quoteText(`(?i)^${exactly}$`)}`;
    case 'contains':
      return `${name} matches ${quoteText(`(?i)${exactly}`)}`;
    case 'matches':
      return `${name} matches ${quoteText(wholly(value.trim()))}`;
    case 'greaterthan':
      return /^\d+$/.test(value) ? `${name} > ${value}` : undefined;
    default:
      return undefined;
  }
}

/** Java's `matches` is about the whole value; a flag stands in front of all. */
function wholly(pattern: string): string {
  const flag = /^\(\?i\)/.exec(pattern)?.[0] ?? '';
  return `${flag}^(?:${pattern.slice(flag.length)})$`;
}
