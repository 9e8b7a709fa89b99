import { describe, expect, it } from 'vitest';

import { isCodeTerm } from '../../../src/standard/code-terms.ts';

describe('terms of code strings', () => {
  it.each([
    [0x00180015, 'KNEE'],
    [0x00180015, 'Clavicle'],
    [0x00080060, 'RTPLAN'],
    [0x0040a040, 'TEXT'],
    [0x00080008, 'LOCALIZER'],
    [0x00200060, 'L'],
    [0x00185100, 'HFS'],
  ])('knows %i %s', (tag, value) => {
    // One letter is nobody's name: such terms are not kept.
    expect(isCodeTerm(tag, value)).toBe(value.length > 1);
  });

  it('knows nothing of other attributes, private ones among them', () => {
    expect(isCodeTerm(0x00180022, 'KNEE')).toBe(false);
    expect(isCodeTerm(0x20011006, 'KNEE')).toBe(false);
    expect(isCodeTerm(0x00180015, 'OBRIEN')).toBe(false);
    expect(isCodeTerm(0x00180015, '')).toBe(false);
  });
});
