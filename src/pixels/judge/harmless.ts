// Tells the kinds of harmless text in a line as it was read; undefined when any part of the line is something else.
import type { HarmlessKind } from '../../profile/pixel-policy.ts';
import { PHRASES } from './harmless-phrases.ts';
import { isImagingWord } from './imaging-words.ts';

/** What may stand between two phrases. */
const BETWEEN = /[\s,;|/()[\]{}_~•·-]*/uy;
const WORD = /\p{L}[\p{L}\p{N}]+(?![\p{L}\p{N}])/uy;
/** A line of harmless phrases is short; a longer one is a text. */
const MAX_CHARS = 80;
const NOTHING = /^[\s\p{P}\p{S}]*$/u;

/**
 * The kinds of all phrases in a line that is made of nothing but harmless ones. Letters for digits within numbers are put right first.
 * @param line as it was read; upper and lower case are the same
 * @returns undefined when there is anything else in the line, or nothing at all
 */
export function harmlessKindsOf(line: string): ReadonlySet<HarmlessKind> | undefined {
  const text = withDigits(line.trim()).toUpperCase();
  if (text.length > MAX_CHARS || NOTHING.test(text)) return undefined;
  const kinds = new Set<HarmlessKind>();
  let at = skip(text, 0);
  while (at < text.length) {
    const phrase = phraseAt(text, at) ?? wordAt(text, at);
    if (phrase === undefined) return undefined;
    kinds.add(phrase.kind);
    at = skip(text, phrase.end);
  }
  return kinds.size === 0 ? undefined : kinds;
}

interface Match {
  readonly kind: HarmlessKind;
  readonly end: number;
}

/** The longest phrase that begins here. */
function phraseAt(text: string, at: number): Match | undefined {
  let longest: Match | undefined;
  for (const { kind, pattern } of PHRASES) {
    pattern.lastIndex = at;
    if (pattern.test(text) && pattern.lastIndex > (longest?.end ?? at)) longest = { kind, end: pattern.lastIndex };
  }
  return longest;
}

function wordAt(text: string, at: number): Match | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text);
  return word !== null && isImagingWord(word[0]) ? { kind: 'description', end: WORD.lastIndex } : undefined;
}

function skip(text: string, at: number): number {
  BETWEEN.lastIndex = at;
  BETWEEN.test(text);
  return Math.max(at, BETWEEN.lastIndex);
}

/** `1O0`, `l2.5`, `5O`: letters that readers take digits for, in words that are numbers but for them. */
function withDigits(line: string): string {
  return line.replace(/(?<![\p{L}\p{N}])[\dOolI]*\d[\dOolI]*(?![\p{L}\p{N}])/gu, (number) =>
    number.replace(/[Oo]/g, '0').replace(/[lI]/g, '1'),
  );
}
