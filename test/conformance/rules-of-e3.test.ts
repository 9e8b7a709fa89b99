// PS3.15 E.3.1 to E.3.11, the rules that stand in prose beside the columns of Table E.1-1 (2026d): one row per rule. Their
// depth is tested in options-*.test.ts, profiles.test.ts and test/integration/pixels; E.1.1 asks for the marks of every row.
import { describe, expect, it } from 'vitest';

import type { DataSet } from '../../src/dicom/element.ts';
import { parseProfile } from '../../src/profile/load.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, elementAt, profileOf, textAt } from '../unit/deid/support/instances.ts';

const SR = '1.2.840.10008.5.1.4.1.1.88.22';
const GSPS = '1.2.840.10008.5.1.4.1.1.11.1';

interface Rule {
  readonly clause: string;
  readonly rule: string;
  readonly options: string;
  readonly instance: DataSetBuilder;
  /** Values by path of keywords; undefined: gone. */
  readonly expected: readonly (readonly [path: string, value: string | undefined])[];
  /** Codes of CID 7050 beside 113100. */
  readonly codes: readonly string[];
}

const FINDING = new DataSetBuilder().putAll({
  RelationshipType: 'CONTAINS',
  ValueType: 'TEXT',
  TextValue: 'Nodule, seen by Gregory House',
});
const MARK = new DataSetBuilder().putAll({ UnformattedTextValue: 'Quimby: nodule', GraphicLayer: 'L1' });

const RULES: readonly Rule[] = [
  {
    clause: 'E.3.1',
    rule: 'Clean Pixel Data is claimed only by what looked at the pixels, which a data set alone does not',
    options: 'clean-pixel-data',
    instance: ctSlice().putAll({ BurnedInAnnotation: 'NO' }),
    expected: [['BurnedInAnnotation', 'NO']],
    codes: [],
  },
  {
    clause: 'E.3.3',
    rule: 'text of annotations is cleaned, the layer that it is drawn on stays',
    options: 'clean-graphics',
    instance: ctSlice()
      .put('SOPClassUID', 'UI', GSPS)
      .sequence('GraphicAnnotationSequence', [
        new DataSetBuilder().putAll({ GraphicLayer: 'L1' }).sequence('TextObjectSequence', [MARK]),
      ]),
    expected: [
      ['GraphicAnnotationSequence/TextObjectSequence/UnformattedTextValue', 'nodule'],
      ['GraphicAnnotationSequence/GraphicLayer', 'L1'],
    ],
    codes: ['113103'],
  },
  {
    clause: 'E.3.4',
    rule: 'text of content items is cleaned, the tree stays',
    options: 'clean-structured-content',
    instance: ctSlice()
      .put('SOPClassUID', 'UI', SR)
      .putAll({ OperatorsName: 'House^Gregory', ValueType: 'CONTAINER' })
      .sequence('ContentSequence', [FINDING]),
    expected: [
      ['ContentSequence/TextValue', 'Nodule'],
      ['ContentSequence/ValueType', 'TEXT'],
    ],
    codes: ['113104'],
  },
  {
    clause: 'E.3.5',
    rule: 'descriptions lose what identifies and keep what is clinical',
    options: 'clean-descriptors',
    instance: ctSlice().putAll({ StudyDescription: 'CT CHEST W/O CONTRAST for QUIMBY, J.' }),
    expected: [['StudyDescription', 'CT CHEST W/O CONTRAST']],
    codes: ['113105'],
  },
  {
    clause: 'E.3.6',
    rule: 'without an option dates go, and that is told',
    options: '',
    instance: ctSlice().putAll({ SeriesDate: '20240301' }),
    expected: [
      ['SeriesDate', undefined],
      ['LongitudinalTemporalInformationModified', 'REMOVED'],
    ],
    codes: [],
  },
  {
    clause: 'E.3.6',
    rule: 'with full dates they stay, the offset of their time zone too, and that is told',
    options: 'retain-longitudinal-full-dates',
    instance: ctSlice().putAll({ SeriesDate: '20240301', SeriesTime: '2359', TimezoneOffsetFromUTC: '-0930' }),
    expected: [
      ['SeriesDate', '20240301'],
      ['SeriesTime', '2359'],
      ['TimezoneOffsetFromUTC', '-0930'],
      ['LongitudinalTemporalInformationModified', 'UNMODIFIED'],
    ],
    codes: ['113106'],
  },
  {
    clause: 'E.3.6',
    rule: 'with modified dates all move by the same days, and that is told',
    options: 'retain-longitudinal-modified-dates',
    instance: ctSlice().putAll({ StudyDate: '20240301', SeriesDate: '20240311', SeriesTime: '2359' }),
    expected: [
      ['StudyDate', '20240220'],
      ['SeriesDate', '20240301'],
      ['SeriesTime', '2359'],
      ['LongitudinalTemporalInformationModified', 'MODIFIED'],
    ],
    codes: ['113107'],
  },
  {
    clause: 'E.3.6',
    rule: 'dates that were moved before are not said to be unmodified',
    options: 'retain-longitudinal-full-dates',
    instance: ctSlice().putAll({ SeriesDate: '20240301', LongitudinalTemporalInformationModified: 'MODIFIED' }),
    expected: [['LongitudinalTemporalInformationModified', 'MODIFIED']],
    codes: ['113106'],
  },
  {
    clause: 'E.3.7',
    rule: 'characteristics stay, texts about the patient are cleaned, ages above 89 are 90',
    options: 'retain-patient-characteristics',
    instance: ctSlice().putAll({ PatientSex: 'F', PatientAge: '093Y', Allergies: 'Latex, says Quimby' }),
    expected: [
      ['PatientSex', 'F'],
      ['PatientAge', '090Y'],
      ['Allergies', 'Latex, says'],
    ],
    codes: ['113108'],
  },
  {
    clause: 'E.3.8',
    rule: 'the device is told, nobody else',
    options: 'retain-device-identity',
    instance: ctSlice().putAll({ DeviceSerialNumber: 'SN-4455', InstitutionName: 'Hillcrest' }),
    expected: [
      ['DeviceSerialNumber', 'SN-4455'],
      ['InstitutionName', undefined],
    ],
    codes: ['113109'],
  },
  {
    clause: 'E.3.9',
    rule: 'UIDs stay',
    options: 'retain-uids',
    instance: ctSlice().putAll({ FrameOfReferenceUID: '1.2.999.5' }),
    expected: [['FrameOfReferenceUID', '1.2.999.5']],
    codes: ['113110'],
  },
  {
    clause: 'E.3.10',
    rule: 'safe private attributes stay with the creator that defines them, all others go',
    options: 'retain-safe-private',
    instance: ctSlice()
      .put(0x20010010, 'LO', 'Philips Imaging DD 001')
      .put(0x20011003, 'FL', 800)
      .put(0x200110fe, 'LO', 'other'),
    expected: [
      ['20010010', 'Philips Imaging DD 001'],
      ['200110fe', undefined],
    ],
    codes: ['113111'],
  },
  {
    clause: 'E.3.11',
    rule: 'the institution is told, nobody else',
    options: 'retain-institution-identity',
    instance: ctSlice().putAll({ InstitutionName: 'Hillcrest', DeviceSerialNumber: 'SN-4455' }),
    expected: [
      ['InstitutionName', 'Hillcrest'],
      ['DeviceSerialNumber', undefined],
    ],
    codes: ['113112'],
  },
];

