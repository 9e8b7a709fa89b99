// From an identifying value to the texts that would give it away elsewhere: parts of names, numbers, phrases, days.
import { InstanceError } from '../core/errors.ts';

import { codeSpellingsOf } from './code-values.ts';
import { daysIn } from './dates.ts';
import type { Identifies } from './decision.ts';
import { DUMMY_DATE } from './dummies.ts';
import type { Phrase } from './phrase-index.ts';
import { STOP_WORDS } from './stop-words.ts';

/** What is looked for, made of all identifying values of an instance. */
export interface Tokens {
  /** What counts in any attribute: whole names, ids, phrases; by pattern. */
  readonly strong: ReadonlyMap<string, Phrase>;
  /** What counts in free text, and in codes as they are read: single parts of names; by pattern. */
  readonly words: ReadonlyMap<string, Phrase>;
  /** What counts in codes only: names as code strings spell them; by pattern. */
  readonly codes: ReadonlyMap<string, Phrase>;
  /** YYYYMMDD. */
  readonly days: ReadonlySet<string>;
  /** Numbers that count as the whole value of a DS or IS. */
  readonly numbers: ReadonlySet<string>;
  /** Ids that are too short to be looked for in texts; a text that is nothing else tells them all the same. */
  readonly shortIds: ReadonlySet<string>;
}

/** An instance about one patient has a few dozen; each costs time on each text. */
const MAX_PATTERNS = 2048;
/** Shorter ids, `1` above all, are the value of many attributes. */
const SHORTEST_ID = 3;
/** From here on the digits of an id count as the value of a DS or IS, too, when it has separators. */
const LONG_NUMBER = 6;
/** What separates the parts of a name wherever somebody wrote it down. */
const BETWEEN_PARTS = '[\\s^,._=-]+';
const NOT_LATIN = /[^\u0000-\u024F]/;

/**
 * Tokens of identifying values. Shorter or commoner texts than these are not looked for, because they would be found in
 * everything: a name part needs three letters (two characters in other scripts) and must not be a word of STOP_WORDS; an id
 * needs four characters with a digit, five when it is all digits, or six letters; a phrase six characters in two words, or with a digit
 * (`Aquilion` as a station is also a model). A shorter id of three characters with a digit counts where it is the whole text.
 * @param isCommon parts of names that are not looked for by themselves, beside those of STOP_WORDS
 * @throws InstanceError `action-failed` when there are too many to look for
 */
export function tokensOf(
  values: readonly { readonly kind: Identifies; readonly text: string }[],
  isCommon: (word: string) => boolean = () => false,
): Tokens {
  const tokens = {
    strong: new Map<string, Phrase>(),
    words: new Map<string, Phrase>(),
    codes: new Map<string, Phrase>(),
    days: new Set<string>(),
    numbers: new Set<string>(),
    shortIds: new Set<string>(),
  };
  for (const { kind, text } of values) {
    if (kind === 'name') addName(tokens, text, isCommon);
    else if (kind === 'id') addIds(tokens, text);
    else if (kind === 'phrase') addPhrase(tokens, text);
    else if (kind === 'date') for (const day of daysIn(text)) if (day !== DUMMY_DATE) tokens.days.add(day);
  }
  if (tokens.strong.size + tokens.words.size + tokens.codes.size > MAX_PATTERNS) {
    throw new InstanceError('action-failed', `More than ${MAX_PATTERNS} names and ids stand in one instance.`);
  }
  return tokens;
}

interface MutableTokens {
  readonly strong: Map<string, Phrase>;
  readonly words: Map<string, Phrase>;
  readonly codes: Map<string, Phrase>;
  readonly numbers: Set<string>;
  readonly shortIds: Set<string>;
}

function addName(tokens: MutableTokens, text: string, isCommon: (word: string) => boolean): void {
  for (const group of text.split(/[=\\]/)) {
    const parts = group.split(/[\s^,;_]+/).filter((part) => part !== '');
    const whole = parts.join(' ');
    if (parts.length > 1 && whole.length >= 5)
      add(tokens.strong, bounded(parts.map(escape).join(BETWEEN_PARTS), whole));
    else if (isTelling(whole, 6)) add(tokens.strong, bounded(escape(whole), whole));
    for (const part of parts) {
      if (isTelling(part, 3) && !isCommon(part)) add(tokens.words, bounded(escape(part), part));
      // Smith-Jones, O'Brien, jane.doe
      for (const piece of part.split(/[.'-]+/))
        if (isTelling(piece, 4) && !isCommon(piece)) add(tokens.words, bounded(escape(piece), piece));
    }
    for (const spelling of codeSpellingsOf(parts))
      if (!STOP_WORDS.has(spelling) && !isCommon(spelling)) add(tokens.codes, bounded(spelling, spelling));
  }
}

/** A name part that is worth looking for: letters in it, long enough, no word of vocabularies. */
function isTelling(word: string, letters: number): boolean {
  if (STOP_WORDS.has(word.toLowerCase())) return false;
  if (NOT_LATIN.test(word)) return word.length >= 2;
  // `n.a.` has two letters, whatever stands between them.
  const spelled = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return spelled.length >= letters && /\p{L}/u.test(spelled) && new Set(spelled).size > 1;
}

/** The number that an id of digits and separators may be written as, six digits at least; undefined for any other id. */
export function digitsOf(id: string): string | undefined {
  const digits = id.replace(/[-./ _]/g, '');
  return digits.length >= LONG_NUMBER && /^\d+$/.test(digits) ? digits : undefined;
}

function addIds(tokens: MutableTokens, text: string): void {
  for (const id of text.split('\\').map((value) => value.trim())) {
    const isNumber = /^\d+$/.test(id);
    const enough = isNumber ? 5 : /\d/.test(id) ? 4 : 6;
    if (STOP_WORDS.has(id.toLowerCase()) || /^(.)\1*$/.test(id)) continue;
    if (id.length < enough) {
      if (id.length >= SHORTEST_ID && /\d/.test(id)) tokens.shortIds.add(id);
      continue;
    }
    add(tokens.strong, bounded(escape(id), id));
    const digits = isNumber ? id : digitsOf(id);
    if (digits !== undefined) tokens.numbers.add(digits);
  }
}

function addPhrase(tokens: MutableTokens, text: string): void {
  for (const line of text.split(/[\\\r\n]+/)) {
    const words = line.split(/\s+/).filter((word) => word !== '');
    const isTellingWord = words.some((word) => !STOP_WORDS.has(word.toLowerCase()));
    const phrase = words.join(' ');
    if (phrase.length >= 6 && isTellingWord && (words.length > 1 || /\d/.test(phrase)))
      add(tokens.strong, bounded(words.map(escape).join('\\s+'), phrase));
  }
}

function add(phrases: Map<string, Phrase>, phrase: Phrase): void {
  phrases.set(phrase.pattern, phrase);
}

/**
 * A whole word: no letter or digit beside it, and no dot with a digit, so that `1.2.3` is not found in `1.2.3.4`. Scripts
 * without spaces have no such boundary.
 */
function bounded(pattern: string, text: string): Phrase {
  if (NOT_LATIN.test(text) || /[\u0080-\u00FF]/.test(text)) return { text, pattern, isBounded: false };
  const whole = `(?<![\\p{L}\\p{N}]|\\p{N}\\.)${pattern}(?![\\p{L}\\p{N}]|\\.\\p{N})`;
  return { text, pattern: whole, isBounded: true };
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
