import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BytePatterns, SHORTEST_PATTERN } from '../../../src/deid/byte-patterns.ts';

function made(patterns: readonly string[], base?: BytePatterns): BytePatterns {
  const found = new BytePatterns(base);
  for (const pattern of patterns) found.add(pattern);
  return found;
}

function search(patterns: readonly string[], text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  return made(patterns).search(bytes, 0, bytes.length);
}

describe('BytePatterns', () => {
  it('finds nothing without patterns, and none in no bytes', () => {
    expect(search([], 'anything')).toBe(-1);
    expect(search([''], 'anything')).toBe(-1);
    expect(search(['any'], '')).toBe(-1);
    expect(search(['anything'], 'thing')).toBe(-1);
  });

  it('passes over patterns that are too short to tell anything', () => {
    expect(search(['a', 'ab'], 'abab')).toBe(-1);
    expect(search(['abc'], 'abab')).toBe(-1);
  });

  it('tells the offset behind the first pattern that ends', () => {
    expect(search(['hers', 'she', 'his'], 'ushers')).toBe(4);
    expect(search(['abcde', 'bcd'], 'xabcde')).toBe(5);
  });

  it('counts both cases of ASCII letters alike, and no others', () => {
    expect(search(['Quimby'], 'xx qUIMBY')).toBe(9);
    expect(search(['\xe4xx'], '\xc4xx')).toBe(-1);
  });

  it('counts all separators alike', () => {
    expect(search(['doe jane'], 'DOE^JANE')).toBe(8);
    expect(search(['2004-08-26'], '2004.08/26')).toBe(10);
  });

  it('finds texts in UTF-16 of both byte orders', () => {
    const wide = new BytePatterns();
    wide.add('Quimby', { gap: 1 });
    const little = Buffer.from('xxquimby', 'utf16le');
    expect(wide.search(little, 0, little.length)).toBe(15);
    const big = Buffer.from(little).swap16();
    expect(wide.search(big, 0, big.length)).toBe(16);
    expect(wide.search(Buffer.from('quimby'), 0, 6)).toBe(-1);
  });

  it('looks at nothing outside the range', () => {
    const patterns = made(['quimby']);
    const bytes = Buffer.from('xxquimbyxx');
    expect(patterns.search(bytes, 2, 8)).toBe(8);
    expect(patterns.search(bytes, 3, 8)).toBe(-1);
    expect(patterns.search(bytes, 2, 7)).toBe(-1);
  });

  it('goes on behind what it found, and sees what overlaps it', () => {
    const patterns = made(['quimby', 'byte']);
    const bytes = Buffer.from('quimbyte');
    expect(patterns.search(bytes, 0, 8)).toBe(6);
    expect(patterns.search(bytes, 6, 8, 0)).toBe(8);
    expect(patterns.search(bytes, 6, 8)).toBe(-1);
  });

  it('tells words in a value from pieces of longer ones, but only in a value', () => {
    const patterns = new BytePatterns();
    patterns.add('Prof', { isWord: true });
    const isInValue = (text: string): boolean => patterns.isInValue(Buffer.from(text, 'latin1'), 0, text.length);
    expect(['Prof', 'a Prof.', 'Doe^Prof^', '(prof)', 'profile prof', '\u00e4prof'].map(isInValue)).not.toContain(
      false,
    );
    expect(['Profile', 'xProf', 'Prof1', '0prof 0'].map(isInValue)).not.toContain(true);
    expect(patterns.isInValue(Buffer.from('xProfx'), 1, 5)).toBe(true);
    expect(patterns.search(Buffer.from('Profile'), 0, 7)).toBe(4);
  });

  it('takes a pattern for no word that was given as anything else too', () => {
    const patterns = new BytePatterns();
    patterns.add('Prof', { isWord: true });
    patterns.add('prof');
    patterns.add('PROF', { isWord: true });
    expect(patterns.isInValue(Buffer.from('Profile'), 0, 7)).toBe(true);
  });

  it('leaves those alone that it was made of', () => {
    const base = made(['quimby']);
    const both = made(['fenwick'], base);
    const bytes = Buffer.from('fenwick quimby');
    expect(both.search(bytes, 0, 14)).toBe(7);
    expect(base.search(bytes, 0, 14)).toBe(14);
  });

  it('takes every byte as a symbol', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
    expect(search([all], `a${all}`)).toBe(257);
  });

  it('refuses more patterns than memory is meant for', () => {
    const patterns = Array.from({ length: 3000 }, (_, index) => String(index).padStart(4, '0').repeat(16));
    expect(() => made(patterns)).toThrow(RangeError);
  });

  it('finds what indexOf finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 40 }),
        (words, text) => {
          const ends = words
            .filter((w) => w.length >= SHORTEST_PATTERN && text.includes(w))
            .map((w) => text.indexOf(w) + w.length);
          expect(search(words, text)).toBe(ends.length === 0 ? -1 : Math.min(...ends));
        },
      ),
    );
  });

  it('tells of a text of ASCII what it tells of its bytes, and nothing of another one', () => {
    const patterns = made(['Quimby', 'ab c']);
    expect(patterns.isInAscii('seen by QUIMBY')).toBe(true);
    expect(patterns.isInAscii('ab')).toBe(false);
    expect(patterns.isInAscii('')).toBe(false);
    expect(patterns.isInAscii('Quimby, Zoë')).toBeUndefined();
    const ascii = fc.string({ unit: fc.constantFrom('a', 'B', 'b', ' ', 'c', '^') });
    fc.assert(
      fc.property(fc.array(ascii), ascii, (some, text) => {
        const bytes = Buffer.from(text, 'latin1');
        const found = made(some);
        expect(found.isInAscii(text)).toBe(found.search(bytes, 0, bytes.length) !== -1);
      }),
    );
  });
});
