// Dates as people spell them in free text: found, and moved where the spelling says which day is meant (PS3.15 E.3.6).
import { addDays, compact, isDay, MONTH_WORDS, padded } from './calendar.ts';
import type { Day } from './calendar.ts';
import { sourceEnd } from './fold.ts';
import type { Folded } from './fold.ts';
import { MONTH, UNIT, VERSION } from './lexicon.ts';
import { findNamed, moveNamed, TIME, YEAR } from './month-dates.ts';
import type { FoundSpan } from './span.ts';
import { caseOf, eachMatch, LETTERS, LOWER, wordIndexAt } from './words.ts';
import type { Word } from './words.ts';

/** What the patient's dates are and by how much they move; without `shiftDays` every date is taken out. */
export interface DateRules {
  /** YYYYMMDD. */
  readonly days: ReadonlySet<string>;
  readonly shiftDays: number | undefined;
}

const COMPACT_TIME =
  '(?:\\s?[t_ .-]?\\s?(?:[01]\\d|2[0-3])[0-5]\\d(?:[0-5]\\d(?:\\.\\d{1,6})?)?(?:[+-]\\d{4}|z(?![a-z]))?(?!\\d))?';
const FREE = '(?<!\\d)(?<!\\d[./-])';

/** 2021-04-03, 2021/4/3, 2021.04.03, 2021. 4. 3, 2021 04 03, 20210403, 20210403101500.123+0100. */
const YEAR_FIRST = new RegExp(
  `(?<!\\d)(?<!\\d\\.)(${YEAR})([-/._·• ])\\s?(\\d{1,2})\\2\\s?(\\d{1,2})(?!\\d)(?!\\2\\d)${TIME}`,
  'g',
);
const COMPACT = new RegExp(`(?<!\\d)(?<!\\d\\.)(${YEAR})(\\d\\d)(\\d\\d)(?!\\d{7})${COMPACT_TIME}(?!\\d)${TIME}`, 'g');
/** 3/4/21, 03.04.2021, 3-4-2021, 03 04 2021. */
const YEAR_LAST = new RegExp(
  `${FREE}(\\d{1,2})([-/._·• ])\\s?(\\d{1,2})\\2\\s?(${YEAR}|\\d\\d)(?![\\d%])(?!\\2\\d)${TIME}`,
  'g',
);
/** 04/2021, 2021-04, 04.2021. */
const MONTH_YEAR = new RegExp(
  `${FREE}(?:(0?[1-9]|1[0-2])[/-](${YEAR})|(0[1-9]|1[0-2])\\.(${YEAR})|(${YEAR})[/-](0[1-9]|1[0-2]))(?!\\d)(?![-/.]\\d)`,
  'g',
);
/** 2021年4月3日, 令和3年4月3日, 2021년 4월 3일, R3.4.3, ٣/٤/٢٠٢١ (digits are folded). */
const EAST_ASIAN =
  /(?:令和|平成|昭和|大正|明治|民國|民国)?(\d{1,4}|元)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日일])?/gu;
const ERA = /(?<![a-z\d])[mtshr]\.?\d{1,2}[./-]\d{1,2}[./-]\d{1,2}(?![\d.])/g;
/** YYMMDD, DDMMYY and MMDDYY without separators. */
const SIX_DIGITS = /(?<!\d)(?<!\d[.,])\d{6}(?!\d)(?![.,]\d)/g;
const BIRTH =
  /(?:\b(?:d\.?o\.?b|born|birth|birthdate|geb|geboren|geburtsdatum|ne[e]?|ne\(e\)|nacid[oa]|nascid[oa]|nat[oa])\b[\s.:=]{0,3}(?:(?:on|am|le|el|il|date|in|en|year)\s)?|\*\s?)$/;
const BIRTH_YEAR = new RegExp(
  `\\b(?:d\\.?o\\.?b|born|birth ?year|year of birth|birth|geb|geboren|jahrgang|jg|nacid[oa]|nat[oa]|nee?)\\b[\\s.:=]{0,3}(?:(?:on|am|le|el|il|in|en)\\s)?(${YEAR})(?![\\d.])`,
  'g',
);
const DIGIT = /\d/;

/** Short months that are nothing else behind a number: not MAR, OCT, DEC, SEP, SET. */
const SURE_SHORT: ReadonlySet<string> = new Set('jan feb apr jun jul aug nov okt avr fevr janv juil abr'.split(' '));
/** Before `mm`, behind `TE`: numbers of a technique, whatever they look like. */
const TECHNIQUE = new Set(
  'te tr ti fa b phase phases series mip ratio ms slices slice se im img lev level levels kernel grid fov matrix thk sl nex b-value window ww wl stage grade'.split(
    ' ',
  ),
);

/** Before three numbers fewer words count: a day is likelier there. */
const TIMES_AND_PHASES: ReadonlySet<string> = new Set(['te', 'tr', 'ti', 'phase', 'phases', 'ratio']);
const NO_WORDS: ReadonlySet<string> = new Set();

