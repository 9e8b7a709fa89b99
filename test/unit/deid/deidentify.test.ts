// The engine on whole instances: what is refused, what goes, what stays, what is told.
import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { deidentify } from '../../../src/deid/deidentify.ts';
import { ENGINE } from '../../../src/deid/engine-version.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { EXPLICIT_VR_BIG_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';

import { clean, ctSlice, elementAt, KEYS, OTHER_KEYS, parse, profileOf, SUBJECT, textAt } from './support/instances.ts';

const GSPS = '1.2.840.10008.5.1.4.1.1.11.1';
const SR = '1.2.840.10008.5.1.4.1.1.88.22';
const RTSTRUCT = '1.2.840.10008.5.1.4.1.1.481.3';
const PDF = '1.2.840.10008.5.1.4.1.1.104.1';

describe('an instance that cannot be judged', () => {
  const reasonOf = async (instance: DataSetBuilder, profile = basicProfile()): Promise<unknown> =>
    clean(instance, { profile }).then(
      () => 'passed',
      (error: unknown) => (error as { reason?: unknown }).reason,
    );

  it.each([
    ['without SOP class', ctSlice().remove('SOPClassUID'), 'uid-mismatch'],
    ['with a SOP class that is no UID', ctSlice().put('SOPClassUID', 'UI', 'CT Image'), 'uid-mismatch'],
    ['without SOP instance', ctSlice().put('SOPInstanceUID', 'UI', ''), 'uid-mismatch'],
    ['of a service, not of storage', ctSlice().put('SOPClassUID', 'UI', '1.2.840.10008.1.3.10'), 'unknown-sop-class'],
  ])('is held back: %s', async (_, instance, reason) => {
    expect(await reasonOf(instance)).toBe(reason);
  });

  it('is held back when the announced UIDs differ', () => {
    const dataSet = parse(ctSlice().toBytes());
    const announced = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3' };
    const job = { dataSet, transferSyntaxUid: '', profile: basicProfile(), subject: SUBJECT, keys: KEYS };
    const mismatch = expect.objectContaining({ reason: 'uid-mismatch' }) as Error;
    expect(() => deidentify({ ...job, announced })).toThrow(mismatch);
    expect(() => deidentify({ ...job, announced: { ...announced, sopInstanceUid: '1.2.999.1.1.1' } })).not.toThrow();
  });

  it('is held back when its SOP class is private, unless the profile passes those', async () => {
    const own = ctSlice().put('SOPClassUID', 'UI', '1.3.12.2.1107.5.9.1');
    expect(await reasonOf(own, basicProfile({ privateSopClasses: 'quarantine' }))).toBe('unknown-sop-class');
    expect(await reasonOf(own)).toBe('passed');
    expect(await reasonOf(own, basicProfile({ unlisted: 'required-only' }))).toBe('unknown-sop-class');
  });

  it('is held back by a rule, without a value in the message', async () => {
    expect(await reasonOf(ctSlice(), profileOf(`rules: [{ when: 'Modality = "CT"', action: quarantine }]`))).toBe(
      'profile-quarantine',
    );
    expect(await reasonOf(ctSlice(), profileOf(`rules: [{ when: 'Modality = "MR"', action: quarantine }]`))).toBe(
      'passed',
    );
    const byTag = profileOf('rules: [{ tag: PatientName, action: quarantine }]');
    await expect(clean(ctSlice(), { profile: byTag })).rejects.toThrow(
      /^The rule at test\.yaml:3 holds back instances with \(0010,0010\)\.$/,
    );
  });

  it('is held back when dates have to move but the subject has no shift', async () => {
    const profile = profileOf('options: [retain-longitudinal-modified-dates]');
    const subject = { subjectId: 'S', subjectName: 'S', shiftDays: 0 };
    await expect(clean(ctSlice(), { profile, subject })).rejects.toMatchObject({ reason: 'action-failed' });
  });
});

