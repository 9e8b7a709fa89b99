// Ages above 89.
import { describe, expect, it } from 'vitest';

import { capAges, capMeasuredAge } from '../../../src/deid/ages.ts';

describe('an age', () => {
  it.each([
    ['089Y', '089Y'],
    ['091Y', '090Y'],
    ['1080M', '090Y'],
    ['999M', '999M'],
    ['99999D', '090Y'],
    ['10000D', '10000D'],
    ['', ''],
    ['047Y\\095Y', '047Y\\090Y'],
    [' 047Y', '047Y'],
  ])('%s leaves as %s', (age, expected) => {
    expect(capAges(age)).toBe(expected);
  });

  it.each(['JOHN', '47Y', '047', '047y', '047Y DOE', '047Y\\X'])('that is none is not vouched for: %s', (text) => {
    expect(capAges(text)).toBeUndefined();
  });
});

describe('a measured age', () => {
  it.each([
    ['89', 'a', '89'],
    ['89.9', 'a', '89.9'],
    ['90.5', 'a', '90'],
    ['1100', 'mo', '1080'],
    ['5000', 'wk', '4696'],
    ['40000', 'd', '32872'],
    [' 12 ', 'mo', ' 12 '],
  ])('%s %s leaves as %s', (age, unit, expected) => {
    expect(capMeasuredAge(age, unit)).toBe(expected);
  });

  it.each([
    ['47', 'years'],
    ['', 'a'],
    ['JOHN', 'a'],
  ])('that is none is not vouched for: %s %s', (age, unit) => {
    expect(capMeasuredAge(age, unit)).toBeUndefined();
  });
});
