// One entry of `rules:` read and checked: what it selects, when it holds, what it does.
import { findByKeyword, findByTag, keywords } from '../standard/dictionary.ts';
import { isPrivate, parseTag } from '../standard/tags.ts';
import { isVr, maxLengthOf } from '../standard/vr.ts';

import { ConditionError, parseCondition } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { asPlaced, readChoice, readFields, readInteger, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import { suggest } from './problems.ts';
import type { Problems } from './problems.ts';
import { ACTION_NAMES } from './rules.ts';
import type { ActionName, Rule, RuleAction, Selector } from './rules.ts';

const KEYS = ['tag', 'tags', 'vr', 'private', 'element', 'group', 'when', 'action', 'with', 'chars'] as const;
const SELECTOR_KEYS = ['tag', 'tags', 'private'] as const;
/** Characters of a keyed hash when a rule does not say; SH holds 16. */
const DEFAULT_HASH_CHARS = 16;
const DATE_VRS = ['DA', 'DT', 'TM'];
const NUMERIC_VRS = [
  'DS',
  'IS',
  'US',
  'SS',
  'UL',
  'SL',
  'FL',
  'FD',
  'SV',
  'UV',
  'AT',
  'SQ',
  'OB',
  'OW',
  'OF',
  'OD',
  'OL',
  'OV',
];

/** The rule, or undefined after its problems were reported. */
export function readRule(node: unknown, order: number, problems: Problems): Rule | undefined {
  const before = problems.count;
  const fields = readFields(node, KEYS, 'a rule', problems);
  if (fields === undefined) return undefined;
  const selector = readSelector(fields, problems);
  const vr = readVr(fields, problems);
  const when = readCondition(fields, problems);
  const action = readAction(fields, problems);
  if (selector === undefined || action === undefined || problems.count > before) return undefined;
  checkFit(fields, selector, vr, action, problems);
  if (problems.count > before) return undefined;
  return { selector, vr, when, action, place: problems.placeOf(fields.at), order };
}

function readSelector(fields: Fields, problems: Problems): Selector | undefined {
  const { values, at } = fields;
  const given = SELECTOR_KEYS.filter((key) => values.has(key));
  if (given.length > 1) {
    problems.add(at, `a rule selects by one of tag, tags and private, not by ${given.join(' and ')}; write two rules`);
    return undefined;
  }
  if (given[0] !== 'private' && (values.has('element') || values.has('group'))) {
    problems.add(at, '"element" and "group" belong to a private creator; add private: "CREATOR"');
    return undefined;
  }
  switch (given[0]) {
    case 'tag':
      return readTagSelector(values.get('tag'), problems);
    case 'tags':
      return readPattern(values.get('tags'), problems);
    case 'private':
      return readPrivate(values, problems);
    default:
      return values.has('vr') ? { kind: 'any' } : { kind: 'instance' };
  }
}

function readTagSelector(node: unknown, problems: Problems): Selector | undefined {
  const text = readText(node, 'tag', problems);
  if (text === undefined) return undefined;
  const tag = parseTag(text) ?? findByKeyword(text)?.tag;
  if (tag !== undefined) return { kind: 'tag', tag };
  const hint = suggest(
    text,
    keywords(),
    'write a keyword of PS3.6 or "(gggg,eeee)" in quotes; a pattern with x goes under tags',
  );
  problems.add(asPlaced(node), `"${text}" is no DICOM keyword or tag${hint}`);
  return undefined;
}

function readPattern(node: unknown, problems: Problems): Selector | undefined {
  const text = readText(node, 'tags', problems);
  if (text === undefined) return undefined;
  const match = /^\(?([0-9A-Fa-fxX]{4}),?([0-9A-Fa-fxX]{4})\)?$/.exec(text);
  if (match === null) {
    problems.add(asPlaced(node), `"${text}" is no tag pattern; write for example "(0018,xxxx)"`);
    return undefined;
  }
  const digits = match[1] + match[2];
  const mask = Number.parseInt(digits.replace(/[^xX]/g, 'F').replace(/[xX]/g, '0'), 16);
  return { kind: 'pattern', mask, value: Number.parseInt(digits.replace(/[xX]/g, '0'), 16) };
}

function readPrivate(values: Fields['values'], problems: Problems): Selector | undefined {
  const creator = readText(values.get('private'), 'private', problems);
  const element = readHex(values, 'element', 2, problems);
  const group = readHex(values, 'group', 4, problems);
  if (group !== undefined && group % 2 === 0) {
    problems.add(asPlaced(values.get('group')), 'the group of a private element is odd, for example "0029"');
  }
  return creator === undefined ? undefined : { kind: 'private', creator: creator.trim(), element, group };
}

function readHex(values: Fields['values'], key: string, digits: number, problems: Problems): number | undefined {
  if (!values.has(key)) return undefined;
  const text = readText(values.get(key), key, problems);
  if (text === undefined) return undefined;
  if (new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(text)) return Number.parseInt(text, 16);
  problems.add(
    asPlaced(values.get(key)),
    `${key} must be ${digits} hexadecimal digits in quotes, for example "${'10'.padStart(digits, '0')}"`,
  );
  return undefined;
}

function readVr({ values }: Fields, problems: Problems): string | undefined {
  if (!values.has('vr')) return undefined;
  const vr = readText(values.get('vr'), 'vr', problems);
  if (vr === undefined || isVr(vr)) return vr;
  problems.add(
    asPlaced(values.get('vr')),
    `"${vr}" is no value representation; write one of PS3.5 6.2, for example LO`,
  );
  return undefined;
}

function readCondition({ values }: Fields, problems: Problems): Condition | undefined {
  if (!values.has('when')) return undefined;
  const node = values.get('when');
  const text = readText(node, 'when', problems);
  if (text === undefined) return undefined;
  try {
    return parseCondition(text);
  } catch (error: unknown) {
    if (!(error instanceof ConditionError)) throw error;
    const start = asPlaced(node).range?.[0] ?? 0;
    // A quoted scalar starts one character before its text.
    problems.add(start + error.index + 1, `when: ${error.message}`);
    return undefined;
  }
}

function readAction({ values, at }: Fields, problems: Problems): RuleAction | undefined {
  if (!values.has('action')) {
    problems.add(at, `a rule needs an action; write action: with one of ${ACTION_NAMES.join(', ')}`);
    return undefined;
  }
  const kind = readChoice(values.get('action'), ACTION_NAMES, 'action', problems);
  if (kind === undefined) return undefined;
  forbid(values, 'with', kind, 'replace', problems);
  forbid(values, 'chars', kind, 'hash', problems);
  if (kind === 'hash') {
    const chars = values.has('chars') ? readInteger(values.get('chars'), 8, 40, 'chars', problems) : DEFAULT_HASH_CHARS;
    return chars === undefined ? undefined : { kind, chars };
  }
  if (kind !== 'replace') return { kind };
  if (!values.has('with')) {
    problems.add(asPlaced(values.get('action')), 'replace needs a value; add with: "text"');
    return undefined;
  }
  const text = readText(values.get('with'), 'with', problems);
  if (text === undefined) return undefined;
  if (!/^[\x20-\x5B\x5D-\x7E]*$/.test(text)) {
    problems.add(
      asPlaced(values.get('with')),
      'the replacement may hold printable ASCII without backslash only, so that every character set can write it',
    );
    return undefined;
  }
  return { kind, text };
}

function forbid(values: Fields['values'], key: string, kind: ActionName, owner: ActionName, problems: Problems): void {
  if (values.has(key) && kind !== owner) {
    problems.add(asPlaced(values.get(key)), `"${key}" belongs to the action ${owner}, not to ${kind}; leave it out`);
  }
}

/** An action that cannot be done to what the rule selects is a mistake of the author, not something to find out per instance. */
function checkFit(
  fields: Fields,
  selector: Selector,
  ruleVr: string | undefined,
  action: RuleAction,
  problems: Problems,
): void {
  const at = asPlaced(fields.values.get('action'));
  if (selector.kind === 'instance') {
    if (action.kind !== 'quarantine') {
      problems.add(
        fields.at,
        `a rule without tag, tags, vr or private speaks about the whole instance and can only quarantine; say which attribute to ${action.kind}`,
      );
    }
    return;
  }
  const vr = ruleVr ?? vrOfSelector(selector);
  if (vr === undefined) return;
  if (action.kind === 'uid' && vr !== 'UI')
    problems.add(at, `uid replaces values of VR UI, but this is ${vr}; use hash or dummy`);
  if (action.kind === 'date' && !DATE_VRS.includes(vr))
    problems.add(at, `date shifts values of VR DA, DT and TM, but this is ${vr}; use clean or dummy`);
  if ((action.kind === 'hash' || action.kind === 'replace') && NUMERIC_VRS.includes(vr) && !isNumberFor(vr, action)) {
    problems.add(at, `${action.kind} writes text, which ${vr} does not hold; use dummy, zero or remove`);
  }
  if (action.kind === 'hash' && ['UI', ...DATE_VRS, 'AS'].includes(vr)) {
    problems.add(
      at,
      `hash writes letters and digits, which ${vr} does not hold; use ${vr === 'UI' ? 'uid' : 'date or dummy'}`,
    );
  }
  const max = maxLengthOf(vr);
  const length = action.kind === 'replace' ? action.text.length : action.kind === 'hash' ? action.chars : 0;
  if (max !== undefined && length > max)
    problems.add(at, `${vr} holds at most ${max} characters, but this writes ${length}; shorten it`);
}

function isNumberFor(vr: string, action: RuleAction): boolean {
  if (action.kind !== 'replace') return false;
  return (
    (vr === 'DS' && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(action.text)) ||
    (vr === 'IS' && /^[+-]?\d+$/.test(action.text))
  );
}

function vrOfSelector(selector: Selector): string | undefined {
  if (selector.kind !== 'tag' || isPrivate(selector.tag)) return undefined;
  return findByTag(selector.tag)?.vr.slice(0, 2);
}
