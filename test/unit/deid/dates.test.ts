// Dates moved by whole days: what moves, what is refused, what stays exact.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { daysIn, shiftDates } from '../../../src/deid/dates.ts';

describe('a value that is no date', () => {
  it.each([
    ['DA', '20240230'],
    ['DA', '2024'],
    ['DA', '20241301'],
    ['DA', '2024/01/01'],
    ['DA', 'JOHN DOE'],
    ['DA', '20240101\\X'],
    ['DA', '00010101'],
    ['DT', '2024010125'],
    ['DT', '20240101120000.1234567'],
    ['DT', '20240101 JOHN'],
    ['DT', '202401+01'],
    ['TM', '240000'],
    ['TM', '1260'],
    ['TM', 'NOON'],
    ['LO', '20240101'],
  ])('is refused, so that something safe is done instead: %s %s', (vr, value) => {
    expect(shiftDates(value, vr, -10)).toBeUndefined();
  });
});

describe('a valid value', () => {
  it.each([
    ['DA', '20240105', '20231226'],
    ['DA', '20240305', '20240224'],
    ['DA', '1994.11.05', '1994.10.26'],
    ['DA', '', ''],
    ['DA', '20240105\\20240115', '20231226\\20240105'],
    ['DA', '20240105-20240115', '20231226-20240105'],
    ['DA', '-20240115', '-20240105'],
    ['DA', '20240115-', '20240105-'],
    ['DT', '20240105123456.789012+0100', '20231226123456.789012+0100'],
    ['DT', '2024010512-0500', '2023122612-0500'],
    ['DT', '202401', '202401'],
    ['DT', '2024', '2024'],
    ['DT', '2024-0500', '2024-0500'],
    ['DT', '20240105-20240115', '20231226-20240105'],
    ['TM', '235959.999999', '235959.999999'],
    ['TM', '12', '12'],
    ['TM', '12:34:56', '12:34:56'],
    ['TM', '235960', '235960'],
  ])('moves by ten days and keeps its form: %s %s', (vr, value, expected) => {
    expect(shiftDates(value, vr, -10)).toBe(expected);
  });

  it('keeps every interval exact and comes back when moved the other way', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const format = (date: Date): string => date.toISOString().slice(0, 10).replaceAll('-', '');
    fc.assert(
      fc.property(day, day, fc.integer({ min: -3650, max: -1 }), (a, b, days) => {
        const [one, two] = [shiftDates(format(a), 'DA', days), shiftDates(format(b), 'DA', days)];
        const distance = (from = '', to = ''): number => toDays(to) - toDays(from);
        expect(distance(one, two)).toBe(distance(format(a), format(b)));
        expect(shiftDates(one ?? '', 'DA', -days)).toBe(format(a));
      }),
    );
  });
});

function toDays(text: string): number {
  return Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4, 6)) - 1, Number(text.slice(6, 8))) / 86_400_000;
}

describe('the days in a value', () => {
  it('are found in every form that DICOM and ACR-NEMA have', () => {
    expect(daysIn('20240105\\1994.11.05')).toEqual(['20240105', '19941105']);
    expect(daysIn('20240105123456+0100')).toEqual(['20240105']);
    expect(daysIn('noon')).toEqual([]);
  });
});
