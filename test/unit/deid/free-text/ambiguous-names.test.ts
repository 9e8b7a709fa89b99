// Names that are words of medicine or of the language, both ways: the rule is told in name-context.ts.
import { describe } from 'vitest';

import { cleanerFor, testRows } from './cleaners.ts';
import type { Row } from './cleaners.ts';

const TABLE: readonly (readonly [name: string, rows: readonly Row[]])[] = [
  [
    'WILSON^ANNA',
    [
      ['Wilson disease protocol'],
      ["Wilson's disease"],
      ['WILSON DISEASE LIVER'],
      ['Morbus Wilson'],
      ['maladie de Wilson'],
      ['Wilson A, liver', 'liver'],
      ['WILSON, ANNA liver', 'liver'],
      ['A. Wilson liver', 'liver'],
      ['WILSON LIVER', 'LIVER'],
      ['liver for Wilson', 'liver'],
      ['Dr Wilson liver', 'liver'],
      ['WILSON', ''],
    ],
  ],
  [
    'WHITE^JOHN',
    [
      ['white matter'],
      ['WHITE MATTER LESIONS'],
      ['black and white'],
      ['White John MRI', 'MRI'],
      ['WHITE^JOHN MRI', 'MRI'],
      ['White, J. MRI', 'MRI'],
      ['MRI for White', 'MRI'],
      ['WHITE MRI', 'MRI'],
      ['Patient: White', ''],
    ],
  ],
  [
    'MARK^WILL',
    [
      ['Mark the skin entry site'],
      ['He will return'],
      ['MARK CHEST', 'CHEST'],
      ['Will Mark chest', 'chest'],
      ['The hand'],
    ],
  ],
  [
    'MAY^TIM',
    [
      ['may show'],
      ['Lesion may represent a cyst'],
      ['MAY SHOW ENHANCEMENT'],
      ['this may well be old'],
      ['May, Tim', ''],
      ['Tim May chest', 'chest'],
      ['MAY T. chest', 'chest'],
      ['Mr. May chest', 'chest'],
      ['MAY CT CHEST', 'CT CHEST'],
      ['TIM CT'],
    ],
  ],
  [
    'BROWN^SUE',
    [
      ['brown fat'],
      ['Brown tumor of jaw'],
      ['Brown S. jaw', 'jaw'],
      ['BROWN CT JAW', 'CT JAW'],
      ['Sue Brown jaw', 'jaw'],
      ['seen by Brown', ''],
    ],
  ],
  [
    'GRAVES^IDA',
    [['Graves disease'], ['GRAVES ORBITOPATHY'], ['Graves I. orbit', 'orbit'], ['GRAVES ORBIT CT', 'ORBIT CT']],
  ],
  [
    'GRAVE^IDA',
    [
      ['Grave, Ida orbit', 'orbit'],
      ['GRAVE CT', 'CT'],
    ],
  ],
  ['BLACK^TOM', [['black blood'], ['BLACK BONE MRI'], ['Black Tom knee', 'knee'], ['BLACK KNEE', 'KNEE']]],
  [
    'LONG^AMY',
    [['long axis'], ['LONG LEG ALIGNMENT'], ['horizontal long axis'], ['Long Amy', ''], ['LONG CT CHEST', 'CT CHEST']],
  ],
  ['SHORT^BO', [['short axis'], ['SHORT TE'], ['Short B. chest', 'chest'], ['SHORT CHEST', 'CHEST']]],
  [
    'HAND^JOHN',
    [
      ['left hand'],
      ['HAND PA'],
      ['Hand 3 views'],
      ['MRI HAND'],
      ['pain in the hand'],
      ['Hand John', ''],
      ['HAND^JOHN CT', 'CT'],
      ['J. Hand', ''],
      ['Mr. Hand wrist', 'wrist'],
    ],
  ],
  ['FOOT^MARY', [['FOOT LT'], ['right foot'], ['Foot, Mary', ''], ['M. Foot', '']]],
  ['BONE^EVE', [['BONE SCAN'], ['bone window'], ['Bone Eve chest', 'chest']]],
  [
    'COOK^TOM',
    [
      ['COOK CT', 'CT'],
      ['Tom Cook', ''],
    ],
  ],
  ['HODGKIN^ANN', [['Hodgkin lymphoma'], ['NON-HODGKIN'], ['Hodgkin Ann', ''], ['HODGKIN NECK', 'NECK']]],
  ['PAGET^LEA', [["Paget's disease"], ['Paget disease'], ['Paget L.', '']]],
  ['PARKINSON^JOE', [['Parkinson disease'], ['Parkinson Joe', ''], ['Dr. Parkinson', '']]],
  ['DOWN^ANN', [['Down syndrome'], ['DOWN ANN', ''], ['Down, A.', '']]],
  ['CROHN^ED', [['Crohn disease'], ['Morbus Crohn'], ["Crohn's disease"], ['CROHN ED', '']]],
  ['BELL^KIM', [['Bell palsy'], ["Bell's palsy"], ['Bell Kim IAC', 'IAC'], ['BELL IAC', 'IAC']]],
  ['YOUNG^MIA', [['young adult hip'], ['Young Mia hip', 'hip'], ['YOUNG HIP', 'HIP']]],
  ['SMALL^JAN', [['small bowel'], ['SMALL FOV'], ['Small Jan', ''], ['SMALL CT', 'CT']]],
  ['HEAD^ANN', [['HEAD W/O'], ['CT HEAD'], ['Head and neck'], ['Head Ann', ''], ['Mrs. Head chest', 'chest']]],
  ['NECK^OLE', [['NECK SOFT TISSUE'], ['Neck Ole', ''], ['Neck, O.', '']]],
  ['HIP^ANNA', [['HIP LT'], ['hip joint'], ['Hip Anna', '']]],
  [
    'DIXON^RAY',
    [['T1 VIBE Dixon'], ['mDIXON'], ['X-ray'], ['DIXON W'], ['Dixon Ray chest', 'chest'], ['DIXON CHEST', 'CHEST']],
  ],
  ['RAO^ANIL', [['RAO 30'], ['LAO/RAO'], ['RAO ANIL', ''], ['RAO CHEST', 'CHEST']]],
  ['SMITH^ELLA', [['Smith fracture'], ['Smith E. fracture', 'fracture'], ['SMITH KNEE', 'KNEE']]],
  ['HILL^UMA', [['Hill-Sachs lesion'], ['Hill Uma', ''], ['HILL SHOULDER', 'SHOULDER']]],
  ['WATERS^JO', [['Waters view'], ['Waters Jo', ''], ['WATERS SINUS', 'SINUS']]],
  ['MAX^PETRA', [['SUV max'], ['MAX IP'], ['Max Petra', ''], ['Max, P. knee', 'knee']]],
  [
    'KLEIN^ILSE',
    [
      ['Klein Ilse', ''],
      ['KLEIN KNIE', 'KNIE'],
      ['Frau Klein Knie', 'Knie'],
    ],
  ],
];

describe.each(TABLE)('%s', (name, rows) => {
  const cleaner = cleanerFor({ names: [name] });
  testRows(cleaner, rows);
});
