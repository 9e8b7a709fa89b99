// What a file says laid over what it inherits, and over the defaults. Own rules are asked before inherited ones; any other key that
// the file has replaces the inherited one whole, `options: { add, remove }` changes the inherited list.
import { OPTION_NAMES } from '../standard/table-e1-1.ts';
import type { OptionName } from '../standard/table-e1-1.ts';

import type { ProfileContent } from './compiled.ts';
import type { ProfileDraft } from './content-reader.ts';
import type { DeviceTemplate } from './device-template.ts';
import { checkCombination, shiftsDates } from './option-checks.ts';
import { keptByDefault, pixelPolicy } from './pixel-policy.ts';
import type { PixelPolicy } from './pixel-policy.ts';
import type { Problems } from './problems.ts';

const DEFAULT_SUBJECT = { idTemplate: '{hash:12}', nameTemplate: '{id}' };
/** PS3.3 would allow 64 characters; see `readName`. */
const MAX_NAME_CHARS = 32;

export interface Inheritance {
  readonly parent: ProfileContent | undefined;
  /** Of the file that the draft names itself; the default ones come with the outermost profile. */
  readonly templates: readonly DeviceTemplate[] | undefined;
  /** The draft stands inside another file and may go without a name and a version of its own. */
  readonly isInline: boolean;
}

/** The whole content of a profile; not to be used when problems were added. */
export function completeDraft(
  draft: ProfileDraft,
  { parent, templates, isInline }: Inheritance,
  problems: Problems,
): ProfileContent {
  const options = optionsOf(draft, parent, problems);
  const rules = [...draft.rules, ...(parent?.rules ?? [])].map((rule, order) => ({ ...rule, order }));
  const isShifting = shiftsDates(options, rules);
  const content: ProfileContent = {
    name: draft.name ?? nameFor(draft, parent, isInline, problems),
    version: draft.version ?? versionFor(draft, parent, isInline, problems),
    options,
    subject: draft.subject ?? parent?.subject ?? DEFAULT_SUBJECT,
    maxShiftDays: isShifting ? (draft.maxShiftDays ?? parent?.maxShiftDays ?? 0) : 0,
    unlisted: draft.unlisted ?? parent?.unlisted ?? 'keep',
    privateSopClasses: draft.privateSopClasses ?? parent?.privateSopClasses ?? 'quarantine',
    pixels: pixelsOf(draft, parent, options),
    documents: draft.documents ?? (draft.options === undefined ? parent?.documents : undefined) ?? documentsBy(options),
    deviceTemplates: templates ?? (draft.pixels === undefined ? (parent?.deviceTemplates ?? []) : []),
    rules,
  };
  checkCombination(content, draft, problems);
  return content;
}

function nameFor(
  draft: ProfileDraft,
  parent: ProfileContent | undefined,
  isInline: boolean,
  problems: Problems,
): string {
  if (isInline && parent !== undefined) return `${parent.name.slice(0, MAX_NAME_CHARS - 9)}-modified`;
  if (!draft.places.has('name')) problems.add(draft.at, 'a profile needs a name; write name: my-study');
  return '';
}

function versionFor(
  draft: ProfileDraft,
  parent: ProfileContent | undefined,
  isInline: boolean,
  problems: Problems,
): number {
  if (isInline && parent !== undefined) return parent.version;
  if (!draft.places.has('version'))
    problems.add(draft.at, 'a profile needs a version; write version: 1 and raise it with every change');
  return 0;
}

function optionsOf(
  { options, places, at }: ProfileDraft,
  parent: ProfileContent | undefined,
  problems: Problems,
): readonly OptionName[] {
  if (options === undefined) return parent?.options ?? [];
  if (!('add' in options)) return options;
  const place = places.get('options') ?? at;
  if (parent === undefined) {
    problems.add(
      place,
      'add and remove change inherited options, and nothing is inherited; write a list, or add extends:',
    );
    return options.add;
  }
  for (const option of options.remove) {
    if (!parent.options.includes(option))
      problems.add(place, `${option} is not inherited from ${parent.name}; leave it out of remove`);
  }
  const kept = parent.options.filter((option) => !options.remove.includes(option));
  return OPTION_NAMES.filter((option) => kept.includes(option) || options.add.includes(option));
}

function pixelsOf(
  { pixels }: ProfileDraft,
  parent: ProfileContent | undefined,
  options: readonly OptionName[],
): PixelPolicy {
  if (pixels !== undefined) return pixelPolicy(pixels);
  if (parent === undefined) return pixelPolicy();
  // Who adds the option does not mean to keep a policy that contradicts it.
  const isOff = parent.pixels.text === 'off' && options.includes('clean-pixel-data');
  return isOff ? pixelPolicy({ ...parent.pixels, text: 'blank', keepText: keptByDefault('blank') }) : parent.pixels;
}

/** Text of a document stays where text of the data set stays: (0042,0011) is D in Table E.1-1, and an empty document is a value too. */
function documentsBy(options: readonly OptionName[]): ProfileContent['documents'] {
  return options.includes('clean-descriptors') || options.includes('clean-structured-content') ? 'clean' : 'empty';
}