describe('the Basic Profile', () => {
  it('names the subject, at the top and where the same patient stands in a sequence', async () => {
    const { dataSet } = await clean(
      ctSlice().sequence('SourcePatientGroupIdentificationSequence', [
        new DataSetBuilder().putAll({ PatientID: 'MRN-4711' }),
      ]),
    );
    expect(textAt(dataSet, 'PatientID')).toBe('SUBJECT-1');
    expect(textAt(dataSet, 'PatientName')).toBe('SUBJECT-1');
    expect(textAt(dataSet, 'SourcePatientGroupIdentificationSequence', 'PatientID')).toBe('SUBJECT-1');
  });

  it('adds the subject where the sender left it out', async () => {
    const { dataSet } = await clean(ctSlice().remove('PatientID'));
    expect(textAt(dataSet, 'PatientID')).toBe('SUBJECT-1');
  });

  it('removes private attributes and everything inside them, group lengths, padding, unknown and foreign groups', async () => {
    const { bytes, dataSet } = await clean(
      ctSlice()
        .put(0x00080000, 'UL', 100)
        .put(0x00090010, 'LO', 'ACME 1.0')
        .put(0x00091001, 'LO', 'PLANTED-1')
        .sequence(0x00091002, [new DataSetBuilder().put('Modality', 'CS', 'PLANTED-2')])
        .put(0x00040010, 'LO', 'PLANTED-3')
        .put(0x00090001, 'LO', 'PLANTED-4')
        .put(0x00085555, 'LO', 'PLANTED-5')
        .put(0xfffcfffc, 'OB', Buffer.from('PLANTED-6 '))
        .sequence('MACParametersSequence', [new DataSetBuilder().put('Modality', 'CS', 'PLANTED-7')])
        .sequence('EncryptedAttributesSequence', [
          new DataSetBuilder().put(0x04000520, 'OB', Buffer.from('PLANTED-8 ')),
        ]),
    );
    expect(bytes.toString('latin1')).not.toContain('PLANTED');
    expect(dataSet.elements.map(({ tag }) => tag)).not.toContain(0x00090010);
    expect(elementAt(dataSet, 0x00080000)).toBeUndefined();
  });

  it('removes an overlay with its description, and curves', async () => {
    const { dataSet } = await clean(
      ctSlice()
        .put(0x60000010, 'US', 8)
        .put(0x60001500, 'LO', 'label')
        .put(0x60003000, 'OW', Buffer.alloc(8))
        .put(0x60021500, 'LO', 'embedded')
        .put(0x50000005, 'US', 1),
    );
    expect(dataSet.elements.filter(({ tag }) => tag >= 0x50000000 && tag < 0x70000000)).toEqual([]);
  });

  it('replaces UIDs that the table does not list, value by value, but none that PS3.6 defines and none of a class', async () => {
    const { dataSet } = await clean(
      ctSlice()
        .put('SOPInstanceUIDOfConcatenationSource', 'UI', '1.2.999.7')
        .put('FrameOfReferenceUID', 'UI', '1.2.840.10008.1.4.1.1')
        .put('FailedSOPInstanceUIDList', 'UI', ['1.2.999.1.1.1', '1.2.840.10008.1.4.1.1', ''])
        .put('DoseReferenceUID', 'UI', 'not a uid')
        .sequence('ReferencedImageEvidenceSequence', [
          new DataSetBuilder()
            .put('ReferencedSOPClassUID', 'UI', '1.3.12.2.1107.5.9.1')
            .put('ReferencedSOPInstanceUID', 'UI', '1.2.999.1.1.1'),
        ]),
    );
    expect(textAt(dataSet, 'SOPInstanceUIDOfConcatenationSource')).toBe(KEYS.replaceUid('1.2.999.7'));
    expect(textAt(dataSet, 'FrameOfReferenceUID')).toBe('1.2.840.10008.1.4.1.1');
    expect(textAt(dataSet, 'FailedSOPInstanceUIDList')).toBe(
      `${KEYS.replaceUid('1.2.999.1.1.1')}\\1.2.840.10008.1.4.1.1\\`,
    );
    expect(textAt(dataSet, 'DoseReferenceUID')).toBe(KEYS.replaceUid('not a uid'));
    expect(textAt(dataSet, 'ReferencedImageEvidenceSequence', 'ReferencedSOPClassUID')).toBe('1.3.12.2.1107.5.9.1');
    expect(textAt(dataSet, 'ReferencedImageEvidenceSequence', 'ReferencedSOPInstanceUID')).toBe(
      KEYS.replaceUid('1.2.999.1.1.1'),
    );
  });

  it('removes names and dates that the table does not list', async () => {
    const { bytes } = await clean(
      ctSlice()
        .put(0x00142006, 'PN', 'Evaluator^Eve')
        .put('StudyUpdateDateTime', 'DT', '20230405060708')
        .put(0x00141020, 'DA', '20230405'),
    );
    expect(bytes.toString('latin1')).not.toMatch(/Evaluator|20230405/);
  });

  it('puts an empty document of the same type where a document was, with its length', async () => {
    const pdf = Buffer.from('%PDF-1.4 planted');
    const { bytes, dataSet } = await clean(
      ctSlice()
        .put('SOPClassUID', 'UI', PDF)
        .put('MIMETypeOfEncapsulatedDocument', 'LO', 'application/pdf')
        .put('EncapsulatedDocument', 'OB', pdf)
        .put('EncapsulatedDocumentLength', 'UL', pdf.length),
    );
    expect(bytes.toString('latin1')).not.toContain('planted');
    const element = elementAt(dataSet, 'EncapsulatedDocument');
    const value = bytes.subarray(element?.valueStart, (element?.valueStart ?? 0) + (element?.valueLength ?? 0));
    expect(value.toString('latin1')).toMatch(/^%PDF-1\.4\n[^]*%%EOF\n\0?$/);
    const length = elementAt(dataSet, 'EncapsulatedDocumentLength');
    expect(bytes.readUInt32LE(length?.valueStart)).toBe(value.toString('latin1').replace(/\0$/, '').length);
  });

  it('takes names, dates, texts and UIDs out of a report and leaves its tree, codes and numbers', async () => {
    const code = (value: string, meaning: string): DataSetBuilder =>
      new DataSetBuilder().putAll({ CodeValue: value, CodingSchemeDesignator: 'DCM', CodeMeaning: meaning });
    const item = (type: string, more: DataSetBuilder): DataSetBuilder =>
      more
        .putAll({ ValueType: type, RelationshipType: 'CONTAINS' })
        .sequence('ConceptNameCodeSequence', [code('121106', 'Comment')]);
    const { dataSet, bytes } = await clean(
      ctSlice()
        .putAll({ SOPClassUID: SR, ValueType: 'CONTAINER' })
        .sequence('ContentSequence', [
          item('CONTAINER', new DataSetBuilder()).sequence('ContentSequence', [
            item('TEXT', new DataSetBuilder().putAll({ TextValue: 'PLANTED text' })),
            item('PNAME', new DataSetBuilder().putAll({ PersonName: 'PLANTED^Reader' })),
            item('DATETIME', new DataSetBuilder().putAll({ DateTime: '20230405060708' })),
            item('UIDREF', new DataSetBuilder().putAll({ UID: '1.2.999.5' })),
            item('NUM', new DataSetBuilder()).sequence('MeasuredValueSequence', [
              new DataSetBuilder()
                .putAll({ NumericValue: '42.5' })
                .sequence('MeasurementUnitsCodeSequence', [code('mm', 'millimeter')]),
            ]),
            item('IMAGE', new DataSetBuilder()).sequence('ReferencedSOPSequence', [
              new DataSetBuilder().putAll({
                ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
                ReferencedSOPInstanceUID: '1.2.999.1.1.1',
              }),
            ]),
          ]),
        ]),
    );
    const items = elementAt(dataSet, 'ContentSequence', 'ContentSequence')?.items ?? [];
    const at = (index: number, ...path: string[]): string | undefined =>
      textAt({ ...dataSet, elements: items[index].elements }, ...path);
    expect(bytes.toString('latin1')).not.toMatch(/PLANTED|20230405|1\.2\.999\.5/);
    expect(items).toHaveLength(6);
    expect(at(0, 'TextValue')).toBe('DEIDENTIFIED');
    expect(at(1, 'PersonName')).toBe('DEIDENTIFIED');
    expect(at(2, 'DateTime')).toBe('19010203000000');
    expect(at(3, 'UID')).toBe(KEYS.replaceUid('1.2.999.5'));
    expect(at(4, 'MeasuredValueSequence', 'NumericValue')).toBe('42.5');
    expect(at(4, 'MeasuredValueSequence', 'MeasurementUnitsCodeSequence', 'CodeMeaning')).toBe('millimeter');
    expect(at(5, 'ReferencedSOPSequence', 'ReferencedSOPInstanceUID')).toBe(KEYS.replaceUid('1.2.999.1.1.1'));
    expect(at(0, 'ConceptNameCodeSequence', 'CodeMeaning')).toBe('Comment');
  });

  it('replaces a code that stands for a person', async () => {
    const person = new DataSetBuilder().sequence('PersonIdentificationCodeSequence', [
      new DataSetBuilder().putAll({
        CodeValue: 'PLANTED1',
        CodingSchemeDesignator: 'PLANTED2',
        CodeMeaning: 'PLANTED3',
      }),
    ]);
    const { bytes } = await clean(
      ctSlice()
        .putAll({ SOPClassUID: SR })
        .sequence('VerifyingObserverSequence', [person.putAll({ VerifyingObserverName: 'PLANTED^4' })]),
    );
    expect(bytes.toString('latin1')).not.toContain('PLANTED');
  });

  it('leaves references between instances that resolve', async () => {
    const reference = new DataSetBuilder().putAll({
      ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
      ReferencedSOPInstanceUID: '1.2.999.1.1.1',
    });
    const slice = await clean(ctSlice());
    const target = slice.outcome.sopInstanceUid;
    const series = new DataSetBuilder()
      .putAll({ SeriesInstanceUID: '1.2.999.1.1' })
      .sequence('ReferencedImageSequence', [reference]);
    const state = await clean(
      ctSlice()
        .putAll({ SOPClassUID: GSPS, SOPInstanceUID: '1.2.999.2' })
        .sequence('ReferencedSeriesSequence', [series]),
    );
    expect(
      textAt(state.dataSet, 'ReferencedSeriesSequence', 'ReferencedImageSequence', 'ReferencedSOPInstanceUID'),
    ).toBe(target);
    expect(textAt(state.dataSet, 'ReferencedSeriesSequence', 'SeriesInstanceUID')).toBe(
      slice.outcome.seriesInstanceUid,
    );
    const contour = new DataSetBuilder().sequence('ContourSequence', [
      new DataSetBuilder().sequence('ContourImageSequence', [reference]),
    ]);
    const structures = await clean(
      ctSlice()
        .putAll({ SOPClassUID: RTSTRUCT, SOPInstanceUID: '1.2.999.3' })
        .sequence('ROIContourSequence', [contour]),
    );
    expect(
      textAt(
        structures.dataSet,
        'ROIContourSequence',
        'ContourSequence',
        'ContourImageSequence',
        'ReferencedSOPInstanceUID',
      ),
    ).toBe(target);
    const evidence = new DataSetBuilder().sequence('ReferencedSeriesSequence', [
      new DataSetBuilder().putAll({ SeriesInstanceUID: '1.2.999.1.1' }).sequence('ReferencedSOPSequence', [reference]),
    ]);
    const report = await clean(
      ctSlice()
        .putAll({ SOPClassUID: SR, SOPInstanceUID: '1.2.999.4' })
        .sequence('CurrentRequestedProcedureEvidenceSequence', [evidence.putAll({ StudyInstanceUID: '1.2.999.1' })]),
    );
    const path = ['CurrentRequestedProcedureEvidenceSequence', 'ReferencedSeriesSequence', 'ReferencedSOPSequence'];
    expect(textAt(report.dataSet, ...path, 'ReferencedSOPInstanceUID')).toBe(target);
    expect(textAt(report.dataSet, path[0], 'StudyInstanceUID')).toBe(slice.outcome.studyInstanceUid);
  });

  it.each([IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN])('works in %s', async (transferSyntaxUid) => {
    const { dataSet } = await clean(ctSlice().putAll({ Rows: 512, StudyDate: '20230405' }), { transferSyntaxUid });
    expect(textAt(dataSet, 'PatientID')).toBe('SUBJECT-1');
    expect(textAt(dataSet, 'StudyDate')).toBe('');
    expect(textAt(dataSet, 'PatientIdentityRemoved')).toBe('YES');
  });
});

