import { describe, expect, it } from 'vitest';
import { guessEncoding, isPlainlyImplicit } from '../../../src/dicom/guess.ts';
import { BIG, element, EXPLICIT, IMPLICIT } from './support/naive-encoder.ts';

const VALUE = Buffer.from('ORIGINAL');

describe('guessEncoding', () => {
  it.each([
    ['explicit little endian', element(EXPLICIT, 0x00080008, 'CS', VALUE), false, false],
    ['implicit little endian', element(IMPLICIT, 0x00080008, '', VALUE), true, false],
    ['explicit big endian', element(BIG, 0x00080016, 'UI', VALUE), false, true],
    ['a group that only one byte order makes small', element(BIG, 0x00090010, 'LO', VALUE), false, true],
    ['a tag that neither order knows', element(EXPLICIT, 0x00091010, 'LO', VALUE), false, false],
    ['a length that is no VR', element(IMPLICIT, 0x00100010, '', VALUE), true, false],
    ['too little', Buffer.alloc(4), true, false],
  ])('tells %s', (_, bytes, isImplicitVr, isBigEndian) => {
    expect(guessEncoding(bytes)).toEqual({ isImplicitVr, isBigEndian });
  });
});

describe('isPlainlyImplicit', () => {
  it('is sure only of a known tag, a length where the VR should be, and enough bytes behind it', () => {
    const implicit = element(IMPLICIT, 0x00080008, '', VALUE);
    expect(isPlainlyImplicit(implicit, implicit.length)).toBe(true);
    expect(isPlainlyImplicit(implicit, implicit.length - 1)).toBe(false);
    expect(isPlainlyImplicit(element(IMPLICIT, 0x00091010, '', VALUE), 100)).toBe(false);
    expect(isPlainlyImplicit(element(EXPLICIT, 0x00080008, 'CS', VALUE), 100)).toBe(false);
    expect(isPlainlyImplicit(element(EXPLICIT, 0x00080008, '??', VALUE), 100)).toBe(false);
    expect(isPlainlyImplicit(element(IMPLICIT, 0x00080005, '', Buffer.alloc(0)), 100)).toBe(false);
    expect(isPlainlyImplicit(Buffer.alloc(3), 3)).toBe(false);
  });
});
