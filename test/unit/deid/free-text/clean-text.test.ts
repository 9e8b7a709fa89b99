// Laws of the cleaner: what is planted is gone, what is clean stays the same string, cleaning twice is cleaning once, and time
// grows with the length of the text only.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TextCleaner } from '../../../../src/deid/free-text/clean-text.ts';
import { fold } from '../../../../src/deid/free-text/fold.ts';

import { cleanerFor } from './cleaners.ts';
import { COMMON_NAMES, HARMLESS_DESCRIPTIONS } from './descriptions.ts';

const seeded = { seed: 20260331, numRuns: 1500 };

const FAMILIES = [
  'Kowalczyk',
  'Müller-Lüdenscheidt',
  "O'Donnell",
  'van der Meulen',
  'García',
  'Þórðarson',
  'Nguyễn',
  'Szymański',
  'Öztürk',
  'Иванченко',
  'Παπαδόπουλος',
];
const GIVENS = [
  'Zbigniew',
  'Jörg',
  'Siobhán',
  'Willemijn',
  'Íñigo',
  'Björk',
  'Thuý',
  'Łucja',
  'Gülşen',
  'Сергей',
  'Αθηνά',
];

const recase = fc.constantFrom(
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  (text: string) => text.toLowerCase(),
  (text: string) => text.normalize('NFD'),
  (text: string) => text.normalize('NFD').replace(/\p{Mn}/gu, ''),
  (text: string) => text.toUpperCase().normalize('NFD'),
);
const separator = fc.constantFrom(' ', ', ', '^', '_', '-', '/', ' - ', '; ', '. ', '\n', ' (', ': ', '\t');
/** A lone letter beside a name may be an initial; numbers behind TE, TR, TI and phase are no days. */
const description = fc.constantFrom(
  ...HARMLESS_DESCRIPTIONS.filter((text) => /^\w{2}[\w ]+$/.test(text) && !/(?:T[EIR]|phases?|[ _]\w)$/i.test(text)),
);
const order = fc.constantFrom<(family: string, given: string, between: string) => string>(
  (family, given, between) => family + between + given,
  (family, given, between) => given + between + family,
  (family) => family,
  (_, given) => given,
  (family, given, between) => family + between + given[0] + '.',
  (family, given) => `${given[0]}. ${family}`,
);

/** The parts of a name that would give it away, folded. */
function telling(name: string): readonly string[] {
  return name
    .split(/[\s'-]+/)
    .map((part) => fold(part).text)
    .filter((part) => part.length > 3);
}

describe('planted values', () => {
  it('leave no part of a name, in any order, case, spelling and punctuation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FAMILIES),
        fc.constantFrom(...GIVENS),
        order,
        recase,
        separator,
        separator,
        separator,
        description,
        description,
        (family, given, arrange, write, between, left, right, before, behind) => {
          const cleaner = cleanerFor({ names: [`${family}^${given}`] });
          const text = before + left + write(arrange(family, given, between)) + right + behind;
          const cleaned = fold(cleaner.clean(text).text).text;
          for (const part of [...telling(family), ...telling(given)]) expect(cleaned).not.toContain(part);
        },
      ),
      seeded,
    );
  });

  it('keep the description around them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FAMILIES),
        fc.constantFrom(...GIVENS),
        fc.constantFrom(' ', ', ', '^', '_'),
        description,
        (family, given, between, text) => {
          const cleaner = cleanerFor({ names: [`${family}^${given}`] });
          expect(cleaner.clean(`${text} ${family}${between}${given}`).text).toBe(text);
          expect(cleaner.clean(`${family}${between}${given} ${text}`).text).toBe(text);
        },
      ),
      seeded,
    );
  });

  it('leave no id, however its digits are grouped', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000, max: 99_999_999 }),
        fc.nat(3),
        fc.constantFrom('', ' ', '-', '.', '/'),
        fc.integer({ min: 2, max: 4 }),
        separator,
        description,
        (id, zeros, group, size, left, text) => {
          fc.pre(!/^(.)\1*$/.test(String(id)));
          const cleaner = cleanerFor({ ids: [String(id)] });
          const written =
            '0'.repeat(zeros) + String(id).replace(new RegExp(`\\B(?=(?:\\d{${size}})+(?!\\d))`, 'g'), group);
          const digits = cleaner.clean(text + left + written).text.replace(/\D/g, '');
          expect(digits).not.toContain(String(id));
        },
      ),
      seeded,
    );
  });

  it('leave no day, in any spelling', () => {
    const spelling = fc.constantFrom<(y: string, m: string, d: string, name: string) => string>(
      (y, m, d) => y + m + d,
      (y, m, d) => `${y}-${m}-${d}`,
      (y, m, d) => `${d}.${m}.${y}`,
      (y, m, d) => `${m}/${d}/${y}`,
      (y, m, d) => `${d}/${m}/${y.slice(2)}`,
      (y, m, d) => `${Number(d)}.${Number(m)}.${y}`,
      (y, _, d, name) => `${d} ${name} ${y}`,
      (y, _, d, name) => `${name.toUpperCase()} ${d}, ${y}`,
      (y, _, d, name) => `${d}-${name.slice(0, 3)}-${y}`,
      (y, m, d) => `${y}${m}${d}101530`,
    );
    const names = 'January February March April May June July August September October November December'.split(' ');
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1905-01-01'), max: new Date('2035-12-31'), noInvalidDate: true }),
        spelling,
        fc.constantFrom(' ', ', ', ' on '),
        description,
        (date, spell, left, text) => {
          const [year, month, day] = date.toISOString().slice(0, 10).split('-');
          const cleaned = cleanerFor({}).clean(`${text}${left}${spell(year, month, day, names[Number(month) - 1])}`);
          expect(cleaned.text).toBe(text);
        },
      ),
      seeded,
    );
  });
});

