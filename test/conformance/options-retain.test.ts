// PS3.15 E.3.6 to E.3.11: what the retain options keep, what they change, and what they claim (2026d).
import { describe, expect, it } from 'vitest';

import { rows } from '../../src/standard/table-e1-1.ts';
import { IMPLICIT_VR_LITTLE_ENDIAN } from '../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt, KEYS, profileOf, textAt } from '../unit/deid/support/instances.ts';

const MODIFIED = profileOf('options: [retain-longitudinal-modified-dates]');
const FULL = profileOf('options: [retain-longitudinal-full-dates]');
const CHARACTERISTICS = profileOf('options: [retain-patient-characteristics]');
const PRIVATE = profileOf('options: [retain-safe-private]');
const PHILIPS = 'Philips Imaging DD 001';

describe('Retain Longitudinal Temporal Information with modified dates', () => {
  it('moves date, time and date-time together: intervals between any two stay exact, also across midnight', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({
        StudyDate: '20240301',
        StudyTime: '235959.5',
        AcquisitionDateTime: '20240302000001.000000+0530',
        SeriesDate: '20240302',
        SeriesTime: '000001',
        TimezoneOffsetFromUTC: '+0530',
      }),
      { profile: MODIFIED },
    );
    expect(textAt(dataSet, 'StudyDate')).toBe('20240220');
    expect(textAt(dataSet, 'StudyTime')).toBe('235959.5');
    expect(textAt(dataSet, 'AcquisitionDateTime')).toBe('20240221000001.000000+0530');
    expect(textAt(dataSet, 'SeriesDate')).toBe('20240221');
    expect(textAt(dataSet, 'SeriesTime')).toBe('000001');
    expect(textAt(dataSet, 'TimezoneOffsetFromUTC')).toBe('+0530');
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('MODIFIED');
    expect(outcome.receipt.methods).toEqual(['113100', '113107']);
  });

  it('moves lists, ranges, partial dates, dates in sequences and dates that the table does not list', async () => {
    const { dataSet } = await clean(
      ctSlice()
        .put('DateOfSecondaryCapture', 'DA', '20240105-20240115')
        .put('SubstanceAdministrationDateTime', 'DT', '202401')
        .put('DateOfLastCalibration', 'DA', ['20240105', '20231231'])
        .sequence('RadiopharmaceuticalInformationSequence', [
          new DataSetBuilder().putAll({ RadiopharmaceuticalStartDateTime: '20240105101500' }),
        ]),
      { profile: MODIFIED },
    );
    expect(textAt(dataSet, 'DateOfSecondaryCapture')).toBe('20231226-20240105');
    expect(textAt(dataSet, 'SubstanceAdministrationDateTime')).toBe('202401');
    expect(textAt(dataSet, 'DateOfLastCalibration')).toBe('20231226\\20231221');
    expect(textAt(dataSet, 'RadiopharmaceuticalInformationSequence', 'RadiopharmaceuticalStartDateTime')).toBe(
      '20231226101500',
    );
  });

  it('moves dates that came as UN, and in implicit VR', async () => {
    const asUn = await clean(ctSlice().put('StudyDate', 'UN', Buffer.from('20240301')), { profile: MODIFIED });
    expect(textAt(asUn.dataSet, 'StudyDate')).toBe('20240220');
    const implicit = await clean(ctSlice().putAll({ StudyDate: '20240301' }), {
      profile: MODIFIED,
      transferSyntaxUid: IMPLICIT_VR_LITTLE_ENDIAN,
    });
    expect(textAt(implicit.dataSet, 'StudyDate')).toBe('20240220');
  });

  it('treats what is no date as the Basic Profile does, and never keeps or moves a birth date', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({ StudyDate: 'YESTERDAY', AcquisitionDate: '20240230', PatientBirthDate: '19610704' }),
      { profile: MODIFIED },
    );
    expect(textAt(dataSet, 'StudyDate')).toBe('');
    expect(textAt(dataSet, 'AcquisitionDate') ?? '').toBe('');
    expect(textAt(dataSet, 'PatientBirthDate')).toBe('');
    expect(outcome.receipt.withoutEffect).toEqual(['retain-longitudinal-modified-dates']);
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('REMOVED');
  });

  it('moves the date of a device too when its identity is retained: the stricter option wins', async () => {
    const profile = profileOf('options: [retain-longitudinal-modified-dates, retain-device-identity]');
    const { dataSet } = await clean(ctSlice().putAll({ DateOfManufacture: '20240105' }), { profile });
    expect(textAt(dataSet, 'DateOfManufacture')).toBe('20231226');
  });
});

