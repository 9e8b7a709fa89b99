// What a rule does: `action` and its parameters, and whether that can be done to what the rule selects.
import { findByTag } from '../standard/dictionary.ts';
import { isPrivate } from '../standard/tags.ts';
import { maxLengthOf } from '../standard/vr.ts';

import { asPlaced, readChoice, readInteger, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Problems } from './problems.ts';
import { ACTION_NAMES, DATE_TREATMENTS } from './rules.ts';
import type { ActionName, Rule, RuleAction, Selector } from './rules.ts';

/** Characters of a keyed hash when a rule does not say; SH holds 16. */
const DEFAULT_HASH_CHARS = 16;
const DATE_VRS = ['DA', 'DT', 'TM'];
/** VRs that hold no text of one's own choice. */
const NUMERIC_VRS = [
  ...['DS', 'IS', 'US', 'SS', 'UL', 'SL', 'FL', 'FD', 'SV', 'UV', 'AT', 'SQ'],
  ...['OB', 'OW', 'OF', 'OD', 'OL', 'OV'],
];
/** Which action each parameter belongs to. */
const PARAMETERS: readonly (readonly [key: string, owner: ActionName])[] = [
  ['with', 'replace'],
  ['chars', 'hash'],
  ['to', 'date'],
];

type Values = Fields['values'];

export function readAction({ values, at }: Fields, problems: Problems): RuleAction | undefined {
  if (!values.has('action')) {
    problems.add(at, `a rule needs an action; write action: with one of ${ACTION_NAMES.join(', ')}`);
    return undefined;
  }
  const kind = readChoice(values.get('action'), ACTION_NAMES, 'action', problems);
  if (kind === undefined) return undefined;
  for (const [key, owner] of PARAMETERS) {
    if (values.has(key) && kind !== owner)
      problems.add(asPlaced(values.get(key)), `"${key}" belongs to the action ${owner}, not to ${kind}; leave it out`);
  }
  switch (kind) {
    case 'hash': {
      const chars = values.has('chars')
        ? readInteger(values.get('chars'), 8, 40, 'chars', problems)
        : DEFAULT_HASH_CHARS;
      return chars === undefined ? undefined : { kind, chars };
    }
    case 'date': {
      const to = values.has('to') ? readChoice(values.get('to'), DATE_TREATMENTS, 'to', problems) : 'shift';
      return to === undefined ? undefined : { kind, to };
    }
    case 'replace':
      return readReplacement(values, problems);
    default:
      return { kind };
  }
}

function readReplacement(values: Values, problems: Problems): RuleAction | undefined {
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
  return { kind: 'replace', text };
}

/** An action that cannot be done to what the rule selects is a mistake of the author, not something to find out per instance. */
export function checkFit(
  fields: Fields,
  { selector, vrs }: Pick<Rule, 'selector' | 'vrs'>,
  action: RuleAction,
  problems: Problems,
): void {
  if (selector.kind === 'instance') {
    if (action.kind === 'quarantine') return;
    problems.add(
      fields.at,
      `a rule without tag, tags, vr or private speaks about the whole instance and can only quarantine; say which attribute to ${action.kind}`,
    );
    return;
  }
  const own = vrOfSelector(selector);
  for (const vr of vrs ?? (own === undefined ? [] : [own])) checkVr(fields, vr, action, problems);
}

function checkVr({ values }: Fields, vr: string, action: RuleAction, problems: Problems): void {
  const at = asPlaced(values.get('action'));
  switch (action.kind) {
    case 'uid':
      if (vr !== 'UI') problems.add(at, `uid replaces values of VR UI, but this is ${vr}; use hash or dummy`);
      return;
    case 'date':
      if (!DATE_VRS.includes(vr))
        problems.add(at, `date shifts values of VR DA, DT and TM, but this is ${vr}; use clean or dummy`);
      else if (vr === 'TM' && (action.to === 'month' || action.to === 'year'))
        problems.add(at, `a time of day (TM) has no ${action.to}; use to: remove, or keep`);
      return;
    case 'hash':
      if (['UI', ...DATE_VRS, 'AS'].includes(vr)) {
        const instead = vr === 'UI' ? 'uid' : 'date or dummy';
        problems.add(at, `hash writes letters and digits, which ${vr} does not hold; use ${instead}`);
      }
      checkText(at, vr, action.kind, action.chars, problems);
      return;
    case 'replace':
      if (!isNumberFor(vr, action.text)) checkText(at, vr, action.kind, action.text.length, problems);
  }
}

function checkText(
  at: ReturnType<typeof asPlaced>,
  vr: string,
  kind: string,
  length: number,
  problems: Problems,
): void {
  if (NUMERIC_VRS.includes(vr))
    problems.add(at, `${kind} writes text, which ${vr} does not hold; use dummy, zero or remove`);
  const max = maxLengthOf(vr);
  if (max !== undefined && length > max)
    problems.add(at, `${vr} holds at most ${max} characters, but this writes ${length}; shorten it`);
}

function isNumberFor(vr: string, text: string): boolean {
  return (
    (vr === 'DS' && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) && text.length <= 16) ||
    (vr === 'IS' && /^[+-]?\d{1,11}$/.test(text))
  );
}

function vrOfSelector(selector: Selector): string | undefined {
  if (selector.kind !== 'tag' || isPrivate(selector.tag)) return undefined;
  return findByTag(selector.tag)?.vr.slice(0, 2);
}