describe('what an instance says about itself', () => {
  it('names engine, edition, profile and the codes of what did act, and replaces what came', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .putAll({ PatientIdentityRemoved: 'NO', DeidentificationMethod: 'PLANTED by hand' })
        .sequence('DeidentificationMethodCodeSequence', [
          new DataSetBuilder().putAll({ CodeValue: '113101', CodeMeaning: 'PLANTED' }),
        ]),
    );
    expect(textAt(dataSet, 'PatientIdentityRemoved')).toBe('YES');
    expect(textAt(dataSet, 'DeidentificationMethod')?.split('\\')).toEqual([
      ENGINE,
      'DICOM PS3.15-2026d',
      'Profile basic version 1',
      `Profile digest ${basicProfile().digest.slice(0, 16)}`,
    ]);
    expect(elementAt(dataSet, 'DeidentificationMethodCodeSequence')?.items).toHaveLength(1);
    expect(textAt(dataSet, 'DeidentificationMethodCodeSequence', 'CodeValue')).toBe('113100');
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('REMOVED');
    expect(outcome.receipt.methods).toEqual(['113100']);
  });

  it('claims no option that did nothing: not for what is absent or empty, nor for text of which nothing is left', async () => {
    const profile = profileOf(
      'options: [retain-uids, retain-patient-characteristics, clean-descriptors, clean-graphics]',
    );
    const { outcome, dataSet } = await clean(
      ctSlice()
        .putAll({ StudyDescription: 'Quimby, Josephine', PatientSex: '' })
        .put(0x60004000, 'LT', 'Josephine Quimby')
        .sequence('RequestAttributesSequence', []),
      { profile },
    );
    expect(outcome.receipt.methods).toEqual(['113100', '113110']);
    expect(outcome.receipt.withoutEffect).toEqual([
      'retain-patient-characteristics',
      'clean-descriptors',
      'clean-graphics',
    ]);
    expect(elementAt(dataSet, 'StudyDescription')).toBeUndefined();
    expect(outcome.sopInstanceUid).toBe('1.2.999.1.1.1');
  });

  it('does not claim the Basic Profile when a rule kept what it removes', async () => {
    const { outcome, dataSet } = await clean(ctSlice().putAll({ PatientSex: 'F' }), {
      profile: profileOf('rules: [{ tag: PatientSex, action: keep }]'),
    });
    expect(textAt(dataSet, 'PatientSex')).toBe('F');
    expect(outcome.receipt.methods).toEqual([]);
    expect(elementAt(dataSet, 'DeidentificationMethodCodeSequence')).toBeUndefined();
    expect(textAt(dataSet, 'DeidentificationMethod')).toContain('Rules keep attributes');
  });

  it('does not turn dates that were moved before into true ones', async () => {
    const profile = profileOf('options: [retain-longitudinal-full-dates]');
    const dated = ctSlice().putAll({ StudyDate: '20230405' });
    const { dataSet } = await clean(dated, { profile });
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('UNMODIFIED');
    const again = await clean(dated.copy().putAll({ LongitudinalTemporalInformationModified: 'MODIFIED' }), {
      profile,
    });
    expect(textAt(again.dataSet, 'LongitudinalTemporalInformationModified')).toBe('MODIFIED');
  });

  it('carries the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(ENGINE).toBe(`Lethe ${version}`);
  });

  it('tells in the receipt what was done to each attribute, without a value', async () => {
    const { outcome } = await clean(ctSlice().putAll({ AccessionNumber: 'ACC-1', StudyDescription: 'of Josephine' }));
    expect(outcome.receipt.actions).toContainEqual({ path: '(0008,0050)', action: 'zero', rule: 'E.1-1', count: 1 });
    expect(outcome.receipt.actions).toContainEqual({ path: '(0008,1030)', action: 'remove', rule: 'E.1-1', count: 1 });
    expect(JSON.stringify(outcome.receipt)).not.toMatch(/Josephine|Quimby|4711|ACC-1/);
  });
});

