import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayLiteral } from '../../../src/store/array-literal.ts';
import { storable } from '../../../src/store/text.ts';

describe('storable text', () => {
  it('leaves what Postgres takes as it is', () => {
    for (const text of ['', '1.2.840', "O'Brien^Zoë", '山田^太郎', '😀']) expect(storable(text)).toBe(text);
  });

  it('holds no NUL and no lone surrogate', () => {
    expect(storable('A\0B')).toBe('A\uFFFDB');
    expect(storable('\uD800A\uDC00')).toBe('\uFFFDA\uFFFD');
  });

  it('shortens a long value, and keeps two long values apart', () => {
    const long = 'x'.repeat(10_000);
    expect(storable(long).length).toBeLessThanOrEqual(256);
    expect(storable(`${long}1`)).not.toBe(storable(`${long}2`));
    expect(storable(long)).toBe(storable(long));
  });

  it('cuts no character in half', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }), (text) => {
        expect(storable(text)).not.toMatch(/\p{Surrogate}/u);
        expect(storable(storable(text))).toBe(storable(text));
      }),
    );
  });
});

describe('an array literal', () => {
  it.each([
    [[], '{}'],
    [['a', '1.2.3', -1.5], '{a,1.2.3,-1.5}'],
    [[null, undefined, 'NULL', 'null', ''], '{NULL,NULL,"NULL","null",""}'],
    [['a b', '{}', ',', '"', '\\'], '{"a b","{}",",","\\"","\\\\"}'],
  ])('of %j is %s', (values, literal) => {
    expect(arrayLiteral(values)).toBe(literal);
  });
});
