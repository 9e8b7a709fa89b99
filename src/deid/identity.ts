// Who an instance is about, as it came (PS3.3 C.7.1.1).
import { InstanceError } from '../core/errors.ts';
import { CharacterSet, DEFAULT_CHARACTER_SET } from '../dicom/character-set.ts';
import type { DataSet, Element } from '../dicom/element.ts';
import { findElement, stringsOf, textOf } from '../dicom/values.ts';
import { formatTag, TAG } from '../standard/tags.ts';

import type { PatientIdentity } from './subject.ts';

/**
 * The patient of an instance. Where neither id nor name is given, the Study Instance UID stands for the id, so that each such
 * study is a subject of its own; objects of no study (colour palettes, hanging protocols) go by their SOP Instance UID.
 * @throws InstanceError `mixed-patients` when an identifying attribute stands there twice with different values;
 *   `uid-mismatch` when it is no stored instance at all (a DICOMDIR, a fragment); `no-patient-id` when none of the above is
 *   there; `unknown-character-set`
 */
export function readIdentity(dataSet: DataSet): PatientIdentity {
  const characterSet = characterSetOf(dataSet, dataSet.elements, DEFAULT_CHARACTER_SET);
  const read = (tag: number): string => readOnce(dataSet, tag, characterSet);
  const patientId = read(TAG.PatientID);
  const name = trimName(read(TAG.PatientName));
  return {
    patientId: patientId === '' && name === '' ? substituteId(read) : patientId,
    issuer: read(TAG.IssuerOfPatientID),
    name,
    birthDate: normalizeDate(read(TAG.PatientBirthDate)),
  };
}

function substituteId(read: (tag: number) => string): string {
  const uid = read(TAG.StudyInstanceUID) || read(TAG.SOPInstanceUID);
  if (uid !== '') return uid;
  if (read(TAG.SOPClassUID) === '') {
    throw new InstanceError('uid-mismatch', 'SOP Class UID (0008,0016) is missing: this is no stored instance.');
  }
  throw new InstanceError('no-patient-id', 'Neither Patient ID, Patient Name nor Study Instance UID is present.');
}

/** The text of an attribute at the top level; two different ones mean two patients in one instance. */
function readOnce(dataSet: DataSet, tag: number, characterSet: CharacterSet): string {
  const first = findElement(dataSet.elements, tag);
  if (first === undefined) return '';
  requireInMemory(dataSet, first);
  const text = textOf(dataSet, first, characterSet).trim();
  const { elements } = dataSet;
  for (let at = elements.indexOf(first) + 1; at < elements.length; at++) {
    const other = elements[at];
    if (other.tag > tag) break;
    if (other.tag !== tag) continue;
    requireInMemory(dataSet, other);
    if (textOf(dataSet, other, characterSet).trim() !== text) {
      throw new InstanceError('mixed-patients', 'An identifying attribute stands there twice with different values.', {
        offset: other.start,
      });
    }
  }
  return text;
}

/** A value that is too long to be loaded is not what its attribute says. */
function requireInMemory(dataSet: DataSet, element: Element): void {
  if (dataSet.source.view(element.valueStart, element.valueLength) !== undefined) return;
  throw new InstanceError(
    'unparsable',
    `The value of ${formatTag(element.tag)} is longer than any such value may be.`,
    {
      offset: element.start,
    },
  );
}

/** Trailing delimiters mean nothing (PS3.5 6.2.1): `DOE^JANE^^` is `DOE^JANE`. */
function trimName(name: string): string {
  return name.replace(/[\^=\s]+$/, '');
}

/** YYYYMMDD, also of the old YYYY.MM.DD; empty for anything else. */
function normalizeDate(text: string): string {
  const match = /^(\d{4})([.-]?)(\d{2})\2(\d{2})$/.exec(text);
  return match === null ? '' : match[1] + match[3] + match[4];
}

/**
 * The character set that governs a list of elements: its own (0008,0005), else that of what surrounds it.
 * @throws InstanceError `unknown-character-set`
 */
export function characterSetOf(
  dataSet: DataSet,
  elements: readonly Element[],
  surrounding: CharacterSet,
): CharacterSet {
  for (const element of elements) {
    if (element.tag > TAG.SpecificCharacterSet) break;
    if (element.tag === TAG.SpecificCharacterSet) {
      requireInMemory(dataSet, element);
      return CharacterSet.of(stringsOf(dataSet, element, DEFAULT_CHARACTER_SET));
    }
  }
  return surrounding;
}
