// Spellings that a set of texts written by somebody else held, and that went wrong before: names, dates, ages and ids.
import { describe, expect, it } from 'vitest';

import { cleanerFor, testRows } from './cleaners.ts';
import type { Row } from './cleaners.ts';

const NAMES: readonly (readonly [name: string, rows: readonly Row[]])[] = [
  [
    'Rossi^Paolo',
    [
      ['TC torace Sig.ra Rossi', 'TC torace'],
      ['Dott.ssa Rossi, ginocchio', 'ginocchio'],
    ],
  ],
  [
    'van den Heuvel^Maarten',
    [
      ['M van den Heuvel knee', 'knee'],
      ['knee for M. van den Heuvel', 'knee'],
      ['knee Maarten v.', 'knee'],
    ],
  ],
  [
    "'t Hooft^Gerard",
    [
      ["knee, Mr. 't Hooft", 'knee'],
      ["G. 't Hooft knee", 'knee'],
    ],
  ],
  [
    'Þórarinsson^Ægir',
    [
      ['knee Æ. Þórarinsson', 'knee'],
      ['ÞÓRARINSSON, Æ knee', 'knee'],
      ['knee Ægir Þ.', 'knee'],
    ],
  ],
  [
    'Ng^Ai',
    [
      ['knee (Ng/Ai)', 'knee'],
      ['knee; Ng; Ai', 'knee'],
    ],
  ],
  ['Hand^Robert', [["CT HAND'S knee", 'CT knee'], ['knee Hand; Robert', 'knee'], ['Hand-Schüller-Christian disease']]],
  [
    'E^Wen',
    [['knee for E, W.', 'knee'], ['W. E knee', 'knee'], ['knee e, wen', 'knee'], ['knee E/Wen', 'knee'], ['E knee']],
  ],
  // Words that are names too, beside what makes them words.
  ['May^Tim', [['May-Thurner syndrome'], ['May Thurner stent'], ['CT CHEST May', 'CT CHEST']]],
  ['Bland^Edith', [['Bland-White-Garland syndrome'], ['Bland embolization'], ['CT for Bland', 'CT']]],
  ['Brown^Max', [['Brown-Séquard syndrome'], ["Brown's syndrome"], ['Knee MR Brown', 'Knee MR']]],
  ['Kerley^Jo', [['Kerley A and B lines'], ['CT CHEST Kerley', 'CT CHEST']]],
  ['Long^Hu', [['Kidney long right'], ['Gallbladder long'], ['KIDNEY, LONG HU', 'KIDNEY']]],
  ['Baker^Ann', [['Kyste de Baker'], ['Baker-Zyste'], ['Quiste de Baker'], ['knee Baker', 'knee']]],
  ['Head^Sally', [['Humeral head'], ['knee, Head; Sally', 'knee']]],
  ['Lindau^Eva', [['von Hippel-Lindau'], ['knee Lindau', 'knee']]],
  ['Workflow^RIS', [['RIS COMMENTS']]],
];

describe.each(NAMES)('the name %s', (name, rows) => {
  testRows(cleanerFor({ names: [name] }), rows);
});

describe('dates', () => {
  testRows(cleanerFor({ dates: ['20210304'] }), [
    ['CT 4 марта 2021 г., knee', 'CT, knee'],
    ['CT 4 marca 2021 knee', 'CT knee'],
    ['CT 4. března 2021 knee', 'CT knee'],
    ['CT 4 Mart 2021 knee', 'CT knee'],
    ['CT 4 Μαρτίου 2021 knee', 'CT knee'],
    ['CT 2021. 3. 4. knee', 'CT knee'],
    ['CT 民國110年3月4日 knee', 'CT knee'],
    ['CT on Thu Mar 04 10:15:22 CET 2021', 'CT'],
  ]);

  it('move in the words of their language', () => {
    const cleaner = cleanerFor({ dates: ['20210304'] }, -10);
    expect(cleaner.clean('CT 4 марта 2021 г. knee').text).toBe('CT 22 февраля 2021 г. knee');
    expect(cleaner.clean('CT 4 marca 2021 knee').text).toBe('CT 22 lutego 2021 knee');
    expect(cleaner.clean('CT 2021. 3. 14. knee').text).toBe('CT 2021. 3. 4. knee');
  });
});

describe('ages above 89', () => {
  testRows(cleanerFor({}), [
    ['age 93, fall', 'age 90+, fall'],
    ['93F, fall', '90+F, fall'],
    ['93 F with cough', '90+ F with cough'],
    ['woman of 91', 'woman of 90+'],
    ['ninety-three year old', '90+ year old'],
    ['93 лет', '90+ лет'],
    ['kernel B93f'],
    ['age 9, 12 mm'],
  ]);
});

describe('ids and addresses', () => {
  const values = { ids: ['334-1', '8-7-6-5-4', '55-19'], places: ["12, rue de l'Église, Lyon"] };
  testRows(cleanerFor(values), [
    ['knee 334-1', 'knee'],
    ['knee 8-7-6-5-4', 'knee'],
    ['knee acc 55-19', 'knee'],
    ['knee 3341 mm'],
    ["knee 12, rue de l'Eglise, Lyon", 'knee'],
    ['knee mailto:a.b@example.org', 'knee'],
  ]);
});

describe('a value as long as its VR allows', () => {
  const cleaner = cleanerFor({ names: ['Kowalczyk^Annabel'], ids: ['44599012', 'CN 9911-2'] });
  const cut = (text: string): string => text.padStart(64, 'CT CHEST ABDOMEN PELVIS W CONTRAST ');

  it('loses the beginning of a name or id that was cut off at its end', () => {
    for (const [end, left] of [
      ['lung for KOWALCZ', 'lung'],
      ['lung Kowalczyk, Anna', 'lung'],
      ['lung MRN 44599', 'lung'],
      ['lung 4459', 'lung'],
      ['lung CN 9911-', 'lung'],
    ]) {
      const before = cut(end);
      expect(before).toHaveLength(64);
      expect(cleaner.clean(before, { vr: 'LO' }).text).toBe(before.slice(0, 64 - end.length) + left);
    }
  });

  it('keeps its last word otherwise, and shorter values theirs', () => {
    expect(cleaner.clean(cut('lung and cortex'), { vr: 'LO' }).text).toBe(cut('lung and cortex'));
    expect(cleaner.clean('lung kow', { vr: 'LO' }).text).toBe('lung kow');
  });
});

describe('a description where an id or a place belongs', () => {
  const text = 'Right hand PA oblique for Kowalczyk';
  it('is not looked for as a whole, so that descriptions keep their words', () => {
    const cleaner = cleanerFor({ names: ['Kowalczyk^Annabel'], ids: [text], places: [`${text}, knee MR`] });
    expect(cleaner.clean(text).text).toBe('Right hand PA oblique');
    expect(cleaner.clean('knee MR sagittal').text).toBe('knee MR sagittal');
  });

  it('is a place when it has words of its own, or nobody named', () => {
    const cleaner = cleanerFor({
      names: ['Wilson^Ann'],
      places: ['Wilson Memorial Heart Hospital', 'Brain and Spine Institute'],
    });
    expect(cleaner.clean('knee, Memorial Heart Hospital').text).toBe('knee, Heart');
    expect(cleaner.clean('knee, Wilson Memorial Heart Hospital').text).toBe('knee');
    expect(cleaner.clean('knee at Brain and Spine Institute').text).toBe('knee');
  });
});
