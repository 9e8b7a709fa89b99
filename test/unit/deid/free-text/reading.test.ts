// What is read of a text is shared by all patients; what is made of it is not.
import { describe, expect, it } from 'vitest';

import { readingOf } from '../../../../src/deid/free-text/reading.ts';
import type { TextIdentifiers } from '../../../../src/deid/free-text/clean-text.ts';

import { cleanerFor } from './cleaners.ts';

function cleanedFor(values: Partial<TextIdentifiers>, text: string, shiftDays?: number): string {
  return cleanerFor(values, shiftDays).clean(text, { vr: 'LT' }).text;
}

describe('a reading', () => {
  it('is made once for a short text, and for each time of a long one', () => {
    expect(readingOf('No pleural effusion')).toBe(readingOf('No pleural effusion'));
    const long = 'No pleural effusion. '.repeat(40);
    expect(readingOf(long)).not.toBe(readingOf(long));
  });

  it('forgets the oldest when there are many', () => {
    const first = readingOf('the first of many');
    for (let index = 0; index < 3000; index++) readingOf(`one of many: ${index}`);
    expect(readingOf('the first of many')).not.toBe(first);
  });

  it('gives no patient the answer for another one', () => {
    const text = 'CT Kowalczyk\nMR Lindqvist';
    expect(cleanedFor({ names: ['Kowalczyk^Piotr'] }, text)).toBe('CT\nMR Lindqvist');
    expect(cleanedFor({ names: ['Lindqvist^Anna'] }, text)).toBe('CT Kowalczyk\nMR');
    expect(cleanedFor({}, text)).toBe(text);
  });

  it('moves the same date by the days of each patient, and takes it out for the next', () => {
    const text = 'Compared with 3/4/2021';
    expect(cleanedFor({ dates: ['20210304'] }, text, -1)).toBe('Compared with 3/3/2021');
    expect(cleanedFor({ dates: ['20210403'] }, text, -1)).toBe('Compared with 2/4/2021');
    expect(cleanedFor({}, text)).toBe('Compared with');
  });

  it('finds a short UID that is one of the patient only for that patient', () => {
    const text = 'refers to 7.2.300.4';
    expect(cleanedFor({}, text)).toBe(text);
    expect(cleanedFor({ uids: ['7.2.300.4'] }, text)).not.toContain('7.2.300.4');
    expect(cleanedFor({}, text)).toBe(text);
  });
});
