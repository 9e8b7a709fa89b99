// Structured reports of every class, with the patient planted in each value type of the tree and in what stands around it (PS3.3 A.35,
// C.17; PS3.15 E.3.4, 2026d).
import { describe, expect, it } from 'vitest';

import { findElement } from '../../../src/dicom/values.ts';
import { TAG } from '../../../src/standard/tags.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { HARMLESS } from '../../unit/documents/support/patient.ts';
import { instanceOf, leaksIn, prepare, profile } from './support/prepare.ts';

/** SOP class, template, title and one concept of it. */
const TEMPLATES: readonly (readonly [uid: string, template: string, title: string, concept: string])[] = [
  ['88.11', '2000', '18782-3', '121071'],
  ['88.22', '2000', '18748-4', '121073'],
  ['88.33', '1500', '126000', '125007'],
  ['88.34', '1500', '126000', '112227'],
  ['88.35', '1700', '126010', '121071'],
  ['88.59', '2010', '113000', '113012'],
  ['88.40', '3001', '121142', '121131'],
  ['88.50', '4000', '111036', '111017'],
  ['88.65', '4100', '112000', '112015'],
  ['88.69', '4120', '112220', '112163'],
  ['88.67', '10001', '113701', '113764'],
  ['88.67', '10011', '113701', '113813'],
  ['88.68', '10021', '113500', '113502'],
  ['88.73', '10030', '121106', '113923'],
  ['88.70', '7001', '122350', '122351'],
  ['88.71', '8101', '128001', '128428'],
  ['88.72', '5300', '125200', '122417'],
  ['88.74', '11001', '130246', '130200'],
  ['88.75', '11020', '130247', '130193'],
  ['88.76', '3700', '130858', '121071'],
  ['88.33', '5100', '125100', '122403'],
  ['88.33', '5200', '125200', '122445'],
  ['88.22', '9000', '121380', '121071'],
];
const ROOT = '1.2.840.10008.5.1.4.1.1.';
const EVIDENCE = '1.2.999.44.1';

function code(value: string, meaning = 'meaning', scheme = 'DCM'): DataSetBuilder {
  return new DataSetBuilder().putAll({ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning });
}

function item(type: string, concept: string, values: Readonly<Record<string, string>> = {}): DataSetBuilder {
  return new DataSetBuilder()
    .putAll({ RelationshipType: 'CONTAINS', ValueType: type, ...values })
    .sequence('ConceptNameCodeSequence', [code(concept)]);
}

function reference(): DataSetBuilder {
  return new DataSetBuilder().putAll({
    ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    ReferencedSOPInstanceUID: EVIDENCE,
  });
}

