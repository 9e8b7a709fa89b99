// The names of the patient, relatives and staff in a text, with the initials, titles and particles that stand with them.
import type { Folded } from './fold.ts';
import { sourceStart } from './fold.ts';
import { CLINICAL, COLLOCATED, DEGREE, flagsOf, MONTH, PARTICLE, SENTENCE, TERM } from './lexicon.ts';
import { isInitials, isOneLetter } from './initials.ts';
import { isNameInContext, isTitle } from './name-context.ts';
import { gapBetween } from './name-text.ts';
import type { NameText } from './name-text.ts';
import type { NameIndex, NameWord } from './name-index.ts';
import type { FoundSpan } from './span.ts';
import { caseOf, classOf, LETTERS, LOWER, UNSPACED } from './words.ts';
import type { Word } from './words.ts';

const CAMEL = /\p{Ll}\p{Lu}/u;
const CYRILLIC = /^[\u0400-\u04FF]{5,}$/;
const CYRILLIC_ENDING = /(?:ого|ому|ой|ым|ом|ем|ей|ую|а|у|е|ы|и|я|ю)$/;
const SEMITIC = /^[\u0590-\u06FF]{4,}$/;
const SEMITIC_PREFIX = /^(?:وال|بال|ال|و|ل|ب|ה|ו|ל|ב|מ|ש)/;
const BESIDE = /^[\s^,._-]{0,3}['’]?$/;
/** Between parts of one name, beside what BESIDE allows: "Ng/Ai", "Long; Hu", "E (Wen)". */
const BETWEEN_OWN_PARTS = /^ ?[/;(] ?$/;
/** Particles that are nothing else in descriptions, even when our values do not have them. */
const SURE_PARTICLES: ReadonlySet<string> = new Set('von van der zu ter bin ibn mc mac del della dos'.split(' '));
/** サン is how さん folds. */
const HONORIFIC = /^ ?(?:様|サン|先生|氏|殿|君|チャン|医師|씨|님|선생님)/;

/** @param isName is true for a text that is nothing but a name: then every part goes without a look at the context */
export function findNames(text: NameText, isName: boolean): FoundSpan[] {
  const spans: FoundSpan[] = [];
  for (const at of text.hits.keys()) {
    const hit = text.hits.get(at);
    if (hit === undefined || hit.sort === 'particle') continue;
    if (hit.sort === 'distinct' || isName || isNameInContext(text, at)) spans.push(wholeName(text, at));
  }
  if (text.index.lettersOfFamily.size > 0) findLetterNames(text, spans);
  if (CAMEL.test(text.folded.source)) findInCamelCase(text, spans);
  if (text.index.phrases.size > 0) findPhrases(text, spans);
  if (text.index.hasUnspaced && text.folded.origin !== undefined) findUnspaced(text, spans);
  return spans;
}

/** The words of a text that are, or may be, names of ours, by their place. */
export function findHits(words: readonly Word[], index: NameIndex): ReadonlyMap<number, NameWord> {
  const hits = new Map<number, NameWord>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word.kind !== LETTERS) continue;
    const hit =
      index.words.get(word.text) ?? ((word.flags & ~TERM) === 0 ? lookUpInflected(word.text, index) : undefined);
    if (hit !== undefined) hits.set(at, hit);
    // Mc Donald, O'Brien, De Luca where our value has one word, or the other way round.
    const next = words[at + 1] as Word | undefined;
    if (next?.kind !== LETTERS || next.start - word.end !== 1 || word.text.length + next.text.length < 5) continue;
    // 3T Smith: the letter is the number's.
    if (at > 0 && words[at - 1].end === word.start) continue;
    const joined = hit?.sort === 'distinct' ? undefined : index.words.get(word.text + next.text);
    if (joined?.sort !== 'distinct') continue;
    hits.set(at, joined);
    hits.set(at + 1, joined);
    at++;
  }
  return hits;
}

/** Smiths, Иванову, والخطيب. */
function lookUpInflected(word: string, index: NameIndex): NameWord | undefined {
  let base: string | undefined;
  if (word.length >= 5 && word.endsWith('s')) base = word.slice(0, -1);
  else if (CYRILLIC.test(word)) base = word.replace(CYRILLIC_ENDING, '');
  else if (SEMITIC.test(word)) base = word.replace(SEMITIC_PREFIX, '');
  if (base === undefined || base === word) return undefined;
  const hit = index.words.get(base);
  return hit?.sort === 'distinct' ? hit : undefined;
}

