// Instances made in code and de-identified, for the tests of the engine.
import { collectPlan } from '../../../../src/dicom/plan-io.ts';
import type { DataSet, Element } from '../../../../src/dicom/element.ts';
import { parseDataSetSync } from '../../../../src/dicom/reader.ts';
import { findElement, trimPadding, valueBytes } from '../../../../src/dicom/values.ts';
import { splice } from '../../../../src/dicom/writer.ts';
import { deidentify } from '../../../../src/deid/deidentify.ts';
import { ProjectKeys } from '../../../../src/deid/keys.ts';
import type { DeidOutcome } from '../../../../src/deid/outcome.ts';
import type { Subject } from '../../../../src/deid/subject.ts';
import { basicProfile } from '../../../../src/profile/compiled.ts';
import type { CompiledProfile } from '../../../../src/profile/compiled.ts';
import { parseProfile } from '../../../../src/profile/load.ts';
import { findByKeyword } from '../../../../src/standard/dictionary.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';

export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const KEYS = new ProjectKeys(Buffer.alloc(32, 1));
export const OTHER_KEYS = new ProjectKeys(Buffer.alloc(32, 2));
export const SUBJECT: Subject = { subjectId: 'SUBJECT-1', subjectName: 'SUBJECT-1', shiftDays: -10 };

export interface Cleaned {
  readonly outcome: DeidOutcome;
  readonly bytes: Buffer;
  readonly dataSet: DataSet;
  readonly before: DataSet;
}

export interface Setting {
  readonly profile?: CompiledProfile;
  readonly keys?: ProjectKeys;
  readonly subject?: Subject;
  readonly transferSyntaxUid?: string;
}

/** A small CT slice; nothing in it but what every slice has. */
export function ctSlice(): DataSetBuilder {
  return new DataSetBuilder().putAll({
    SOPClassUID: CT,
    SOPInstanceUID: '1.2.999.1.1.1',
    StudyInstanceUID: '1.2.999.1',
    SeriesInstanceUID: '1.2.999.1.1',
    Modality: 'CT',
    PatientID: 'MRN-4711',
    PatientName: 'Quimby^Josephine',
  });
}

/** The rest of a profile behind `name` and `version`; one that moves dates does so by up to 365 days unless it says otherwise. */
export function profileOf(text: string): CompiledProfile {
  const isShifting =
    /retain-longitudinal-modified-dates|action: date(?!, to: (?:month|year|remove))/.test(text) &&
    !/^dates:/m.test(text);
  const dates = isShifting ? 'dates: { shiftDays: { max: 365 } }\n' : '';
  return parseProfile(`name: test\nversion: 1\n${dates}${text}`, 'test.yaml');
}

export function parse(bytes: Buffer, transferSyntaxUid: string = EXPLICIT_VR_LITTLE_ENDIAN): DataSet {
  const transferSyntax = findTransferSyntax(transferSyntaxUid);
  if (transferSyntax === undefined) throw new RangeError('unknown transfer syntax');
  return parseDataSetSync(bytes, { transferSyntax });
}

/** De-identifies and reads the result again. */
export async function clean(instance: DataSetBuilder, setting: Setting = {}): Promise<Cleaned> {
  const transferSyntaxUid = setting.transferSyntaxUid ?? EXPLICIT_VR_LITTLE_ENDIAN;
  const before = parse(instance.toBytes(transferSyntaxUid), transferSyntaxUid);
  const outcome = run(before, setting);
  const bytes = await collectPlan(splice(outcome.output));
  return { outcome, bytes, dataSet: parse(bytes, transferSyntaxUid), before };
}

export function run(dataSet: DataSet, setting: Setting = {}): DeidOutcome {
  return deidentify({
    dataSet,
    transferSyntaxUid: setting.transferSyntaxUid ?? EXPLICIT_VR_LITTLE_ENDIAN,
    profile: setting.profile ?? basicProfile(),
    subject: setting.subject ?? SUBJECT,
    keys: setting.keys ?? KEYS,
  });
}

export function elementAt(dataSet: DataSet, ...path: readonly (string | number)[]): Element | undefined {
  let elements = dataSet.elements;
  let found: Element | undefined;
  for (const step of path) {
    const tag = typeof step === 'number' ? step : (findByKeyword(step)?.tag ?? 0);
    found = findElement(elements, tag);
    elements = found?.items?.[0]?.elements ?? [];
  }
  return found;
}

/** The text at a path of keywords and tags, through the first item of each sequence; undefined when it is absent. */
export function textAt(dataSet: DataSet, ...path: readonly (string | number)[]): string | undefined {
  const element = elementAt(dataSet, ...path);
  return element === undefined ? undefined : trimPadding(valueBytes(dataSet, element)).toString('latin1');
}