describe('Retain Longitudinal Temporal Information with full dates', () => {
  it('keeps every date of its column and says that none was modified', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({ StudyDate: '20240301', StudyTime: '101112', PatientBirthDate: '19610704' }),
      { profile: FULL },
    );
    expect(textAt(dataSet, 'StudyDate')).toBe('20240301');
    expect(textAt(dataSet, 'StudyTime')).toBe('101112');
    expect(textAt(dataSet, 'PatientBirthDate')).toBe('');
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('UNMODIFIED');
    expect(outcome.receipt.methods).toEqual(['113100', '113106']);
  });

  it('keeps no birth date that stands as another date of the data set', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .putAll({ StudyDate: '20240301', SeriesDate: '20240301', ContentDate: '20240302', AcquisitionDate: '19610704' })
        .putAll({ AcquisitionDateTime: '19610704101500', PatientBirthDate: '19610704' })
        .put('DateOfLastCalibration', 'DA', ['20240105', '19610704'])
        .put('InstanceCreationDate', 'UN', Buffer.from('19610704')),
      { profile: FULL },
    );
    for (const keyword of ['AcquisitionDate', 'AcquisitionDateTime', 'DateOfLastCalibration', 'InstanceCreationDate'])
      expect(textAt(dataSet, keyword) ?? '').not.toContain('19610704');
    expect(textAt(dataSet, 'ContentDate')).toBe('20240302');
    expect(outcome.receipt.actions).toContainEqual({
      ...{ path: '(0008,0022)', action: 'remove', rule: 'birth-date', count: 1 },
    });
    expect(textAt(dataSet, 'LongitudinalTemporalInformationModified')).toBe('UNMODIFIED');
  });

  it('keeps the dates of the study of a newborn, whose birth date they are', async () => {
    const sameDay = { StudyDate: '20240301', SeriesDate: '20240301', ContentDate: '20240301' };
    const overnight = { StudyDate: '20240301', SeriesDate: '20240302', ContentDate: '20240302' };
    for (const dates of [sameDay, overnight]) {
      const { dataSet } = await clean(
        ctSlice()
          .putAll({ ...dates, PatientBirthDate: '20240301' })
          .sequence('AnatomicRegionSequence', [new DataSetBuilder().putAll({ AcquisitionDate: '20240301' })]),
        { profile: FULL },
      );
      for (const [keyword, value] of Object.entries(dates)) expect(textAt(dataSet, keyword)).toBe(value);
      expect(textAt(dataSet, 'AnatomicRegionSequence', 'AcquisitionDate')).toBe('20240301');
      expect(textAt(dataSet, 'PatientBirthDate')).toBe('');
    }
  });

  it.each([
    [{ StudyDate: '19610704', SeriesDate: '20240301', ContentDate: '20240301' }, 'only the Study Date says it'],
    [{ StudyDate: '20240301', SeriesDate: '19610704', ContentDate: '19610704' }, 'the Study Date says another day'],
    [{ StudyDate: '19610708', SeriesDate: '19610708', ContentDate: '19610704' }, 'the study is of days after'],
  ])('takes nobody for a newborn where %j: %s', async (dates) => {
    const { dataSet } = await clean(ctSlice().putAll({ ...dates, PatientBirthDate: '19610704' }), { profile: FULL });
    for (const [keyword, value] of Object.entries(dates))
      expect(textAt(dataSet, keyword) ?? '').toBe(value === '19610704' ? '' : value);
  });

  it('keeps a date equal to the birth date where a rule names the attribute', async () => {
    const profile = profileOf(
      'options: [retain-longitudinal-full-dates]\nrules: [{ tag: AcquisitionDate, action: keep }]',
    );
    const { dataSet } = await clean(
      ctSlice().putAll({ StudyDate: '20240301', AcquisitionDate: '19610704', PatientBirthDate: '19610704' }),
      { profile },
    );
    expect(textAt(dataSet, 'AcquisitionDate')).toBe('19610704');
  });

  it('keeps no birth date that stands as another date in a sequence, also before the birth date itself', async () => {
    const inside = new DataSetBuilder()
      .putAll({ AcquisitionDate: '19610704', ContentDate: '20240301' })
      .putAll({ PatientBirthDate: '19330101' })
      .put('DateOfLastDetectorCalibration', 'DA', '19610704');
    const { dataSet } = await clean(
      ctSlice().putAll({ PatientBirthDate: '19610704' }).sequence('AnatomicRegionSequence', [inside]),
      { profile: FULL },
    );
    expect(textAt(dataSet, 'AnatomicRegionSequence', 'AcquisitionDate')).not.toBe('19610704');
    expect(textAt(dataSet, 'AnatomicRegionSequence', 'DateOfLastDetectorCalibration')).not.toBe('19610704');
    expect(textAt(dataSet, 'AnatomicRegionSequence', 'ContentDate')).toBe('20240301');
  });

  it('names both options where both keep an attribute', async () => {
    const profile = profileOf('options: [retain-longitudinal-full-dates, retain-device-identity]');
    const { dataSet, outcome } = await clean(ctSlice().putAll({ DateOfManufacture: '20240105' }), { profile });
    expect(textAt(dataSet, 'DateOfManufacture')).toBe('20240105');
    expect(outcome.receipt.methods).toEqual(['113100', '113106', '113109']);
  });
});