/** Texts of descriptions, names, numbers, dates and punctuation in any mixture. */
const mixture = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HARMLESS_DESCRIPTIONS),
      fc.constantFrom(...COMMON_NAMES.flatMap((name) => name.split('^'))),
      fc.constantFrom(
        'Dr.',
        'Patient:',
        'for',
        'by',
        'read by',
        'MRN',
        'on',
        'and',
        'May',
        'J.',
        'A',
        "O'",
        'von',
        'tel',
        '91 yo',
        '3/4/21',
        '2021-04-03',
        'April',
        '1234567',
        '(',
        ')',
        ', ',
        '.',
        '^',
        '-',
        '\n',
        '12',
        '@x.org',
        'St',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 10 },
  )
  .chain((parts) => fc.constantFrom(' ', '', ', ', '_').map((glue) => parts.join(glue)));

describe('the cleaner', () => {
  const patient = {
    names: ['SMITH^JOHN^A', 'WHITE^MAY', "O'Brien^Li"],
    ids: ['1234567', 'A-77'],
    dates: ['20210403'],
    uids: ['1.2.3.4'],
    places: ['Kreiskrankenhaus'],
  };
  const cleaner = cleanerFor(patient);

  it('gives a clean text back as the same string', () => {
    for (const text of HARMLESS_DESCRIPTIONS) expect(Object.is(cleanerFor({}).clean(text).text, text)).toBe(true);
    fc.assert(
      fc.property(mixture, (text) => {
        const cleaned = cleaner.clean(text);
        expect(cleaned.text === text).toBe(cleaned.removed.length === 0);
      }),
      seeded,
    );
  });

  it('changes nothing in what it has cleaned', () => {
    fc.assert(
      fc.property(mixture, (text) => {
        const once = cleaner.clean(text).text;
        expect(cleaner.clean(once)).toEqual({ text: once, removed: [] });
      }),
      { ...seeded, numRuns: 4000 },
    );
  });

  it('adds nothing but a separator or "90+"', () => {
    fc.assert(
      fc.property(mixture, (text) => {
        const { text: cleaned, removed } = cleaner.clean(text);
        if (!removed.includes('age')) expect(cleaned.length).toBeLessThanOrEqual(text.length + 1);
      }),
      seeded,
    );
  });

  it('tells what kinds it removed', () => {
    expect(
      cleaner
        .clean('Smith 1234567 3/4/21 a@b.org 91 yo 1.2.3.4 Kreiskrankenhaus, 12 Park Road; +49 30 1234567 www.x.org')
        .removed.toSorted(),
    ).toEqual(['address', 'age', 'date', 'email', 'id', 'name', 'phone', 'place', 'uid', 'url'].toSorted());
  });

  it('tidies lines', () => {
    expect(cleaner.clean('Findings:\nSmith\nNo change.').text).toBe('Findings:\nNo change.');
    expect(cleaner.clean('Findings:\r\nJohn Smith\r\nNo change.\r\n').text).toBe('Findings:\r\nNo change.\r\n');
    expect(cleaner.clean('Smith').text).toBe('');
    expect(cleaner.clean('(Smith) , .').text).toBe('');
  });
});

