// What is written into pictures: invented persons and places, and what machines write that harms nobody. Training and evaluation differ.
import type { Random } from '../../../src/synthetic/random.ts';

export interface Word {
  readonly text: string;
  readonly isIdentifying: boolean;
}

export type Share = 'training' | 'evaluation';

const FAMILY_NAMES: Readonly<Record<Share, readonly string[]>> = {
  training: [
    'SMITH',
    'GARCIA',
    'KOWALSKI',
    'NGUYEN',
    'OBRIEN',
    'MULLER',
    'ROSSI',
    'PETROV',
    'LI',
    'FERNANDEZ',
    'OKAFOR',
    'YILMAZ',
    'JACQUET',
    'VAN DYK',
  ],
  evaluation: [
    'THOMPSON',
    'BAKER',
    'CHEN',
    'DUBOIS',
    'ANDERSSON',
    'KIM',
    'PATEL',
    'WHITFIELD',
    'ABUBAKAR',
    'NOVAK',
    'FITZGERALD',
    'SATO',
    'BJORK',
  ],
};
const GIVEN_NAMES: Readonly<Record<Share, readonly string[]>> = {
  training: ['JOHN', 'Mary', 'Ana', 'Wei', 'DOUGLAS', 'Kate', 'Ingrid', 'JOSE', 'Olu', 'EMMA', 'Ivan'],
  evaluation: ['ROBERT', 'Linda', 'Hiro', 'Amara', 'GEORGE', 'Zoe', 'PETRA', 'Luis', 'WENDY', 'Karl', 'MEI'],
};
const PLACES: Readonly<Record<Share, readonly string[]>> = {
  training: [
    'ST MARY HOSPITAL',
    'Univ Medical Ctr',
    'Riverside Imaging',
    'CITY GENERAL HOSP',
    'Lakeview Clinic',
    'CHU Nantes',
  ],
  evaluation: ['Mercy General Hospital', 'NORTHSIDE RADIOLOGY', 'Westway Medical', 'Heart Inst Lyon', 'KLINIK AM SEE'],
};
const HARMLESS = ['R', 'L', '120 kVp', '250 mA', '5.0 mm', 'MI 1.2', 'TIS 0.4', 'FR 32Hz', 'Gain 60 dB', 'W 400 L 40', 'Zoom 1.5x', 'AP', 'PORTABLE', 'SUPINE', '16cm', 'C5-1', 'Im: 12/48', 'Se: 3', 'TE 90', 'TR 4000', 'LIVER', 'HR 61 bpm', 'LAT', 'DFOV 36.0cm', 'MLO', '10', '5']; // prettier-ignore
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => String(value).padStart(2, '0');

function dateOf(random: Random): string {
  const [year, month, day] = [random.between(1930, 2025), random.between(1, 12), random.between(1, 28)];
  return random.pick([
    `${two(month)}/${two(day)}/${year}`,
    `${year}-${two(month)}-${two(day)}`,
    `${two(day)}.${two(month)}.${year}`,
    `${day} ${MONTHS[month - 1]} ${year}`,
    `${year}${two(month)}${two(day)}`,
  ]);
}

/** A line that identifies, with its label when it has one. */
export function identifyingLine(random: Random, share: Share): readonly Word[] {
  const label = (texts: readonly string[]): Word[] => {
    const text = random.pick(texts);
    return text === '' ? [] : text.split(' ').map((word) => ({ text: word, isIdentifying: false }));
  };
  const value = (text: string): Word[] => text.split(' ').map((word) => ({ text: word, isIdentifying: true }));
  const family = random.pick(FAMILY_NAMES[share]);
  const given = random.pick(GIVEN_NAMES[share]);
  const time = `${two(random.between(0, 23))}:${two(random.between(0, 59))}:${two(random.between(0, 59))}`;
  const kinds: (() => Word[])[] = [
    () => [
      ...label(['Name:', 'Pt:', 'Patient Name:', '']),
      ...value(random.pick([`${family}^${given}`, `${family}, ${given}`, `${given} ${family}`])),
    ],
    () => [...label(['MRN:', 'ID:', 'PID', '']), ...value(random.digits(random.between(6, 10)))],
    () => [...label(['DOB:', 'Born', '']), ...value(dateOf(random))],
    () => value(`${dateOf(random)} ${time}`),
    () => [...label(['ACC#', 'Acc:']), ...value(`A${random.digits(random.between(6, 8))}`)],
    () => value(random.pick(PLACES[share])),
    () => value(`Dr. ${family}`),
    () => value(`${family} ${given} [${random.pick(['M', 'F'])}] ${dateOf(random)}`),
  ];
  return random.pick(kinds)();
}

export function harmlessLine(random: Random): readonly Word[] {
  return random
    .pick(HARMLESS)
    .split(' ')
    .map((text) => ({ text, isIdentifying: false }));
}