/** All dates of a text. Linear: every pattern looks at a bounded stretch from each of its starts. */
export function findDates(folded: Folded, words: readonly Word[], rules: DateRules): FoundSpan[] {
  const spans: FoundSpan[] = [];
  const text = folded.text;
  const add = (start: number, end: number, replacement?: string): void => {
    // A day of birth is not one of the dates that modified dates keep (Table E.1-1: Patient's Birth Date).
    const birth = BIRTH.exec(text.slice(Math.max(0, start - 24), start));
    if (birth !== null) spans.push({ start: start - birth[0].length, end, kind: 'date' });
    else
      spans.push(replacement === undefined ? { start, end, kind: 'date' } : { start, end, kind: 'date', replacement });
  };
  if (DIGIT.test(text)) {
    scan(COMPACT, (match) => {
      const day = dayOf(match[1], match[2], match[3]);
      if (isDay(day)) addWhole(match, exchange(folded, match, 8, rules, day, compact));
    });
    // What follows a date in eight digits is its time.
    const ends = new Set(spans.map(({ end }) => end));
    scan(SIX_DIGITS, (match) => {
      if (!ends.has(match.index + 6) && isSixDigitDay(match[0])) addWhole(match);
    });
    scan(YEAR_FIRST, addYearFirst);
    scan(YEAR_LAST, addYearLast);
    scan(MONTH_YEAR, (match) => {
      if (!isTechnique(words, match.index, match.index + match[0].length, TECHNIQUE)) addWhole(match);
    });
    if (folded.origin !== undefined) scan(EAST_ASIAN, addEastAsian);
    scan(ERA, (match) => {
      addWhole(match);
    });
    scan(BIRTH_YEAR, (match) => {
      addWhole(match);
    });
    for (const word of words) if ((word.flags & MONTH) !== 0) addNamed(word);
  }
  return spans;

  function scan(pattern: RegExp, use: (match: RegExpExecArray) => void): void {
    eachMatch(pattern, text, (match) => {
      const found = spans.length;
      use(match);
      return spans.length > found;
    });
  }

  function addWhole(match: RegExpExecArray, replacement?: string): void {
    add(match.index, match.index + match[0].length, replacement);
  }

  function addYearFirst(match: RegExpExecArray): void {
    const [whole, year, , month, date] = match;
    const day = dayOf(year, month, date);
    if (!isDay(day)) return;
    const monthAt = whole.indexOf(month, year.length + 1);
    const dateAt = whole.indexOf(date, monthAt + month.length + 1);
    const gaps = [whole.slice(year.length, monthAt), whole.slice(monthAt + month.length, dateAt)];
    const render = (to: Day): string =>
      String(to.year) + gaps[0] + padded(to.month, month, date) + gaps[1] + padded(to.day, date, month);
    const length = dateAt + date.length;
    const moved = exchange(folded, match, length, rules, day, render);
    // "2021. 3. 4." has a dot behind each number.
    const dot = gaps[0] === '. ' && whole.length === length && text[match.index + length] === '.' ? '.' : '';
    add(match.index, match.index + whole.length + dot.length, moved === undefined ? undefined : moved + dot);
  }

  function addYearLast(match: RegExpExecArray): void {
    const [, first, separator, second, year] = match;
    const [a, b] = [Number(first), Number(second)];
    const end = match.index + match[0].length;
    if (year.length === 2) {
      const isPadded = first.startsWith('0') || second.startsWith('0');
      const isSpaced = separator === ' ' || separator === '_';
      const isAny = (a <= 12 && b >= 1 && b <= 31) || (b <= 12 && b >= 1 && a <= 31);
      const isYearFirst = b >= 1 && b <= 12 && Number(year) >= 1 && Number(year) <= 31;
      if (
        isSpaced ||
        !((isAny && a > 0) || isYearFirst) ||
        isTechnique(words, match.index, end, isPadded ? NO_WORDS : TIMES_AND_PHASES)
      )
        return;
      if (isCounted(match.index, separator)) return;
    } else if (!((a >= 1 && a <= 12 && b >= 1 && b <= 31) || (b >= 1 && b <= 12 && a >= 1 && a <= 31))) return;
    const gaps = match[0].slice(0, match[0].indexOf(year, first.length + second.length)).length + year.length;
    const order = orderOf(a, b, year, separator);
    if (order === undefined) {
      add(match.index, end);
      return;
    }
    const day =
      order === 'dmy'
        ? dayOf(fullYear(year, a, b, order), second, first)
        : dayOf(fullYear(year, a, b, order), first, second);
    const glue = match[0].slice(first.length, gaps - year.length - second.length).replace(/\d/g, '');
    const render = (to: Day): string => {
      const [x, y] = order === 'dmy' ? [to.day, to.month] : [to.month, to.day];
      return padded(x, first, second) + glue + padded(y, second, first) + glue + String(to.year).slice(-year.length);
    };
    add(match.index, end, exchange(folded, match, gaps, rules, day, render));
  }

  /** L3/4/21 is anatomy, v1.2.21 a version: a lone letter, or a word of versions, right before the numbers. */
  function isCounted(start: number, separator: string): boolean {
    const before = words[wordIndexAt(words, start) - 1] as Word | undefined;
    if (before === undefined || before.kind !== LETTERS) return false;
    if (before.end === start) return before.end - before.start <= 2;
    return separator === '.' && (before.flags & VERSION) !== 0 && start - before.end <= 2;
  }

  /** Which order day and month have; undefined when the numbers do not tell. */
  function orderOf(a: number, b: number, year: string, separator: string): 'dmy' | 'mdy' | undefined {
    const isFull = year.length === 4;
    if (isFull && separator === '.' && isDay({ year: Number(year), month: b, day: a })) return 'dmy';
    if (isFull && a > 12) return isDay({ year: Number(year), month: b, day: a }) ? 'dmy' : undefined;
    if (isFull && b > 12) return isDay({ year: Number(year), month: a, day: b }) ? 'mdy' : undefined;
    if (isFull && a === b) return 'dmy';
    // One of the patient's own dates tells.
    const isDmy = years(year).some((full) => rules.days.has(compact({ year: full, month: b, day: a })));
    const isMdy = years(year).some((full) => rules.days.has(compact({ year: full, month: a, day: b })));
    if (isDmy === isMdy) return undefined;
    return isDmy ? 'dmy' : 'mdy';
  }

  function fullYear(year: string, a: number, b: number, order: 'dmy' | 'mdy'): string {
    if (year.length === 4) return year;
    const [day, month] = order === 'dmy' ? [a, b] : [b, a];
    return String(years(year).find((full) => rules.days.has(compact({ year: full, month, day }))) ?? years(year)[0]);
  }

  function addEastAsian(match: RegExpExecArray): void {
    const [whole, year, month, date] = match as unknown as [string, string, string, string?];
    const end = match.index + whole.length;
    if (date === undefined || !whole.startsWith(year) || year.length !== 4) {
      add(match.index, end);
      return;
    }
    const day = dayOf(year, month, date);
    if (!isDay(day)) {
      add(match.index, end);
      return;
    }
    const parts = /^\d+(\D+)\d+(\D+)\d+(\D+)$/.exec(whole);
    const render = (to: Day): string =>
      `${to.year}${parts?.[1] ?? ''}${padded(to.month, month, date)}${parts?.[2] ?? ''}${padded(to.day, date, month)}${parts?.[3] ?? ''}`;
    add(match.index, end, exchange(folded, match, whole.length, rules, day, render));
  }

  function isSixDigitDay(run: string): boolean {
    const [a, b, c] = [run.slice(0, 2), run.slice(2, 4), run.slice(4)].map(Number);
    return [
      [a, b, c],
      [c, b, a],
      [c, a, b],
    ].some(([year, month, day]) => isDay({ year: 2000 + year, month, day }));
  }

  function addNamed(word: Word): void {
    const month = MONTH_WORDS.get(word.text);
    if (month === undefined) return;
    const named = findNamed(text, word, month);
    if (named === undefined) return;
    const isLower = caseOf(folded, word) === LOWER;
    // "phase 3 may show": a verb, unless it is written as a month or has its year.
    const isDayFirst = named.start < word.start;
    if (named.year === undefined && !month.isFull && !(isDayFirst && SURE_SHORT.has(word.text))) return;
    if (named.year === undefined && word.text.length < 4 && isLower) return;
    const { start, end, dateEnd, day, year } = named;
    if (day === undefined || year === undefined || year.length !== 4) {
      add(start, end);
      return;
    }
    const moved = moveNamed(folded, word, month, named, dayOf(year, String(month.month), day), rules.shiftDays);
    if (moved === undefined) {
      add(start, end);
      return;
    }
    add(start, end, moved + folded.source.slice(sourceEnd(folded, dateEnd), sourceEnd(folded, end)));
  }
}

