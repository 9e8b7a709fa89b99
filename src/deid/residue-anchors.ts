// The byte patterns that stand wherever an identifying text of tokens.ts stands, whatever the encoding. They may stand
// elsewhere too: the scanner that reads the value decides.
import { daysIn } from './dates.ts';
import { DUMMY_DATE } from './dummies.ts';
import type { IdentifyingValue } from './identifiers.ts';
import { STOP_WORDS } from './stop-words.ts';

/** Shorter words are looked for together with the next one. */
const SHORTEST_WORD = 4;
/** A UID is told by its first characters: those of one series share them, so that one automaton serves the series. */
const UID_ROOT_CHARS = 14;
const NOT_ASCII = /[^\0-\x7F]/;
const SEPARATORS = [' ', '  ', '   '];

/** Patterns as Latin-1, one character a byte. Separators stand for any separator (residue-automaton.ts). */
export function anchorsOf(values: readonly IdentifyingValue[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { kind, text } of values) {
    if (kind === 'date') for (const day of daysIn(text)) addDay(anchors, day);
    if (kind === 'id') for (const id of text.split('\\')) addEncodings(anchors, id.trim());
    if (kind === 'phrase') for (const line of text.split(/[\\\r\n]+/)) addWords(anchors, line.split(/\s+/));
    if (kind === 'name') for (const group of text.split(/[=\\]/)) addName(anchors, group.split(/[\s^,;_]+/));
  }
  return anchors;
}

export function uidRoot(uid: string): string {
  return uid.slice(0, UID_ROOT_CHARS);
}

/** The whole, and each part that counts by itself. */
function addName(anchors: Set<string>, parts: readonly string[]): void {
  addWords(anchors, parts);
  for (const part of parts) {
    for (const piece of [part, ...part.split(/[.'-]+/)]) {
      if (!isCommon(piece) && (piece.length > 2 || NOT_ASCII.test(piece))) addEncodings(anchors, piece);
    }
  }
}

/** A word that is in every spelling of the whole, the most telling one, or two that are short. */
function addWords(anchors: Set<string>, candidates: readonly string[]): void {
  const words = candidates.filter((word) => word !== '');
  const telling = words.filter((word) => !isCommon(word));
  // One common word alone is not looked for.
  if (telling.length === 0 && words.length < 2) return;
  const longest = (telling.length === 0 ? words : telling).reduce((best, word) =>
    word.length > best.length ? word : best,
  );
  if (words.length < 2 || longest.length >= SHORTEST_WORD || NOT_ASCII.test(longest)) addEncodings(anchors, longest);
  else for (const separator of SEPARATORS) addEncodings(anchors, `${words[0]}${separator}${words[1]}`);
}

function isCommon(word: string): boolean {
  return STOP_WORDS.has(word.toLowerCase());
}

function addDay(anchors: Set<string>, day: string): void {
  if (day === DUMMY_DATE) return;
  const year = day.slice(0, 4);
  anchors.add(day);
  for (const month of spellings(day.slice(4, 6))) {
    for (const date of spellings(day.slice(6))) {
      anchors.add(`${year} ${month} ${date}`).add(`${date} ${month} ${year}`).add(`${month} ${date} ${year}`);
    }
  }
}

function spellings(digits: string): readonly string[] {
  return digits.startsWith('0') ? [digits, digits.slice(1)] : [digits];
}

function addEncodings(anchors: Set<string>, text: string): void {
  if (text === '') return;
  if (!NOT_ASCII.test(text)) {
    anchors.add(text);
    // Common to both byte orders of UTF-16.
    if (text.length > 2) anchors.add(Array.from(text).join('\0'));
    return;
  }
  // The automaton folds the case of ASCII only.
  for (const variant of new Set([text, text.toLowerCase(), text.toUpperCase()])) {
    anchors.add(Buffer.from(variant, 'utf8').toString('latin1'));
    if (!/[^\0-\xFF]/.test(variant)) anchors.add(variant);
    const wide = Buffer.from(variant, 'utf16le');
    anchors.add(wide.toString('latin1')).add(wide.swap16().toString('latin1'));
  }
}
