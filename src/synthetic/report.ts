// A synthetic structured report on a CT (Comprehensive SR, PS3.3 A.35.3, 2026d).
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { CT_IMAGE_STORAGE, chooseStudy } from './ct.ts';
import { DataSetBuilder } from './data-set-builder.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { beginInstance, code, finish, momentOf, reference } from './study.ts';
import type { Study, SyntheticInstance } from './study.ts';

const COMPREHENSIVE_SR_STORAGE = '1.2.840.10008.5.1.4.1.1.88.33';

/** A series and the instances of it that a document refers to. */
export interface Evidence {
  readonly seriesUid: string;
  readonly sopInstanceUids: readonly string[];
}

const SENTENCES = [
  'Stable 6 mm solid nodule in the right upper lobe.',
  'No pleural effusion or pneumothorax.',
  'Heart size within normal limits; mild coronary calcification.',
  'Degenerative change of the thoracic spine without collapse.',
  'No enlarged mediastinal or hilar lymph nodes.',
  'Comparison is made with the outside study; findings are unchanged.',
  'The upper abdomen shows a simple cyst of the left kidney.',
];

/** A report of at least that many paragraphs. */
export function buildReportOn(
  study: Study,
  evidence: Evidence,
  paragraphs: number,
  random: Random,
  fileName = 'SR0001.dcm',
): SyntheticInstance {
  const uid = `${study.uid}.7`;
  const series = {
    study,
    uid,
    number: 700,
    modality: 'SR',
    description: 'Report',
    device: {
      manufacturer: 'Scribe Health',
      model: 'DictaRad',
      serial: `SR${random.digits(4)}`,
      station: 'REPORTING1',
      software: '8.0.2',
    },
    startSecond: 3600,
  };
  const verified = momentOf(study, 5400);
  const dataSet = beginInstance(series, COMPREHENSIVE_SR_STORAGE, `${uid}.1`, 1)
    .putAll({ CompletionFlag: 'COMPLETE', VerificationFlag: 'VERIFIED' })
    .sequence('ReferencedPerformedProcedureStepSequence', [])
    .sequence('PerformedProcedureCodeSequence', [code('24627-2', 'LN', 'CT Chest')])
    .sequence('CurrentRequestedProcedureEvidenceSequence', [evidenceItem(study, evidence)])
    .sequence('VerifyingObserverSequence', [
      new DataSetBuilder()
        .putAll({
          VerifyingOrganization: study.patient.hospital.name,
          VerificationDateTime: `${verified.date}${verified.time}`,
          VerifyingObserverName: study.patient.performingPhysician,
        })
        .sequence('VerifyingObserverIdentificationCodeSequence', []),
    ]);
  addContent(dataSet, study, evidence, paragraphs, random);
  return finish(dataSet, fileName, EXPLICIT_VR_LITTLE_ENDIAN, 'REPORTING1');
}

function evidenceItem(study: Study, evidence: Evidence): DataSetBuilder {
  const images = evidence.sopInstanceUids.map((instanceUid) => reference(CT_IMAGE_STORAGE, instanceUid));
  const series = new DataSetBuilder()
    .put('SeriesInstanceUID', 'UI', evidence.seriesUid)
    .sequence('ReferencedSOPSequence', images);
  return new DataSetBuilder().put('StudyInstanceUID', 'UI', study.uid).sequence('ReferencedSeriesSequence', [series]);
}

function item(relationship: string, valueType: string, concept: DataSetBuilder): DataSetBuilder {
  return new DataSetBuilder()
    .putAll({ RelationshipType: relationship, ValueType: valueType })
    .sequence('ConceptNameCodeSequence', [concept]);
}

function textItem(text: string): DataSetBuilder {
  return item('CONTAINS', 'TEXT', code('121071', 'DCM', 'Finding')).put('TextValue', 'UT', text);
}

function addContent(
  dataSet: DataSetBuilder,
  study: Study,
  evidence: Evidence,
  paragraphs: number,
  random: Random,
): void {
  const { patient } = study;
  const observed = momentOf(study, 3900);
  const spokenName = patient.name.split('=')[0].split('^').slice(0, 2).reverse().join(' ');
  const measurement = item('CONTAINS', 'NUM', code('103339001', 'SCT', 'Long Axis'))
    .put('ObservationDateTime', 'DT', `${observed.date}${observed.time}`)
    .sequence('MeasuredValueSequence', [
      new DataSetBuilder()
        .put('NumericValue', 'DS', '6.2')
        .sequence('MeasurementUnitsCodeSequence', [code('mm', 'UCUM', 'mm')]),
    ])
    .sequence('ContentSequence', [
      new DataSetBuilder()
        .putAll({ RelationshipType: 'INFERRED FROM', ValueType: 'IMAGE' })
        .sequence('ReferencedSOPSequence', [reference(CT_IMAGE_STORAGE, evidence.sopInstanceUids[0])]),
    ]);
  dataSet
    .putAll({ ValueType: 'CONTAINER', ContinuityOfContent: 'SEPARATE' })
    .sequence('ConceptNameCodeSequence', [code('18748-4', 'LN', 'Diagnostic imaging report')])
    .sequence(
      'ContentSequence',
      [
        item('HAS OBS CONTEXT', 'PNAME', code('121008', 'DCM', 'Person Observer Name')).put(
          'PersonName',
          'PN',
          patient.performingPhysician,
        ),
        textItem(
          `${spokenName}, born ${patient.birthDate}, was examined on ${study.date} (accession ${study.accession}).`,
        ),
        measurement,
        ...Array.from({ length: paragraphs }, () => textItem(`${random.pick(SENTENCES)} ${random.pick(SENTENCES)}`)),
        textItem(`Dictated by ${patient.performingPhysician.split('^')[0]}. Questions: ${patient.telephone}.`),
      ],
      { hasUndefinedLength: true },
    );
}

/** A report of about that many kilobytes. The same options give the same bytes. */
export function buildReport(options: { readonly kilobytes?: number; readonly seed?: number } = {}): SyntheticInstance {
  const { kilobytes = 8, seed = 1 } = options;
  const random = createRandom(seed);
  const study = chooseStudy(seed, 0, 1, 'CT Thorax', random);
  const evidence = { seriesUid: `${study.uid}.2`, sopInstanceUids: [`${study.uid}.2.1`, `${study.uid}.2.2`] };
  const least = buildReportOn(study, evidence, 0, createRandom(seed)).bytes.length;
  const perParagraph = 225;
  const paragraphs = Math.max(0, Math.round((kilobytes * 1000 - least) / perParagraph));
  return buildReportOn(study, evidence, paragraphs, createRandom(seed), `SR${String(seed).padStart(6, '0')}.dcm`);
}
