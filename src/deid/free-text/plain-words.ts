// Whether a text, as a machine read it from the scan of a page, is made of words that are known: of the language, of medicine, none of them a name.
import { fold } from './fold.ts';
import { EPONYM, WORD_OF_LANGUAGE } from './lexicon.ts';
import { REPORT_WORDS } from './report-words.ts';
import { DIGITS, splitWords, UNSPACED } from './words.ts';

/** Longer numbers may be somebody's. */
const MAX_DIGITS = 3;

/**
 * True for one known word or more and nothing else but small numbers. A name that was misread is no known word, so that this holds where the
 * names of other people are found only by their spelling.
 */
export function isPlainWords(text: string): boolean {
  const words = splitWords(fold(text));
  return words.some(({ kind }) => kind !== DIGITS) && words.every(isPlain);
}

function isPlain({ kind, text, flags }: ReturnType<typeof splitWords>[number]): boolean {
  if (kind === DIGITS) return text.length <= MAX_DIGITS;
  if (kind === UNSPACED || (flags & EPONYM) !== 0) return false;
  return (flags & WORD_OF_LANGUAGE) !== 0 || REPORT_WORDS.has(text);
}
