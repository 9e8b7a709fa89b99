// The keys of a profile file, read and checked one by one; what is wrong is reported, never guessed. What a file does not say stays
// open here: it may inherit it.
import { isMap } from 'yaml';

import { OPTION_NAMES, TABLE_EDITION } from '../standard/table-e1-1.ts';
import type { OptionName } from '../standard/table-e1-1.ts';

import type { ProfileContent } from './compiled.ts';
import { asPlaced, readChoice, readFields, readInteger, readList, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import {
  DATES_FIELDS,
  OPTION_CHANGE_FIELDS,
  PIXELS_FIELDS,
  PROFILE_FIELDS,
  SHIFT_FIELDS,
  ULTRASOUND_FIELDS,
} from './grammar.ts';
import { HARMLESS_KINDS, TEXT_POLICIES } from './pixel-policy.ts';
import type { PixelPolicy } from './pixel-policy.ts';
import type { Placed, Problems } from './problems.ts';
import { readRules } from './rule-reader.ts';
import type { Rule } from './rules.ts';
import { readSubject } from './subject-reader.ts';

/** What one file says, without what it inherits. */
export interface ProfileDraft {
  /** Where a problem is told that concerns the whole file. */
  readonly at: Placed;
  /** Where each key stands. */
  readonly places: ReadonlyMap<string, Placed>;
  readonly name: string | undefined;
  readonly version: number | undefined;
  readonly parent: string | undefined;
  readonly options: readonly OptionName[] | OptionChange | undefined;
  readonly subject: ProfileContent['subject'] | undefined;
  readonly maxShiftDays: number | undefined;
  readonly unlisted: ProfileContent['unlisted'] | undefined;
  readonly privateSopClasses: ProfileContent['privateSopClasses'] | undefined;
  readonly pixels: Partial<PixelPolicy> | undefined;
  readonly documents: ProfileContent['documents'] | undefined;
  /** Path of a file of device templates, from this file. */
  readonly templateFile: string | undefined;
  readonly rules: readonly Rule[];
}

export interface OptionChange {
  readonly add: readonly OptionName[];
  readonly remove: readonly OptionName[];
}

const MAX_SHIFT_DAYS = 36_500;

/** The draft; incomplete, and not to be used, when problems were added. */
export function readDraft(root: unknown, problems: Problems): ProfileDraft | undefined {
  if (!isMap(root)) {
    problems.add(asPlaced(root), `a profile must be a mapping; begin with name: and version:`);
    return undefined;
  }
  const fields = readFields(root, Object.keys(PROFILE_FIELDS), 'a profile', problems);
  if (fields === undefined) return undefined;
  const { values } = fields;
  readEdition(fields, problems);
  readOptional(fields, 'onError', ['quarantine'], problems);
  return {
    at: fields.at,
    places: new Map([...values].map(([key, node]) => [key, asPlaced(node)])),
    name: readName(fields, problems),
    version: values.has('version') ? readInteger(values.get('version'), 1, 999_999, 'version', problems) : undefined,
    parent: values.has('extends') ? readText(values.get('extends'), 'extends', problems) : undefined,
    options: readOptions(fields, problems),
    subject: values.has('subject') ? readSubject(values.get('subject'), problems) : undefined,
    maxShiftDays: readShift(fields, problems),
    unlisted: readOptional(fields, 'unlisted', ['keep', 'required-only'], problems),
    documents: readOptional(fields, 'documents', ['clean', 'empty', 'quarantine'], problems),
    privateSopClasses: readOptional(fields, 'privateSopClasses', ['quarantine', 'pass'], problems),
    ...readPixels(fields, problems),
    rules: values.has('rules') ? readRules(values.get('rules'), problems) : [],
  };
}

function readOptional<const Choice extends string>(
  { values }: Fields,
  key: string,
  choices: readonly Choice[],
  problems: Problems,
): Choice | undefined {
  return values.has(key) ? readChoice(values.get(key), choices, key, problems) : undefined;
}

function readName({ values }: Fields, problems: Problems): string | undefined {
  if (!values.has('name')) return undefined;
  const name = readText(values.get('name'), 'name', problems);
  // It is written into (0012,0063), where every character set must be able to hold it.
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(name)) {
    problems.add(asPlaced(values.get('name')), 'name must be 1 to 32 letters, digits, dots, dashes and underscores');
  }
  return name;
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

function readOptions({ values }: Fields, problems: Problems): ProfileDraft['options'] {
  if (!values.has('options')) return undefined;
  const node = values.get('options');
  if (!isMap(node)) return readOptionList(node, 'options', problems);
  const change = readFields(node, Object.keys(OPTION_CHANGE_FIELDS), 'options', problems);
  const listOf = (key: string): readonly OptionName[] =>
    change?.values.has(key) === true ? readOptionList(change.values.get(key), key, problems) : [];
  return { add: listOf('add'), remove: listOf('remove') };
}

function readOptionList(node: unknown, what: string, problems: Problems): readonly OptionName[] {
  const options: OptionName[] = [];
  for (const entry of readList(node, what, problems)) {
    const option = readChoice(entry, OPTION_NAMES, 'an option', problems);
    if (option === undefined) continue;
    if (options.includes(option)) problems.add(asPlaced(entry), `${option} is listed twice; leave one out`);
    options.push(option);
  }
  return options;
}

function readShift({ values }: Fields, problems: Problems): number | undefined {
  if (!values.has('dates')) return undefined;
  const dates = readFields(values.get('dates'), Object.keys(DATES_FIELDS), 'dates', problems);
  if (dates?.values.has('shiftDays') !== true) return undefined;
  const shift = readFields(dates.values.get('shiftDays'), Object.keys(SHIFT_FIELDS), 'shiftDays', problems);
  if (shift === undefined) return undefined;
  return readInteger(shift.values.get('max'), 1, MAX_SHIFT_DAYS, 'max', problems);
}

function readPixels({ values }: Fields, problems: Problems): Pick<ProfileDraft, 'pixels' | 'templateFile'> {
  const none = { pixels: undefined, templateFile: undefined };
  if (!values.has('pixels')) return none;
  const fields = readFields(values.get('pixels'), Object.keys(PIXELS_FIELDS), 'pixels', problems);
  if (fields === undefined) return none;
  const text = readOptional(fields, 'text', TEXT_POLICIES, problems);
  const undecodable = readOptional(fields, 'undecodable', ['quarantine', 'pass'], problems);
  const { templates, file } = readTemplates(fields, problems);
  const keepText = fields.values.has('keepText') ? readKeepText(fields.values.get('keepText'), problems) : undefined;
  const outsideRegions = readOutsideRegions(fields, problems);
  return {
    pixels: {
      ...(text === undefined ? {} : { text }),
      ...(templates === undefined ? {} : { templates }),
      ...(keepText === undefined ? {} : { keepText }),
      ...(outsideRegions === undefined ? {} : { ultrasound: { outsideRegions } }),
      ...(undecodable === undefined ? {} : { undecodable }),
    },
    templateFile: file,
  };
}

function readTemplates(
  fields: Fields,
  problems: Problems,
): { readonly templates?: PixelPolicy['templates']; readonly file: string | undefined } {
  const node = fields.values.get('templates');
  if (node === undefined) return { file: undefined };
  const said = readText(node, 'templates', problems);
  if (said === undefined) return { file: undefined };
  if (said === 'default' || said === 'off') return { templates: said, file: undefined };
  if (/[/\\]|\.ya?ml$/.test(said)) return { templates: 'file', file: said };
  problems.add(
    asPlaced(node),
    `templates cannot be "${said}"; write default, off, or the path of a file: templates: ./templates.yaml`,
  );
  return { file: undefined };
}

function readOutsideRegions({ values }: Fields, problems: Problems): 'blank' | 'keep' | undefined {
  if (!values.has('ultrasound')) return undefined;
  const fields = readFields(values.get('ultrasound'), Object.keys(ULTRASOUND_FIELDS), 'ultrasound', problems);
  return fields === undefined ? undefined : readOptional(fields, 'outsideRegions', ['blank', 'keep'], problems);
}

function readKeepText(node: unknown, problems: Problems): PixelPolicy['keepText'] {
  return readList(node, 'keepText', problems)
    .map((entry) => readChoice(entry, HARMLESS_KINDS, 'keepText', problems))
    .filter((kind) => kind !== undefined);
}
