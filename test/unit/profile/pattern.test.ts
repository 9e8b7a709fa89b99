// The regular expressions of `matches`: the same answers as JavaScript's where both can answer, and never slow.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { PatternError } from '../../../src/profile/pattern-parser.ts';
import { Pattern } from '../../../src/profile/pattern.ts';

/** Expressions of the part that both know, built from their grammar. */
const expression: fc.Arbitrary<string> = fc.letrec<{ all: string; atom: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: 'small' },
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'))
      .map(([part, count]) => `(?:${part})${count}`),
    fc.tuple(tie('all'), tie('all')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('all'), tie('all')).map(([a, b]) => `(${a}|${b})`),
  ),
  atom: fc.constantFrom(
    'a',
    'b',
    '1',
    '.',
    '^',
    '$',
    '[ab]',
    '[^a]',
    '[a-c1]',
    '\\d',
    '\\w',
    '\\s',
    '\\D',
    '\\S',
    '\\.',
    '(?:)',
  ),
})).all;

describe('a pattern', () => {
  it('matches what the regular expressions of JavaScript match', () => {
    fc.assert(
      fc.property(
        expression,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '.', '\n', 'é', '🩻'), maxLength: 8 }),
        (source, text) => {
          // ^ and $ cannot be repeated here.
          fc.pre(!/\(\?:[$^]\)[*+?{]/.test(source));
          expect(new Pattern(source).test(text)).toBe(new RegExp(source, 'u').test(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['^GE', 'GE MEDICAL', true],
    ['^GE', 'SIEMENS GE', false],
    ['(?i)^ge (medical|health)', 'GE Health', true],
    ['(?i)[^a-z]x', 'AX', false],
    ['[\\d-]+', '-', true],
    ['[\\]a]', ']', true],
    ['\\(T1\\)', 'ax (T1) fs', true],
    ['^.{3,5}$', 'abcdef', false],
    ['^$', '', true],
    ['頭|胸', '胸部', true],
  ])('%s on %s: %s', (source, text, expected) => {
    expect(new Pattern(source).test(text)).toBe(expected);
  });

  it.each([
    ['(', 1, /write "\)"/],
    [')', 0, /closes nothing/],
    ['a**', 2, /nothing to repeat/],
    ['*a', 0, /nothing stands before/],
    ['[a', 2, /write "\]"/],
    ['[z-a]', 4, /a range/],
    ['a{3,1}', 1, /a count/],
    ['a{999}', 1, /a count/],
    ['a{', 1, /write "\{2\}"/],
    ['\\', 1, /backslash at the end/],
    ['(a)\\1', 4, /not possible here/],
    ['(?=a)', 1, /look-around/],
    ['(?<n>a)', 1, /look-around/],
    ['\\p{L}', 1, /not possible here/],
    ['^*', 2, /cannot be repeated/],
    ['((a{200}){200}){200}', 0, /too large/],
    ['('.repeat(40) + ')'.repeat(40), 32, /nested too deeply/],
  ])('refuses %s, and says where', (source, index, message) => {
    const make = (): Pattern => new Pattern(source);
    expect(make).toThrow(message);
    try {
      make();
    } catch (error: unknown) {
      expect((error as PatternError).index).toBe(index);
    }
  });

  it('takes time in proportion to the text where backtracking takes centuries', () => {
    const start = process.hrtime.bigint();
    for (const source of ['^(a+)+$', '^(a|a)*$', '^(a*)*b', '(.*.*.*.*.*)x', '^(\\w+\\s?)*$'])
      expect(new Pattern(source).test(`${'a'.repeat(5000)}!`)).toBe(false);
    expect(() => new Pattern('((((){200}){200}){200}){200}')).not.toThrow();
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(2000);
  });
});