describe('options and rules', () => {
  it('move dates by the shift of the subject and leave none that is not valid', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .putAll({
          StudyDate: '20240105',
          StudyTime: '121314',
          AcquisitionDateTime: '20240105121314.5+0100',
          PatientBirthDate: '19700102',
        })
        .put('SeriesDate', 'DA', '99999999')
        .sequence('PerformedProtocolCodeSequence', [new DataSetBuilder().putAll({ ContextGroupVersion: '20200111' })]),
      { profile: profileOf('options: [retain-longitudinal-modified-dates]') },
    );
    expect(textAt(dataSet, 'StudyDate')).toBe('20231226');
    expect(textAt(dataSet, 'StudyTime')).toBe('121314');
    expect(textAt(dataSet, 'AcquisitionDateTime')).toBe('20231226121314.5+0100');
    expect(textAt(dataSet, 'PatientBirthDate')).toBe('');
    expect(elementAt(dataSet, 'SeriesDate')).toBeUndefined();
    expect(outcome.receipt.methods).toContain('113107');
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('MODIFIED');
  });

  it('keep safe private attributes with their creator, whatever their block, and replace UIDs in them', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .put(0x00190010, 'LO', 'OTHER')
        .put(0x00190011, 'LO', 'SIEMENS MR HEADER')
        .put(0x0019100c, 'IS', '700')
        .put(0x0019110c, 'IS', '800')
        .put(0x00191177, 'LO', 'PLANTED')
        .put(0x00990010, 'LO', 'NQHeader')
        .put(0x00991002, 'UI', '1.2.999.6'),
      { profile: profileOf('options: [retain-safe-private]') },
    );
    expect(elementAt(dataSet, 0x00190010)).toBeUndefined();
    expect(elementAt(dataSet, 0x0019100c)).toBeUndefined();
    expect(textAt(dataSet, 0x00190011)).toBe('SIEMENS MR HEADER');
    expect(textAt(dataSet, 0x0019110c)).toBe('800');
    expect(elementAt(dataSet, 0x00191177)).toBeUndefined();
    expect(textAt(dataSet, 0x00991002)).toBe(KEYS.replaceUid('1.2.999.6'));
    expect(outcome.receipt.methods).toContain('113111');
  });

  it('keep a sequence by walking it, never as it is', async () => {
    const { dataSet } = await clean(
      ctSlice().sequence('EthnicGroupCodeSequence', [
        new DataSetBuilder().putAll({ CodeValue: '1', PersonAddress: 'PLANTED' }),
      ]),
      { profile: profileOf('options: [retain-patient-characteristics]') },
    );
    expect(textAt(dataSet, 'EthnicGroupCodeSequence', 'CodeValue')).toBe('1');
    expect(elementAt(dataSet, 'EthnicGroupCodeSequence', 'PersonAddress')).toBeUndefined();
  });

  it('do what each action says; the first rule that holds wins', async () => {
    const profile = profileOf(`
rules:
  - { tag: AccessionNumber, action: hash, chars: 10 }
  - { tag: InstitutionName, when: 'Modality = "MR"', action: keep }
  - { tag: InstitutionName, action: replace, with: "Site 1" }
  - { tag: StudyDescription, action: clean }
  - { tag: Manufacturer, action: zero }
  - { tag: ManufacturerModelName, action: dummy }
  - { tag: SoftwareVersions, action: remove }
  - { tags: "(0018,00xx)", vr: DS, action: remove }
  - { private: "ACME 1.0", element: "01", action: keep }
`);
    const { dataSet, outcome } = await clean(
      ctSlice()
        .putAll({
          AccessionNumber: 'ACC-1',
          InstitutionName: 'Clinic',
          StudyDescription: 'CT CHEST of Quimby',
          Manufacturer: 'm',
          ManufacturerModelName: 'mm',
          SoftwareVersions: 's',
          KVP: '120',
        })
        .put(0x00090010, 'LO', 'ACME 1.0')
        .put(0x00091001, 'LO', 'kept')
        .put(0x00091002, 'LO', 'gone'),
      { profile },
    );
    const hash = KEYS.hash('(0008,0050)', 'ACC-1', 10);
    expect(textAt(dataSet, 'AccessionNumber')).toBe(hash);
    expect(outcome.accessions).toEqual([{ original: 'ACC-1', replacement: hash }]);
    expect(textAt(dataSet, 'InstitutionName')).toBe('Site 1');
    expect(textAt(dataSet, 'StudyDescription')).toBe('CT CHEST');
    expect(textAt(dataSet, 'Manufacturer')).toBe('');
    expect(textAt(dataSet, 'ManufacturerModelName')).toBe('DEIDENTIFIED');
    expect(elementAt(dataSet, 'SoftwareVersions')).toBeUndefined();
    expect(elementAt(dataSet, 'KVP')).toBeUndefined();
    expect(textAt(dataSet, 0x00091001)).toBe('kept');
    expect(elementAt(dataSet, 0x00091002)).toBeUndefined();
  });

  it('keep only what the IOD requires when the profile says so', async () => {
    const profile = basicProfile({ unlisted: 'required-only' });
    const { dataSet } = await clean(
      ctSlice().putAll({ Manufacturer: 'ACME', ContrastBolusRoute: 'IV', Rows: 2, FilterType: 'F' }),
      { profile },
    );
    expect(textAt(dataSet, 'Manufacturer')).toBe('ACME');
    expect(elementAt(dataSet, 'Rows')).toBeDefined();
    expect(elementAt(dataSet, 'FilterType')).toBeUndefined();
  });
});

