import { describe, expect, it } from 'vitest';
import { swapWords } from '../../../src/dicom/byte-order.ts';

describe('swapWords', () => {
  it.each([
    [1, '0102030405060708'],
    [2, '0201040306050807'],
    [4, '0403020108070605'],
    [8, '0807060504030201'],
  ] as const)('turns words of %i bytes', (size, expected) => {
    expect(swapWords(Buffer.from('0102030405060708', 'hex'), size).toString('hex')).toBe(expected);
  });

  it('leaves the bytes after the last whole word, and the original', () => {
    const bytes = Buffer.from('0102030405', 'hex');
    expect(swapWords(bytes, 2).toString('hex')).toBe('0201040305');
    expect(bytes.toString('hex')).toBe('0102030405');
  });
});
