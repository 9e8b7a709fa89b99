// The UIDs that PS3.6 Annex A and PS3.16 Table 8-1 define (2026d): they mean the same everywhere, so that they are never replaced.
import { readTable } from './table-file.ts';

let names: ReadonlyMap<string, string> | undefined;

function load(): ReadonlyMap<string, string> {
  return new Map(readTable('uids.tsv', 2).map(([uid, name]) => [uid, name]));
}

/** Arcs that PS3.6 numbers without gaps worth a list, and the last number of 2026d: Table A-3 and Table A-4. */
const NUMBERED_ARCS = [
  { arc: '1.2.840.10008.6.1.', last: 1572, name: 'Context Group' },
  { arc: '1.2.840.10008.9.', last: 24, name: 'Template' },
] as const;

const COUNT = /^[1-9]\d{0,3}$/;

function nameInArc(uid: string): string | undefined {
  for (const { arc, last, name } of NUMBERED_ARCS) {
    if (!uid.startsWith(arc)) continue;
    const number = uid.slice(arc.length);
    return COUNT.test(number) && Number(number) <= last ? `${name} ${number}` : undefined;
  }
  return undefined;
}

/**
 * True for a UID of PS3.6 Annex A (SOP classes, transfer syntaxes, well-known instances and frames of reference, coding
 * schemes, context groups, templates) and for the coding schemes of PS3.16 Table 8-1. Anything else is an instance's own,
 * also below the DICOM root 1.2.840.10008.
 * @throws LetheError `config-unreadable` when profiles/standard/uids.tsv is missing
 */
export function isStandardUid(uid: string): boolean {
  names ??= load();
  return names.has(uid) || nameInArc(uid) !== undefined;
}

/**
 * The name that the standard gives to a UID (for a retired UID without one: "Retired"; context groups and templates by
 * their number in the registry), or undefined for a UID that it does not define.
 * @throws LetheError `config-unreadable` when profiles/standard/uids.tsv is missing
 */
export function nameOfUid(uid: string): string | undefined {
  names ??= load();
  return names.get(uid) ?? nameInArc(uid);
}
