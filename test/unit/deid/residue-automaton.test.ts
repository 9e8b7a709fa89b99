import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ByteAutomaton } from '../../../src/deid/residue-automaton.ts';

function search(patterns: readonly string[], text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  return new ByteAutomaton(patterns).search(bytes, 0, bytes.length);
}

describe('ByteAutomaton', () => {
  it('finds nothing without patterns, and none in no bytes', () => {
    expect(search([], 'anything')).toBe(-1);
    expect(search([''], 'anything')).toBe(-1);
    expect(search(['any'], '')).toBe(-1);
  });

  it('tells the offset behind the first pattern that ends', () => {
    expect(search(['hers', 'she', 'his'], 'ushers')).toBe(4);
    expect(search(['abcd', 'bc'], 'xabcd')).toBe(4);
  });

  it('counts both cases of ASCII letters alike, and no others', () => {
    expect(search(['Quimby'], 'xx qUIMBY')).toBe(9);
    expect(search(['\xe4x'], '\xc4x')).toBe(-1);
  });

  it('counts all separators alike', () => {
    expect(search(['doe jane'], 'DOE^JANE')).toBe(8);
    expect(search(['2004-08-26'], '2004.08/26')).toBe(10);
  });

  it('goes on where the last search stopped, and begins anew when told', () => {
    const automaton = new ByteAutomaton(['quimby']);
    expect(automaton.search(Buffer.from('xxqui'), 0, 5)).toBe(-1);
    expect(automaton.search(Buffer.from('mbyxx'), 0, 5)).toBe(3);
    expect(automaton.search(Buffer.from('xxqui'), 0, 5)).toBe(-1);
    automaton.reset();
    expect(automaton.search(Buffer.from('mbyxx'), 0, 5)).toBe(-1);
  });

  it('takes every byte as a symbol', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');
    expect(search([all], `a${all}`)).toBe(257);
  });

  it('refuses more patterns than memory is meant for', () => {
    const patterns = Array.from({ length: 3000 }, (_, index) => String(index).padStart(4, '0').repeat(16));
    expect(() => new ByteAutomaton(patterns)).toThrow(RangeError);
  });

  it('finds what indexOf finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 40 }),
        (words, text) => {
          const ends = words.filter((w) => text.includes(w)).map((w) => text.indexOf(w) + w.length);
          expect(search(words, text)).toBe(ends.length === 0 ? -1 : Math.min(...ends));
        },
      ),
    );
  });
});
