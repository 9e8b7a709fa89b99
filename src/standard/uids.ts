// The UIDs that PS3.6 defines (Annex A, 2026d): they mean the same everywhere, so that they are never replaced.
import { readTable } from './table-file.ts';

let names: ReadonlyMap<string, string> | undefined;

function load(): ReadonlyMap<string, string> {
  return new Map(readTable('uids.tsv', 2).map(([uid, name]) => [uid, name]));
}

/**
 * True for a UID of PS3.6 Annex A: SOP classes, transfer syntaxes, well-known instances and frames of reference, coding
 * schemes and context groups. Anything else is an instance's own, also below the DICOM root 1.2.840.10008.
 * @throws LetheError `config-unreadable` when profiles/standard/uids.tsv is missing
 */
export function isStandardUid(uid: string): boolean {
  names ??= load();
  return names.has(uid);
}

/**
 * The name that PS3.6 gives to a UID (for a retired UID without one: "Retired"), or undefined for a UID that it does not define.
 * @throws LetheError `config-unreadable` when profiles/standard/uids.tsv is missing
 */
export function nameOfUid(uid: string): string | undefined {
  names ??= load();
  return names.get(uid);
}
