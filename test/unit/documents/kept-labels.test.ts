// Labels of forms stay where their values go.
import { describe, expect, it } from 'vitest';

import { cleanDocument } from '../../../src/documents/clean-document.ts';
import { withKeptLabels } from '../../../src/documents/kept-labels.ts';
import { expectNothingPlanted, jobOf, judgeOf } from './support/patient.ts';

const judge = withKeptLabels(judgeOf());

function left(text: string): string {
  let rest = text;
  for (const { start, end } of judge.find(text).toReversed()) rest = rest.slice(0, start) + rest.slice(end);
  return rest.replace(/\s+/g, ' ').trim();
}

describe('labels of a form', () => {
  it.each([
    ['Patient: Josephine Quimbleton  MRN MRQ-4711082', 'Patient: MRN'],
    ['DOB: 17-FEB-1958 (62Y)  Sex: F', 'DOB: (62Y) Sex: F'],
    ['Patient ID: MRQ-4711082 Date of birth: 17.02.1958 Sex: F', 'Patient ID: Date of birth: Sex: F'],
    ['Dictated by: S. Wolframsdottir', 'Dictated by:'],
    ['Account number 0099-8877', 'Account number'],
    ['E-Mail: jq.home@example.org', 'E-Mail:'],
  ])('stay: %s', (text, expected) => {
    expect(left(text)).toBe(expected);
  });

  it('a surname that could be a label goes', () => {
    const whole = withKeptLabels({ ...judgeOf(), find: ({ length }) => [{ start: 0, end: length, kind: 'name' }] });
    const spans = whole.find('Radiologist: Dr. By').map(({ start, end }) => [start, end]);
    expect(spans).toEqual([[13, 19]]);
  });

  it('the surname of the patient goes, though it is a label elsewhere', () => {
    const own = withKeptLabels({
      ...judgeOf(),
      find: ({ length }) => [{ start: 0, end: length, kind: 'name' }],
      mayBeKnown: (reading) => reading === 'Arzt',
    });
    expect(own.find('Maria Arzt MRN 47').map(({ start, end }) => [start, end])).toEqual([
      [0, 10],
      [15, 17],
    ]);
    expect(own.find('Arzt').map(({ start, end }) => [start, end])).toEqual([[0, 4]]);
  });

  it('behind the last value is a part of it', () => {
    const whole = withKeptLabels({
      ...judgeOf(),
      find: ({ length }) => [{ start: 0, end: length, kind: 'name' }],
    });
    expect(whole.find('Arzt: Dr. Maria Arzt').map(({ start, end }) => [start, end])).toEqual([[6, 20]]);
    expect(whole.find('Patient name').length).toBe(0);
  });

  it('a moved date takes the place of the date alone', () => {
    expect(judge.find('Exam of 2020-03-12')).toEqual(judgeOf().find('Exam of 2020-03-12'));
  });

  it('that lost their values take nothing else along', async () => {
    const header =
      '{\\rtf1\\ansi{\\header\\pard Patient: Josephine Quimbleton  MRN MRQ-4711082\\par}The heart is normal\\par}';
    const { bytes } = await cleanDocument('rtf', 'text/rtf', jobOf(header));
    expect(bytes.toString('latin1')).toMatch(/Patient: .*MRN .*The heart is normal/s);
  });
});

describe('words that a writer broke', () => {
  it.each([
    'Seen by us was Quimble-\nton, and went home.',
    'A lesion of Q u i m b l e t o n is stable.',
    'A lesion of Quim\u00adble\u00adton is stable.',
    'Number MRQ-47-\n11082 is hers, J o s e p h i n e',
  ])('are one word: %s', async (text) => {
    const clean = await cleanDocument('text', 'text/plain', jobOf(`${text}\nNo pleural effu-\nsion. A B C D\n`));
    const rest = clean.bytes.toString();
    expect(rest.toLowerCase().replace(/[^a-z0-9]/g, '')).not.toMatch(/quimbleton|josephine|4711082/);
    expect(rest).toContain('No pleural effu-\nsion. A B C D');
    expectNothingPlanted(clean);
  });
});
