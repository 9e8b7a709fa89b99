// A folded text as words: runs of letters, runs of digits, and runs of scripts that are written without spaces.
import type { Folded } from './fold.ts';
import { flagsOf } from './lexicon.ts';

export const LETTERS = 1;
export const DIGITS = 2;
/** Han, kana, Hangul, Thai and the like: words have no boundary there. */
export const UNSPACED = 3;

/** One run; offsets are in the folded text. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly kind: 1 | 2 | 3;
  /** Folded. */
  readonly text: string;
  /** What the lexicon knows of it, see lexicon.ts. */
  readonly flags: number;
}

const UNSPACED_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\uD800-\uDFFF々〆ー]/u;
const LETTER = /[\p{L}\p{M}]/u;
const UNKNOWN = 255;

const classes = new Uint8Array(0x10000).fill(UNKNOWN);

/** 0 for what is neither letter nor digit, else the kind of run that a UTF-16 unit belongs to. */
export function classOf(unit: number): number {
  const known = classes[unit];
  if (known !== UNKNOWN) return known;
  const char = String.fromCharCode(unit);
  let found = 0;
  if (unit >= 0x30 && unit <= 0x39) found = DIGITS;
  // Half of a pair: mostly Han beyond the basic plane.
  else if ((unit >= 0xd800 && unit <= 0xdfff) || UNSPACED_SCRIPT.test(char)) found = UNSPACED;
  else if (LETTER.test(char)) found = LETTERS;
  classes[unit] = found;
  return found;
}

export function splitWords({ text }: Folded): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    const kind = classOf(text.charCodeAt(at));
    const start = at++;
    if (kind === 0) continue;
    while (at < text.length && classOf(text.charCodeAt(at)) === kind) at++;
    const word = text.slice(start, at);
    words.push({ start, end: at, kind: kind as 1 | 2 | 3, text: word, flags: kind === LETTERS ? flagsOf(word) : 0 });
  }
  return words;
}

export const LOWER = 0;
export const TITLE_CASE = 1;
export const UPPER = 2;

/** How a word of letters is written in the source; a script without case counts as title case, since it cannot tell. */
export function caseOf({ source, origin }: Folded, word: Word): 0 | 1 | 2 {
  const first = source[origin === undefined ? word.start : origin[word.start]];
  if (first.toLowerCase() === first.toUpperCase()) return TITLE_CASE;
  if (first === first.toLowerCase()) return LOWER;
  const last = source[origin === undefined ? word.end - 1 : origin[word.end - 1]];
  return last !== last.toLowerCase() || word.end - word.start === 1 ? UPPER : TITLE_CASE;
}

/** The place in the list of the first word that ends behind `at`. */
export function wordIndexAt(words: readonly Word[], at: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Calls back for every match; cheaper than `matchAll`, which copies the expression for each text. A match that `take` does
 * not take hides nothing: the search goes on behind its first unit.
 */
export function eachMatch(pattern: RegExp, text: string, take: (match: RegExpExecArray) => boolean): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text))
    if (!take(match)) pattern.lastIndex = match.index + 1;
}