describe('Retain Patient Characteristics', () => {
  it.each([
    ['045Y', '045Y'],
    ['089Y', '089Y'],
    ['090Y', '090Y'],
    ['104Y', '090Y'],
    ['999M', '999M'],
    ['030W', '030W'],
  ])('keeps the age %s as %s', async (age, expected) => {
    const { dataSet } = await clean(ctSlice().putAll({ PatientAge: age }), { profile: CHARACTERISTICS });
    expect(textAt(dataSet, 'PatientAge')).toBe(expected);
  });

  it('keeps no age that is none', async () => {
    const { dataSet } = await clean(ctSlice().putAll({ PatientAge: 'JOHN' }), { profile: CHARACTERISTICS });
    expect(elementAt(dataSet, 'PatientAge')).toBeUndefined();
  });

  it('keeps sex, size and weight, and cleans texts about the patient', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({
        PatientSex: 'F',
        PatientWeight: '70.50',
        Allergies: 'Penicillin (told by Quimby)',
        SpecialNeeds: 'Quimby',
      }),
      { profile: CHARACTERISTICS },
    );
    expect(textAt(dataSet, 'PatientSex')).toBe('F');
    expect(textAt(dataSet, 'PatientWeight')).toBe('70.50');
    expect(textAt(dataSet, 'Allergies')).toMatch(/^Penicillin/);
    expect(textAt(dataSet, 'Allergies')).not.toMatch(/quimby/i);
    expect(elementAt(dataSet, 'SpecialNeeds')).toBeUndefined();
    expect(outcome.receipt.methods).toEqual(['113100', '113108']);
  });

  it('names both options where both clean an attribute', async () => {
    const profile = profileOf('options: [retain-patient-characteristics, clean-descriptors]');
    const { outcome } = await clean(ctSlice().putAll({ Allergies: 'Penicillin' }), { profile });
    expect(outcome.receipt.methods).toEqual(['113100', '113105', '113108']);
  });
});

