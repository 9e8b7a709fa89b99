// Month names as people write them, and days of the calendar.

/** Per language: twelve full names and twelve short forms, or none, as written (lower case); the folded forms are made from them. */
const LANGUAGES: readonly (readonly [full: string, short: string])[] = [
  [
    'january february march april may june july august september october november december',
    'jan feb mar apr may jun jul aug sep oct nov dec',
  ],
  [
    'januar februar märz april mai juni juli august september oktober november dezember',
    'jan feb mär apr mai jun jul aug sep okt nov dez',
  ],
  [
    'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
    'janv févr mars avr mai juin juil août sept oct nov déc',
  ],
  [
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
    'ene feb mar abr may jun jul ago sep oct nov dic',
  ],
  [
    'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    'gen feb mar apr mag giu lug ago set ott nov dic',
  ],
  [
    'januari februari maart april mei juni juli augustus september oktober november december',
    'jan feb mrt apr mei jun jul aug sep okt nov dec',
  ],
  [
    'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
    'jan fev mar abr mai jun jul ago set out nov dez',
  ],
  [
    'januari februari mars april maj juni juli augusti september oktober november december',
    'jan feb mar apr maj jun jul aug sep okt nov dec',
  ],
  [
    'januar februar marts april maj juni juli august september oktober november december',
    'jan feb mar apr maj jun jul aug sep okt nov dec',
  ],
  [
    'januar februar mars april mai juni juli august september oktober november desember',
    'jan feb mar apr mai jun jul aug sep okt nov des',
  ],
  [
    'января февраля марта апреля мая июня июля августа сентября октября ноября декабря',
    'янв фев мар апр май июн июл авг сен окт ноя дек',
  ],
  // Their short forms are words of other languages: "led", "pro", "lip", "may".
  ['stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia', ''],
  ['ledna února března dubna května června července srpna září října listopadu prosince', ''],
  ['ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık', ''],
  [
    'ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου',
    '',
  ],
];
/** Written in other ways; a date with one of them is found, but moved only into the forms above. */
const MORE: Readonly<Record<string, number>> = {
  sept: 9,
  jaenner: 1,
  janner: 1,
  feber: 2,
  maerz: 3,
  fevr: 2,
  fev: 2,
  marz: 3,
  mrz: 3,
};

/** A month name: the number, and the names of its list, from which the moved date takes its own. */
export interface MonthWord {
  readonly month: number;
  readonly names: readonly string[] | undefined;
  /** A full name says by itself that a number beside it is a day; "mar 10", "oct 2" and "set 3" do not. */
  readonly isFull: boolean;
}

function withoutAccents(word: string): string {
  return word
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replaceAll('ı', 'i');
}

function* monthWords(): Generator<readonly [string, MonthWord]> {
  for (const [full, short] of LANGUAGES) {
    for (const [names, isFull] of [
      [full.split(' '), true],
      [short.split(' '), false],
    ] as const) {
      if (names.length < 12) continue;
      for (const [at, name] of names.entries()) yield [withoutAccents(name), { month: at + 1, names, isFull }];
    }
  }
  for (const [name, month] of Object.entries(MORE)) yield [name, { month, names: undefined, isFull: false }];
}

/** Folded month names; the first language that has one counts (they agree on the month). */
export const MONTH_WORDS: ReadonlyMap<string, MonthWord> = (() => {
  const words = new Map<string, MonthWord>();
  for (const [name, word] of monthWords()) {
    const known = words.get(name);
    // `mai` and `may` are full names somewhere and short ones elsewhere: full counts.
    if (known === undefined || (!known.isFull && word.isFull)) words.set(name, word);
  }
  return words;
})();

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;

export function isDay({ year, month, day }: Day): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** The day `days` later, or undefined when that is no year of four digits. */
export function addDays({ year, month, day }: Day, days: number): Day | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setTime(date.getTime() + days * DAY_MS);
  const moved = date.getUTCFullYear();
  return moved < 1000 || moved > 9999
    ? undefined
    : { year: moved, month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** YYYYMMDD. */
export function compact({ year, month, day }: Day): string {
  return String(year).padStart(4, '0') + String(month).padStart(2, '0') + String(day).padStart(2, '0');
}

/** A number as wide as it was written; where both numbers have two digits anyway, leading zeros are taken to be meant. */
export function padded(value: number, written: string, other: string): string {
  const isBare = written.length === 1 || (other.length === 1 && !written.startsWith('0'));
  return isBare ? String(value) : String(value).padStart(2, '0');
}
