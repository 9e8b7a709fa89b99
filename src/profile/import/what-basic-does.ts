// What the Basic Profile does anyway, so that an importer writes no rule for it.
import { attributesOf } from '../../standard/attribute-types.ts';
import { findByTag } from '../../standard/dictionary.ts';
import { STORAGE_SOP_CLASSES } from '../../standard/sop-classes.ts';
import { findRow } from '../../standard/table-e1-1.ts';
import { isPrivate, TAG } from '../../standard/tags.ts';

/**
 * True when Table E.1-1 takes the value of an attribute away whatever the IOD: by removing or emptying it, or by a dummy where the IOD
 * asks for one, which a plain `remove` would not know. Where an option that importers choose would keep it, a rule is needed.
 */
export function isTakenByBasic(tag: number): boolean {
  const row = isPrivate(tag) ? undefined : findRow(tag);
  return (
    row !== undefined && !row.basic.includes('U') && row.options['retain-longitudinal-modified-dates'] === undefined
  );
}

/** Attributes that the engine itself writes, and those without which no instance is one: no pattern that removes may take them. */
export const NEVER_BY_PATTERN: readonly string[] = [
  'SpecificCharacterSet',
  'SOPClassUID',
  'SOPInstanceUID',
  'StudyInstanceUID',
  'SeriesInstanceUID',
  'PatientID',
  'PatientName',
];

/** Written anew into every instance by the engine (PS3.15 E.1.1). */
export const MARKERS: ReadonlySet<number> = new Set([
  TAG.PatientIdentityRemoved,
  TAG.DeidentificationMethod,
  TAG.DeidentificationMethodCodeSequence,
  TAG.LongitudinalTemporalInformationModified,
]);

/** The VR of a standard attribute, the first when there are several. */
export function vrOf(tag: number): string | undefined {
  return isPrivate(tag) ? undefined : findByTag(tag)?.vr.slice(0, 2);
}

let required: ReadonlyMap<number, '1' | '2'> | undefined;

/** Attributes that some kind of object requires at its top level, with the strongest Type that one gives them. */
function requiredAttributes(): ReadonlyMap<number, '1' | '2'> {
  if (required !== undefined) return required;
  const found = new Map<number, '1' | '2'>();
  for (const { uid } of STORAGE_SOP_CLASSES) {
    for (const [tag, type] of attributesOf(uid))
      if (type === '1' || (type === '2' && !found.has(tag))) found.set(tag, type);
  }
  required = found;
  return found;
}

/** Whether some kind of object is broken by an attribute that is gone or empty. */
export function breaksSomeIod(tag: number, action: 'remove' | 'zero'): boolean {
  const type = requiredAttributes().get(tag);
  return type === '1' || (type === '2' && action === 'remove');
}

/** The required attributes that a pattern selects. */
export function requiredIn(isSelected: (tag: number) => boolean): readonly number[] {
  return [...requiredAttributes().keys()].filter(isSelected).sort((a, b) => a - b);
}
