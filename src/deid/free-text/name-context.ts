// Whether a word that is both a name of ours and a word of medicine or of the language stands for the name.
//
// The rule, in this order; the first that applies decides:
//   1. name: another part of a name of ours beside it, or an initial of the same person, or a title, label or "for"/"by" that
//      announces a person, or a comma with an unknown capitalised word behind it ("May, Tim")
//   2. word: beside its own neighbours (eponyms.ts): "Wilson disease", "white matter", "may show", "T1 Dixon", "LAO/RAO"; then
//      name: with a possessive ("HAND'S")
//   3. word: anatomy and technique beside another word of medicine or a small number: "left hand", "HEAD/NECK", "HIP 2 views";
//      any word of medicine in lower case where the text has capitals: "Kidney long"
//   4. word: before or behind an article; in lower case behind a preposition, in a text that has capitals: "pain in the neck"
//   5. word: one or two letters that abbreviate something ("li", "an"), unless written like a name: "CT Thorax Li"
//   6. name: nothing told.
import {
  BEFORE_AN_EPONYM,
  BY,
  BY_VERB,
  CLINICAL,
  COLLOCATED,
  DETERMINER,
  EPONYM,
  EPONYM_HEAD,
  LEAD_IN,
  MONTH,
  OPEN_NAME_LABEL,
  NAME_LABEL,
  SENTENCE,
  TITLE,
  UNIT,
} from './lexicon.ts';
import { COLLOCATIONS } from './eponyms.ts';
import { SHOUTED_NO_TITLE, TITLE_ENDINGS } from './label-words.ts';
import { isInitials } from './initials.ts';
import type { NameWord } from './name-index.ts';
import { BETWEEN_PARTS, gapBetween } from './name-text.ts';
import type { NameText, ReadText } from './name-text.ts';
import { caseOf, DIGITS, LETTERS, LOWER, TITLE_CASE } from './words.ts';
import type { Word } from './words.ts';

