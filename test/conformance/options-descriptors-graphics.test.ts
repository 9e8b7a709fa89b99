// PS3.15 E.3.3, Clean Graphics, and E.3.5, Clean Descriptors (2026d).
import { describe, expect, it } from 'vitest';

import { findRow, rows } from '../../src/standard/table-e1-1.ts';
import { findByTag } from '../../src/standard/dictionary.ts';
import { parseTag } from '../../src/standard/tags.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt, KEYS, profileOf, textAt } from '../unit/deid/support/instances.ts';

const OPTION = profileOf('options: [clean-descriptors]');
const GRAPHICS = profileOf('options: [clean-graphics]');
const GSPS = '1.2.840.10008.5.1.4.1.1.11.1';

function code(meaning: string): DataSetBuilder {
  return new DataSetBuilder().putAll({ CodeValue: 'C-1', CodingSchemeDesignator: '99LOCAL', CodeMeaning: meaning });
}

describe('Clean Descriptors', () => {
  it('leaves a text without identifiers byte for byte, in every text attribute of its column', async () => {
    const texts = rows()
      .filter(({ options }) => options['clean-descriptors'] === 'C')
      .map(({ tagPattern }) => parseTag(tagPattern))
      .filter((tag): tag is number => tag !== undefined && tag >>> 16 !== 0)
      .filter((tag) => ['LO', 'SH', 'ST', 'LT', 'UT', 'UC'].includes(findByTag(tag)?.vr ?? ''));
    expect(texts.length).toBeGreaterThan(100);
    const instance = ctSlice();
    for (const tag of texts) instance.put(tag, findByTag(tag)?.vr ?? 'LO', 'Chest CT  pelvis');
    const { dataSet, outcome } = await clean(instance, { profile: OPTION });
    for (const tag of texts)
      expect(`${findRow(tag)?.keyword} ${textAt(dataSet, tag)}`).toBe(`${findRow(tag)?.keyword} Chest CT  pelvis`);
    expect(outcome.receipt.methods).toEqual(['113100', '113105']);
    expect(outcome.receipt.actions.filter(({ action }) => action === 'clean')).toEqual([]);
  });

  it('takes out what the instance says about patient, staff, orders and institution, and tells so in the receipt', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({
        AccessionNumber: 'A7788-12',
        ReferringPhysicianName: 'Okonkwo^Ada',
        InstitutionName: 'Hillcrest Infirmary',
        StudyDescription: 'CT CHEST W/O CONTRAST for QUIMBY, J. MRN 1234567 on 3/4/21',
        SeriesDescription: 'Axial 5mm A7788-12',
        ProtocolName: 'Abdomen Hillcrest Infirmary',
        PatientComments: 'Discussed with Dr. Okonkwo, josephine agrees',
      }),
      { profile: OPTION },
    );
    expect(textAt(dataSet, 'StudyDescription')).toBe('CT CHEST W/O CONTRAST');
    expect(textAt(dataSet, 'SeriesDescription')).toBe('Axial 5mm');
    expect(textAt(dataSet, 'ProtocolName')).toBe('Abdomen');
    expect(textAt(dataSet, 'PatientComments')).not.toMatch(/okonkwo|josephine/i);
    expect(outcome.receipt.actions).toContainEqual({ path: '(0008,1030)', action: 'clean', rule: 'E.1-1', count: 1 });
    expect(outcome.receipt.methods).toEqual(['113100', '113105']);
  });

  it('does what the Basic Profile says where nothing is left: X goes, Type 2 is empty, Type 1 is a dummy', async () => {
    const instance = ctSlice()
      .putAll({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.481.3', StudyDescription: 'Quimby', StructureSetLabel: 'QUIMBY' })
      .sequence('StructureSetROISequence', [
        new DataSetBuilder().putAll({ ROINumber: '1', ROIName: 'Quimby^Josephine' }),
      ]);
    const { dataSet, outcome } = await clean(instance, { profile: OPTION });
    expect(elementAt(dataSet, 'StudyDescription')).toBeUndefined();
    expect(textAt(dataSet, 'StructureSetLabel')).toBe('DEIDENTIFIED');
    expect(textAt(dataSet, 'StructureSetROISequence', 'ROIName')).toBe('');
    expect(outcome.receipt.withoutEffect).toEqual(['clean-descriptors']);
  });

  it('cleans each value of a list, and keeps the number of values', async () => {
    const { dataSet } = await clean(
      ctSlice().put('AdmittingDiagnosesDescription', 'LO', ['Stroke', 'Quimby', 'Mass']),
      {
        profile: OPTION,
      },
    );
    expect(textAt(dataSet, 'AdmittingDiagnosesDescription')).toBe('Stroke\\\\Mass');
  });

  it('keeps a sequence and its codes, and cleans the meaning and what else is in it', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .sequence('AdmittingDiagnosesCodeSequence', [code('Stroke of Josephine Quimby')])
        .sequence('RequestAttributesSequence', [
          new DataSetBuilder()
            .putAll({
              RequestedProcedureID: 'RP-99881',
              ScheduledProcedureStepDescription: 'Head RP-99881',
              AccessionNumber: 'ACC-55443',
            })
            .sequence('ScheduledProtocolCodeSequence', [code('Head, Quimby')]),
        ]),
      { profile: OPTION },
    );
    expect(textAt(dataSet, 'AdmittingDiagnosesCodeSequence', 'CodeValue')).toBe('C-1');
    expect(textAt(dataSet, 'AdmittingDiagnosesCodeSequence', 'CodeMeaning')).toMatch(/^Stroke/);
    expect(textAt(dataSet, 'AdmittingDiagnosesCodeSequence', 'CodeMeaning')).not.toMatch(/quimby/i);
    expect(textAt(dataSet, 'RequestAttributesSequence', 'ScheduledProcedureStepDescription')).toBe('Head');
    expect(textAt(dataSet, 'RequestAttributesSequence', 'RequestedProcedureID')).not.toBe('RP-99881');
    expect(textAt(dataSet, 'RequestAttributesSequence', 'ScheduledProtocolCodeSequence', 'CodeMeaning')).toBe('Head');
    expect(outcome.receipt.methods).toEqual(['113100', '113105']);
  });

  it('treats a sequence of which nothing is left as the Basic Profile does, and claims nothing', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().sequence('RequestAttributesSequence', [new DataSetBuilder().putAll({ RequestedProcedureID: 'RP-1' })]),
      { profile: OPTION },
    );
    expect(elementAt(dataSet, 'RequestAttributesSequence')).toBeUndefined();
    expect(outcome.receipt.withoutEffect).toEqual(['clean-descriptors']);
  });

  it('moves dates in texts with the other dates, takes them out without, and leaves them with full dates', async () => {
    const instance = () => ctSlice().putAll({ StudyDate: '20200310', StudyDescription: 'Follow-up of 2020-03-05' });
    const describe = async (options: string) =>
      textAt((await clean(instance(), { profile: profileOf(`options: [${options}]`) })).dataSet, 'StudyDescription');
    expect(await describe('clean-descriptors')).toMatch(/^Follow-up( of)?$/);
    expect(await describe('clean-descriptors, retain-longitudinal-modified-dates')).toBe('Follow-up of 2020-02-24');
    expect(await describe('clean-descriptors, retain-longitudinal-full-dates')).toBe('Follow-up of 2020-03-05');
  });

  it('keeps a moved date that is equal to another one of the original', async () => {
    const { dataSet } = await clean(ctSlice().putAll({ StudyDate: '20200310', StudyDescription: 'Seen 20200320' }), {
      profile: profileOf('options: [clean-descriptors, retain-longitudinal-modified-dates]'),
    });
    expect(textAt(dataSet, 'StudyDescription')).toBe('Seen 20200310');
  });

  it('keeps what another option keeps: an institution that is retained may stand in a description', async () => {
    const instance = () =>
      ctSlice().putAll({ InstitutionName: 'Hillcrest Infirmary', ProtocolName: 'Head Hillcrest Infirmary' });
    const both = profileOf('options: [clean-descriptors, retain-institution-identity]');
    expect(textAt((await clean(instance(), { profile: both })).dataSet, 'ProtocolName')).toBe(
      'Head Hillcrest Infirmary',
    );
  });

  it('cleans in the character set of the data set', async () => {
    const { dataSet } = await clean(
      ctSlice().put('SpecificCharacterSet', 'CS', 'ISO_IR 100').putAll({
        PatientName: 'Müller^Änne',
        StudyDescription: 'Schädel nativ Änne Müller',
      }),
      { profile: OPTION },
    );
    expect(textAt(dataSet, 'StudyDescription')).toBe('Schädel nativ');
  });

  it('is asked for one attribute by a rule, which then deviates from the Basic Profile when text stays', async () => {
    const profile = profileOf('rules: [{ tag: SeriesDescription, action: clean }, { tag: StudyDate, action: clean }]');
    const kept = await clean(ctSlice().putAll({ SeriesDescription: 'Axial of Quimby', StudyDate: '20200310' }), {
      profile,
    });
    expect(textAt(kept.dataSet, 'SeriesDescription')).toMatch(/^Axial/);
    expect(textAt(kept.dataSet, 'SeriesDescription')).not.toMatch(/quimby/i);
    expect(textAt(kept.dataSet, 'StudyDate') ?? '').toBe('');
    expect(kept.outcome.receipt.methods).toEqual([]);
    const gone = await clean(ctSlice().putAll({ SeriesDescription: 'Quimby' }), { profile });
    expect(gone.outcome.receipt.methods).toEqual(['113100']);
  });
});