function report([uid, template, title, concept]: (typeof TEMPLATES)[number]): DataSetBuilder {
  const measured = new DataSetBuilder()
    .putAll({ NumericValue: '12.5' })
    .sequence('MeasurementUnitsCodeSequence', [code('mm', 'millimeter', 'UCUM')]);
  const evidence = new DataSetBuilder()
    .putAll({ StudyInstanceUID: '1.2.999.44' })
    .sequence('ReferencedSeriesSequence', [
      new DataSetBuilder()
        .putAll({ SeriesInstanceUID: '1.2.999.44.0' })
        .sequence('ReferencedSOPSequence', [reference()]),
    ]);
  return instanceOf(ROOT + uid, 'SR')
    .putAll({
      ValueType: 'CONTAINER',
      ContinuityOfContent: 'SEPARATE',
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'VERIFIED',
    })
    .putAll({ SeriesDescription: 'Report Quimbleton', ObservationDateTime: '20200310143000' })
    .sequence('ConceptNameCodeSequence', [code(title, 'Report')])
    .sequence('ContentTemplateSequence', [
      new DataSetBuilder().putAll({ MappingResource: 'DCMR', TemplateIdentifier: template }),
    ])
    .sequence('ReferencedPerformedProcedureStepSequence', [])
    .sequence('PerformedProcedureCodeSequence', [])
    .sequence('CurrentRequestedProcedureEvidenceSequence', [evidence])
    .sequence('VerifyingObserverSequence', [
      new DataSetBuilder()
        .putAll({
          VerifyingObserverName: 'Okonkwonsen^Adaezebeth',
          VerifyingOrganization: 'Taunusblickheim Clinic',
          VerificationDateTime: '20200310',
        })
        .sequence('VerifyingObserverIdentificationCodeSequence', [code('77', 'Okonkwonsen', '99LOCAL')]),
    ])
    .sequence('ContentSequence', [
      item('PNAME', '121008', { PersonName: 'Okonkwonsen^Adaezebeth' }),
      item('TEXT', '121030', { TextValue: 'MRQ-4711082' }),
      item('PNAME', '121029', { PersonName: 'Quimbleton^Josephine' }),
      item('DATE', '121031', { Date: '19580217' }),
      item('UIDREF', '121012', { UID: '1.2.999.8.8' }),
      item('TEXT', '121005', { TextValue: 'Taunusblickheim Clinic' }),
      item('CONTAINER', concept, { ContinuityOfContent: 'SEPARATE' }).sequence('ContentSequence', [
        item('TEXT', concept, { TextValue: `${HARMLESS} Discussed with Josephine Quimbleton (MRQ-4711082).` }),
        item('NUM', '121206').sequence('MeasuredValueSequence', [measured]),
        item('CODE', concept).sequence('ConceptCodeSequence', [code('4147007', 'Mass of Quimbleton', 'SCT')]),
        item('DATETIME', '111526', { DateTime: '20200310143000' }),
        item('IMAGE', '121112').sequence('ReferencedSOPSequence', [reference()]),
        item('COMPOSITE', '121112').sequence('ReferencedSOPSequence', [reference()]),
        item('WAVEFORM', '121112').sequence('ReferencedSOPSequence', [reference()]),
      ]),
    ]);
}

describe.each(TEMPLATES)('a report of class %s by template %s', (...template) => {
  it('keeps its words, codes, numbers and references under research, and nothing of the patient', async () => {
    const result = await prepare(report(template), await profile('research'));
    expect(leaksIn(result.bytes)).toEqual([]);
    const text = result.bytes.toString();
    expect(HARMLESS.split(' ').filter((word) => !text.includes(word))).toEqual([]);
    expect(text).toContain('12.5');
    expect(text).toContain('4147007');
    // What the tree refers to is what the evidence lists.
    const listed = result.text(
      'CurrentRequestedProcedureEvidenceSequence',
      'ReferencedSeriesSequence',
      'ReferencedSOPSequence',
      'ReferencedSOPInstanceUID',
    );
    expect(listed).toMatch(/^2\.25\./);
    const inner = findElement(result.dataSet.elements, TAG.ContentSequence)?.items?.[6]?.elements ?? [];
    expect(findElement(inner, TAG.ContentSequence)?.items).toHaveLength(7);
    expect(text.split(listed ?? '?').length - 1).toBe(4);
    expect(result.receipt.methods).toContain('113104');
  });
});

describe.each(['basic', 'keep-dates', 'tcia', 'strict'])('under %s', (name) => {
  it('no class of reports tells anything of the patient', async () => {
    const asked = await profile(name);
    for (const template of TEMPLATES) {
      const result = await prepare(report(template), asked).catch((error: unknown) => error);
      // Strict does not take kinds of objects whose definition it does not have.
      if (result instanceof Error) expect(result).toMatchObject({ reason: 'unknown-sop-class' });
      else
        expect(
          leaksIn((result as Awaited<ReturnType<typeof prepare>>).bytes).filter(
            (value) => name !== 'keep-dates' || value !== '20200310',
          ),
        ).toEqual([]);
    }
  });
});