/** Milliseconds of processor time, which others on the machine do not lengthen. */
function cpuMs(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

describe('its cost', () => {
  const values = {
    names: COMMON_NAMES.slice(0, 25),
    ids: Array.from({ length: 15 }, (_, at) => String(10_000_019 * (at + 1))),
    dates: ['20210403', '19310512'],
    uids: Array.from({ length: 5 }, (_, at) => `1.2.840.113619.2.${at}.77.1`),
    places: ['12 High Street^Springfield', 'Charité Berlin', '+49 30 1234567'],
  };

  it('is about 1 ms for 50 values and 20 µs for a description', () => {
    for (let at = 0; at < 300; at++) TextCleaner.of(values, { shiftDays: undefined });
    const compile =
      cpuMs(() => {
        for (let at = 0; at < 300; at++) TextCleaner.of(values, { shiftDays: undefined });
      }) / 300;
    const cleaner = TextCleaner.of(values, { shiftDays: undefined });
    const texts = HARMLESS_DESCRIPTIONS.flatMap((text) =>
      Array.from({ length: 40 }, (_, at) => `${text} `.repeat(8).slice(0, 60).trim() + ` ${at}`),
    );
    for (const text of texts) cleaner.clean(text);
    const fresh = TextCleaner.of(values, { shiftDays: undefined });
    const clean =
      (cpuMs(() => {
        for (const text of texts) fresh.clean(text);
      }) /
        texts.length) *
      1000;
    console.log(
      `of(50 values): ${compile.toFixed(3)} ms · clean(64 chars): ${clean.toFixed(1)} µs CPU, texts not seen before`,
    );
    // Three times the figures that a quiet machine shows.
    expect(compile).toBeLessThan(3);
    expect(clean).toBeLessThan(60);
  });

  const HOSTILE: readonly string[] = [
    'The patient was seen for CT chest, 3.0 mm slices. ',
    'a',
    '1',
    '1.',
    '+1 ',
    '+',
    '00 ',
    '1/',
    '(',
    'a@',
    '@',
    'Dr ',
    'Dr. ',
    '^',
    'smith ',
    'Smith, J. ',
    ' ',
    '3 april ',
    '12-',
    '2021 ',
    'é',
    'A.',
    'rue de ',
    'MRN ',
    'for ',
    'patient ',
    '山',
    'name: ',
    "'",
    '\n',
    'aB',
    '0.',
    'www.',
    '1 a ',
    'www.a',
    '-1',
  ];

  it.each(HOSTILE)('grows no faster than the text, for %j repeated', (piece) => {
    const cleaner = TextCleaner.of(
      { ...values, names: ['SMITH^JOHN', '山田^太郎', 'WHITE^MAY'] },
      { shiftDays: undefined },
    );
    const make = (chars: number): string => piece.repeat(Math.ceil(chars / piece.length));
    cleaner.clean(make(4096));
    const small = cpuMs(() => cleaner.clean(make(32_768)));
    const large = cpuMs(() => cleaner.clean(make(262_144)));
    // Eight times the text: linear is 8, quadratic 64.
    expect(large).toBeLessThan(Math.max(small, 12) * 24);
  });

  it('allows a text of 4 MB', () => {
    const cleaner = TextCleaner.of(values, { shiftDays: undefined });
    const text = 'Findings: no acute fracture of L4/5, small bowel 3.0 mm, T2 FLAIR 2.5/5.0.\n'.repeat(56_000);
    const ms = cpuMs(() => {
      expect(cleaner.clean(text).text).toBe(text);
      expect(cleaner.clean(`${text}Dr. Kowalczyk ${COMMON_NAMES[0].replace('^', ' ')}`).text.trimEnd()).toBe(
        text.trimEnd(),
      );
    });
    console.log(`4.2 MB twice: ${ms.toFixed(0)} ms CPU`);
    expect(ms).toBeLessThan(30_000);
    // The bound is on CPU time; a loaded machine may take many times as long.
  }, 300_000);
});
