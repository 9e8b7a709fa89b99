import { describe, expect, it } from 'vitest';

import { findRow, privateRow, rows } from '../../../src/standard/table-e1-1.ts';

describe('Table E.1-1', () => {
  it('has no row for an attribute that the standard keeps', () => {
    for (const tag of [0x00080060, 0x00280010, 0x7fe00010, 0x60000010, 0x00080016, 0xfffee000])
      expect(findRow(tag)).toBeUndefined();
  });

  it('sends every odd group to the row for private attributes', () => {
    for (const tag of [0x00091001, 0x00090010, 0x60013000, 0x50010010, 0x7fe10010, 0xffff0000])
      expect(findRow(tag)).toBe(privateRow());
    expect(privateRow()).toMatchObject({ basic: 'X', options: { 'retain-safe-private': 'C' } });
  });

  it('covers the whole of the curve groups, and of the overlay groups data and comments alone', () => {
    expect(findRow(0x50003000)?.tagPattern).toBe('(50xx,xxxx)');
    expect(findRow(0x50fe0010)?.options).toEqual({ 'clean-graphics': 'C' });
    expect(findRow(0x60023000)?.keyword).toBe('OverlayData');
    expect(findRow(0x601e4000)?.keyword).toBe('OverlayComments');
    expect(findRow(0x601e0022)).toBeUndefined();
  });

  it('states the options of a row under their names', () => {
    expect(findRow(0x00100040)?.options).toEqual({ 'retain-patient-characteristics': 'K' });
    expect(findRow(0x00080020)?.options).toEqual({
      'retain-longitudinal-full-dates': 'K',
      'retain-longitudinal-modified-dates': 'C',
    });
    expect(findRow(0x00102110)?.options).toEqual({ 'retain-patient-characteristics': 'C', 'clean-descriptors': 'C' });
  });

  it('finds the rows outside the data set proper', () => {
    expect([0x00001000, 0x00001001, 0x00020003, 0x00041511].map((tag) => findRow(tag)?.basic)).toEqual([
      'X',
      'U',
      'U',
      'U',
    ]);
  });

  it('hands out one and the same table', () => {
    expect(rows()).toBe(rows());
  });
});
