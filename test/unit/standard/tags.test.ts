import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findByKeyword } from '../../../src/standard/dictionary.ts';
import { TAG, elementOf, formatTag, groupOf, isPrivate, parseTag } from '../../../src/standard/tags.ts';

describe('tags', () => {
  it('does not take for a tag what only resembles one', () => {
    for (const text of ['', '0010', '(0010,0020', '0010,0020)', '(60xx,3000)', '0010 0020', '0x00100020', '001000200'])
      expect(parseTag(text)).toBeUndefined();
  });

  it('reads the three spellings, in either case', () => {
    expect(parseTag('(0010,0020)')).toBe(0x00100020);
    expect(parseTag('0010,0020')).toBe(0x00100020);
    expect(parseTag(' 7fE00010 ')).toBe(0x7fe00010);
  });

  it('writes any tag so that it can be read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (tag) => {
        expect(parseTag(formatTag(tag))).toBe(tag);
        expect(groupOf(tag) * 0x10000 + elementOf(tag)).toBe(tag);
        expect(isPrivate(tag)).toBe(groupOf(tag) % 2 === 1);
      }),
    );
  });

  it('stays unsigned in the upper half', () => {
    expect(TAG.Item).toBe(0xfffee000);
    expect(groupOf(TAG.Item)).toBe(0xfffe);
    expect(formatTag(0xfffcfffc)).toBe('(FFFC,FFFC)');
    expect(parseTag('FFFEE00D')).toBe(0xfffee00d);
  });

  it('names each tag by the keyword that the dictionary gives it', () => {
    const wrong = Object.entries(TAG).filter(([keyword, tag]) => findByKeyword(keyword)?.tag !== tag);
    expect(wrong).toEqual([]);
  });
});
