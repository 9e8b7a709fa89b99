// Dates as people spell them in free text: found, and moved where the spelling says which day is meant (PS3.15 E.3.6).
import { addDays, compact, isDay, MONTH_WORDS } from './calendar.ts';
import type { Day, MonthWord } from './calendar.ts';
import { sourceEnd, sourceStart } from './fold.ts';
import type { Folded } from './fold.ts';
import { MONTH, UNIT, VERSION } from './lexicon.ts';
import type { FoundSpan } from './span.ts';
import { caseOf, eachMatch, LETTERS, LOWER, TITLE_CASE, UPPER, wordIndexAt } from './words.ts';
import type { Word } from './words.ts';

/** What the patient's dates are and by how much they move; without `shiftDays` every date is taken out. */
export interface DateRules {
  /** YYYYMMDD. */
  readonly days: ReadonlySet<string>;
  readonly shiftDays: number | undefined;
}

/** A time of day behind a date goes, or stays, with it. */
const TIME =
  '(?:(?:\\s?[t_@,-]\\s?|\\s{1,3})(?:(?:at|um|a|om|as|h|kl|ore|time)[.:]?\\s)?(?:[01]?\\d|2[0-4])(?:[:.h][0-5]\\d){1,2}(?:[.,]\\d{1,6})?(?:\\s?(?:am|pm|a\\.m\\.|p\\.m\\.|uhr|hrs?|h|uur)(?![a-z]))?(?:\\s?(?:z|utc|gmt|[+-]\\d\\d:?\\d\\d)(?![a-z\\d]))?)?';
const COMPACT_TIME =
  '(?:\\s?[t_ .-]?\\s?(?:[01]\\d|2[0-3])[0-5]\\d(?:[0-5]\\d(?:\\.\\d{1,6})?)?(?:[+-]\\d{4})?(?!\\d))?';
const YEAR = '(?:1[89]|20|21)\\d\\d';
const FREE = '(?<!\\d)(?<!\\d[./-])';

/** 2021-04-03, 2021/4/3, 2021.04.03, 2021 04 03, 20210403, 20210403101500.123+0100. */
const YEAR_FIRST = new RegExp(
  `(?<!\\d)(?<!\\d\\.)(${YEAR})([-/._ ])(\\d{1,2})\\2(\\d{1,2})(?!\\d)(?!\\2\\d)${TIME}`,
  'g',
);
const COMPACT = new RegExp(`(?<!\\d)(?<!\\d\\.)(${YEAR})(\\d\\d)(\\d\\d)(?!\\d{7})${COMPACT_TIME}(?!\\d)${TIME}`, 'g');
/** 3/4/21, 03.04.2021, 3-4-2021, 03 04 2021. */
const YEAR_LAST = new RegExp(
  `${FREE}(\\d{1,2})([-/. _])\\s?(\\d{1,2})\\2\\s?(${YEAR}|\\d\\d)(?![\\d%])(?!\\2\\d)${TIME}`,
  'g',
);
/** 04/2021, 2021-04, 04.2021. */
const MONTH_YEAR = new RegExp(
  `${FREE}(?:(0?[1-9]|1[0-2])[/-](${YEAR})|(0[1-9]|1[0-2])\\.(${YEAR})|(${YEAR})[/-](0[1-9]|1[0-2]))(?!\\d)(?![-/.]\\d)`,
  'g',
);
/** 2021年4月3日, 令和3年4月3日, 2021년 4월 3일, R3.4.3, ٣/٤/٢٠٢١ (digits are folded). */
const EAST_ASIAN =
  /(?:令和|平成|昭和|大正|明治)?(\d{1,4}|元)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日일])?/gu;
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

