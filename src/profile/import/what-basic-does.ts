// What the Basic Profile does anyway, so that an importer writes no rule for it.
import { findByTag } from '../../standard/dictionary.ts';
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
