// Names that nobody told us of, known by what stands before them: "Dr. X", "Name: X Y", "Patient X", "Tech: AB", "read by X".
import type { FoundSpan } from './span.ts';
import { isTitle } from './name-context.ts';
import { gapBetween } from './name-text.ts';
import type { ReadText } from './name-text.ts';
import {
  BY,
  BY_VERB,
  CLINICAL,
  COLLOCATED,
  DEGREE,
  EPONYM,
  FILLER_LABEL,
  ID_LABEL,
  MONTH,
  NAME_LABEL,
  OPEN_NAME_LABEL,
  PARTICLE,
  RELATIVE,
  SENTENCE,
  TERM,
  THING,
  UNIT,
  WORD_OF_LANGUAGE,
} from './lexicon.ts';
import { caseOf, eachMatch, LETTERS, LOWER, TITLE_CASE, UPPER } from './words.ts';
import type { Word } from './words.ts';

const MAX_PARTS = 4;
/** Keys and values may stand in quotes: JSON. */
const WITH_COLON = /^["']?[.\s]{0,2}[:=]\s{0,3}["']?$/;
const OPEN = /^\.?[ \u00a0]{0,2}$/;
const BETWEEN_LABELS = /^[\s._'/-]{0,2}$/;
/** "PATIENT SEDATION": what ends so is hardly a name. */
const ABSTRACT = /(?:tion|ations|ment|ness|able|ible|ology|ically|ated|ized)$/;
const IN_NAME = /^(?:[ .'^_/&-]{1,2}|, ?|\. ?, ?|\.-)$/;
const FIRST_GAP = /^["']?[.:=\s\u00a0]{0,5}["']?$/;
/** 患者名: 山田 太郎, 환자: 김희중. */
const EAST_ASIAN_LABEL =
  /(?:患者(?:氏名|姓名|名)?|氏名|姓名|担当(?:医|者|技師)?|技師|主治医|医師|医生|환자명?|환자 ?이름|성명|담당의?|의사)\s?[:=]\s?([\p{Script=Han}\p{Script=Katakana}\p{Script=Hangul}]{1,12}(?: [\p{Script=Han}\p{Script=Katakana}\p{Script=Hangul}]{1,8})?)/gu;

export function findLabelledNames(text: ReadText): FoundSpan[] {
  const spans: FoundSpan[] = [];
  const { words, folded } = text;
  for (let at = 0; at < words.length - 1; at++) {
    const { flags } = words[at];
    if (words[at].kind !== LETTERS || flags === 0) continue;
    const first = announced(text, at);
    if (first === undefined) continue;
    const last = lastOfName(text, first);
    if (last === undefined || (first.needsTwo === true && last === first.at)) {
      // A row of titles is looked at once.
      at = Math.max(at, first.at - 1);
      continue;
    }
    spans.push({ start: words[at].start, end: words[last].end + (isInitialDot(text, last) ? 1 : 0), kind: 'name' });
    at = last;
  }
  if (folded.origin !== undefined)
    eachMatch(EAST_ASIAN_LABEL, folded.text, (match) => {
      spans.push({ start: match.index, end: match.index + match[0].length, kind: 'name' });
      return true;
    });
  return spans;
}

/** Where an announced name begins, and how surely one stands there: behind a colon, or a title that is written as one. */
interface Announced {
  readonly at: number;
  readonly isSure: boolean;
  readonly isTitled?: boolean;
  /** One word alone is no name: "Mutter Diabetes". */
  readonly needsTwo?: boolean;
}

/** What the word at `at` announces. */
function announced(text: ReadText, at: number): Announced | undefined {
  const { words } = text;
  const { flags } = words[at];
  if (isTitle(text, at)) {
    let next = at + 1;
    while (next < words.length - 1 && OPEN.test(gapBetween(text, next - 1)) && isTitle(text, next)) next++;
    const isTitled = text.folded.text[words[at].end] === '.' || caseOf(text.folded, words[at]) === TITLE_CASE;
    return { at: next, isSure: false, isTitled };
  }
  if ((flags & BY) !== 0) {
    if (at > 0 && (words[at - 1].flags & BY_VERB) === 0) return undefined;
    // von Hippel-Lindau, von Recklinghausen.
    if (at === 0 && (words[at + 1].flags & EPONYM) !== 0) return undefined;
    const gap = gapBetween(text, at);
    return /^\s?:?\s{1,2}$/.test(gap) ? { at: at + 1, isSure: gap.includes(':') } : undefined;
  }
  if (isRelative(text, at)) return { at: at + 1, isSure: false, needsTwo: caseOf(text.folded, words[at]) !== LOWER };
  if ((flags & (NAME_LABEL | OPEN_NAME_LABEL)) === 0) return undefined;
  if (words[at].text === 'name' && at > 0 && (words[at - 1].flags & THING) !== 0) return undefined;
  let next = at + 1;
  // Ref. phys.: X, Patient's name: X
  while (
    next < words.length - 1 &&
    next - at < 4 &&
    isLabelPart(words[next]) &&
    BETWEEN_LABELS.test(gapBetween(text, next - 1))
  )
    next++;
  const gap = gapBetween(text, next - 1);
  if (WITH_COLON.test(gap)) return { at: next, isSure: true };
  return (flags & OPEN_NAME_LABEL) !== 0 && next === at + 1 && OPEN.test(gap) ? { at: next, isSure: false } : undefined;
}

/** "daughter Jane Quimble", not "DAUGHTER REPORTS PAIN": in capitals nothing tells a name from a sentence. */
function isRelative(text: ReadText, at: number): boolean {
  const word = text.words[at];
  if ((word.flags & RELATIVE) === 0 || caseOf(text.folded, word) === UPPER || !/^ $/.test(gapBetween(text, at)))
    return false;
  const next = text.words[at + 1];
  const isWord = next.text.length > 1 || text.folded.text[next.end] === "'";
  return next.kind === LETTERS && isWord && caseOf(text.folded, next) !== LOWER;
}

function isLabelPart({ flags }: Word): boolean {
  return (flags & (FILLER_LABEL | NAME_LABEL | OPEN_NAME_LABEL)) !== 0;
}

/** The last word of an announced name; undefined when no name stands there. */
function lastOfName(text: ReadText, name: Announced): number | undefined {
  const first = name.at;
  const { words } = text;
  let last: number | undefined;
  for (let at = first; at < words.length && at - first < MAX_PARTS + 2; at++) {
    const word = words[at];
    if (!(at === first ? FIRST_GAP : IN_NAME).test(gapBetween(text, at - 1))) break;
    const isAfterComma = at > first && gapBetween(text, at - 1).includes(',');
    if (word.kind !== LETTERS || !isPart(text, at, name, isAfterComma)) break;
    if ((word.flags & PARTICLE) !== 0 && word.text.length > 1) continue;
    last = at;
    // A sentence ends: "Dr. Smith. No change."
    if (text.folded.text[word.end] === '.' && word.text.length > 2) break;
    if (at - first >= MAX_PARTS) break;
  }
  return last;
}

function isPart(
  text: ReadText,
  at: number,
  { at: first, isSure, isTitled }: Announced,
  isAfterComma: boolean,
): boolean {
  const isFirst = at === first;
  const word = text.words[at];
  const isLower = caseOf(text.folded, word) === LOWER;
  if ((word.flags & PARTICLE) !== 0 && word.text.length > 1) return hasPartBehind(text, at);
  if (word.text.length === 1) return !isLower && !isCountedLetter(text, at);
  if ((word.flags & DEGREE) !== 0) return !isFirst;
  if (isLower && !isSure) return false;
  if (isLower && !isFirst && word.flags !== 0) return false;
  // Right behind a title or a label "White" and "May" are names; what is medicine in the first place is not.
  const isName =
    (word.flags & (EPONYM | COLLOCATED | MONTH)) !== 0 && (isSure || (word.flags & (SENTENCE | UNIT)) === 0);
  if (isName) return isFirst || isSure || !isAfterComma;
  if (!isSure && ((word.flags & ID_LABEL) !== 0 || ABSTRACT.test(word.text))) return false;
  // Page and Price are terms of the standard, too.
  const stops = isSure || isTitled === true ? WORD_OF_LANGUAGE & ~TERM : WORD_OF_LANGUAGE;
  return (word.flags & stops) === 0;
}

/** "van der Berg": a particle is part of a name when a part follows. */
function hasPartBehind(text: ReadText, at: number): boolean {
  const next = text.words[at + 1] as Word | undefined;
  if (next === undefined || next.kind !== LETTERS || !/^[ '-]{1,2}$/.test(gapBetween(text, at))) return false;
  if ((next.flags & PARTICLE) !== 0) return (text.words[at + 2] as Word | undefined)?.kind === LETTERS;
  return caseOf(text.folded, next) !== LOWER && (next.flags & (CLINICAL | SENTENCE)) === 0;
}

/** T1, L5: the letter of a number. */
function isCountedLetter(text: ReadText, at: number): boolean {
  return (text.words[at + 1] as Word | undefined)?.start === text.words[at].end;
}

function isInitialDot(text: ReadText, at: number): boolean {
  return text.words[at].text.length <= 2 && text.folded.text[text.words[at].end] === '.';
}
