// The keys of a profile file, each with what it means: the readers take the keys from here, and editors the JSON Schema.
import { OPTION_NAMES, TABLE_EDITION } from '../standard/table-e1-1.ts';

import { HARMLESS_KINDS, TEXT_POLICIES } from './pixel-policy.ts';
import { ACTION_NAMES, DATE_TREATMENTS } from './rules.ts';

/** A node of JSON Schema (draft-07, which editors know). */
export type JsonSchema = Readonly<Record<string, unknown>>;

const TEXTS = { type: 'array', items: { type: 'string' } };
/** Digits without quotes are a number to YAML. */
const DIGITS = ['string', 'integer'];

export const SHIFT_FIELDS = {
  max: {
    description: 'Largest shift in days, at least 1 and at most 36500.',
    type: 'integer',
    minimum: 1,
    maximum: 36_500,
  },
} satisfies Record<string, JsonSchema>;

export const DATES_FIELDS = {
  shiftDays: mapping('Each patient gets one secret shift, at least one day back in time.', SHIFT_FIELDS, ['max']),
} satisfies Record<string, JsonSchema>;

export const SUBJECT_FIELDS = {
  id: {
    description:
      'Patient ID of a subject: text with exactly one of {sequence:N} (a number of N digits, in order of arrival) and {hash:N} (N characters that only the project key can make); or {assigned}, the id that lethe pseudonyms import was given for the patient. Default {hash:12}.',
    type: 'string',
  },
  name: { description: "Patient's Name of a subject: text, {id} for the id. Default {id}.", type: 'string' },
} satisfies Record<string, JsonSchema>;

export const ULTRASOUND_FIELDS = {
  outsideRegions: {
    description:
      'What lies outside the regions of Sequence of Ultrasound Regions (0018,6011): blank, or keep (text there is found like elsewhere). Default: keep.',
    enum: ['blank', 'keep'],
  },
} satisfies Record<string, JsonSchema>;

export const PIXELS_FIELDS = {
  text: {
    description:
      'blank: all that looks like text goes, unless it reads as a kind of keepText. identifying: only what may identify goes, and what cannot be read. detect: an instance with such text is held back. off: pixels leave as they came and nothing is claimed about them. Default: blank.',
    enum: TEXT_POLICIES,
  },
  keepText: {
    description:
      'Harmless text that may stay in pixels. Default: all kinds; with text: blank and detect all but description.',
    type: 'array',
    items: { enum: HARMLESS_KINDS },
  },
  templates: {
    description:
      'Known places of text by device: default, off, or the path of a YAML file with templates of your own, from this file.',
    type: 'string',
  },
  ultrasound: mapping('Ultrasound images that tell where in the frame the image is.', ULTRASOUND_FIELDS),
  undecodable: {
    description: 'Pixels that nothing here decodes, video mostly: quarantine, or pass. Default: quarantine.',
    enum: ['quarantine', 'pass'],
  },
} satisfies Record<string, JsonSchema>;

export const OPTION_CHANGE_FIELDS = {
  add: { description: 'Options beside the inherited ones.', type: 'array', items: { enum: OPTION_NAMES } },
  remove: { description: 'Inherited options that do not hold here.', type: 'array', items: { enum: OPTION_NAMES } },
} satisfies Record<string, JsonSchema>;