/** The name at `at` with what belongs to it on both sides. */
function wholeName(text: NameText, at: number): FoundSpan {
  const { words, folded } = text;
  let first = at;
  let last = at;
  let end = words[at].end;
  while (last + 1 < words.length && isPartBehind(text, at, last)) {
    last++;
    end = words[last].end;
    if ((words[last].text.length <= 2 || isOneLetter(text, last)) && folded.text[end] === '.') end++;
  }
  if (/^['’]s(?![a-z])/.test(folded.text.slice(end, end + 3))) end += 2;
  while (first > 0 && isPartBefore(text, at, first)) first--;
  // 't Hooft.
  const start = words[first].start - (words[first].text === 't' && folded.text[words[first].start - 1] === "'" ? 1 : 0);
  return { start, end, kind: text.hits.get(at)?.persons.has(-1) === true ? 'place' : 'name' };
}

function isPartBehind(text: NameText, at: number, last: number): boolean {
  const word = text.words[last + 1];
  if (word.kind !== LETTERS || text.hits.get(at)?.persons.has(-1) === true) return false;
  const gap = gapBetween(text, last);
  if (BETWEEN_OWN_PARTS.test(gap)) return isOwnPart(text, at, last + 1);
  if (!BESIDE.test(gap)) return false;
  if (isParticleInitial(text, at, last + 1)) return true;
  if (text.hits.get(last + 1)?.sort === 'particle') return true;
  return isDottedInitial(text, last + 1) || isInitials(text, at, last + 1) || isDegree(text, last + 1);
}

function isPartBefore(text: NameText, at: number, first: number): boolean {
  const word = text.words[first - 1];
  const gap = gapBetween(text, first - 1);
  if (word.kind !== LETTERS) return false;
  if (text.hits.get(at)?.persons.has(-1) === true) return false;
  if (isTitle(text, first - 1) && /^\.?[\s^]{0,2}['’]?$/.test(gap)) return true;
  if (BETWEEN_OWN_PARTS.test(gap)) return isOwnPart(text, at, first - 1);
  // O'Brien, d'Angelo, Al-Khatib.
  if (/^['-]$/.test(gap) && word.text.length <= 2 && (word.flags & PARTICLE) !== 0) return true;
  if (!BESIDE.test(gap)) return false;
  if (text.hits.get(first - 1)?.sort === 'particle' || SURE_PARTICLES.has(word.text)) return true;
  return (isDottedInitial(text, first - 1) && !gap.includes(',')) || isInitials(text, at, first - 1);
}

/** Another part of the name of somebody whose name stands at `at`. */
function isOwnPart(text: NameText, at: number, beside: number): boolean {
  const own = text.hits.get(at);
  const part = text.words[beside].text;
  if (own === undefined || part === text.words[at].text) return false;
  for (const person of own.persons) if (person !== -1 && text.index.parts[person].includes(part)) return true;
  return false;
}

/** "Maarten v.": the dotted initial of an own particle, as small as the particle. */
function isParticleInitial(text: NameText, at: number, beside: number): boolean {
  const word = text.words[beside];
  if (word.text.length !== 1 || text.folded.text[word.end] !== '.') return false;
  for (const person of text.hits.get(at)?.persons ?? [])
    if (person !== -1 && text.index.parts[person].some((part) => isParticleOf(part, word.text))) return true;
  return false;
}

function isParticleOf(part: string, initial: string): boolean {
  return part.startsWith(initial) && (flagsOf(part) & PARTICLE) !== 0;
}

/** "J." beside a name; in small letters it is one only when the name is. */
function isDottedInitial(text: NameText, at: number): boolean {
  const word = text.words[at];
  return isOneLetter(text, at) && text.folded.text[word.end] === '.' && caseOf(text.folded, word) !== LOWER;
}

function isDegree(text: NameText, at: number): boolean {
  return (text.words[at].flags & DEGREE) !== 0 && caseOf(text.folded, text.words[at]) !== LOWER;
}

/** "E, W." of E^Wen: a family name of one letter beside an initial. Alone such a letter tells nothing. */
function findLetterNames(text: NameText, spans: FoundSpan[]): void {
  const { folded, words, index } = text;
  for (let at = 0; at + 1 < words.length; at++) {
    if (!isCapital(text, at) || !isCapital(text, at + 1) || !BESIDE.test(gapBetween(text, at))) continue;
    const [one, other] = [words[at].text, words[at + 1].text];
    const isName = index.parts.some(
      ([family, ...given]) =>
        (family === one && given.some((part) => part.startsWith(other))) ||
        (family === other && given.some((part) => part.startsWith(one))),
    );
    if (!isName) continue;
    const { end } = words[at + 1];
    spans.push({ start: words[at].start, end: folded.text[end] === '.' ? end + 1 : end, kind: 'name' });
  }
}

/** One capital that belongs to no number. */
function isCapital({ folded, words }: NameText, at: number): boolean {
  const word = words[at];
  if (word.kind !== LETTERS || word.text.length !== 1 || caseOf(folded, word) === LOWER) return false;
  return !(at > 0 && words[at - 1].end === word.start) && (words[at + 1] as Word | undefined)?.start !== word.end;
}

/** ScanSmithJohn, SmithCT. */
function findInCamelCase(text: NameText, spans: FoundSpan[]): void {
  const { folded, words, index } = text;
  for (const [at, word] of words.entries()) {
    if (word.kind !== LETTERS || word.text.length < 4 || text.hits.has(at)) continue;
    let from = word.start;
    for (let to = word.start + 1; to <= word.end; to++) {
      if (to < word.end && !CAMEL.test(folded.source.slice(sourceStart(folded, to - 1), sourceStart(folded, to) + 1)))
        continue;
      if (to - from < word.end - word.start && isOwnPiece(folded.text.slice(from, to), index))
        spans.push({ start: from, end: to, kind: 'name' });
      from = to;
    }
  }
}

/** Inside a longer word nothing else tells, so that an eponym counts, and a word of medicine or of the language does not. */
function isOwnPiece(piece: string, index: NameIndex): boolean {
  const own = index.words.get(piece);
  if (own?.sort === 'ambiguous')
    return (flagsOf(piece) & (CLINICAL | SENTENCE | COLLOCATED | MONTH)) === 0 && piece.length > 2;
  return own?.sort === 'distinct';
}

/** Places of several words, whatever separates the words. */
function findPhrases({ folded, words, index }: NameText, spans: FoundSpan[]): void {
  for (let at = 0; at < words.length; at++) {
    for (const phrase of index.phrases.get(words[at].text) ?? []) {
      let length = 1;
      while (length < phrase.length && isNextOf(folded, words, at + length, phrase[length])) length++;
      if (length === phrase.length)
        spans.push({ start: words[at].start, end: words[at + length - 1].end, kind: 'place' });
    }
  }
}

function isNextOf(folded: Folded, words: readonly Word[], at: number, expected: string): boolean {
  const word = words[at] as Word | undefined;
  if (word?.text !== expected) return false;
  return word.start - words[at - 1].end <= 4 && !folded.text.slice(words[at - 1].end, word.start).includes('\n');
}

/** Names in scripts without spaces, anywhere in a run; a name of one character only as a run of its own, or beside another. */
function findUnspaced({ folded, words, index }: NameText, spans: FoundSpan[]): void {
  const { text } = folded;
  for (const word of words) {
    if (word.kind !== UNSPACED) continue;
    for (let start = word.start; start < word.end;) {
      const end = longestName(text, start, index);
      const isAlone = start === word.start && end === word.end;
      const isAddressed = end !== undefined && HONORIFIC.test(text.slice(end, end + 4));
      if (end === undefined || (end - start === 1 && !isAlone && !isAddressed)) {
        start++;
        continue;
      }
      const honorific = HONORIFIC.exec(text.slice(end, end + 4));
      const behind = end + (honorific?.[0].length ?? 0);
      spans.push({ start, end: behind, kind: 'name' });
      start = Math.max(behind, end);
    }
  }
}

function longestName(text: string, start: number, index: NameIndex): number | undefined {
  let node = index.unspaced;
  let end: number | undefined;
  for (let at = start; at < text.length && classOf(text.charCodeAt(at)) === UNSPACED; at++) {
    const next = node.next.get(text.charCodeAt(at));
    if (next === undefined) break;
    node = next;
    if (node.isEnd) end = at + 1;
  }
  return end;
}
