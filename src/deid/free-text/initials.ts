// Initials beside a name: "Wilson A", "J. White", "WHITE, JM".
import { CLINICAL, SENTENCE, UNIT } from './lexicon.ts';
import type { NameWord } from './name-index.ts';
import { BETWEEN_PARTS, gapBetween } from './name-text.ts';
import type { NameText } from './name-text.ts';
import { caseOf, LETTERS, LOWER, UPPER } from './words.ts';
import type { Word } from './words.ts';

/** True when the word `beside` consists of initials of the person whose name stands at `at`. */
export function isInitials(text: NameText, at: number, beside: number): boolean {
  const word = text.words[beside] as Word | undefined;
  const own = text.hits.get(at);
  if (
    word === undefined ||
    own === undefined ||
    word.text === text.words[at].text ||
    word.kind !== LETTERS ||
    word.text.length > 3
  )
    return false;
  // Beyond particles the caller has looked at the gap: "M van den Heuvel".
  if (Math.abs(beside - at) === 1 && !BETWEEN_PARTS.test(gapBetween(text, Math.min(at, beside)))) return false;
  // T1, B30f, 3D: a letter of a number.
  if (isBoundToNumber(text.words, beside)) return false;
  const isDotted = text.folded.text[word.end] === '.';
  const isShouted = caseOf(text.folded, word) === UPPER;
  const isLetter = isOneLetter(text, beside);
  if (isLetter) {
    // "p.a. MEIER": what is small beside a name in capitals abbreviates something else.
    if (
      !isShouted &&
      (!isDotted || caseOf(text.folded, text.words[at]) !== LOWER) &&
      !isWholePart(text, own, word.text)
    )
      return false;
  } else if (!isShouted || (word.flags & (CLINICAL | SENTENCE | UNIT)) !== 0) return false;
  for (const person of own.persons) {
    const others = person === -1 ? [] : text.index.parts[person].filter((part) => part !== text.words[at].text);
    const initials = isLetter ? [word.text] : word.text.split('');
    if (initials.every((initial) => others.some((part) => part.startsWith(initial)))) return true;
  }
  return false;
}

/** Also Æ and Þ, which two letters stand for when they are folded. */
export function isOneLetter({ folded, words }: NameText, at: number): boolean {
  const { start, end } = words[at];
  return end - start === 1 || (folded.origin !== undefined && folded.origin[end] - folded.origin[start] === 1);
}

/** A name may have a part of one letter: 'E' of "E^Wen". */
function isWholePart({ index }: NameText, own: NameWord, letter: string): boolean {
  for (const person of own.persons) if (person !== -1 && index.parts[person].includes(letter)) return true;
  return false;
}

function isBoundToNumber(words: readonly Word[], at: number): boolean {
  const { start, end } = words[at];
  return (at > 0 && words[at - 1].end === start) || (at + 1 < words.length && words[at + 1].start === end);
}