export const RULE_FIELDS = {
  tag: {
    description:
      'One attribute: a keyword of PS3.6 or "(gggg,eeee)", wherever it stands. With sequences in front: "ContentSequence.PersonName" (directly in an item of that sequence), ".PatientID" (in the data set itself), "*" for one sequence, "**" for any number.',
    type: 'string',
  },
  tags: {
    description:
      'All attributes of a pattern: "(0018,xxxx)", x is any digit; "ContentSequence.*" for all that stand in a sequence.',
    type: 'string',
  },
  private: { description: 'Private attributes of this private creator, whatever block it reserved.', type: 'string' },
  element: { description: 'With private: the last two hexadecimal digits of the tag, in quotes.', type: DIGITS },
  group: { description: 'With private: the group, four hexadecimal digits in quotes.', type: DIGITS },
  in: {
    description: 'With private or vr: the sequences in which the attribute stands, "ContentSequence".',
    type: 'string',
  },
  vr: {
    description: 'One value representation, or a list: only attributes that have it.',
    anyOf: [{ type: 'string' }, TEXTS],
  },
  except: {
    description: 'Attributes that this rule leaves to the rules behind it: keywords, tags, patterns, paths.',
    ...TEXTS,
  },
  when: {
    description:
      'The rule holds only when this does: Modality = "US" and (Manufacturer contains "GE" or not PatientAge < 90). =, !=, <, >, <=, >=, contains, matches, is present, is absent, and, or, not, parentheses; SOPClass = "CT Image Storage".',
    type: 'string',
  },
  action: { description: 'What is done. The first rule that selects an attribute wins.', enum: ACTION_NAMES },
  with: { description: 'With replace: the text, printable ASCII.', type: ['string', 'number'] },
  chars: {
    description: 'With hash: number of characters, 8 to 40. Default 16.',
    type: 'integer',
    minimum: 8,
    maximum: 40,
  },
  to: {
    description:
      "With date: shift (by the subject's own days, the default), month or year (the first day of it), remove (as the Basic Profile does).",
    enum: DATE_TREATMENTS,
  },
} satisfies Record<string, JsonSchema>;

export const PROFILE_FIELDS = {
  name: {
    description: 'Written into every instance: 1 to 32 letters, digits, dots, dashes and underscores.',
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$',
  },
  version: { description: 'Raise it with every change.', type: 'integer', minimum: 1, maximum: 999_999 },
  description: { description: 'For people; changes nothing.', type: 'string' },
  standard: { description: 'Edition of PS3.15 that this profile was written for.', enum: [TABLE_EDITION] },
  extends: {
    description:
      'A profile to build on, by name or path. Own rules are asked first, then its rules; every other key that stands here replaces its one whole, except options: { add, remove }.',
    type: 'string',
  },
  options: {
    description: 'Options of PS3.15 E.3. A list replaces inherited ones; { add, remove } changes them.',
    anyOf: [
      { type: 'array', uniqueItems: true, items: { enum: OPTION_NAMES } },
      mapping('Changes of what is inherited.', OPTION_CHANGE_FIELDS),
    ],
  },
  subject: mapping('How subjects are called.', SUBJECT_FIELDS),
  dates: mapping('How far dates are moved.', DATES_FIELDS, ['shiftDays']),
  unlisted: {
    description:
      'Standard attributes that no rule and no row of Table E.1-1 names: keep all, or required-only: those of Type 1, 1C, 2 and 2C in the IOD, and what describes pixels. Default keep.',
    enum: ['keep', 'required-only'],
  },
  privateSopClasses: {
    description: 'Instances of a SOP class that PS3.6 does not define. Default quarantine.',
    enum: ['quarantine', 'pass'],
  },
  rules: {
    description: 'Asked in this order before Table E.1-1; the first that selects an attribute wins.',
    type: 'array',
    items: mapping('One rule.', RULE_FIELDS, ['action']),
  },
  pixels: mapping('What becomes of text in pixels.', PIXELS_FIELDS),
  documents: {
    description:
      'Encapsulated PDF, CDA, HTML, RTF, text and 3D models. clean: the document stays without what identifies; one that cannot be read is held back. empty: an empty document of its kind takes its place. quarantine: the instance is held back. Default: clean where texts of the data set stay too (clean-descriptors or clean-structured-content), else empty.',
    enum: ['clean', 'empty', 'quarantine'],
  },
  onError: { description: 'An instance that cannot be treated is always held back.', enum: ['quarantine'] },
} satisfies Record<string, JsonSchema>;

function mapping(
  description: string,
  properties: Record<string, JsonSchema>,
  required: readonly string[] = [],
): JsonSchema {
  return {
    description,
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

/** The JSON Schema of a profile file. What only the reader can judge (keywords, conditions, combinations) is not in it. */
export function profileSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Lethe profile',
    ...mapping(`De-identification profile of Lethe, ${TABLE_EDITION}.`, PROFILE_FIELDS, ['name', 'version']),
  };
}

/** The schema as the text of `profiles/profile.schema.json`. */
export function schemaText(): string {
  return `${JSON.stringify(profileSchema(), null, 2)}\n`;
}