describe('identifiers of the instance in what would be kept', () => {
  it('are cut out of texts, and codes and numbers that are one go', async () => {
    const { bytes, dataSet, outcome } = await clean(
      ctSlice().putAll({
        StudyDate: '20230405',
        Manufacturer: 'ACME for JOSEPHINE QUIMBY',
        SoftwareVersions: 'v1 MRN-4711',
        ProtocolName: 'x',
        ContrastBolusRoute: 'iv on 2023-04-05',
        ImageComments: 'x',
        ConvolutionKernel: 'K 1.2.999.1.1.1',
        FilterType: '20230405',
        CollimatorGridName: 'Grid 05APR2023',
        AcquisitionNumber: '20230405',
      }),
    );
    expect(bytes.toString('latin1')).not.toMatch(/quimby|josephine|4711|2023-?04-?05|05APR2023|1\.2\.999/i);
    expect(textAt(dataSet, 'CollimatorGridName')).toBe('Grid');
    expect(textAt(dataSet, 'Manufacturer')).toBe('ACME');
    expect(textAt(dataSet, 'SoftwareVersions')).toBe('v1');
    expect(outcome.receipt.actions).toContainEqual({
      path: '(0008,0070)',
      action: 'clean',
      rule: 'residual',
      count: 1,
    });
  });

  it.each(['2023_04_05', '05_04_2023', '2023·04·05', '05•04•2023'])('are days written as %s', async (day) => {
    const utf8 = ctSlice().putAll({ SpecificCharacterSet: 'ISO_IR 192', StudyDate: '20230405' });
    const { dataSet } = await clean(utf8.put('CollimatorGridName', 'LO', `Grid ${day}`));
    expect(textAt(dataSet, 'CollimatorGridName')).toBe('Grid');
  });

  it('are numbers without their separators, too', async () => {
    const instance = ctSlice().putAll({
      PatientID: '00-4711-08',
      AcquisitionNumber: '00471108',
      InstanceNumber: '471',
    });
    const { bytes } = await clean(instance);
    expect(bytes.toString('latin1')).not.toContain('00471108');
  });

  it('go from prose that no row speaks about, together with what shows by its form', async () => {
    const prose = 'Finding: lung nodule, DOB 5/4/49, tel +84 24 3825 3532, discussed with Dr. Achterberg';
    const region = new DataSetBuilder().putAll({ CodeValue: 'T-1', CodingSchemeDesignator: '99X', TextValue: prose });
    const { bytes, outcome } = await clean(
      ctSlice()
        .putAll({ PartialViewDescription: 'left breast, 20 mm margin', DocumentTitle: prose })
        .sequence('AnatomicRegionSequence', [region]),
    );
    const text = bytes.toString('latin1');
    expect(text).not.toMatch(/5\/4\/49|3825|Achterberg/);
    expect(text.match(/Finding: lung nodule/g)).toHaveLength(2);
    expect(text).toContain('left breast, 20 mm margin');
    for (const path of ['(0042,0010)', '(0008,2218)[*].(0040,A160)'])
      expect(outcome.receipt.actions).toContainEqual({ path, action: 'clean', rule: 'residual', count: 1 });
  });

  it('go from short texts that no row speaks about, where their form shows them', async () => {
    const { dataSet } = await clean(
      ctSlice().putAll({
        FilterType: 'hip, 93yo',
        CollimatorGridName: 'Seen by Dr. Achterberg; nodule',
        GridAbsorbingMaterial: 'compared with 09-05-21, no change',
        SoftwareVersions: '1.4.0.82 2018-04-19',
        EnergyWindowName: '99m Technetium',
      }),
    );
    expect(textAt(dataSet, 'FilterType')).toBe('hip, 90+yo');
    expect(textAt(dataSet, 'CollimatorGridName')).toBe('nodule');
    expect(textAt(dataSet, 'GridAbsorbingMaterial')).not.toContain('09-05-21');
    expect(textAt(dataSet, 'GridAbsorbingMaterial')).toContain('no change');
    expect(textAt(dataSet, 'SoftwareVersions')).toBe('1.4.0.82 2018-04-19');
    expect(textAt(dataSet, 'EnergyWindowName')).toBe('99m Technetium');
  });

  it('go with files of makers that are kept as safe private but name the patient', async () => {
    const file = Buffer.from('ST80i Quimby^Josephine 00-4711-08 ');
    const instance = ctSlice()
      .putAll({ PatientName: 'Quimby^Josephine', PatientID: '00-4711-08' })
      .put(0x00250010, 'LO', 'Philips ST80i')
      .put(0x00251001, 'OW', file);
    const { bytes } = await clean(instance, { profile: basicProfile({ options: ['retain-safe-private'] }) });
    expect(bytes.toString('latin1')).not.toContain('Quimby');
  });

  it('are found behind a NUL, in other scripts, and where the character set is not declared', async () => {
    const { bytes } = await clean(
      ctSlice()
        .putAll({
          SpecificCharacterSet: 'ISO_IR 192',
          PatientName: 'Wang^XiaoDong=王^小东',
          ManufacturerModelName: 'für 王 小东',
        })
        .put('Manufacturer', 'LO', 'ACME\0XiaoDong')
        .sequence('AnatomicRegionSequence', [
          new DataSetBuilder().putAll({ SpecificCharacterSet: 'ISO_IR 100', CodeMeaning: 'x' }),
        ]),
    );
    expect(bytes.toString('utf8')).not.toMatch(/XiaoDong|小东/);
  });

  it('are found in those who made the image, not only in the patient', async () => {
    const { bytes } = await clean(
      ctSlice()
        .putAll({ OperatorsName: 'Zweistein^Zoe', Manufacturer: 'ACME (Zweistein)' })
        .sequence('RequestAttributesSequence', [
          new DataSetBuilder().putAll({ RequestedProcedureID: 'RP-99887', SoftwareVersions: 'RP-99887 b1' }),
        ]),
    );
    expect(bytes.toString('latin1')).not.toMatch(/Zweistein|RP-99887/);
  });

  it('are not seen in what is too short or belongs to every vocabulary', async () => {
    const { dataSet } = await clean(
      ctSlice().putAll({
        PatientName: 'Head^CT',
        PatientID: '001',
        OperatorsName: 'n.a.',
        Manufacturer: 'Head company 001',
        SoftwareVersions: 'n.a.',
        ConvolutionKernel: 'CT 001',
        ImageType: ['ORIGINAL', 'PRIMARY', 'HEAD'],
      }),
    );
    expect(textAt(dataSet, 'Manufacturer')).toBe('Head company 001');
    expect(textAt(dataSet, 'SoftwareVersions')).toBe('n.a.');
    expect(textAt(dataSet, 'ImageType')).toBe('ORIGINAL\\PRIMARY\\HEAD');
  });

  it('never survive, wherever they stand', async () => {
    const word = fc.stringMatching(/^[A-Z][a-z]{4,9}Q$/);
    const place = fc.constantFrom(
      'Manufacturer',
      'SoftwareVersions',
      'ConvolutionKernel',
      'ImageType',
      'SliceThickness',
      'DerivationDescription',
    );
    await fc.assert(
      fc.asyncProperty(
        word,
        word,
        fc.integer({ min: 100_000, max: 99_999_999 }),
        place,
        async (family, given, id, keyword) => {
          const { bytes } = await clean(
            ctSlice().putAll({
              PatientName: `${family}^${given}`,
              PatientID: `P${id}`,
              [keyword]: keyword === 'SliceThickness' ? `P${id}` : `x ${given} ${family} P${id}`.slice(0, 64),
            }),
          );
          const text = bytes.toString('latin1');
          expect(text).not.toContain(`P${id}`);
          if (keyword !== 'ImageType') expect(text).not.toContain(family);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is kept', () => {
  it('leaves byte for byte, whole sequences included, and the input is not touched', async () => {
    const instance = ctSlice()
      .putAll({ ImageType: ['ORIGINAL', 'PRIMARY'], SliceThickness: ' 1.50', KVP: '120 ' })
      .sequence(
        'AnatomicRegionSequence',
        [new DataSetBuilder().putAll({ CodeValue: 'T-11', CodingSchemeDesignator: 'SRT', CodeMeaning: 'Skull' })],
        {
          hasUndefinedLength: true,
        },
      )
      .put('PixelData', 'OW', Buffer.alloc(64, 7));
    const input = instance.toBytes();
    const { bytes, before, outcome } = await clean(instance);
    for (const { tag, start, end } of before.elements) {
      const isChanged = outcome.receipt.actions.some(
        ({ path }) => path === `(${hex(tag >>> 16)},${hex(tag & 0xffff)})`,
      );
      if (!isChanged) expect(bytes.includes(input.subarray(start, end))).toBe(true);
    }
    expect(outcome.output.elements.filter(({ kind }) => kind === 'kept').length).toBeGreaterThan(5);
    expect(instance.toBytes().equals(input)).toBe(true);
  });

  it('is the same for the same input and key, and shares nothing with another project', async () => {
    const one = await clean(ctSlice());
    const two = await clean(ctSlice());
    const other = await clean(ctSlice(), {
      keys: OTHER_KEYS,
      subject: { subjectId: 'B-1', subjectName: 'B-1', shiftDays: -3 },
    });
    expect(two.bytes.equals(one.bytes)).toBe(true);
    expect(other.outcome.sopInstanceUid).not.toBe(one.outcome.sopInstanceUid);
    expect(other.outcome.studyInstanceUid).not.toBe(one.outcome.studyInstanceUid);
    expect(one.outcome.studies).toEqual([{ original: '1.2.999.1', replacement: KEYS.replaceUid('1.2.999.1') }]);
  });
});

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(4, '0');
}
