// Names that nobody told us of, known by what stands behind them: "Jane A. Quimble, MD", "QUIMBLE, FRCR", "Jane Quimble PhD".
import { DEGREE, PARTICLE, WORD_OF_LANGUAGE } from './lexicon.ts';
import { gapBetween } from './name-text.ts';
import type { ReadText } from './name-text.ts';
import type { FoundSpan } from './span.ts';
import { caseOf, LETTERS, LOWER, TITLE_CASE } from './words.ts';
import type { Word } from './words.ts';

const MAX_PARTS = 4;
const MIN_SURNAME = 3;
/** DEGREE has generations, too: IV is also a way to inject. */
const GENERATIONS: ReadonlySet<string> = new Set(['jr', 'sr', 'ii', 'iii', 'iv']);
const BEFORE_DEGREE = /^(?:, ?| )$/;
const BETWEEN_PARTS = /^(?:[ '-]|\. ?)$/;

/** With a comma one name is enough. Without, two in mixed case are needed: "TRACEW ADC MD" is a map of mean diffusivity. */
export function findNamesWithDegrees(text: ReadText): FoundSpan[] {
  const spans: FoundSpan[] = [];
  const { words } = text;
  for (let at = 1; at < words.length; at++) {
    if (!isDegree(text, at) || !BEFORE_DEGREE.test(gapBetween(text, at - 1))) continue;
    const hasComma = gapBetween(text, at - 1).includes(',');
    const first = firstOfName(text, at - 1, hasComma);
    if (first === undefined) continue;
    let last = at;
    while (last + 1 < words.length && isDegree(text, last + 1) && BEFORE_DEGREE.test(gapBetween(text, last))) last++;
    spans.push({ start: words[first].start, end: words[last].end, kind: 'name' });
    at = last;
  }
  return spans;
}

function isDegree(text: ReadText, at: number): boolean {
  const word = text.words[at];
  return (word.flags & DEGREE) !== 0 && !GENERATIONS.has(word.text) && caseOf(text.folded, word) !== LOWER;
}

/** Undefined where no name ends at `last`. */
function firstOfName(text: ReadText, last: number, hasComma: boolean): number | undefined {
  if (!isSurname(text, last) || (!hasComma && caseOf(text.folded, text.words[last]) !== TITLE_CASE)) return undefined;
  let first = last;
  for (let at = last - 1; at >= 0 && last - at < MAX_PARTS; at--) {
    if (!BETWEEN_PARTS.test(gapBetween(text, at)) || !isPart(text, at)) break;
    first = at;
  }
  // "Jane van Quimble": a particle in front would be a word of the sentence.
  while (first < last && (text.words[first].flags & PARTICLE) !== 0) first++;
  return hasComma || first < last ? first : undefined;
}

function isSurname(text: ReadText, at: number): boolean {
  const word = text.words[at];
  return word.text.length >= MIN_SURNAME && isUnknown(word) && caseOf(text.folded, word) !== LOWER;
}

function isPart(text: ReadText, at: number): boolean {
  const word = text.words[at];
  if (word.kind !== LETTERS) return false;
  if ((word.flags & PARTICLE) !== 0 && word.text.length > 1) return true;
  return caseOf(text.folded, word) !== LOWER && (word.text.length === 1 || isUnknown(word));
}

function isUnknown({ kind, flags }: Word): boolean {
  return kind === LETTERS && (flags & WORD_OF_LANGUAGE) === 0;
}