/** Before `mm`, behind `TE`: numbers of a technique, whatever they look like. */
const TECHNIQUE = new Set(
  'te tr ti fa b phase phases series mip ratio ms slices slice se im img lev level levels kernel grid fov matrix thk sl nex b-value window ww wl stage grade'.split(
    ' ',
  ),
);

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
      if (!isTechnique(words, match.index, match.index + match[0].length)) addWhole(match);
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
    const [, year, separator, month, date] = match;
    const day = dayOf(year, month, date);
    if (!isDay(day)) return;
    const render = (to: Day): string =>
      [String(to.year), padded(to.month, month, date), padded(to.day, date, month)].join(separator);
    const length = year.length + month.length + date.length + 2;
    add(match.index, match.index + match[0].length, exchange(folded, match, length, rules, day, render));
  }

  function addYearLast(match: RegExpExecArray): void {
    const [, first, separator, second, year] = match;
    const [a, b] = [Number(first), Number(second)];
    const end = match.index + match[0].length;
    if (year.length === 2) {
      const isSpaced = separator === ' ' || separator === '_';
      const isAny = (a <= 12 && b >= 1 && b <= 31) || (b <= 12 && b >= 1 && a <= 31);
      const isYearFirst = b >= 1 && b <= 12 && Number(year) >= 1 && Number(year) <= 31;
      if (isSpaced || !((isAny && a > 0) || isYearFirst) || isTechnique(words, match.index, end)) return;
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
    if (named.year === undefined && (!month.isFull || (word.text.length < 4 && isLower))) return;
    const { start, end, dateEnd, day, year } = named;
    if (day === undefined || year === undefined || year.length !== 4) {
      add(start, end);
      return;
    }
    const moved = moveNamed(folded, word, month, named, dayOf(year, String(month.month), day), rules);
    if (moved === undefined) {
      add(start, end);
      return;
    }
    add(start, end, moved + folded.source.slice(sourceEnd(folded, dateEnd), sourceEnd(folded, end)));
  }
}

interface NamedDate {
  readonly start: number;
  /** Behind the date, before its time of day. */
  readonly dateEnd: number;
  readonly end: number;
  /** Digits as written; undefined in "April 2021". */
  readonly day: string | undefined;
  readonly year: string | undefined;
  readonly ordinal: string;
  readonly dayAt: number;
  readonly yearAt: number;
}

const GAP = '[\\s./_-]{0,3}';
const OF = '(?:(?:of|de|del|di|do)\\s)?';
const DAY_BEFORE = new RegExp(
  `(?<!\\d)(?<!\\d[.,])(\\d{1,2})(st|nd|rd|th|er|o|a|ste|de)?(?:\\s(?:day\\s)?)?${GAP}${OF}$`,
);
const YEAR_BEFORE = new RegExp(`(?<![\\d.])(${YEAR})[\\s./,_-]{0,2}$`);
const YEAR_BEHIND = new RegExp(
  `[\\s.,/_-]{0,3}(?:(?:of|de|del|di|do)\\s)?('?)(${YEAR}|\\d\\d(?!\\d|[.,:/]\\d))(?!\\d)`,
  'y',
);
const DAY_BEHIND = new RegExp(`[\\s./_-]{0,3}(\\d{1,2})(st|nd|rd|th)?(?![\\d])(?![.,:/]\\d)`, 'y');
const TIME_BEHIND = new RegExp(TIME, 'y');

/** The date around a month name: 3 April 2021, 3rd of April 2021, April 3, 2021, 2021-Apr-03, 03APR2021, April 2021. */
function findNamed(text: string, { start, end }: Word, { isFull }: MonthWord): NamedDate | undefined {
  const before = text.slice(Math.max(0, start - 16), start);
  const offset = start - before.length;
  const dayBefore = DAY_BEFORE.exec(before);
  const yearBehind = matchAt(YEAR_BEHIND, text, end);
  // In "10 20 30 JANUARY 01, 1970" the month has the day of its year.
  const isDayBefore =
    dayBefore !== null && isDate(dayBefore[1]) && (yearBehind?.[2].length === 4 || !hasDayAndYear(text, end));
  if (isDayBefore) {
    const dateEnd = end + (yearBehind?.[0].length ?? 0);
    const from = offset + dayBefore.index;
    const [, day, ordinal = ''] = dayBefore as unknown as [string, string, string?];
    const yearAt = dateEnd - (yearBehind?.[2].length ?? 0);
    return {
      start: from,
      dateEnd,
      end: withTime(text, dateEnd),
      day,
      year: yearBehind?.[2],
      ordinal,
      dayAt: from,
      yearAt,
    };
  }
  const dayBehind = matchAt(DAY_BEHIND, text, end);
  const yearBefore = YEAR_BEFORE.exec(before);
  if (dayBehind !== null && isDate(dayBehind[1])) {
    const [, day, ordinal = ''] = dayBehind as unknown as [string, string, string?];
    const behindDay = end + dayBehind[0].length;
    const dayAt = behindDay - ordinal.length - day.length;
    if (yearBefore !== null) {
      const from = offset + yearBefore.index;
      return {
        start: from,
        dateEnd: behindDay,
        end: withTime(text, behindDay),
        day,
        year: yearBefore[1],
        ordinal,
        dayAt,
        yearAt: from,
      };
    }
    const year = matchAt(YEAR_BEHIND, text, behindDay);
    if (year !== null && (year[2].length === 4 || isFull)) {
      const dateEnd = behindDay + year[0].length;
      return {
        start,
        dateEnd,
        end: withTime(text, dateEnd),
        day,
        year: year[2],
        ordinal,
        dayAt,
        yearAt: dateEnd - year[2].length,
      };
    }
    if (isFull)
      return {
        start,
        dateEnd: behindDay,
        end: withTime(text, behindDay),
        day,
        year: undefined,
        ordinal,
        dayAt,
        yearAt: -1,
      };
  }
  const year = yearBehind;
  if (year !== null && (year[2].length === 4 || year[1] === "'")) {
    const dateEnd = end + year[0].length;
    return { start, dateEnd, end: dateEnd, day: undefined, year: year[2], ordinal: '', dayAt: -1, yearAt: -1 };
  }
  if (yearBefore === null) return undefined;
  const from = offset + yearBefore.index;
  return { start: from, dateEnd: end, end, day: undefined, year: yearBefore[1], ordinal: '', dayAt: -1, yearAt: -1 };
}

