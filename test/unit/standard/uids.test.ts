import { existsSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { STORAGE_SOP_CLASSES, VERIFICATION_SOP_CLASS, isStorageSopClass } from '../../../src/standard/sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../../../src/standard/transfer-syntaxes.ts';
import { isStandardUid, nameOfUid } from '../../../src/standard/uids.ts';

const SHARED = '../shared/standard/uids.json';

interface SharedUid {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
}

describe('UIDs of the standard', () => {
  it('does not take a UID for the standard’s own because it stands below its root', () => {
    for (const uid of ['', '1.2.840.10008', '1.2.840.10008.1.2.3.4.5', '1.2.840.10008.5.1.4.1.1.2.', '2.25.1', '1.2.3'])
      expect(isStandardUid(uid)).toBe(false);
    expect(nameOfUid('1.2.840.113619.2.1')).toBeUndefined();
  });

  it('knows SOP classes, transfer syntaxes, frames of reference, coding schemes and instances', () => {
    expect(nameOfUid('1.2.840.10008.1.1')).toBe('Verification SOP Class');
    expect(nameOfUid('1.2.840.10008.1.2.1')).toBe('Explicit VR Little Endian');
    for (const uid of [
      '1.2.840.10008.1.4.1.1',
      '1.2.840.10008.2.16.4',
      '1.2.840.10008.1.20.1.1',
      '1.2.840.10008.15.1.1',
    ])
      expect(isStandardUid(uid)).toBe(true);
  });

  it('knows context groups and templates up to the last of 2026d, and no number that is not one', () => {
    for (const uid of ['1.2.840.10008.6.1.1', '1.2.840.10008.6.1.1572', '1.2.840.10008.9.24'])
      expect(isStandardUid(uid)).toBe(true);
    for (const last of [
      '6.1.0',
      '6.1.1573',
      '6.1.01',
      '6.1.1.1',
      '6.1.',
      '6.1.1e2',
      '6.1.20010203',
      '9.25',
      '9.',
      '6.1. 7',
    ])
      expect(isStandardUid(`1.2.840.10008.${last}`)).toBe(false);
    expect(nameOfUid('1.2.840.10008.6.1.308')).toBe('Context Group 308');
  });

  it('knows coding schemes that others registered and the standard names', () => {
    expect(nameOfUid('2.16.840.1.113883.6.96')).toBe('SNOMED CT');
    expect(nameOfUid('2.16.840.1.113883.6.1')).toBe('LOINC');
    expect(isStandardUid('2.16.840.1.113883.6.9999')).toBe(false);
  });

  it('names the retired UIDs that have no name left', () => {
    expect(nameOfUid('1.2.840.10008.5.1.4.1.1.40')).toBe('Retired');
  });

  it('covers every SOP class and transfer syntax of the other tables, under the same name', () => {
    const named = [...STORAGE_SOP_CLASSES, ...TRANSFER_SYNTAXES];
    expect(named.filter(({ uid, name }) => nameOfUid(uid) !== name.replace(' (Retired)', ''))).toEqual([]);
  });

  it.skipIf(!existsSync(SHARED))('covers PS3.6 2024d', () => {
    const shared = JSON.parse(readFileSync(SHARED, 'utf8')) as SharedUid[];
    expect(shared.filter(({ uid }) => !isStandardUid(uid))).toEqual([]);
  });
});

describe('storage SOP classes', () => {
  it('leaves out what is not stored', () => {
    const others = [
      VERIFICATION_SOP_CLASS,
      '1.2.840.10008.1.3.10',
      '1.2.840.10008.1.20.1',
      '1.2.840.10008.5.1.4.1.2.2.1',
      '1.2.840.10008.5.1.4.31',
      '1.2.840.10008.5.1.4.1.1.201.2',
      '1.2.840.10008.5.1.4.34.6.1',
      '1.3.12.2.1107.5.9.1',
      '1.2.840.10008.5.1.4.1.1.40',
      '',
    ];
    expect(others.filter(isStorageSopClass)).toEqual([]);
  });

  it('has images, documents, objects without a patient, and what was retired', () => {
    const stored = [
      '1.2.840.10008.5.1.4.1.1.2',
      '1.2.840.10008.5.1.4.1.1.104.1',
      '1.2.840.10008.5.1.4.1.1.88.67',
      '1.2.840.10008.5.1.4.38.1',
      '1.2.840.10008.5.1.4.34.7',
      '1.2.840.10008.5.1.4.1.1.6',
      '1.2.840.10008.5.1.4.1.1.8',
      '1.2.840.10008.5.1.4.1.1.2.3',
      '1.2.840.10008.5.1.4.1.1.66.8',
    ];
    expect(stored.filter((uid) => !isStorageSopClass(uid))).toEqual([]);
  });

  it('lists each once', () => {
    expect(new Set(STORAGE_SOP_CLASSES.map(({ uid }) => uid)).size).toBe(STORAGE_SOP_CLASSES.length);
  });

  it.skipIf(!existsSync(SHARED))(
    'has every SOP class of PS3.6 2024d that is called a storage, but for media and commitment',
    () => {
      const shared = JSON.parse(readFileSync(SHARED, 'utf8')) as SharedUid[];
      const expected = shared.filter(
        ({ type, name }) =>
          type === 'SOP Class' && name.includes('Storage') && !/Storage Commitment|Media Storage Directory/.test(name),
      );
      expect(expected.filter(({ uid }) => !isStorageSopClass(uid))).toEqual([]);
    },
  );
});
