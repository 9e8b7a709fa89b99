import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseBytes, parseDurationMs } from '../../../src/core/units.ts';

describe('parseBytes', () => {
  it.each([
    ['4GiB', 4 * 2 ** 30],
    ['500 MB', 500e6],
    ['1.5kib', 1536],
    ['17', 17],
    [17, 17],
    ['0', 0],
  ])('reads %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', 'GiB', '-1', '1 GiBs', '1e9', '9999999999TiB', 'Infinity', '1 constructor', '0x10'])(
    'refuses %j',
    (text) => {
      expect(parseBytes(text)).toBeUndefined();
    },
  );
});

describe('parseDurationMs', () => {
  it.each([
    ['30s', 30_000],
    ['250ms', 250],
    ['5 min', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['60', 60_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDurationMs(text)).toBe(milliseconds);
  });

  it.each(['', 's', '5 months', '-3s'])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});

describe('formatting', () => {
  it('writes sizes with the binary unit that fits', () => {
    expect([0, 1023, 1024, 5_368_709_120].map(formatBytes)).toEqual(['0 bytes', '1023 bytes', '1 KiB', '5 GiB']);
  });

  it('writes durations in the unit that fits', () => {
    expect([900, 61_000, 7_260_000].map(formatDuration)).toEqual(['0.9 s', '1 min 1 s', '2 h 1 min']);
  });
});
