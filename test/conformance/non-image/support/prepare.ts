// Instances that are no images through the whole of the pipeline, with the profiles that are shipped.
import { fileURLToPath } from 'node:url';

import { BufferSource } from '../../../../src/core/bytes.ts';
import { ProjectKeys } from '../../../../src/deid/keys.ts';
import type { Receipt } from '../../../../src/deid/outcome.ts';
import type { DataSet, Element } from '../../../../src/dicom/element.ts';
import { collectPlan } from '../../../../src/dicom/plan-io.ts';
import { parseDataSetSync } from '../../../../src/dicom/reader.ts';
import { findElement, trimPadding, valueBytes } from '../../../../src/dicom/values.ts';
import { createDeidentifier } from '../../../../src/pipeline/deidentify-instance.ts';
import type { CompiledProfile } from '../../../../src/profile/compiled.ts';
import { loadProfile } from '../../../../src/profile/load.ts';
import { findByKeyword } from '../../../../src/standard/dictionary.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';

const PROFILES = fileURLToPath(new URL('../../../../profiles', import.meta.url));

/** Values of the invented patient, in lower case as they may not be found again. */
export const PLANTED: readonly string[] = [
  ...['quimbleton', 'josephine', 'okonkwonsen', 'adaezebeth', 'mrq-4711082', 'acq55128', 'taunusblickheim'],
  ...['hirschgrabenallee', '19580217', '1.2.999.'],
];

export function profile(name: string): Promise<CompiledProfile> {
  return loadProfile(name, [PROFILES]);
}

/** An instance of a SOP class with the patient in every module that all instances have. */
export function instanceOf(sopClassUid: string, modality: string): DataSetBuilder {
  return new DataSetBuilder().putAll({
    SpecificCharacterSet: 'ISO_IR 192',
    SOPClassUID: sopClassUid,
    SOPInstanceUID: '1.2.999.1.1.1',
    StudyInstanceUID: '1.2.999.1',
    SeriesInstanceUID: '1.2.999.1.1',
    StudyDate: '20200310',
    ContentDate: '20200310',
    ContentTime: '143000',
    Modality: modality,
    PatientName: 'Quimbleton^Josephine',
    PatientID: 'MRQ-4711082',
    PatientBirthDate: '19580217',
    PatientSex: 'F',
    AccessionNumber: 'ACQ55128',
    ReferringPhysicianName: 'Okonkwonsen^Adaezebeth',
    InstitutionName: 'Taunusblickheim Clinic',
    InstitutionAddress: 'Hirschgrabenallee 23',
    Manufacturer: 'Acme',
    StudyID: 'ACQ55128',
    SeriesNumber: '1',
    InstanceNumber: '1',
  });
}

export interface Prepared {
  readonly bytes: Buffer;
  readonly dataSet: DataSet;
  readonly receipt: Receipt;
  text(...path: readonly (string | number)[]): string | undefined;
  element(...path: readonly (string | number)[]): Element | undefined;
}

/** Rejects as the pipeline does. */
export async function prepare(
  instance: DataSetBuilder,
  asked: CompiledProfile,
  transferSyntaxUid: string = EXPLICIT_VR_LITTLE_ENDIAN,
): Promise<Prepared> {
  const keys = new ProjectKeys(Buffer.alloc(32, 7));
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'SUBJ-1', subjectName: 'SUBJ-1', shiftDays: -10 }) },
    keysFor: () => keys,
    profileOf: () => asked,
  });
  const source = new BufferSource(instance.toBytes(transferSyntaxUid));
  const prepared = await deidentifier.prepare(source, { transferSyntaxUid }, 'p', 'x');
  try {
    const bytes = await collectPlan(await prepared.instance.encode(prepared.instance.transferSyntaxUid));
    const transferSyntax = findTransferSyntax(prepared.instance.transferSyntaxUid);
    if (transferSyntax === undefined) throw new RangeError('unknown transfer syntax');
    const dataSet = parseDataSetSync(bytes, { transferSyntax });
    const element = (...path: readonly (string | number)[]): Element | undefined => elementAt(dataSet, path);
    const text = (...path: readonly (string | number)[]): string | undefined => {
      const found = elementAt(dataSet, path);
      return found === undefined ? undefined : trimPadding(valueBytes(dataSet, found)).toString();
    };
    return { bytes, dataSet, receipt: prepared.outcome.receipt, element, text };
  } finally {
    await prepared.close();
  }
}

function elementAt(dataSet: DataSet, path: readonly (string | number)[]): Element | undefined {
  let { elements } = dataSet;
  let found: Element | undefined;
  for (const step of path) {
    found = findElement(elements, typeof step === 'number' ? step : (findByKeyword(step)?.tag ?? 0));
    elements = found?.items?.[0]?.elements ?? [];
  }
  return found;
}

/** Which planted values the bytes still hold, in any case; UIDs of the original too. */
export function leaksIn(bytes: Buffer, planted: readonly string[] = PLANTED): readonly string[] {
  const text = bytes.toString('utf8').toLowerCase();
  return planted.filter((value) => text.includes(value));
}