/** What may stand between parts of one person's name only: "Hand; Robert", "Ng/Ai". */
const BETWEEN_OWN_PARTS = /^ ?[/;] ?$/;
const POSSESSIVE = /^['’]s(?![a-z])/;
/** What may stand between the words of a phrase. */
const BETWEEN_WORDS = /^[\s_/\-^+&(),.']{0,3}$/;
const MAX_SMALL_NUMBER = 3;

export function isNameInContext(text: NameText, at: number): boolean {
  if (hasNameBeside(text, at) || hasInitialBeside(text, at) || isAnnounced(text, at)) return true;
  const word = text.words[at];
  if (isInPhrase(text, at)) return false;
  if (isPossessive(text, at)) return true;
  if (isFollowedByGivenName(text, at) || isBehindLeadIn(text, at)) return true;
  if ((isTechnical(word) || isPlainlyWritten(text, at)) && hasMedicineBeside(text, at)) return false;
  if (isPlainWord(text, at) || isBeforeDeterminer(text, at)) return false;
  if (word.text.length <= 2 && (word.flags & (CLINICAL | SENTENCE | UNIT)) !== 0) return isWrittenLikeName(text, at);
  return true;
}

/** Rule 1: another part of the same person's name, or an unmistakable name, with at most two initials or particles between. */
function hasNameBeside(text: NameText, at: number): boolean {
  const own = text.hits.get(at);
  return own !== undefined && (lookAlong(text, at, own, 1) || lookAlong(text, at, own, -1));
}

function lookAlong(text: NameText, at: number, own: NameWord, step: 1 | -1): boolean {
  for (let next = at + step, far = 0; next >= 0 && next < text.words.length && far < 3; next += step, far++) {
    const gap = gapBetween(text, Math.min(next, next - step));
    const hit = text.hits.get(next);
    if (BETWEEN_OWN_PARTS.test(gap) ? hit === undefined || !sharesPerson(hit, own) : !BETWEEN_PARTS.test(gap))
      return false;
    const word = text.words[next];
    if (hit?.sort === 'distinct' && !hit.persons.has(-1)) return true;
    // In "long head" two persons' names meet by chance; in "White May" one person's parts do.
    if (hit?.sort === 'ambiguous' && word.text !== text.words[at].text && sharesPerson(hit, own))
      return !isHeldByPhrase(text, at, next);
    if (hit?.sort !== 'particle' && word.text.length > 1) return false;
  }
  return false;
}

/** "white hand brown matter": beside its own neighbours a word of the language is no part of a name that others lean on. */
function isHeldByPhrase(text: NameText, at: number, other: number): boolean {
  return isInPhrase(text, other) && isInPhrase(text, at);
}

function sharesPerson(one: NameWord, other: NameWord): boolean {
  for (const person of one.persons) if (person !== -1 && other.persons.has(person)) return true;
  return false;
}

/** Rule 1: "Wilson A", "J. White", "WHITE, JM": letters that begin the other parts of the name. */
function hasInitialBeside(text: NameText, at: number): boolean {
  return isInitials(text, at, at + 1) || isInitials(text, at, at - 1);
}

/** Rule 1: "Dr. Wilson", "Patient: White", "read by Brown". */
function isAnnounced(text: NameText, at: number): boolean {
  if (at === 0) return false;
  const before = text.words[at - 1];
  const gap = gapBetween(text, at - 1);
  if (isTitle(text, at - 1)) return /^\.?\s{0,2}$/.test(gap);
  if (/^\s?[:=]\s{0,2}$/.test(gap)) return (before.flags & (NAME_LABEL | OPEN_NAME_LABEL | TITLE)) !== 0;
  return (before.flags & BY) !== 0 && at > 1 && (text.words[at - 2].flags & BY_VERB) !== 0;
}

/** A title as it is written before names; MR in capitals without a dot is a modality. */
export function isTitle(text: ReadText, at: number): boolean {
  const word = text.words[at];
  if ((word.flags & TITLE) === 0) return isTitleEnding(text, at);
  if (text.folded.text[word.end] === '.' || !SHOUTED_NO_TITLE.has(word.text)) return true;
  return caseOf(text.folded, word) === TITLE_CASE;
}

/** The ra of "Sig.ra", the ssa of "Dott.ssa". */
function isTitleEnding(text: ReadText, at: number): boolean {
  if (at === 0 || !TITLE_ENDINGS.has(text.words[at].text) || gapBetween(text, at - 1) !== '.') return false;
  return (text.words[at - 1].flags & TITLE) !== 0;
}

/** Rule 1: "May, Tim": a comma, and behind it a capitalised word that is in no vocabulary. */
function isFollowedByGivenName(text: NameText, at: number): boolean {
  const next = text.words[at + 1] as Word | undefined;
  if (next === undefined || next.kind !== LETTERS || caseOf(text.folded, text.words[at]) === LOWER) return false;
  const gap = gapBetween(text, at);
  if (gap === '^') return text.hits.has(at + 1);
  return gap.startsWith(',') && gap.trim() === ',' && next.flags === 0 && caseOf(text.folded, next) !== LOWER;
}

/** Rule 1: "for Brown", "by Young". */
function isBehindLeadIn(text: NameText, at: number): boolean {
  if (at === 0 || caseOf(text.folded, text.words[at]) === LOWER || (text.words[at].flags & CLINICAL) !== 0)
    return false;
  return (text.words[at - 1].flags & LEAD_IN) !== 0 && /^[\s:]{1,2}$/.test(gapBetween(text, at - 1));
}

/** Rule 2. */
function isInPhrase(text: NameText, at: number): boolean {
  const { words } = text;
  const word = words[at];
  const next = at + 1 < words.length && BETWEEN_WORDS.test(gapBetween(text, at)) ? words[at + 1] : undefined;
  const before = at > 0 && BETWEEN_WORDS.test(gapBetween(text, at - 1)) ? words[at - 1] : undefined;
  if ((word.flags & EPONYM) !== 0) {
    // Past the s of "Paget's" and the type of "Weber B fracture".
    const head = next?.text.length === 1 && !isInitials(text, at, at + 1) ? (words[at + 2] as Word | undefined) : next;
    if (head !== undefined && (head.flags & EPONYM_HEAD) !== 0) return true;
    if (before !== undefined && (before.flags & BEFORE_AN_EPONYM) !== 0) return true;
    if (
      before !== undefined &&
      /^(?:of|de|di|van|da|du)$/.test(before.text) &&
      at > 1 &&
      (words[at - 2].flags & BEFORE_AN_EPONYM) !== 0
    )
      return true;
    // Hill-Sachs, Osgood-Schlatter: eponyms in a row.
    if (isLinkedEponym(text, at, next, at) || isLinkedEponym(text, at, before, at - 1)) return true;
  }
  if ((word.flags & COLLOCATED) === 0) return false;
  const own = COLLOCATIONS[word.text];
  if (next !== undefined && isAmong(next, own.next)) return true;
  if (before !== undefined && isAmong(before, own.before)) return true;
  // "may show" reads as a verb wherever a sentence goes on in lower case behind it.
  return (
    (word.text === 'may' || word.text === 'will') &&
    caseOf(text.folded, word) === LOWER &&
    next?.kind === LETTERS &&
    caseOf(text.folded, next) === LOWER &&
    !text.hits.has(at + 1)
  );
}

function isLinkedEponym(text: NameText, at: number, other: Word | undefined, left: number): boolean {
  if (other === undefined || (other.flags & EPONYM) === 0 || text.hits.has(left === at ? at + 1 : at - 1)) return false;
  return /^[-/–]$/.test(gapBetween(text, left));
}

function isAmong(word: Word, list: readonly string[] | undefined): boolean {
  if (list === undefined) return false;
  if (word.kind === DIGITS) return word.text.length <= MAX_SMALL_NUMBER && list.includes('#');
  return list.includes(word.text);
}

/** "HAND'S": what has a possessive and is no eponym in its phrase. In small letters it may be a word: "the hand's skin". */
function isPossessive(text: NameText, at: number): boolean {
  const { end } = text.words[at];
  return POSSESSIVE.test(text.folded.text.slice(end, end + 3)) && caseOf(text.folded, text.words[at]) !== LOWER;
}

/** "Kidney long": a word of medicine in small letters where the text has capitals. */
function isPlainlyWritten({ folded, words }: NameText, at: number): boolean {
  const word = words[at];
  if ((word.flags & CLINICAL) === 0 || word.text.length <= 2 || caseOf(folded, word) !== LOWER) return false;
  return folded.source !== folded.source.toLowerCase();
}

/** Words of anatomy and technique proper: no eponyms, colours, months or verbs. */
function isTechnical(word: Word): boolean {
  return (word.flags & CLINICAL) !== 0 && (word.flags & (EPONYM | COLLOCATED | MONTH)) === 0 && word.text.length > 2;
}

/** Rule 3. */
function hasMedicineBeside(text: NameText, at: number): boolean {
  return isMedicine(text, at, at + 1) || isMedicine(text, at, at - 1);
}

function isMedicine(text: NameText, at: number, beside: number): boolean {
  const word = text.words[beside] as Word | undefined;
  if (word === undefined) return false;
  const gap = gapBetween(text, Math.min(at, beside));
  if (!BETWEEN_WORDS.test(gap)) return false;
  // Hand-Schüller-Christian.
  if ((word.flags & EPONYM) !== 0 && /^[-–]$/.test(gap) && !text.hits.has(beside)) return true;
  if (word.kind === DIGITS) return word.text.length <= MAX_SMALL_NUMBER;
  return (word.flags & (CLINICAL | EPONYM_HEAD)) !== 0 && text.hits.get(beside)?.sort !== 'distinct';
}

/** Rule 4. */
function isPlainWord(text: NameText, at: number): boolean {
  if (at === 0 || !isOfLanguage(text.words[at])) return false;
  const before = text.words[at - 1];
  if (!/^[ \t]{1,2}$/.test(gapBetween(text, at - 1))) return false;
  if ((before.flags & DETERMINER) !== 0) return true;
  const isLower = caseOf(text.folded, text.words[at]) === LOWER && caseOf(text.folded, before) === LOWER;
  return isLower && (before.flags & SENTENCE) !== 0 && text.folded.source !== text.folded.source.toLowerCase();
}

/** Rule 4: "Mark the skin", "Will this"; nobody's name has an article behind it. */
function isBeforeDeterminer(text: NameText, at: number): boolean {
  const next = text.words[at + 1] as Word | undefined;
  if (next === undefined || !isOfLanguage(text.words[at]) || (text.words[at].flags & CLINICAL) !== 0) return false;
  return /^(?:the|this|that|his|her|their|its)$/.test(next.text) && /^[ \t]{1,2}$/.test(gapBetween(text, at));
}

/** More than somebody after whom something is called: "this Wilson" is a person. */
function isOfLanguage(word: Word): boolean {
  return (word.flags & (CLINICAL | SENTENCE | COLLOCATED)) !== 0;
}

/** Rule 5: in title case, not at the beginning, in a text where the word would be lower case or upper case otherwise. */
function isWrittenLikeName(text: NameText, at: number): boolean {
  if (at === 0 && text.words.length > 1) return false;
  const source = text.folded.source;
  const start = text.folded.origin === undefined ? text.words[at].start : text.folded.origin[text.words[at].start];
  const [first, second] = [source.charAt(start), source.charAt(start + 1)];
  if (first === first.toLowerCase() || second !== second.toLowerCase()) return text.words.length === 1;
  const next = text.words[at + 1] as Word | undefined;
  return next === undefined || next.kind !== LETTERS || caseOf(text.folded, next) !== LOWER;
}
