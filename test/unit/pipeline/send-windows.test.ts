import { describe, expect, it } from 'vitest';
import { formatSendWindow, nextOpening, parseSendWindow, type SendWindow } from '../../../src/pipeline/send-windows.ts';

function windows(...texts: string[]): SendWindow[] {
  return texts.map((text) => {
    const window = parseSendWindow(text);
    if (window === undefined) throw new Error(`${text} is no window`);
    return window;
  });
}

/** Local time on a day without a change of clocks. */
const at = (hour: number, minute = 0, day = 10): number => new Date(2026, 0, day, hour, minute).getTime();

describe('a send window', () => {
  it.each(['', '19:00', '19-06', '24:00-06:00', '19:60-06:00', '19:00-24:01', '25:00-26:00', '08:00-08:00', 'always'])(
    'is not written as %s',
    (text) => {
      expect(parseSendWindow(text)).toBeUndefined();
    },
  );

  it('is read and written in hours and minutes', () => {
    expect(windows('19:00-06:30', '8:05 - 24:00').map(formatSendWindow)).toEqual(['19:00-06:30', '08:05-24:00']);
  });

  it('is always open when there is none', () => {
    expect(nextOpening([], at(3))).toBeUndefined();
  });

  it.each([
    [19, 0],
    [23, 59],
    [0, 0],
    [6, 29],
  ])('over midnight is open at %i:%i', (hour, minute) => {
    expect(nextOpening(windows('19:00-06:30'), at(hour, minute))).toBeUndefined();
  });

  it('over midnight is closed over the day and opens in the evening', () => {
    for (const hour of [7, 12, 18]) expect(nextOpening(windows('19:00-06:30'), at(hour))).toBe(at(19));
    expect(nextOpening(windows('19:00-06:30'), at(6, 30))).toBe(at(19));
  });

  it('that has ended today opens tomorrow', () => {
    expect(nextOpening(windows('08:00-09:00'), at(9))).toBe(at(8, 0, 11));
  });

  it('that opens first counts where there are several', () => {
    expect(nextOpening(windows('22:00-23:00', '12:00-13:00'), at(10))).toBe(at(12));
    expect(nextOpening(windows('22:00-23:00', '12:00-13:00'), at(12, 30))).toBeUndefined();
    expect(nextOpening(windows('22:00-23:00', '12:00-13:00'), at(14))).toBe(at(22));
  });
});
