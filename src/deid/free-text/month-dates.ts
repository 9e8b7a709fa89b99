// Dates with the name of a month: found around the name, and moved in the same words.
import { addDays, isDay, padded } from './calendar.ts';
import type { Day, MonthWord } from './calendar.ts';
import { sourceEnd, sourceStart } from './fold.ts';
import type { Folded } from './fold.ts';
import { caseOf, TITLE_CASE, UPPER } from './words.ts';
import type { Word } from './words.ts';

export const YEAR = '(?:1[89]|20|21)\\d\\d';
/** A time of day behind a date goes, or stays, with it. */
export const TIME =
  '(?:(?:\\s?[t_@,-]\\s?|\\s{1,3})(?:(?:at|um|a|om|as|h|kl|ore|time)[.:]?\\s)?(?:[01]?\\d|2[0-4])(?:[:.h][0-5]\\d){1,2}(?:[.,]\\d{1,6})?(?:\\s?(?:am|pm|a\\.m\\.|p\\.m\\.|uhr|hrs?|h|uur)(?![a-z]))?(?:\\s?(?:z|utc|gmt|[+-]\\d\\d:?\\d\\d)(?![a-z\\d]))?)?';

export interface NamedDate {
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
const DAY_BEHIND = new RegExp(`[\\s./_-]{0,3}(?:the\\s)?(\\d{1,2})(st|nd|rd|th)?(?![\\d])(?![.,:/]\\d)`, 'y');
/** 4 марта 2021 г., 4 marca 2021 r. */
const WORD_FOR_YEAR = /\s?(?:года|г\.?|roku|r\.)(?!\p{L})/uy;
const TIME_BEHIND = new RegExp(TIME, 'y');
/** Sun Mar 04 10:15:22 CET 2021: what programs print. */
const PRINTED = new RegExp(`\\s{1,2}\\d{1,2}\\s\\d\\d:\\d\\d(?::\\d\\d)?(?:\\s[a-z]{2,5})?\\s${YEAR}(?!\\d)`, 'y');

/** The date around a month name: 3 April 2021, 3rd of April 2021, April 3, 2021, 2021-Apr-03, 03APR2021, April 2021. */
export function findNamed(text: string, { start, end }: Word, { isFull }: MonthWord): NamedDate | undefined {
  const printed = matchAt(PRINTED, text, end);
  if (printed !== null) {
    const behind = end + printed[0].length;
    return {
      start,
      dateEnd: behind,
      end: behind,
      day: undefined,
      year: printed[0].slice(-4),
      ordinal: '',
      dayAt: -1,
      yearAt: -1,
    };
  }
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
  const behindYear = at + (matchAt(WORD_FOR_YEAR, text, at)?.[0].length ?? 0);
  return behindYear + (matchAt(TIME_BEHIND, text, behindYear)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The stretch from day to year in the same words, moved; undefined where the language has no name for the new month. */
export function moveNamed(
  folded: Folded,
  word: Word,
  month: MonthWord,
  named: NamedDate,
  day: Day,
  shiftDays: number | undefined,
): string | undefined {
  if (shiftDays === undefined || month.names === undefined || !isDay(day)) return undefined;
  // An ordinal that is not English has forms of its own.
  if (named.ordinal !== '' && !/^(?:st|nd|rd|th)$/.test(named.ordinal)) return undefined;
  const to = addDays(day, shiftDays);
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