function valueAt(dataSet: DataSet, path: string): string | undefined {
  if (!/^[0-9a-f]{8}$/.test(path)) return textAt(dataSet, ...path.split('/'));
  const element = dataSet.elements.find(({ tag }) => tag === Number.parseInt(path, 16));
  return element && dataSet.source.view(element.valueStart, element.valueLength)?.toString('latin1').trim();
}

describe('a rule of E.3', () => {
  it.each(RULES)('$clause: $rule', async ({ options, instance, expected, codes }) => {
    const { dataSet, outcome } = await clean(instance, { profile: profileOf(`options: [${options}]`) });
    for (const [path, value] of expected) {
      if (value === undefined) expect(valueAt(dataSet, path) ?? '', path).toBe('');
      else expect(valueAt(dataSet, path), path).toBe(value);
    }
    expect(outcome.receipt.methods).toEqual(['113100', ...codes]);
    // E.1.1: what was done is told in the data set itself.
    expect(textAt(dataSet, 'PatientIdentityRemoved')).toBe('YES');
    expect(textAt(dataSet, 'DeidentificationMethod')).not.toBe('');
    expect(elementAt(dataSet, 'DeidentificationMethodCodeSequence')?.items).toHaveLength(1 + codes.length);
  });

  it('E.3.2: Clean Recognizable Visual Features is refused, since nothing here does it', () => {
    const profile = 'name: x\nversion: 1\noptions: [clean-recognizable-visual-features]\n';
    expect(() => parseProfile(profile, 'x.yaml')).toThrow(/x\.yaml:3:\d+: .*clean-recognizable-visual-features/);
  });

  it('E.3.6: full and modified dates exclude each other', () => {
    const options = 'retain-longitudinal-full-dates, retain-longitudinal-modified-dates';
    expect(() => parseProfile(`name: x\nversion: 1\noptions: [${options}]\n`, 'x.yaml')).toThrow(/x\.yaml:3:\d+: /);
  });
});
