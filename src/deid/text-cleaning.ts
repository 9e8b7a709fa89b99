// Free text of an instance without what identifies (PS3.15 E.3.5, Clean Descriptors). One cleaner serves all instances that carry the
// same identifying values, that is, mostly a series; a text that it has seen costs a look-up.
import type { CharacterSet } from '../dicom/character-set.ts';
import { trimPadding } from '../dicom/values.ts';
import { maxLengthOf } from '../standard/vr.ts';

import { shiftDates } from './dates.ts';
import { TextCleaner } from './free-text/clean-text.ts';
import type { TextIdentifiers } from './free-text/clean-text.ts';
import type { FoundSpan } from './free-text/span.ts';
import type { Identifiers } from './identifiers.ts';

/** What a cleaner is made of. */
export type TextSource = Pick<Identifiers, 'key' | 'birthDate' | 'forText'>;

/** What is left of a text. */
export type Cleaned =
  | { readonly kind: 'same'; readonly text: string }
  | { readonly kind: 'changed'; readonly text: string; readonly value: Buffer }
  /** Nothing worth keeping is left, or it cannot be written. */
  | { readonly kind: 'nothing' };

/** A birth date is neither kept nor moved: it would tell the age. */
class BirthDate {
  /** Finds its year in a cleaned text. */
  readonly year: RegExp;
  readonly #values: TextIdentifiers;
  #withoutDates: TextCleaner | undefined;

  constructor(year: RegExp, values: TextIdentifiers) {
    this.year = year;
    this.#values = values;
  }

  /** Made for the first text that has the year, which few have. */
  get withoutDates(): TextCleaner {
    this.#withoutDates ??= TextCleaner.of(this.#values, { shiftDays: undefined });
    return this.#withoutDates;
  }
}

const NOTHING: Cleaned = { kind: 'nothing' };
/** VRs that take several values. */
const MULTI_VALUED: ReadonlySet<string> = new Set(['AE', 'LO', 'SH', 'UC']);
const MAX_TEXTS = 2048;
const MAX_REMEMBERED_CHARS = 1024;

export class TextCleaning {
  readonly #cleaner: TextCleaner;
  readonly #birth: BirthDate | undefined;
  readonly #seen = new Map<CharacterSet, Map<string, Cleaned>>();

  constructor(cleaner: TextCleaner, birth?: BirthDate) {
    this.#cleaner = cleaner;
    this.#birth = birth;
  }

  /** @param raw the value's bytes as Latin-1, padding included */
  clean(raw: string, vr: string, characterSet: CharacterSet): Cleaned {
    let seen = this.#seen.get(characterSet);
    if (seen === undefined) {
      seen = new Map<string, Cleaned>();
      this.#seen.set(characterSet, seen);
    }
    const key = `${vr}${raw}`;
    let cleaned = seen.get(key);
    if (cleaned === undefined) {
      cleaned = this.#clean(raw, vr, characterSet);
      if (seen.size >= MAX_TEXTS) seen.clear();
      if (raw.length <= MAX_REMEMBERED_CHARS) seen.set(key, cleaned);
    }
    return cleaned;
  }

  /** A text that is no attribute's value, such as one of a document, without what identifies. */
  cleanText(text: string): string {
    return text.trim() === '' ? text : this.#cleanOne(text, 'UT');
  }

  /** What identifies in such a text; a date that stays as it is spelt does not. */
  find(text: string): readonly FoundSpan[] {
    const birth = this.#birth;
    const isBirthYear = birth?.year.test(this.#cleaner.clean(text, { vr: 'UT' }).text) === true;
    const cleaner = isBirthYear ? birth.withoutDates : this.#cleaner;
    return cleaner.find(text).filter(({ start, end, replacement }) => replacement !== text.slice(start, end));
  }

  #clean(raw: string, vr: string, characterSet: CharacterSet): Cleaned {
    const original = characterSet.decode(trimPadding(Buffer.from(raw, 'latin1')), vr);
    const values = MULTI_VALUED.has(vr) ? original.split('\\') : [original];
    const left = values.map((value) => (value.trim() === '' ? value : this.#cleanOne(value, vr)));
    const text = left.join('\\');
    if (text === original) return { kind: 'same', text };
    if (left.every((value) => value.trim() === '')) return NOTHING;
    const longest = maxLengthOf(vr) ?? Infinity;
    // A moved date may be longer than the one before.
    if (left.some((value, index) => value.length > longest && value.length > values[index].length)) return NOTHING;
    const value = characterSet.encode(text, vr);
    return value === undefined ? NOTHING : { kind: 'changed', text, value };
  }

  #cleanOne(value: string, vr: string): string {
    const { text } = this.#cleaner.clean(value, { vr });
    const birth = this.#birth;
    return birth?.year.test(text) === true ? birth.withoutDates.clean(value, { vr }).text : text;
  }
}

/** The years that a birth date comes to in a text whose dates are moved or kept: then no date of the text stays. */
function birthDateOf(
  birthDate: string | undefined,
  values: TextIdentifiers,
  shiftDays: number | undefined,
): BirthDate | undefined {
  if (birthDate === undefined || shiftDays === undefined) return undefined;
  const moved = shiftDates(birthDate, 'DA', shiftDays);
  if (moved === undefined || moved === '') return undefined;
  return new BirthDate(new RegExp(`(?<!\\d)${moved.slice(0, 4)}|[-/.]${moved.slice(2, 4)}(?!\\d)`), values);
}

/** Cleaners by the values that they take out; one per series that is under way. */
const MAX_CLEANERS = 64;
const cleaners = new Map<string, TextCleaning>();

/**
 * The cleaner for an instance that carries these values.
 * @param shiftDays dates in texts are moved; undefined when they are taken out
 */
export function textCleaningFor(identifiers: TextSource, shiftDays: number | undefined): TextCleaning {
  const key = `${shiftDays ?? ''}\n${identifiers.birthDate ?? ''}\n${identifiers.key()}`;
  let cleaning = cleaners.get(key);
  if (cleaning === undefined) {
    const values = identifiers.forText();
    const cleaner = TextCleaner.of(values, { shiftDays });
    cleaning = new TextCleaning(cleaner, birthDateOf(identifiers.birthDate, values, shiftDays));
    if (cleaners.size >= MAX_CLEANERS) cleaners.delete(cleaners.keys().next().value ?? '');
    cleaners.set(key, cleaning);
  }
  return cleaning;
}
