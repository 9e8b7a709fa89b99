// Where a clean instance lies in a folder: by replacement UIDs, the same for folder destinations and for `lethe deid`.
import { createHash } from 'node:crypto';
import { asUid } from '../core/brands.ts';
import type { CleanInstance } from './ports.ts';

export interface FilePlace {
  readonly study: string;
  readonly series: string;
  /** Without `.dcm`. */
  readonly instance: string;
}

/**
 * Names that are safe in a path. An instance that names no study or series (PS3.3 requires both; old and odd files do not
 * have them) lies in `no-study` or `no-series`; what is no UID never becomes a name.
 */
export function filePlaceOf(instance: CleanInstance): FilePlace {
  return {
    study: nameOf(instance.studyInstanceUid, 'no-study'),
    series: nameOf(instance.seriesInstanceUid, 'no-series'),
    instance: nameOf(instance.sopInstanceUid, 'no-instance'),
  };
}

function nameOf(uid: string, absent: string): string {
  if (uid === '') return absent;
  return asUid(uid) ?? `invalid-${createHash('sha256').update(uid).digest('hex').slice(0, 32)}`;
}
