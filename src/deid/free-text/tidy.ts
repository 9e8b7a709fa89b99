// Taking stretches out of a text so that what is left reads as if they had never been there: words that announced them go with
// them, and no separator, bracket or space is left dangling.
import { sourceEnd, sourceStart } from './fold.ts';
import type { Folded } from './fold.ts';
import { BY, BY_VERB, DATE_LEAD_IN, ID_LABEL, JOINER, LEAD_IN, OPEN_NAME_LABEL, PHONE_LABEL } from './lexicon.ts';
import type { FoundSpan, RemovedKind } from './span.ts';
import { caseOf, LETTERS, UPPER, wordIndexAt } from './words.ts';
import { SHOUTED_NO_LEAD_IN } from './label-words.ts';
import type { Word } from './words.ts';

/** The words that go with what they announce. */
const ANNOUNCES: Readonly<Record<RemovedKind, number>> = {
  name: LEAD_IN | OPEN_NAME_LABEL | BY,
  place: LEAD_IN | PHONE_LABEL | DATE_LEAD_IN,
  date: DATE_LEAD_IN,
  age: 0,
  id: ID_LABEL,
  uid: ID_LABEL | PHONE_LABEL,
  phone: PHONE_LABEL,
  email: PHONE_LABEL,
  url: PHONE_LABEL,
  address: PHONE_LABEL | DATE_LEAD_IN,
};
/** Behind an announcing word, before what it announces. */
const ANNOUNCING_GAP = /^[ \t\u00a0.,:=#()*'-]{0,4}(?:[:=]\s{1,3})?$/;
const SEPARATOR = /[ \t\u00a0\u3000,;:^_\-/=#&|*+‐‑‒–—−·・，；：、]/;
const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>', '"': '"', "'": "'" };
const NO_SPACE_BEFORE = /[)\]}.,;:!?\r\n]/;
const NO_SPACE_BEHIND = /[([{\r\n]/;
const MEANINGFUL = /[\p{L}\p{N}]/u;

/** Removals take the words with them that announce them: "for", "by", "ref:", "MRN", "on", "tel". */
export function withAnnouncers(
  folded: Folded,
  words: readonly Word[],
  spans: readonly FoundSpan[],
): readonly FoundSpan[] {
  const widened: FoundSpan[] = [];
  let floor = 0;
  for (const span of spans) {
    widened.push(
      span.replacement === undefined ? { ...span, start: announcedStart(folded, words, span, floor) } : span,
    );
    floor = span.end;
  }
  return widened;
}

function announcedStart(folded: Folded, words: readonly Word[], span: FoundSpan, floor: number): number {
  const { text } = folded;
  let start = span.start;
  const first = words[wordIndexAt(words, start)] as Word | undefined;
  let flags = ANNOUNCES[span.kind] | byVerb(first);
  for (let at = wordIndexAt(words, start) - 1; at >= 0 && words[at].start >= floor; at--) {
    const word = words[at];
    if (word.kind !== LETTERS || !ANNOUNCING_GAP.test(text.slice(word.end, start))) break;
    // 012Y, T1A: letters of a number.
    if (at > 0 && words[at - 1].end === word.start) break;
    const isBetween = (word.flags & JOINER) !== 0 && (isLastBefore(text, floor, word.start) || isLast(text, span.end));
    if ((word.flags & flags) === 0 && !isBetween && !isTiny(word, words[at + 1])) break;
    if (SHOUTED_NO_LEAD_IN.has(word.text) && caseOf(folded, word) === UPPER) break;
    start = word.start;
    // "read by Dr. X"; and before an announcing word any other may stand: "for MRN 123", "ref patient X".
    flags = LEAD_IN | ANNOUNCES[span.kind] | byVerb(word);
  }
  return start;
}

/** Before "by" goes what was done: "read by". */
function byVerb(word: Word | undefined): number {
  return word !== undefined && (word.flags & BY) !== 0 ? BY_VERB : 0;
}

/** The s of "patient's name". */
function isTiny(word: Word, next: Word | undefined): boolean {
  return word.text === 's' && next !== undefined && (next.flags & LEAD_IN) !== 0;
}

/** "Smith and Jones": only a joining word between two removals. */
function isLastBefore(text: string, floor: number, at: number): boolean {
  return floor > 0 && at - floor <= 3 && !MEANINGFUL.test(text.slice(floor, at));
}

function isLast(text: string, end: number): boolean {
  return text.length - end <= 3 && !MEANINGFUL.test(text.slice(end));
}

interface Region {
  start: number;
  end: number;
  readonly cutStart: number;
  cutEnd: number;
}

/** The source without the removals and with the replacements; '' when nothing that means anything is left. */
export function cutSpans(folded: Folded, spans: readonly FoundSpan[]): string {
  const { source } = folded;
  const pieces: string[] = [];
  let from = 0;
  for (const span of regionsOf(folded, spans)) {
    if ('replacement' in span) {
      pieces.push(source.slice(from, span.start), span.replacement);
      from = span.end;
      continue;
    }
    pieces.push(source.slice(from, span.start), glue(source, span));
    from = span.end;
  }
  pieces.push(source.slice(from));
  const text = pieces.join('');
  return MEANINGFUL.test(text) ? text : '';
}

interface Exchange {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Removals widened over the separators and brackets around them; what then touches is one. */
function regionsOf(folded: Folded, spans: readonly FoundSpan[]): readonly (Region | Exchange)[] {
  const { source } = folded;
  const regions: (Region | Exchange)[] = [];
  for (const [at, span] of spans.entries()) {
    const cutStart = sourceStart(folded, span.start);
    const cutEnd = sourceEnd(folded, span.end);
    const last = regions.at(-1);
    const floor = last?.end ?? 0;
    if (span.replacement !== undefined) {
      regions.push({ start: Math.max(cutStart, floor), end: cutEnd, replacement: span.replacement });
      continue;
    }
    const next = spans[at + 1] as FoundSpan | undefined;
    const ceiling = next?.replacement === undefined ? source.length : sourceStart(folded, next.start);
    const region = widen(source, { start: cutStart, end: cutEnd, cutStart, cutEnd }, floor, ceiling);
    regions.push(region);
    joinTouching(source, regions, ceiling);
  }
  return regions;
}

/** What touches is one region; brackets may close around both. */
function joinTouching(source: string, regions: (Region | Exchange)[], ceiling: number): void {
  for (;;) {
    const last = regions.at(-1);
    const before = regions.at(-2);
    if (last === undefined || before === undefined || 'replacement' in last || 'replacement' in before) return;
    if (last.start > before.end) return;
    const joined = { ...before, end: Math.max(before.end, last.end), cutEnd: last.cutEnd };
    regions.splice(-2, 2, widen(source, joined, regions.at(-3)?.end ?? 0, ceiling));
  }
}

function widen(source: string, region: Region, floor: number, ceiling: number): Region {
  for (;;) {
    while (region.start > floor && SEPARATOR.test(source[region.start - 1])) region.start--;
    while (region.end < ceiling && SEPARATOR.test(source[region.end])) region.end++;
    const isAtStart = region.start === 0 || source[region.start - 1] === '\n';
    // A full stop ends the sentence before; where there is none it dangles.
    if (region.end < ceiling && source[region.end] === '.' && (isAtStart || source[region.start - 1] === '.')) {
      if (!/\d/.test(source[region.end + 1] ?? '')) {
        region.end++;
        continue;
      }
    }
    const opening = region.start > floor ? source[region.start - 1] : '';
    if (region.end >= ceiling || opening === '' || PAIRS[opening] !== source[region.end]) break;
    region.start--;
    region.end++;
  }
  // A line of its own goes with its end.
  const isLine = (region.start === 0 || source[region.start - 1] === '\n') && region.end < ceiling;
  if (isLine && source.startsWith('\r\n', region.end)) region.end += 2;
  else if (isLine && source[region.end] === '\n') region.end++;
  return region;
}

/** What stands where the removed stretch stood: one separator, as the text has it, or nothing. */
function glue(source: string, { start, end, cutStart, cutEnd }: Region): string {
  if (start === 0 || end >= source.length) return '';
  const before = source[start - 1];
  const behind = source[end];
  if (NO_SPACE_BEHIND.test(before) || NO_SPACE_BEFORE.test(behind)) return '';
  const left = source.slice(start, Math.max(start, cutStart));
  const right = source.slice(Math.min(cutEnd, end), end);
  if (/[^\s([{"']/.test(right)) return right.replace(/[^\s,;:^_\-/=#&|*+]/g, '').replace(/\s{2,}/g, ' ');
  if (/[^\s([{"']/.test(left)) return left.replace(/[^\s,;:^_\-/=#&|*+]/g, '').replace(/\s{2,}/g, ' ');
  if (left !== '' || right !== '') return ' ';
  return MEANINGFUL.test(before) && MEANINGFUL.test(behind) && cutStart === start ? ' ' : '';
}
