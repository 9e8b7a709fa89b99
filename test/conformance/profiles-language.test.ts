// The rules of a profile as they act on an instance: where an attribute stands, on what it depends, what is done.
import { describe, expect, it } from 'vitest';

import type { InstanceError } from '../../src/core/errors.ts';
import { reduceDates } from '../../src/deid/date-precision.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { clean, ctSlice, profileOf, textAt } from '../unit/deid/support/instances.ts';

function withRules(...rules: readonly string[]) {
  return profileOf(`rules:\n${rules.map((rule) => `  - { ${rule} }`).join('\n')}`);
}

/** A slice with the same attribute at the top, in a sequence, and in a sequence in it. */
function nested(): DataSetBuilder {
  const deep = new DataSetBuilder().putAll({ ImageComments: 'deep' });
  const inside = new DataSetBuilder().putAll({ ImageComments: 'inside' }).sequence('SourceInstanceSequence', [deep]);
  return ctSlice().putAll({ ImageComments: 'top' }).sequence('DerivationImageSequence', [inside]);
}

describe('a rule with a path', () => {
  it.each([
    ['tag: ImageComments', ['n/a', 'n/a', 'n/a']],
    ['tag: .ImageComments', ['n/a', undefined, undefined]],
    ['tag: DerivationImageSequence.ImageComments', [undefined, 'n/a', undefined]],
    ['tag: DerivationImageSequence.**.ImageComments', [undefined, 'n/a', 'n/a']],
    ['tag: "*.ImageComments"', [undefined, 'n/a', 'n/a']],
    ['tag: "(0008,9124).(0042,0013).(0020,4000)"', [undefined, undefined, 'n/a']],
    ['vr: LT, in: SourceInstanceSequence', [undefined, undefined, 'n/a']],
    ['tags: "(0020,4xxx)", except: [.ImageComments]', [undefined, 'n/a', 'n/a']],
  ])('%s acts there and nowhere else', async (selection, expected) => {
    const { dataSet } = await clean(nested(), { profile: withRules(`${selection}, action: replace, with: n/a`) });
    expect([
      textAt(dataSet, 'ImageComments'),
      textAt(dataSet, 'DerivationImageSequence', 'ImageComments'),
      textAt(dataSet, 'DerivationImageSequence', 'SourceInstanceSequence', 'ImageComments'),
    ]).toEqual(expected);
  });
});

describe('a rule with a condition', () => {
  it.each([
    ['SOPClass = "CT Image Storage"', 'n/a'],
    ['SOPClass contains "Ultrasound"', undefined],
    ['Rows >= 512', undefined],
    ['Rows < 512 and PatientAge > 89', 'n/a'],
    ['PatientAge is absent', undefined],
    ['Manufacturer matches "^ACME (CT|MR)$" and not StationName is present', 'n/a'],
    ['(Modality = "US" or Modality = "CT") and PatientAge = "091Y"', 'n/a'],
  ])('%s asks the original instance', async (when, expected) => {
    const instance = ctSlice().putAll({ PatientAge: '091Y', Manufacturer: 'ACME CT', Rows: 16, ImageComments: 'x' });
    const profile = withRules(`tag: ImageComments, when: '${when}', action: replace, with: n/a`);
    const { dataSet } = await clean(instance, { profile });
    expect(textAt(dataSet, 'ImageComments')).toBe(expected);
  });

  it('holds back the instances for which it holds', async () => {
    const profile = withRules(`when: 'PatientAge > 89', action: quarantine`);
    await expect(clean(ctSlice().putAll({ PatientAge: '091Y' }), { profile })).rejects.toMatchObject({
      reason: 'profile-quarantine',
    } satisfies Partial<InstanceError>);
    await expect(clean(ctSlice().putAll({ PatientAge: '045Y' }), { profile })).resolves.toBeDefined();
  });
});

describe('a rule about dates', () => {
  const instance = () =>
    ctSlice().putAll({
      StudyDate: '20240517',
      SeriesDate: '20240517',
      AcquisitionDate: '20240517',
      ContentDate: '20240517',
    });

  it('moves them, sets them to the first of the month or year, or takes them away', async () => {
    const profile = withRules(
      'tag: StudyDate, action: date',
      'tag: SeriesDate, action: date, to: month',
      'tag: AcquisitionDate, action: date, to: year',
      'tag: ContentDate, action: date, to: remove',
    );
    const { dataSet } = await clean(instance(), { profile });
    expect(textAt(dataSet, 'StudyDate')).toBe('20240507');
    expect(textAt(dataSet, 'SeriesDate')).toBe('20240501');
    expect(textAt(dataSet, 'AcquisitionDate')).toBe('20240101');
    expect(textAt(dataSet, 'ContentDate') ?? '').not.toMatch(/2024/);
  });

  it('leaves nothing of a value that is no date', async () => {
    const profile = withRules('tag: SeriesDate, action: date, to: month');
    const { dataSet } = await clean(ctSlice().putAll({ SeriesDate: '2024MAY1' }), { profile });
    expect(textAt(dataSet, 'SeriesDate') ?? '').not.toMatch(/2024|MAY/);
  });

  it.each([
    ['20240517', 'DA', 'month', '20240501'],
    ['2024.05.17', 'DA', 'year', '20240101'],
    ['20240517101530.5+0100', 'DT', 'month', '202405'],
    ['20240517101530', 'DT', 'year', '2024'],
    ['2024', 'DT', 'month', '2024'],
    ['20240517\\\\20240618', 'DA', 'month', '20240501\\\\20240601'],
    ['', 'DA', 'month', ''],
    ['20241317', 'DA', 'month', undefined],
    ['20240517-20240519', 'DA', 'month', undefined],
    ['101530', 'TM', 'month', undefined],
    ['yesterday', 'DT', 'year', undefined],
  ] as const)('%s (%s) to the %s: %s', (value, vr, to, expected) => {
    expect(reduceDates(value.replaceAll('\\\\', '\\'), vr, to)).toBe(expected?.replaceAll('\\\\', '\\'));
  });
});