describe('Retain Device Identity', () => {
  const DEVICE = profileOf('options: [retain-device-identity]');

  it('keeps serial numbers and names, and cleans AE titles', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({
        DeviceSerialNumber: 'SN-4455',
        StationName: 'CT01',
        DeviceUID: '1.2.999.8',
        StationAETitle: 'CT_SUITE',
        PerformedStationAETitle: 'QUIMBY',
      }),
      { profile: DEVICE },
    );
    expect(textAt(dataSet, 'DeviceSerialNumber')).toBe('SN-4455');
    expect(textAt(dataSet, 'StationName')).toBe('CT01');
    expect(textAt(dataSet, 'DeviceUID')).toBe('1.2.999.8');
    expect(textAt(dataSet, 'StationAETitle')).toBe('CT_SUITE');
    expect(elementAt(dataSet, 'PerformedStationAETitle')).toBeUndefined();
    expect(outcome.receipt.methods).toEqual(['113100', '113109']);
  });

  it('walks a sequence that it keeps', async () => {
    const { dataSet } = await clean(
      ctSlice().sequence('UDISequence', [
        new DataSetBuilder().putAll({ UniqueDeviceIdentifier: '(01)00889', OperatorsName: 'House^Gregory' }),
      ]),
      { profile: DEVICE },
    );
    expect(textAt(dataSet, 'UDISequence', 'UniqueDeviceIdentifier')).toBe('(01)00889');
    expect(textAt(dataSet, 'UDISequence', 'OperatorsName') ?? '').not.toContain('House');
  });
});

describe('Retain Institution Identity and Retain UIDs', () => {
  it('keep their columns and nothing else', async () => {
    const institution = rows().filter(({ options }) => options['retain-institution-identity'] === 'K');
    expect(institution.length).toBe(10);
    const { dataSet, outcome } = await clean(
      ctSlice().putAll({ InstitutionName: 'Hillcrest', InstitutionAddress: 'Elm Street 1', StationName: 'CT01' }),
      { profile: profileOf('options: [retain-institution-identity]') },
    );
    expect(textAt(dataSet, 'InstitutionName')).toBe('Hillcrest');
    expect(textAt(dataSet, 'InstitutionAddress')).toBe('Elm Street 1');
    expect(textAt(dataSet, 'StationName') ?? '').not.toBe('CT01');
    expect(outcome.receipt.methods).toEqual(['113100', '113112']);
  });

  it('keep UIDs at the top, in sequences and outside of the table', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .put('SOPInstanceUIDOfConcatenationSource', 'UI', '1.2.999.7')
        .sequence('ReferencedStudySequence', [
          new DataSetBuilder().putAll({
            ReferencedSOPClassUID: '1.2.840.10008.3.1.2.3.1',
            ReferencedSOPInstanceUID: '1.2.999.1',
          }),
        ]),
      { profile: profileOf('options: [retain-uids]') },
    );
    expect(textAt(dataSet, 'StudyInstanceUID')).toBe('1.2.999.1');
    expect(textAt(dataSet, 'SOPInstanceUIDOfConcatenationSource')).toBe('1.2.999.7');
    expect(textAt(dataSet, 'ReferencedStudySequence', 'ReferencedSOPInstanceUID')).toBe('1.2.999.1');
    expect(outcome.uids).toEqual([]);
    expect(outcome.receipt.methods).toEqual(['113100', '113110']);
  });
});

