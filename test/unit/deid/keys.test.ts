// Keyed pseudonyms: stable with the key, unrelated without it.
import { describe, expect, it } from 'vitest';

import { ProjectKeys } from '../../../src/deid/keys.ts';

const keys = new ProjectKeys(Buffer.alloc(32, 1));

describe('project keys', () => {
  it('need a secret of 32 bytes', () => {
    expect(() => new ProjectKeys(Buffer.alloc(31))).toThrow(RangeError);
  });

  it('replace a UID by the same valid UID on every machine and day', () => {
    expect(keys.replaceUid('1.2.3')).toBe(new ProjectKeys(Buffer.alloc(32, 1)).replaceUid('1.2.3'));
    expect(keys.replaceUid('1.2.3')).toMatch(/^2\.25\.(0|[1-9]\d{0,38})$/);
    expect(keys.replaceUid('1.2.3')).not.toBe(keys.replaceUid('1.2.4'));
  });

  it('give nothing in common to two projects', () => {
    const other = new ProjectKeys(Buffer.alloc(32, 2));
    expect(other.replaceUid('1.2.3')).not.toBe(keys.replaceUid('1.2.3'));
    expect(other.hash('a', 'x', 12)).not.toBe(keys.hash('a', 'x', 12));
  });

  it('hash to as many characters as asked, by purpose', () => {
    expect(keys.hash('a', 'x', 51)).toMatch(/^[0-9A-HJKMNP-TV-Z]{51}$/);
    expect(keys.hash('a', 'x', 8)).toBe(keys.hash('a', 'x', 51).slice(0, 8));
    expect(keys.hash('b', 'x', 8)).not.toBe(keys.hash('a', 'x', 8));
    expect(() => keys.hash('a', 'x', 52)).toThrow(RangeError);
    expect(() => keys.hash('a', 'x', 0)).toThrow(RangeError);
  });

  it('shift by 1 to max days back, and not at all without a maximum', () => {
    expect(keys.shiftDays('patient', 0)).toBe(0);
    const shifts = Array.from({ length: 500 }, (_, i) => keys.shiftDays(`patient ${i}`, 30));
    expect(Math.max(...shifts)).toBe(-1);
    expect(Math.min(...shifts)).toBe(-30);
    expect(keys.shiftDays('patient 1', 30)).toBe(shifts[1]);
  });

  it('stay right when more UIDs pass than are remembered', () => {
    const first = keys.replaceUid('1.2.3');
    for (let i = 0; i < 10_000; i++) keys.replaceUid(`1.2.${i}.9`);
    expect(keys.replaceUid('1.2.3')).toBe(first);
  });
});