function hasDayAndYear(text: string, at: number): boolean {
  const day = matchAt(DAY_BEHIND, text, at);
  return day !== null && isDate(day[1]) && matchAt(YEAR_BEHIND, text, at + day[0].length)?.[2].length === 4;
}

function isDate(day: string): boolean {
  return Number(day) >= 1 && Number(day) <= 31;
}

function withTime(text: string, at: number): number {
  return at + (matchAt(TIME_BEHIND, text, at)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The stretch from day to year in the same words, moved; undefined where the language has no name for the new month. */
function moveNamed(
  folded: Folded,
  word: Word,
  month: MonthWord,
  named: NamedDate,
  day: Day,
  rules: DateRules,
): string | undefined {
  if (rules.shiftDays === undefined || month.names === undefined || !isDay(day)) return undefined;
  // An ordinal that is not English has forms of its own.
  if (named.ordinal !== '' && !/^(?:st|nd|rd|th)$/.test(named.ordinal)) return undefined;
  const to = addDays(day, rules.shiftDays);
  if (to === undefined || named.day === undefined) return undefined;
  const written = named.day;
  const name = likeCase(month.names[to.month - 1], caseOf(folded, word));
  const edits = [
    {
      at: named.dayAt,
      length: written.length + named.ordinal.length,
      text: padded(to.day, written, '') + ordinalOf(to.day, named.ordinal),
    },
    { at: word.start, length: word.end - word.start, text: name },
    { at: named.yearAt, length: 4, text: String(to.year) },
  ].sort((a, b) => a.at - b.at);
  let moved = '';
  let from = named.start;
  for (const edit of edits) {
    moved += folded.source.slice(sourceStart(folded, from), sourceStart(folded, edit.at)) + edit.text;
    from = edit.at + edit.length;
  }
  return moved + folded.source.slice(sourceEnd(folded, from), sourceEnd(folded, named.dateEnd));
}

function likeCase(name: string, written: 0 | 1 | 2): string {
  if (written === UPPER) return name.toUpperCase();
  return written === TITLE_CASE ? name[0].toUpperCase() + name.slice(1) : name;
}

function ordinalOf(day: number, written: string): string {
  if (written === '') return '';
  if (day % 10 === 1 && day !== 11) return 'st';
  if (day % 10 === 2 && day !== 12) return 'nd';
  return day % 10 === 3 && day !== 13 ? 'rd' : 'th';
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

/** A number as wide as it was written; where both numbers have two digits anyway, leading zeros are taken to be meant. */
function padded(value: number, written: string, other: string): string {
  const isBare = written.length === 1 || (other.length === 1 && !written.startsWith('0'));
  return isBare ? String(value) : String(value).padStart(2, '0');
}

function dayOf(year: string, month: string, day: string): Day {
  return { year: Number(year), month: Number(month), day: Number(day) };
}

function years(year: string): readonly number[] {
  return year.length === 4 ? [Number(year)] : [2000 + Number(year), 1900 + Number(year)];
}

/** Numbers of a technique: a unit right behind them or TE, TR, phase and the like before. */
function isTechnique(words: readonly Word[], start: number, end: number): boolean {
  const at = wordIndexAt(words, start);
  const before = words[at - 1] as Word | undefined;
  if (before !== undefined && start - before.end <= 2 && TECHNIQUE.has(before.text)) return true;
  let behind = at;
  while (behind < words.length && words[behind].start < end) behind++;
  const next = words[behind] as Word | undefined;
  return next !== undefined && next.start - end <= 1 && (next.flags & UNIT) !== 0;
}
