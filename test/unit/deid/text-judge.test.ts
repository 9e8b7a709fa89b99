// What pixels and documents ask: the values of the instance are found however a machine read them, the words of the image are not.
import { describe, expect, it } from 'vitest';

import { Identifiers } from '../../../src/deid/identifiers.ts';
import { textJudgeFor } from '../../../src/deid/text-judge.ts';

const identifiers = new Identifiers([
  { kind: 'name', text: 'Kowalczyk^Zbigniew' },
  { kind: 'name', text: 'Li^Bo' },
  { kind: 'id', text: '00481516' },
  { kind: 'id', text: 'B5-O1S' },
  { kind: 'date', text: '19580317' },
  { kind: 'phrase', text: 'St. Hedwig Hospital' },
]);
const judge = textJudgeFor(identifiers, undefined);

describe('a reading that may be a known value', () => {
  it.each([
    ['the value itself', 'KOWALCZYK'],
    ['letters taken for digits', 'K0WA1CZYK'],
    ['a letter too many', 'KOWALCZZYK'],
    ['two letters wrong', 'KOWAICZVX'],
    ['the end of the word cut off', 'KOWALC'],
    ['the beginning cut off', 'ALCZYK'],
    ['spaces in the word', 'KOWA LCZ YK'],
    ['joined with the next word', 'KOWALCZYKZBIGNIEW'],
    ['a short name as a word', 'LI'],
    ['a short name with a digit in it', 'B0'],
    ['an id without its zeros', '481516'],
    ['an id with letters for digits', 'OO48IS16'],
    ['an id with a digit wrong', '00481576'],
    ['an id in groups', '00 48 15 16'],
    ['letters and digits mixed up', '85O15'],
    ['a birth date the American way', '03/17/1958'],
    ['a birth date with a month', '17 MAR 1958'],
    ['a birth date with letters for digits', 'l7.O3.I958'],
    ['the hospital', 'ST HEDW1G'],
  ])('is one with %s', (_, reading) => {
    expect(judge.mayBeKnown(reading)).toBe(true);
  });

  it.each([
    'R',
    'L',
    'AP',
    '10 cm',
    '120 kV',
    'W 400 L 40',
    'MI 1.2',
    '35 fps',
    'SUPINE',
    '2D',
    'Gain 55',
    '1958',
    '%',
  ])('is none in %j', (reading) => {
    expect(judge.mayBeKnown(reading)).toBe(false);
  });
});

describe('what identifies in a text', () => {
  it('is told by stretches of the text as it was given', () => {
    const text = 'Liver Kowalczyk, 03/17/1958';
    const spans = judge.find(text);
    expect(spans.map(({ start, end, kind }) => [text.slice(start, end), kind])).toEqual([
      ['Kowalczyk', 'name'],
      ['03/17/1958', 'date'],
    ]);
  });

  it('counts in the text as it was given where folding changes its length', () => {
    const text = 'ﬁrst Größe Kowalczyk';
    expect(judge.find(text).map(({ start, end }) => text.slice(start, end))).toEqual(['Kowalczyk']);
  });

  it('is nothing in words of the image', () => {
    expect(judge.find('LIVER LONG AXIS')).toEqual([]);
  });

  it('is no date that stays as it is', () => {
    const keeping = textJudgeFor(new Identifiers([{ kind: 'name', text: 'Kowalczyk^Zbigniew' }]), 0);
    expect(keeping.find('CT 2021-04-03')).toEqual([]);
    expect(judge.find('CT 2021-04-03')).toHaveLength(1);
  });

  it('is told with the new spelling of a date that moves', () => {
    const moving = textJudgeFor(new Identifiers(), -3);
    expect(moving.find('CT 2021-04-13')).toMatchObject([{ kind: 'date', replacement: '2021-04-10' }]);
  });
});

describe('a cleaned text', () => {
  it('is the very string when nothing was removed', () => {
    expect(judge.clean('LIVER LONG AXIS')).toBe('LIVER LONG AXIS');
  });

  it('has nothing left that is found again', () => {
    const cleaned = judge.clean('Liver of Zbigniew Kowalczyk, MRN 00481516');
    expect(cleaned).toContain('Liver');
    expect(judge.find(cleaned)).toEqual([]);
  });
});

describe('a reading of the page of a report', () => {
  it.each([
    'The heart is of normal size.',
    'No pleural effusion on either side',
    'Impression: unremarkable chest.',
    '2 of 3 lesions',
  ])('is plain in %j', (reading) => {
    expect(judge.isPlain(reading)).toBe(true);
  });

  it.each(['Seen by Kowalczyk', 'Srnith', 'Wilson', 'MRN 1234567', '山田', '12/3/', '', 'B. Meyer'])(
    'is not in %j',
    (reading) => {
      expect(judge.isPlain(reading)).toBe(false);
    },
  );
});
