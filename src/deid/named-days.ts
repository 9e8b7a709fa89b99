// A patient's days where the month is written as a name: 11MAR2021, 11. März 2021, March 11th, 2021, 2021-Mar-11.
import { compact, isDay, MONTH_WORDS } from './free-text/calendar.ts';
import { fold, sourceEnd, sourceStart } from './free-text/fold.ts';
import { findNamed } from './free-text/month-dates.ts';
import { MONTH } from './free-text/lexicon.ts';
import { splitWords } from './free-text/words.ts';

/** Nothing that names a month and a day with its year is shorter: 1MAY21. */
const SHORTEST = 6;
const DIGIT = /\d/;
/** The day in what programs print: Sun Mar 04 10:15:22 CET 2021. */
const PRINTED_DAY = /^\p{L}+\s{1,2}(\d{1,2})\s/u;
const ORDINALS = ['th', 'st', 'nd', 'rd'];
const ENGLISH: readonly string[] = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** The ASCII with which the names of each month begin, in all languages that are known; `märz` has too little of it. */
const PREFIXES: readonly ReadonlySet<string>[] = (() => {
  const prefixes = ENGLISH.map((name) => new Set([name]));
  for (const [word, { month, names }] of MONTH_WORDS) {
    const [prefix] = /^[a-z]{2,3}/.exec(names?.[month - 1] ?? word) ?? [];
    if (prefix !== undefined) prefixes[month - 1].add(prefix);
  }
  return prefixes;
})();

/** Where the text names one of the days, as [start, end) in UTF-16 units. Linear in the text. */
export function findNamedDays(
  text: string,
  days: ReadonlySet<string>,
): readonly { readonly start: number; readonly end: number }[] {
  if (days.size === 0 || text.length < SHORTEST || !DIGIT.test(text)) return [];
  const folded = fold(text);
  const found: { start: number; end: number }[] = [];
  for (const word of splitWords(folded)) {
    const month = (word.flags & MONTH) === 0 ? undefined : MONTH_WORDS.get(word.text);
    const named = month === undefined ? undefined : findNamed(folded.text, word, month);
    if (month === undefined || named?.year === undefined) continue;
    const { start, dateEnd, year } = named;
    const date = named.day ?? PRINTED_DAY.exec(folded.text.slice(start, dateEnd))?.[1];
    if (date === undefined) continue;
    const isOwn = (year.length === 4 ? [year] : [`20${year}`, `19${year}`]).some((full) => {
      const day = { year: Number(full), month: month.month, day: Number(date) };
      return isDay(day) && days.has(compact(day));
    });
    if (isOwn) found.push({ start: sourceStart(folded, start), end: sourceEnd(folded, dateEnd) });
  }
  return found;
}

/**
 * ASCII that stands wherever the day is named in ASCII, and elsewhere, too. A space stands for any separator (byte-patterns.ts);
 * a day without its zero is part of the one with it.
 * @param day YYYYMMDD
 */
export function* anchorsOfNamedDay(day: string): Generator<string> {
  const year = day.slice(0, 4);
  const month = Number(day.slice(4, 6));
  const date = String(Number(day.slice(6)));
  const prefixes = PREFIXES.at(month - 1);
  if (month < 1 || prefixes === undefined) return;
  for (const prefix of prefixes) {
    // 11MAR2021, 11-Mar-21, 11. marzo 2021; 2021MAR11, 2021-Mar-11.
    for (const separator of ['', ' ', '  ']) yield `${date}${separator}${prefix}`;
    for (const separator of ['', ' ']) yield `${year}${separator}${prefix}`;
  }
  const english = ENGLISH[month - 1];
  // 11th of March 2021, 11 de marzo de 2021.
  for (const ordinal of [...ORDINALS, 'of']) yield `${ordinal} ${english}`;
  for (const of of ['de', 'del']) yield `${of} ${year}`;
  // March 11, 2021; March 11th, 2021.
  for (const separator of [' ', '  ']) for (const end of [date, ...ORDINALS]) yield `${end}${separator}${year}`;
  // Thu Mar 11 10:15:22 2021, Mon Mar  1 10:15:22 2021.
  for (const spelt of new Set([` ${date}`, `  ${date}`, ` ${day.slice(6)}`])) yield english + spelt;
}
