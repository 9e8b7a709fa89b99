// Which patient an instance is of: the same key for every way of writing the same identity.
import type { ProjectKeys } from '../deid/keys.ts';
import type { PatientIdentity } from '../deid/subject.ts';

const KEY_CHARS = 32;

/**
 * The identity without what does not tell patients apart: outer spaces (PS3.5 6.2, LO), the composition of accents, the case and the empty components
 * of a name. An empty patient id is replaced by name and birth date.
 */
export function normalisePatient(identity: PatientIdentity): string {
  const patientId = normalise(identity.patientId);
  const issuer = normalise(identity.issuer);
  if (patientId !== '') return `id\n${patientId}\n${issuer}`;
  const name = normalise(identity.name)
    .toUpperCase()
    .split('=')
    .map((group) => group.replace(/[\s^]+$/, ''))
    .join('=')
    .replace(/=+$/, '');
  return `name\n${name}\n${normalise(identity.birthDate)}\n${issuer}`;
}

/** The key of a normalised patient in a project: 160 bits, useless without the project's secret. */
export function patientKeyOf(keys: ProjectKeys, normalised: string): string {
  return keys.hash('patient', normalised, KEY_CHARS);
}

/**
 * What the patient's shift of dates is made from: the identity without its issuer. Scanners of one house send the same patient with an issuer and without;
 * these are two subjects until somebody says otherwise, but the intervals between their dates stay true.
 */
export function shiftKeyOf(keys: ProjectKeys, identity: PatientIdentity): string {
  return patientKeyOf(keys, normalisePatient({ ...identity, issuer: '' }));
}

function normalise(text: string): string {
  return text.trim().normalize('NFC');
}