describe('a rule that keeps a sequence', () => {
  const kept = profileOf('rules: [{ tag: GraphicAnnotationSequence, action: keep }]');
  const instance = () =>
    ctSlice()
      .putAll({ SOPClassUID: GSPS })
      .sequence('GraphicAnnotationSequence', [new DataSetBuilder().putAll({ GraphicLayer: 'LAYER' })]);

  it('deviates from the Basic Profile where that leaves only dummies in it', async () => {
    expect((await clean(instance(), { profile: kept })).outcome.receipt.methods).toEqual([]);
    expect((await clean(instance())).outcome.receipt.methods).toEqual(['113100']);
  });
});

describe('Clean Graphics', () => {
  const annotated = (text: string) =>
    ctSlice()
      .putAll({ SOPClassUID: GSPS, Modality: 'PR' })
      .sequence('GraphicAnnotationSequence', [
        new DataSetBuilder()
          .putAll({ GraphicLayer: 'LAYER' })
          .sequence('ReferencedImageSequence', [
            new DataSetBuilder().putAll({
              ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
              ReferencedSOPInstanceUID: '1.2.999.5',
            }),
          ])
          .sequence('TextObjectSequence', [new DataSetBuilder().putAll({ UnformattedTextValue: text })])
          .sequence('GraphicObjectSequence', [
            new DataSetBuilder().putAll({ GraphicType: 'POLYLINE' }).put('GraphicData', 'FL', [1, 2]),
          ]),
      ]);

  it('cleans the text of annotations, keeps their graphics and maps their references', async () => {
    const { dataSet, outcome } = await clean(annotated('Lesion, J. Quimby'), { profile: GRAPHICS });
    expect(textAt(dataSet, 'GraphicAnnotationSequence', 'TextObjectSequence', 'UnformattedTextValue')).toBe('Lesion');
    expect(textAt(dataSet, 'GraphicAnnotationSequence', 'GraphicObjectSequence', 'GraphicType')).toBe('POLYLINE');
    expect(textAt(dataSet, 'GraphicAnnotationSequence', 'ReferencedImageSequence', 'ReferencedSOPInstanceUID')).toBe(
      KEYS.replaceUid('1.2.999.5'),
    );
    expect(outcome.receipt.methods).toEqual(['113100', '113103']);
  });

  it('makes a text of which nothing is left a dummy, because a text object needs one', async () => {
    const { dataSet } = await clean(annotated('Josephine Quimby'), { profile: GRAPHICS });
    expect(textAt(dataSet, 'GraphicAnnotationSequence', 'TextObjectSequence', 'UnformattedTextValue')).toBe(
      'DEIDENTIFIED',
    );
  });

  it('without the option every text is a dummy', async () => {
    const { dataSet } = await clean(annotated('Lesion'));
    expect(textAt(dataSet, 'GraphicAnnotationSequence', 'TextObjectSequence', 'UnformattedTextValue')).toBe(
      'DEIDENTIFIED',
    );
  });

  it('removes overlay planes and curves where nobody looks at them, and does not claim to have cleaned them', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .put(0x50000005, 'US', 1)
        .put(0x60000010, 'US', 8)
        .put(0x60003000, 'OW', Buffer.alloc(8))
        .put(0x60004000, 'LT', 'drawn by nobody'),
      { profile: profileOf('options: [clean-graphics]\npixels: { text: off }') },
    );
    expect(dataSet.elements.filter(({ tag }) => tag >= 0x50000000 && tag < 0x70000000)).toEqual([]);
    expect(outcome.receipt.withoutEffect).toEqual(['clean-graphics']);
  });
});
