// Clean Descriptors (PS3.15 E.3.5, 2026d): identifying values planted in text as people write it, in seven languages. All of
// them have to be gone, and what is kept is words of the text.
import { describe, expect, it } from 'vitest';

import { TextCleaner } from '../../src/deid/free-text/clean-text.ts';
import { fold } from '../../src/deid/free-text/fold.ts';

interface Person {
  readonly family: string;
  readonly given: string;
  readonly id: string;
  readonly accession: string;
  /** DD, MM, YYYY. */
  readonly birth: readonly [string, string, string];
  readonly study: readonly [string, string, string];
  readonly staff: string;
  readonly place: string;
  readonly phone: string;
  readonly mail: string;
}

const FAMILIES =
  'Kowalczyk Müller Wilson White May García Nguyen Li Smith-Jones Ó\u2019Sullivan Yıldız Petrov Brown Hand Schröder'.split(
    ' ',
  );
const GIVENS = 'Anna Jörg Tim María Wei Seán Zoë Olga John Ingrid Bertil Chiara Will Max Rose'.split(' ');
const STAFF = 'Hoffmann^Karl Graves^Peter Lefèvre^Chloé Long^Amy Rossi^Paolo Jansen^Bram'.split(' ');

const PEOPLE: readonly Person[] = FAMILIES.flatMap((family, f) =>
  GIVENS.map((given, g) => {
    const seed = f * GIVENS.length + g;
    const two = (value: number): string => String(value).padStart(2, '0');
    return {
      family,
      given,
      id: String(3_000_017 + seed * 7919),
      accession: `ACC-${2021 + (seed % 3)}-${10_000 + seed * 37}`,
      birth: [two(13 + (seed % 15)), two(1 + (seed % 12)), String(1925 + (seed % 80))],
      study: [two(1 + (seed % 28)), two(1 + ((seed * 5) % 12)), String(2015 + (seed % 10))],
      staff: STAFF[seed % STAFF.length],
      place: `${11 + seed} Elmhurst Gardens, Northwick`,
      phone: `+44 20 7946 ${1000 + seed}`,
      mail: `p${seed}@example.org`,
    } satisfies Person;
  }),
);

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** Each writes a text with all it takes of a person; `keep` has to be left of it. */
const TEMPLATES: readonly (readonly [write: (p: Person) => string, keep: string])[] = [
  [
    (p) => `CT CHEST W/O CONTRAST for ${p.family.toUpperCase()}, ${p.given[0]}. MRN ${p.id} on ${p.study.join('/')}`,
    'CT CHEST W/O CONTRAST',
  ],
  [(p) => `${p.family}^${p.given} T1 MPRAGE sag`, 'T1 MPRAGE sag'],
  [(p) => `MRI knee left, ${p.given} ${p.family}, DOB ${p.birth.join('.')}`, 'MRI knee left'],
  [(p) => `Thorax p.a. ${p.family.toUpperCase()} ${p.given.toUpperCase()} geb. ${p.birth.join('.')}`, 'Thorax p.a.'],
  [(p) => `Patient: ${p.given} ${p.family}; liver protocol`, 'liver protocol'],
  [
    (p) =>
      `read by Dr. ${p.staff.split('^').reverse().join(' ')} on ${p.study[2]}-${p.study[1]}-${p.study[0]}: no fracture`,
    'no fracture',
  ],
  [(p) => `US ABDOMEN ref ${p.staff.split('^')[0]} ${p.staff.split('^')[1][0]}. acc ${p.accession}`, 'US ABDOMEN'],
  [(p) => `knee, tel ${p.phone}, mail ${p.mail}`, 'knee'],
  [(p) => `knee of ${p.given} ${p.family}, ${p.place}`, 'knee'],
  [(p) => `${p.study[2]}${p.study[1]}${p.study[0]}_${p.family}_${p.given}_ax`, 'ax'],
  [(p) => `IRM du genou de Mme ${p.family} le ${p.study[0]}/${p.study[1]}/${p.study[2]}`, 'IRM du genou'],
  [(p) => `CT hoofd ${p.given.toLowerCase()} ${p.family.toLowerCase()} ${p.id}`, 'CT hoofd'],
  [
    (p) => `CT head (${p.family}, ${p.given}) ${MONTHS[Number(p.study[1]) - 1]} ${Number(p.study[0])}, ${p.study[2]}`,
    'CT head',
  ],
  [
    (p) => `Hüfte links, Herr ${p.family}, ${Number(p.study[0])}.${Number(p.study[1])}.${p.study[2]} 10:15 Uhr`,
    'Hüfte links',
  ],
  [(p) => `${p.id} ${p.accession} axial`, 'axial'],
  [(p) => `spine MR ID:${p.id.replace(/(?=(?:\d{3})+$)/g, ' ').trim()}`, 'spine MR'],
];

function cleanerOf(p: Person): TextCleaner {
  return TextCleaner.of(
    {
      names: [`${p.family}^${p.given}`, p.staff],
      ids: [p.id, p.accession],
      dates: [p.birth.toReversed().join(''), p.study.toReversed().join('')],
      uids: [],
      places: [p.place],
    },
    { shiftDays: undefined },
  );
}

/** The texts that must not be left: words of names as words, numbers as digits. */
function survivors(p: Person, before: string, after: string): readonly string[] {
  const words = fold(after).text.split(/[^\p{L}]+/u);
  const names = [p.family, p.given, ...p.staff.split('^')]
    .flatMap((name) => fold(name).text.split(/[^\p{L}]+/u))
    .filter((part) => part.length > 1);
  const digits = after.replace(/\D/g, '');
  const numbers = [
    p.id,
    p.accession.slice(4).replace(/\D/g, ''),
    p.birth.join(''),
    p.study.join(''),
    p.study.toReversed().join(''),
    p.phone.replace(/\D/g, ''),
  ];
  return [
    ...names.filter((name) => words.includes(name)),
    ...numbers.filter((number) => digits.includes(number)),
    ...[p.place.split(' ')[1], p.mail].filter((text) => before.includes(text) && after.includes(text)),
  ];
}

describe('planted values', () => {
  it('are all gone, and the description stays', () => {
    let planted = 0;
    let whole = 0;
    const leaks: string[] = [];
    const harmed: string[] = [];
    for (const person of PEOPLE) {
      const cleaner = cleanerOf(person);
      for (const [write, keep] of TEMPLATES) {
        const before = write(person);
        const after = cleaner.clean(before).text;
        planted++;
        if (survivors(person, before, after).length > 0) leaks.push(`${before} → ${after}`);
        if (after === keep) whole++;
        else harmed.push(`${before} → ${after}`);
      }
    }
    console.log(
      `${planted} texts with planted values: ${leaks.length} leaks, ${((whole / planted) * 100).toFixed(2)} % leave exactly their description`,
    );
    expect(leaks.slice(0, 20)).toEqual([]);
    expect(whole / planted, harmed.slice(0, 20).join('\n')).toBeGreaterThan(0.99);
  });
});
