// Clean Descriptors (PS3.15 E.3.5, 2026d): the text of an attribute without what identifies the patient, relatives or staff.
//
// Taken out: the given names, ids, UIDs, dates and places however they are spelled, names behind titles and labels, and what
// shows by its form (mail, URL, phone, postal address, national ids, UIDs, dates, long numbers). Ages above 89 become "90+".
// Kept: all else, years alone, times of day without a date, numbers of techniques, versions of up to three parts.
import { findAges } from './ages.ts';
import { fold, sourceEnd, sourceStart } from './fold.ts';
import type { Folded } from './fold.ts';
import { IdIndex } from './id-index.ts';
import { CLINICAL } from './lexicon.ts';
import type { NameText } from './name-text.ts';
import { findHits, findNames } from './name-finder.ts';
import { NameIndex } from './name-index.ts';
import { findPatterns } from './patterns.ts';
import { readingOf } from './reading.ts';
import type { Reading } from './reading.ts';
import { mergeSpans } from './span.ts';
import type { FoundSpan, RemovedKind } from './span.ts';
import { cutSpans, withAnnouncers } from './tidy.ts';
import { LETTERS, splitWords } from './words.ts';
import type { Word } from './words.ts';

export type { RemovedKind } from './span.ts';

/** The values that identify, as they stand in attributes. */
export interface TextIdentifiers {
  /** PN values as decoded, or names in any other form: the patient's first, then those of relatives and staff. */
  readonly names: readonly string[];
  /** Patient ids, other ids, accession numbers, study ids … */
  readonly ids: readonly string[];
  /** DA or DT values. */
  readonly dates: readonly string[];
  readonly uids: readonly string[];
  /** Addresses, institutions, phone numbers. */
  readonly places: readonly string[];
  /** Values of the patient's earlier instances, of any of these kinds. */
  readonly known?: readonly string[];
}

export interface TextContext {
  readonly vr: string;
  /** The text is a person's name: every part of it that is ours goes, whatever it means otherwise. */
  readonly isName?: boolean;
}

export interface CleanedText {
  /** The very string that was given when nothing was removed; '' when nothing is left. */
  readonly text: string;
  readonly removed: readonly RemovedKind[];
}

/** Value multiplicity splits these at the backslash (PS3.5 6.4); in LT, ST and UT it is a character. */
const MULTIPLE: ReadonlySet<string> = new Set(['LO', 'SH', 'PN', 'UC', 'CS', 'AE']);
const NOTHING: readonly RemovedKind[] = [];
const NONE: ReadonlySet<string> = new Set();
/** What is joined by a removal may identify anew; a text that is not at rest after this many rounds is given up. */
const MAX_ROUNDS = 8;
/** Where scanners and information systems cut values off (PS3.5 6.2). */
const LONGEST: Readonly<Record<string, number | undefined>> = { LO: 64, SH: 16 };
/** Groups of an id: 00-4711-08. */
const MAX_ID_WORDS = 3;
/** "Heart Center" is a place. */
const MIN_DESCRIPTION_WORDS = 4;
const MAX_REMEMBERED = 2048;
const MAX_REMEMBERED_CHARS = 256;

export class TextCleaner {
  readonly #names = new NameIndex();
  readonly #ids = new IdIndex();
  readonly #uids: ReadonlySet<string>;
  readonly #days: ReadonlySet<string>;
  readonly #shiftDays: number | undefined;
  readonly #seen = new Map<string, CleanedText>();

