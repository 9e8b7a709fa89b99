// What names the patient and the study in an instance as it was received: for a person who reviews the quarantine, after it was noted who asks.
import type { RecordId } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import { CharacterSet, DEFAULT_CHARACTER_SET } from '../dicom/character-set.ts';
import type { DataSet } from '../dicom/element.ts';
import { readReceived } from '../dicom/received.ts';
import { findElement, stringsOf } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';
import type { Spool } from './ports.ts';

/** Original values: never logged. Undefined where the instance has none, or cannot be read that far. */
export interface OriginalValues {
  readonly sopInstanceUid: string;
  readonly patientId?: string | undefined;
  readonly patientName?: string | undefined;
  readonly patientBirthDate?: string | undefined;
  readonly accessionNumber?: string | undefined;
  readonly studyInstanceUid?: string | undefined;
  readonly seriesInstanceUid?: string | undefined;
  readonly studyDate?: string | undefined;
  readonly studyDescription?: string | undefined;
  readonly seriesDescription?: string | undefined;
  readonly modality?: string | undefined;
}

/** Rejects as `Spool.open` does. */
export async function readOriginalValues(spool: Pick<Spool, 'open'>, recordId: RecordId): Promise<OriginalValues> {
  const source = await spool.open(recordId);
  const { sopInstanceUid, transferSyntaxUid } = source.record;
  try {
    const dataSet = await readReceived(source, transferSyntaxUid);
    try {
      return { sopInstanceUid, ...valuesOf(dataSet) };
    } finally {
      await dataSet.close?.();
    }
  } catch (error) {
    if (error instanceof InstanceError) return { sopInstanceUid }; // it may be there because nobody can read it
    throw error;
  } finally {
    await source.close();
  }
}

function valuesOf(dataSet: DataSet): Omit<OriginalValues, 'sopInstanceUid'> {
  const characterSet = characterSetOf(dataSet);
  const text = (tag: number): string | undefined => {
    const element = findElement(dataSet.elements, tag);
    if (element === undefined) return undefined;
    try {
      return stringsOf(dataSet, element, characterSet).join('\\');
    } catch (error) {
      if (error instanceof RangeError || error instanceof InstanceError) return undefined; // bulk, or not decodable
      throw error;
    }
  };
  return {
    patientId: text(TAG.PatientID),
    patientName: text(TAG.PatientName),
    patientBirthDate: text(TAG.PatientBirthDate),
    accessionNumber: text(TAG.AccessionNumber),
    studyInstanceUid: text(TAG.StudyInstanceUID),
    seriesInstanceUid: text(TAG.SeriesInstanceUID),
    studyDate: text(TAG.StudyDate),
    studyDescription: text(TAG.StudyDescription),
    seriesDescription: text(TAG.SeriesDescription),
    modality: text(TAG.Modality),
  };
}

function characterSetOf(dataSet: DataSet): CharacterSet {
  const element = findElement(dataSet.elements, TAG.SpecificCharacterSet);
  if (element === undefined) return DEFAULT_CHARACTER_SET;
  try {
    return CharacterSet.of(stringsOf(dataSet, element, DEFAULT_CHARACTER_SET));
  } catch (error) {
    if (error instanceof InstanceError) return DEFAULT_CHARACTER_SET; // unknown-character-set: that is why it is held back
    throw error;
  }
}
