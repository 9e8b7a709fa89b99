// The byte patterns that stand wherever an identifying text of tokens.ts stands, whatever the encoding. They may stand
// elsewhere too: the scanner that reads the value decides.
import type { BytePatterns } from './byte-patterns.ts';
import { codeSpellingsOf } from './code-values.ts';
import { daysIn } from './dates.ts';
import { DUMMY_DATE } from './dummies.ts';
import type { IdentifyingValue } from './identifiers.ts';
import { anchorsOfNamedDay } from './named-days.ts';
import { STOP_WORDS } from './stop-words.ts';
import { digitsOf } from './tokens.ts';

/** Shorter words are looked for together with the next one. */
const SHORTEST_WORD = 4;
/** A UID is told by its first characters: those of one series share them, so that one automaton serves the series. */
const UID_ROOT_CHARS = 14;
const NOT_ASCII = /[^\0-\x7F]/;
const SEPARATORS = [' ', '  ', '   '];

/** Separators stand for any separator (byte-patterns.ts). @throws RangeError when there are too many */
export function addAnchors(patterns: BytePatterns, values: readonly IdentifyingValue[]): void {
  const days = new Set<string>();
  for (const { kind, text } of values) {
    if (kind === 'date') for (const day of daysIn(text)) days.add(day);
    if (kind === 'id') for (const id of partsOf(text, '\\')) addId(patterns, id.trim());
    if (kind === 'phrase') for (const line of text.split(/[\\\r\n]+/)) addWords(patterns, line.split(/\s+/));
    if (kind === 'name') for (const group of text.split(/[=\\]/)) addName(patterns, group.split(/[\s^,;_]+/));
  }
  for (const day of days) for (const anchor of anchorsOfDay(day)) patterns.add(anchor);
}

/** As it is written, and as the number that its digits are. */
function addId(patterns: BytePatterns, id: string): void {
  addEncodings(patterns, id, true);
  const digits = digitsOf(id);
  if (digits !== undefined && digits !== id) patterns.add(digits, { isWord: true });
}

function partsOf(text: string, separator: string): readonly string[] {
  return text.includes(separator) ? text.split(separator) : [text];
}

export function uidRoot(uid: string): string {
  return uid.slice(0, UID_ROOT_CHARS);
}

/** The whole, and each part that counts by itself. */
function addName(patterns: BytePatterns, parts: readonly string[]): void {
  addWords(patterns, parts);
  for (const part of parts) {
    addNamePart(patterns, part);
    if (/[.'-]/.test(part)) for (const piece of part.split(/[.'-]+/)) addNamePart(patterns, piece);
  }
  // Code strings are ASCII, whatever the character set.
  for (const spelling of codeSpellingsOf(parts.filter((part) => part !== '')))
    if (!isCommon(spelling)) patterns.add(spelling, { isWord: true });
}

function addNamePart(patterns: BytePatterns, part: string): void {
  if (!isCommon(part) && (part.length > 2 || NOT_ASCII.test(part))) addEncodings(patterns, part, true);
}

/** A word that is in every spelling of the whole, the most telling one, or two that are short. */
function addWords(patterns: BytePatterns, candidates: readonly string[]): void {
  const words = candidates.filter((word) => word !== '');
  const telling = words.filter((word) => !isCommon(word));
  // One common word alone is not looked for.
  if (telling.length === 0 && words.length < 2) return;
  const longest = (telling.length === 0 ? words : telling).reduce((best, word) =>
    word.length > best.length ? word : best,
  );
  // A whole in other scripts may stand inside a word; see tokens.ts.
  const isWord = !words.some((word) => NOT_ASCII.test(word));
  if (words.length < 2 || longest.length >= SHORTEST_WORD || NOT_ASCII.test(longest))
    addEncodings(patterns, longest, isWord);
  else for (const separator of SEPARATORS) addEncodings(patterns, `${words[0]}${separator}${words[1]}`, isWord);
}

function isCommon(word: string): boolean {
  return STOP_WORDS.has(word.toLowerCase());
}

/** The days of the studies under way, which are those of many patients. */
const MAX_DAYS = 256;
const anchorsByDay = new Map<string, readonly string[]>();

function anchorsOfDay(day: string): readonly string[] {
  let anchors = anchorsByDay.get(day);
  if (anchors !== undefined) return anchors;
  anchors = day === DUMMY_DATE ? [] : [...new Set([day, ...anchorsOfNamedDay(day), ...numericAnchorsOf(day)])];
  if (anchorsByDay.size >= MAX_DAYS) anchorsByDay.delete(anchorsByDay.keys().next().value ?? '');
  anchorsByDay.set(day, anchors);
  return anchors;
}

function* numericAnchorsOf(day: string): Generator<string> {
  const year = day.slice(0, 4);
  for (const month of spellings(day.slice(4, 6))) {
    for (const date of spellings(day.slice(6))) {
      yield `${year} ${month} ${date}`;
      yield `${date} ${month} ${year}`;
      yield `${month} ${date} ${year}`;
    }
  }
}

function spellings(digits: string): readonly string[] {
  return digits.startsWith('0') ? [digits, digits.slice(1)] : [digits];
}

/** @param isWord no letter or digit stands beside it where it counts */
function addEncodings(patterns: BytePatterns, text: string, isWord: boolean): void {
  if (!NOT_ASCII.test(text)) {
    patterns.add(text, { isWord });
    // Common to both byte orders of UTF-16.
    patterns.add(text, { gap: 1 });
    return;
  }
  // Only the case of ASCII is folded.
  for (const variant of new Set([text, text.toLowerCase(), text.toUpperCase()])) {
    patterns.add(Buffer.from(variant, 'utf8').toString('latin1'));
    if (!/[^\0-\xFF]/.test(variant)) patterns.add(variant);
    const wide = Buffer.from(variant, 'utf16le');
    patterns.add(wide.toString('latin1'));
    patterns.add(wide.swap16().toString('latin1'));
  }
}
