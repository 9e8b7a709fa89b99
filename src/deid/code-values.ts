// Values of codes (CS, AE and the like) that hold an identifier: which of several, and what is left without them.
import { isCodeTerm } from '../standard/code-terms.ts';
import { findByTag } from '../standard/dictionary.ts';

import { dummyFor, DUMMY_TEXT } from './dummies.ts';
import { fold } from './free-text/fold.ts';
import { CLINICAL, flagsOf, MONTH, SENTENCE, SEQUENCE, TERM, UNIT } from './free-text/lexicon.ts';
import type { Span } from './residual-scanner.ts';

/** How people write umlauts where only ASCII may stand. */
const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa' };
const SHORTEST_SPELLING = 4;
/** `HUMAN` may be Hu Man, `CORAL` Cora L: shorter ones are mostly chance. */
const SHORTEST_GLUED = 6;
/** What codes are made of, so that nothing tells the name from the word. */
const WORD_OF_CODES = CLINICAL | SENTENCE | SEQUENCE | UNIT | TERM | MONTH;
const PLAIN = /^[A-Za-z0-9]*$/;
const NOT_LATIN = /[^\u0000-\u024F]/;

/** A name as code strings spell it, which have neither apostrophes nor accents nor, often, spaces: `OBRIEN`, `MUELLER`, `OBRIENMARK`. */
export function codeSpellingsOf(parts: readonly string[]): readonly string[] {
  const spellings: string[] = [];
  for (const part of parts) {
    if (PLAIN.test(part)) continue;
    const plain = plainSpellingOf(part);
    if (plain.length >= SHORTEST_SPELLING) spellings.push(plain);
    const spelled = part.toLowerCase().normalize('NFC');
    if (/[äöüå]/.test(spelled))
      spellings.push(plainSpellingOf(spelled.replace(/[äöüå]/g, (letter) => UMLAUTS[letter] ?? letter)));
  }
  if (parts.length < 2) return spellings;
  const family = plainSpellingOf(parts[0]);
  const given = plainSpellingOf(parts[1]);
  if (family.length < 2 || given.length < 2 || family.length + given.length < SHORTEST_GLUED) return spellings;
  for (const glued of [family + given, given + family]) if (flagsOf(glued) === 0) spellings.push(glued);
  return spellings;
}

/** Empty for other scripts. */
function plainSpellingOf(part: string): string {
  if (PLAIN.test(part)) return part.toLowerCase();
  const composed = part.normalize('NFC');
  return NOT_LATIN.test(composed) ? '' : fold(composed).text.replace(/[^a-z0-9]/g, '');
}

/** True when a value is nothing but what was found, or what was found is no word of language or medicine: `HELICAL MODE` of a Mr Mode is none. */
export function isName(text: string, { start, end }: Span): boolean {
  const { from, to } = valueAround(text, start, end);
  return (start === from && end === to) || (flagsOf(fold(text.slice(start, end)).text) & WORD_OF_CODES) === 0;
}

/** The value that a span stands in, without padding. */
function valueAround(text: string, start: number, end: number): { readonly from: number; readonly to: number } {
  let from = text.lastIndexOf('\\', start) + 1;
  const separator = text.indexOf('\\', end);
  let to = separator === -1 ? text.length : separator;
  while (from < start && isPadding(text.charCodeAt(from))) from++;
  while (to > end && isPadding(text.charCodeAt(to - 1))) to--;
  return { from, to };
}

function isPadding(unit: number): boolean {
  return unit === 0x20 || unit === 0;
}

/** The spans but those in values that the standard defines for the attribute, or that we wrote; undefined when none is left. */
export function outsideTerms(tag: number, text: string, spans: readonly Span[]): readonly Span[] | undefined {
  const telling = spans.filter(({ start, end }) => {
    const { from, to } = valueAround(text, start, end);
    const value = text.slice(from, to);
    return value !== DUMMY_TEXT && !isCodeTerm(tag, value);
  });
  return telling.length === 0 ? undefined : telling;
}

/**
 * Of several values each that holds an identifier replaced by a dummy, or left out where the attribute has one value by the dictionary; undefined
 * when nothing else would be left.
 * @param spans in order
 */
export function withoutValues(tag: number, vr: string, text: string, spans: readonly Span[]): string | undefined {
  const dummy = findByTag(tag)?.vm === '1' ? undefined : dummyFor(tag, vr, undefined).toString('latin1');
  const left: string[] = [];
  let isWorthKeeping = false;
  let from = 0;
  for (const value of text.split('\\')) {
    const to = from + value.length;
    const isHit = spans.some(({ start, end }) => start < to && end > from);
    if (!isHit) left.push(value);
    else if (dummy !== undefined) left.push(dummy);
    isWorthKeeping ||= !isHit && value.trim() !== '';
    from = to + 1;
  }
  return isWorthKeeping ? left.join('\\') : undefined;
}
