// One instance before and after, attribute by attribute. Only for made-up patients: it shows values.
import { createHash } from 'node:crypto';
import { BufferSource } from '../../core/bytes.ts';
import { CharacterSet, DEFAULT_CHARACTER_SET } from '../../dicom/character-set.ts';
import type { DataSet, Element } from '../../dicom/element.ts';
import { readFile10 } from '../../dicom/part10.ts';
import { findElement, stringsOf, textOf } from '../../dicom/values.ts';
import { findByTag } from '../../standard/dictionary.ts';
import { TAG } from '../../standard/tags.ts';

const SHOWN = [
  TAG.PatientName,
  TAG.PatientID,
  TAG.PatientBirthDate,
  TAG.PatientSex,
  TAG.AccessionNumber,
  TAG.StudyDate,
  TAG.StudyTime,
  TAG.StudyDescription,
  TAG.ReferringPhysicianName,
  TAG.InstitutionName,
  TAG.StationName,
  TAG.Modality,
  TAG.StudyInstanceUID,
  TAG.SOPInstanceUID,
  TAG.PatientIdentityRemoved,
  TAG.DeidentificationMethod,
];
const MAX_CELL = 46;

export async function readSopInstanceUid(bytes: Buffer): Promise<string> {
  const { dataSet } = await readFile10(new BufferSource(bytes));
  return show(dataSet, findElement(dataSet.elements, TAG.SOPInstanceUID));
}

/** Rows: attribute, value before, value after; the last is the digest of the pixel data. */
export async function compareFiles(before: Buffer, after: Buffer): Promise<string[][]> {
  const [original, clean] = await Promise.all([before, after].map((bytes) => readFile10(new BufferSource(bytes))));
  const rows = SHOWN.map((tag) => [
    findByTag(tag)?.name ?? '',
    ...[original, clean].map(({ dataSet }) => show(dataSet, findElement(dataSet.elements, tag))),
  ]);
  rows.push(['Pixel Data (SHA-256)', ...[original, clean].map(({ dataSet }) => digestOfPixels(dataSet))]);
  return rows;
}

function show(dataSet: DataSet, element: Element | undefined): string {
  if (element === undefined) return '—';
  const text = textOf(dataSet, element, characterSetOf(dataSet));
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}

function characterSetOf(dataSet: DataSet): CharacterSet {
  const element = findElement(dataSet.elements, TAG.SpecificCharacterSet);
  return element === undefined
    ? DEFAULT_CHARACTER_SET
    : CharacterSet.of(stringsOf(dataSet, element, DEFAULT_CHARACTER_SET));
}

function digestOfPixels(dataSet: DataSet): string {
  const element = findElement(dataSet.elements, TAG.PixelData);
  const bytes = element === undefined ? undefined : dataSet.source.view(element.valueStart, element.valueLength);
  return bytes === undefined ? '—' : `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}…`;
}
