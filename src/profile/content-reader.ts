// The keys of a profile file, read and checked one by one; what is wrong is reported, never guessed.
import { isMap } from 'yaml';

import { OPTION_NAMES, TABLE_EDITION } from '../standard/table-e1-1.ts';
import type { OptionName } from '../standard/table-e1-1.ts';

import type { PixelPolicy, ProfileContent } from './compiled.ts';
import { asPlaced, readChoice, readFields, readInteger, readList, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Problems } from './problems.ts';
import { readRule } from './rule-reader.ts';
import type { Rule } from './rules.ts';
import { readSubject } from './subject-reader.ts';

const KEYS = [
  'name',
  'version',
  'description',
  'standard',
  'options',
  'subject',
  'dates',
  'unlisted',
  'privateSopClasses',
  'rules',
  'pixels',
  'onError',
] as const;
/** Days; the same shift for a patient's every date hides the calendar without leaving the decade. */
const DEFAULT_MAX_SHIFT_DAYS = 365;
const MAX_SHIFT_DAYS = 36_500;
/** The content of a profile; incomplete, and not to be compiled, when problems were added. */
export function readContent(root: unknown, problems: Problems): ProfileContent | undefined {
  if (!isMap(root)) {
    problems.add(asPlaced(root), `a profile must be a mapping; begin with name: and version:`);
    return undefined;
  }
  const fields = readFields(root, KEYS, 'a profile', problems);
  if (fields === undefined) return undefined;
  const name = readName(fields, problems);
  const version = readVersion(fields, problems);
  readEdition(fields, problems);
  const options = readOptions(fields, problems);
  const subject = readSubject(fields, problems);
  const rules = readRules(fields, problems);
  const maxShiftDays = readShift(fields, options, rules, problems);
  const unlisted = readOptional(fields, 'unlisted', ['keep', 'required-only'], 'keep', problems);
  const privateSopClasses = readOptional(fields, 'privateSopClasses', ['quarantine', 'pass'], 'quarantine', problems);
  const pixels = readPixels(fields, options, problems);
  readOptional(fields, 'onError', ['quarantine'], 'quarantine', problems);
  return { name, version, options, subject, maxShiftDays, unlisted, privateSopClasses, pixels, rules };
}

function readOptional<const Choice extends string>(
  { values }: Fields,
  key: string,
  choices: readonly Choice[],
  otherwise: Choice,
  problems: Problems,
): Choice {
  if (!values.has(key)) return otherwise;
  return readChoice(values.get(key), choices, key, problems) ?? otherwise;
}

function readName({ values, at }: Fields, problems: Problems): string {
  if (!values.has('name')) {
    problems.add(at, 'a profile needs a name; write name: my-study');
    return '';
  }
  const name = readText(values.get('name'), 'name', problems) ?? '';
  // It is written into (0012,0063), where every character set must be able to hold it.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(name)) {
    problems.add(asPlaced(values.get('name')), 'name must be 1 to 32 letters, digits, dots, dashes and underscores');
  }
  return name;
}

function readVersion({ values, at }: Fields, problems: Problems): number {
  if (values.has('version')) return readInteger(values.get('version'), 1, 999_999, 'version', problems) ?? 0;
  problems.add(at, 'a profile needs a version; write version: 1 and raise it with every change');
  return 0;
}

function readEdition({ values }: Fields, problems: Problems): void {
  if (!values.has('standard')) return;
  const edition = readText(values.get('standard'), 'standard', problems);
  if (edition !== undefined && edition !== TABLE_EDITION) {
    problems.add(
      asPlaced(values.get('standard')),
      `this version of Lethe carries Table E.1-1 of ${TABLE_EDITION}; write standard: ${TABLE_EDITION} after reading what changed`,
    );
  }
}

function readOptions({ values }: Fields, problems: Problems): readonly OptionName[] {
  if (!values.has('options')) return [];
  const node = values.get('options');
  const options: OptionName[] = [];
  for (const entry of readList(node, 'options', problems)) {
    const option = readChoice(entry, OPTION_NAMES, 'an option', problems);
    if (option === undefined) continue;
    if (options.includes(option)) problems.add(asPlaced(entry), `${option} is listed twice; leave one out`);
    options.push(option);
  }
  if (options.includes('retain-longitudinal-full-dates') && options.includes('retain-longitudinal-modified-dates')) {
    problems.add(asPlaced(node), 'full and modified dates cannot both be retained (PS3.15 E.3.6); choose one');
  }
  return options;
}

function readRules({ values }: Fields, problems: Problems): readonly Rule[] {
  if (!values.has('rules')) return [];
  return readList(values.get('rules'), 'rules', problems)
    .map((node, order) => readRule(node, order, problems))
    .filter((rule) => rule !== undefined);
}

function readShift(
  { values }: Fields,
  options: readonly OptionName[],
  rules: readonly Rule[],
  problems: Problems,
): number {
  const isNeeded =
    options.includes('retain-longitudinal-modified-dates') || rules.some(({ action }) => action.kind === 'date');
  if (!values.has('dates')) return isNeeded ? DEFAULT_MAX_SHIFT_DAYS : 0;
  const dates = readFields(values.get('dates'), ['shiftDays'], 'dates', problems);
  const shift =
    dates?.values.has('shiftDays') === true
      ? readFields(dates.values.get('shiftDays'), ['max'], 'shiftDays', problems)
      : undefined;
  const max =
    shift?.values.has('max') === true
      ? readInteger(shift.values.get('max'), 1, MAX_SHIFT_DAYS, 'max', problems)
      : DEFAULT_MAX_SHIFT_DAYS;
  if (!isNeeded) {
    problems.add(
      asPlaced(values.get('dates')),
      'nothing here shifts dates; add the option retain-longitudinal-modified-dates or a rule with action: date, or leave dates out',
    );
  }
  return max ?? 0;
}

function readPixels({ values }: Fields, options: readonly OptionName[], problems: Problems): PixelPolicy {
  const isPromised = options.includes('clean-pixel-data');
  const policy: PixelPolicy = { text: isPromised ? 'blank' : 'off', keepText: [], templates: 'default' };
  if (!values.has('pixels')) return policy;
  const fields = readFields(values.get('pixels'), ['text', 'keepText', 'templates'], 'pixels', problems);
  if (fields === undefined) return policy;
  const text = readOptional(fields, 'text', ['off', 'blank'], policy.text, problems);
  if (text === 'off' && isPromised) {
    problems.add(
      asPlaced(fields.values.get('text')),
      'text: off contradicts the option clean-pixel-data; leave one out',
    );
  }
  const templates = readOptional(fields, 'templates', ['default', 'off'], policy.templates, problems);
  return { text, keepText: readKeepText(fields, problems), templates };
}

function readKeepText({ values }: Fields, problems: Problems): PixelPolicy['keepText'] {
  if (!values.has('keepText')) return [];
  return readList(values.get('keepText'), 'keepText', problems)
    .map((entry) => readChoice(entry, ['laterality', 'scale', 'window'], 'keepText', problems))
    .filter((kind) => kind !== undefined);
}