  private constructor(identifiers: TextIdentifiers, shiftDays: number | undefined) {
    const uids = new Set<string>();
    const days = new Set<string>();
    this.#uids = uids;
    this.#days = days;
    this.#shiftDays = shiftDays;
    for (const uid of identifiers.uids) addUids(uids, uid);
    for (const date of identifiers.dates) addDays(days, date);
    for (const name of identifiers.names) this.#addName(name);
    const ids = identifiers.ids.flatMap((id) => id.split('\\')).map((id) => id.trim());
    for (const id of ids) if (!/\s/.test(id)) this.#ids.add(id);
    for (const id of ids) if (/\s/.test(id) && !this.#isDescription(id)) this.#ids.add(id);
    for (const place of identifiers.places) if (!this.#isDescription(place)) this.#addPlace(place);
    for (const value of identifiers.known ?? []) {
      if (/^\d+(?:\.\d+){3,}$/.test(value)) addUids(uids, value);
      else if (/^(?:18|19|20|21)\d{6}(?:\d{4,6})?$/.test(value)) addDays(days, value);
      else if (/\d/.test(value)) this.#addPlace(value);
      else this.#addName(value);
    }
    for (const word of this.#ids.words) this.#names.addWord(word);
  }

  /**
   * Compiles the values of one patient; under 1 ms for 50. Keep the cleaner as long as the values are the same.
   * @param options.shiftDays moves full dates whose spelling is unambiguous, in the same spelling; undefined takes all dates out
   */
  static of(identifiers: TextIdentifiers, options: { shiftDays: number | undefined }): TextCleaner {
    return new TextCleaner(identifiers, options.shiftDays);
  }

  /**
   * The text without what identifies, separators tidied; time is linear in its length. Without `shiftDays`, cleaning a
   * cleaned text changes nothing.
   */
  clean(text: string, context?: TextContext): CleanedText {
    const isMultiple = context !== undefined && MULTIPLE.has(context.vr) && text.includes('\\');
    const isName = context?.isName === true || context?.vr === 'PN';
    if (isMultiple) return this.#cleanValues(text.split('\\'), text, isName);
    const key = `${isName ? 'n' : 't'}${text}`;
    let cleaned = this.#seen.get(key);
    if (cleaned === undefined) {
      cleaned = this.#clean(text, isName);
      if (text.length <= MAX_REMEMBERED_CHARS) {
        if (this.#seen.size >= MAX_REMEMBERED) this.#seen.clear();
        this.#seen.set(key, cleaned);
      }
    }
    // A space at the place of the cut is padding.
    return text.length >= (LONGEST[context?.vr ?? ''] ?? Infinity) - 1 ? this.#withoutCutEnd(text, cleaned) : cleaned;
  }

  /** A value as long as its VR allows may have been cut: "… for KOWALCZ". The beginning of a name or id at its end goes, too. */
  #withoutCutEnd(original: string, cleaned: CleanedText): CleanedText {
    const folded = fold(cleaned.text);
    const words = splitWords(folded);
    if (!original.endsWith(cleaned.text.slice(-2))) return cleaned;
    const span = this.#cutEndOf(words);
    if (span === undefined) return cleaned;
    const text = cutSpans(folded, withAnnouncers(folded, words, [span]));
    return { text, removed: [...new Set([...cleaned.removed, span.kind])] };
  }

  /** The last word, where a name or an id begins with it; an id may have separators: "CN 9911-". */
  #cutEndOf(words: readonly Word[]): FoundSpan | undefined {
    const last = words.at(-1);
    if (last === undefined) return undefined;
    for (let from = Math.max(0, words.length - MAX_ID_WORDS); from < words.length; from++) {
      const end = words.slice(from).map(({ text }) => text);
      if (this.#ids.isBeginning(end.join(''))) return { start: words[from].start, end: last.end, kind: 'id' };
    }
    return this.#names.isBeginning(last) ? { start: last.start, end: last.end, kind: 'name' } : undefined;
  }

  /** What identifies in a text, in order, none overlapping; offsets count in the text as it was given. A date that moves or stays carries its new spelling. */
  find(text: string): readonly FoundSpan[] {
    if (text === '') return [];
    const reading = readingOf(text);
    const { folded } = reading;
    const spans = mergeSpans(this.#findAll(reading, false, NONE));
    return spans.map((span) => ({
      ...span,
      start: sourceStart(folded, span.start),
      end: sourceEnd(folded, span.end),
    }));
  }

  /**
   * True for words of medicine around one of the values: a description that somebody wrote where an id or a place belongs. Looked for
   * as a whole it would take the same words out of all descriptions.
   */
  #isDescription(value: string): boolean {
    const reading = readingOf(value);
    const { words } = reading;
    // Most ids and places have no such words, and are not read further.
    if (words.length < MIN_DESCRIPTION_WORDS || words.filter(isClinical).length < 2) return false;
    const spans = mergeSpans(this.#findAll(reading, false, NONE));
    const others = words.filter((word) => word.kind === LETTERS && !overlapsAny(spans, word.start, word.end));
    return spans.length > 0 && others.filter(isClinical).length >= 2 && others.every((word) => word.flags !== 0);
  }

  #cleanValues(values: readonly string[], text: string, isName: boolean): CleanedText {
    const cleaned = values.map((value) => this.#clean(value, isName));
    const removed = new Set(cleaned.flatMap((value) => value.removed));
    if (removed.size === 0) return { text, removed: NOTHING };
    const texts = cleaned.map((value) => value.text);
    return { text: texts.every((value) => value === '') ? '' : texts.join('\\'), removed: [...removed] };
  }

  #clean(original: string, isName: boolean): CleanedText {
    const removed = new Set<RemovedKind>();
    const moved = new Set<string>();
    let text = original;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = this.#cleanOnce(text, isName, removed, moved);
      if (next === text)
        return removed.size === 0 ? { text: original, removed: NOTHING } : { text, removed: [...removed] };
      text = next;
    }
    return { text: '', removed: [...removed] };
  }

  #cleanOnce(source: string, isName: boolean, removed: Set<RemovedKind>, moved: Set<string>): string {
    if (source === '') return source;
    const reading = readingOf(source);
    const { folded, words } = reading;
    const spans = this.#findAll(reading, isName, moved);
    if (spans.length === 0) return source;
    const merged = mergeSpans(withAnnouncers(folded, words, mergeSpans(spans)));
    for (const span of merged) {
      removed.add(span.kind);
      if (span.replacement !== undefined && span.kind === 'date') moved.add(span.replacement);
    }
    return cutSpans(folded, merged);
  }

  /** @param moved dates that an earlier round wrote: they stay */
  #findAll(reading: Reading, isName: boolean, moved: ReadonlySet<string>): FoundSpan[] {
    const { folded, words } = reading;
    const dates = mergeSpans(reading.datesBy({ days: this.#days, shiftDays: this.#shiftDays }));
    if (dates.length === 0 && this.#uids.size === 0)
      return [...reading.forms, ...this.#ids.find(folded, words), ...this.#findNames(reading, isName)];
    // The month of a date that stays is no name; a text of megabytes has more spans than a call has arguments.
    const spans = dates.filter((span) => !moved.has(textOf(folded, span)));
    const kept = dates.filter((span) => span.replacement !== undefined || moved.has(textOf(folded, span)));
    for (const found of [
      findAges(folded.text),
      findPatterns(folded, words, this.#uids, (start, end) => overlapsAny(kept, start, end)),
      this.#ids.find(folded, words),
    ])
      for (const span of found) spans.push(span);
    for (const span of this.#findNames(reading, isName)) if (!isInsideMoved(kept, span)) spans.push(span);
    return spans;
  }

  #findNames({ folded, words, labelledNames }: Reading, isName: boolean): readonly FoundSpan[] {
    const text: NameText = { folded, words, hits: findHits(words, this.#names), index: this.#names };
    return findNames(text, isName).concat(labelledNames);
  }

  /** A part of a name that has digits is an id: `PAT0042`. */
  #addName(name: string): void {
    this.#names.addName(name);
    if (/\d/.test(name)) for (const part of name.split(/[\^=\\\s,]+/)) if (/\d/.test(part)) this.#ids.add(part);
  }

  #addPlace(place: string): void {
    this.#names.addPlace(place);
    const digits = place.replace(/\D/g, '');
    if (digits.length < 4) return;
    // A phone number, or a number with its zip code, is looked for by its digits.
    if (place.replace(/[\d\s+()./-]/g, '').length <= 4) this.#ids.add(place);
    else for (const [number] of place.matchAll(/[\da-z]*\d{4,}[\da-z]*/gi)) this.#ids.add(number);
  }
}

function isClinical({ flags }: Word): boolean {
  return (flags & CLINICAL) !== 0;
}

function addUids(uids: Set<string>, value: string): void {
  for (const uid of value.split('\\')) if (uid.trim() !== '') uids.add(uid.trim());
}

/** The days of DA and DT values, YYYYMMDD. */
function addDays(days: Set<string>, value: string): void {
  for (const [, year, , month, day] of value.matchAll(/(?<!\d)(\d{4})([-./]?)(\d\d)\2(\d\d)/g))
    days.add(year + month + day);
}

function textOf({ source, origin }: Folded, { start, end }: FoundSpan): string {
  return origin === undefined ? source.slice(start, end) : source.slice(origin[start], origin[end]);
}

function isInsideMoved(dates: readonly FoundSpan[], { start, end }: FoundSpan): boolean {
  const date = firstEndingBehind(dates, start);
  return date !== undefined && date.start <= start && date.end >= end;
}

/** @param spans in order, none overlapping */
function overlapsAny(spans: readonly FoundSpan[], start: number, end: number): boolean {
  const span = firstEndingBehind(spans, start);
  return span !== undefined && span.start < end;
}

function firstEndingBehind(spans: readonly FoundSpan[], at: number): FoundSpan | undefined {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle].end <= at) low = middle + 1;
    else high = middle;
  }
  return spans[low];
}
