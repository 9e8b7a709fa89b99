import { describe, expect, it } from 'vitest';

import { CID_7050 } from '../../../src/standard/cid-7050.ts';
import { findSafePrivate, safePrivateCreators } from '../../../src/standard/safe-private.ts';

describe('safe private attributes', () => {
  it('does not let a right element pass under another creator, group or as a standard tag', () => {
    expect(findSafePrivate('ELSCINT', 0x00e11021)).toBeUndefined();
    expect(findSafePrivate('elscint1', 0x00e11021)).toBeUndefined();
    expect(findSafePrivate('ELSCINT1', 0x01e31021)).toBeUndefined();
    expect(findSafePrivate('ELSCINT1', 0x00e01021)).toBeUndefined();
    expect(findSafePrivate('', 0x00e11021)).toBeUndefined();
  });

  it('does not take a private creator element for one of its attributes', () => {
    expect(findSafePrivate('ELSCINT1', 0x00e10021)).toBeUndefined();
  });

  it('finds an attribute in whatever block its creator reserved', () => {
    const row = { vr: 'DS', vm: '1', meaning: 'DLP' };
    expect(findSafePrivate('ELSCINT1', 0x00e11021)).toEqual(row);
    expect(findSafePrivate('ELSCINT1', 0x00e1ff21)).toEqual(row);
  });

  it('gives UN to the rows for which the standard states no VR', () => {
    expect(findSafePrivate('SIEMENS Ultrasound SC2000', 0x01191011)).toMatchObject({ vr: 'UN' });
  });

  it('names 20 private creators', () => {
    expect(safePrivateCreators()).toHaveLength(20);
    expect(safePrivateCreators()).toContain('Philips PET Private Group');
  });
});

describe('CID 7050', () => {
  it('has the 13 codes 113100 to 113112', () => {
    expect([...CID_7050.keys()]).toEqual(Array.from({ length: 13 }, (_, index) => String(113100 + index)));
    expect(CID_7050.get('113100')).toBe('Basic Application Confidentiality Profile');
    expect(CID_7050.get('113107')).toBe('Retain Longitudinal Temporal Information Modified Dates Option');
  });
});