describe('Retain Safe Private', () => {
  it('keeps what stands in the table by creator and element, in any block, also in two blocks of one creator', async () => {
    const { dataSet, outcome } = await clean(
      ctSlice()
        .put(0x20010010, 'LO', PHILIPS)
        .put(0x200100e0, 'LO', PHILIPS)
        .put(0x20010011, 'LO', 'ACME')
        .put(0x20011003, 'FL', 800)
        .put(0x2001e003, 'FL', 900)
        .put(0x2001e0fe, 'LO', 'not in the table')
        .put(0x20011103, 'FL', 1000),
      { profile: PRIVATE },
    );
    expect(dataSet.elements.map(({ tag }) => tag).filter((tag) => tag >>> 16 === 0x2001)).toEqual([
      0x20010010, 0x200100e0, 0x20011003, 0x2001e003,
    ]);
    expect(outcome.receipt.methods).toEqual(['113100', '113111']);
  });

  it('cleans text, replaces UIDs and moves dates that stand in them', async () => {
    const profile = profileOf(`options: [retain-safe-private, retain-longitudinal-modified-dates]
rules:
  - { private: "ACME", element: "01", action: keep }
  - { private: "ACME", element: "02", action: keep }
  - { private: "ACME", element: "03", action: keep }
  - { private: "ACME", element: "04", action: keep }
`);
    const { dataSet, outcome } = await clean(
      ctSlice()
        .put(0x00190010, 'LO', 'GEMS_ACQU_01')
        .put(0x0019109e, 'LO', 'EFGRE3D for Quimby')
        .put(0x00290013, 'LO', 'ACME')
        .put(0x00291301, 'DA', '20240105')
        .put(0x00291302, 'UI', '1.2.999.1')
        .put(0x00291303, 'LT', 'Quimby^Josephine')
        .put(0x00291304, 'DA', 'no date')
        .put(0x00291305, 'LO', 'nobody asked for it'),
      { profile },
    );
    expect(textAt(dataSet, 0x0019109e)).toMatch(/^EFGRE3D/);
    expect(textAt(dataSet, 0x0019109e)).not.toMatch(/quimby/i);
    expect(textAt(dataSet, 0x00291301)).toBe('20231226');
    expect(textAt(dataSet, 0x00291302)).toBe(KEYS.replaceUid('1.2.999.1'));
    for (const tag of [0x00291303, 0x00291304, 0x00291305]) expect(elementAt(dataSet, tag)).toBeUndefined();
    // What the profile adds to the list is the option at work, not a deviation from the Basic Profile.
    expect(outcome.receipt.methods).toEqual(['113100', '113107', '113111']);
  });

  it('walks private sequences: only what is safe in them stays', async () => {
    const { dataSet } = await clean(
      ctSlice()
        .put(0x20010010, 'LO', PHILIPS)
        .sequence(0x2001105f, [
          new DataSetBuilder()
            .putAll({ ImageComments: 'Quimby', PatientName: 'Quimby^Josephine' })
            .put(0x20010010, 'LO', PHILIPS)
            .put(0x20011003, 'FL', 800)
            .put(0x200110fe, 'LO', 'unsafe'),
        ]),
      { profile: PRIVATE },
    );
    expect(elementAt(dataSet, 0x2001105f, 0x20011003)?.valueLength).toBe(4);
    expect(elementAt(dataSet, 0x2001105f, 0x200110fe)).toBeUndefined();
    expect(elementAt(dataSet, 0x2001105f, 'ImageComments')).toBeUndefined();
    expect(textAt(dataSet, 0x2001105f, 'PatientName')).toBe('SUBJECT-1');
  });

  it('reads what came as UN with the VR of the table', async () => {
    const { dataSet } = await clean(
      ctSlice()
        .put(0x00190010, 'LO', 'GEMS_ACQU_01')
        .put(0x0019109e, 'UN', Buffer.from('EFGRE3D Quimby'))
        .put(0x20010010, 'LO', PHILIPS)
        .put(0x2001105f, 'UN', Buffer.from('a sequence that nobody can read ')),
      { profile: PRIVATE },
    );
    expect(textAt(dataSet, 0x0019109e)).toBe('EFGRE3D');
    expect(elementAt(dataSet, 0x2001105f)).toBeUndefined();
  });

  it('works in implicit VR, where every private value comes as UN', async () => {
    const { dataSet } = await clean(
      ctSlice().put(0x00190010, 'LO', 'GEMS_ACQU_01').put(0x0019109e, 'LO', 'EFGRE3D Quimby'),
      {
        profile: PRIVATE,
        transferSyntaxUid: IMPLICIT_VR_LITTLE_ENDIAN,
      },
    );
    expect(textAt(dataSet, 0x0019109e)).toBe('EFGRE3D');
  });

  it('without the option a rule that keeps a private attribute keeps it as it is, and says that this deviates', async () => {
    const profile = profileOf('rules: [{ private: "ACME", element: "02", action: keep }]');
    const { dataSet, outcome } = await clean(
      ctSlice().put(0x00290010, 'LO', 'ACME').put(0x00291002, 'UI', '1.2.999.66'),
      {
        profile,
      },
    );
    expect(textAt(dataSet, 0x00291002)).toBe('1.2.999.66');
    expect(outcome.receipt.methods).toEqual([]);
  });
});