/** The moved date in place of the first `to` units of the match, the rest (its time of day) as written; undefined: take it out. */
function exchange(
  folded: Folded,
  match: RegExpExecArray,
  to: number,
  { shiftDays }: DateRules,
  day: Day,
  render: (to: Day) => string,
): string | undefined {
  if (shiftDays === undefined || !isDay(day)) return undefined;
  const moved = addDays(day, shiftDays);
  if (moved === undefined) return undefined;
  const rest = folded.source.slice(
    sourceEnd(folded, match.index + to),
    sourceEnd(folded, match.index + match[0].length),
  );
  return render(moved) + rest;
}

function dayOf(year: string, month: string, day: string): Day {
  return { year: Number(year), month: Number(month), day: Number(day) };
}

function years(year: string): readonly number[] {
  return year.length === 4 ? [Number(year)] : [2000 + Number(year), 1900 + Number(year)];
}

/** Numbers of a technique: a unit right behind them or TE, TR, phase and the like before. */
function isTechnique(words: readonly Word[], start: number, end: number, names: ReadonlySet<string>): boolean {
  const at = wordIndexAt(words, start);
  const before = words[at - 1] as Word | undefined;
  if (before !== undefined && start - before.end <= 2 && names.has(before.text)) return true;
  let behind = at;
  while (behind < words.length && words[behind].start < end) behind++;
  const next = words[behind] as Word | undefined;
  return next !== undefined && next.start - end <= 1 && (next.flags & UNIT) !== 0;
}
