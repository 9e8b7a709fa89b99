// What a text says to anybody: its words, and what identifies by its form. Nothing of it depends on whose text it is, so that all
// instances share what was read: descriptions and sentences of reports are the same from patient to patient.
import { findAges } from './ages.ts';
import { findDates } from './dates.ts';
import type { DateRules } from './dates.ts';
import { fold } from './fold.ts';
import type { Folded } from './fold.ts';
import { findLabelledNames } from './labelled-names.ts';
import { findNamesWithDegrees } from './names-with-degrees.ts';
import type { ReadText } from './name-text.ts';
import { findPatterns } from './patterns.ts';
import type { FoundSpan } from './span.ts';
import { splitWords } from './words.ts';
import type { Word } from './words.ts';

const NONE: readonly FoundSpan[] = [];
const NOBODYS_UIDS: ReadonlySet<string> = new Set();
const MAX_READINGS = 2048;
const MAX_REMEMBERED_CHARS = 256;

export class Reading implements ReadText {
  readonly folded: Folded;
  readonly words: readonly Word[];
  #isDateless = false;
  #forms: readonly FoundSpan[] | undefined;
  #labelledNames: readonly FoundSpan[] | undefined;

  constructor(text: string) {
    this.folded = fold(text);
    this.words = splitWords(this.folded);
  }

  /** Whose dates they are tells how they move, not whether there are any. */
  datesBy(rules: DateRules): readonly FoundSpan[] {
    if (this.#isDateless) return NONE;
    const dates = findDates(this.folded, this.words, rules);
    this.#isDateless = dates.length === 0;
    return dates;
  }

  /** Ages above 89 and what `findPatterns` finds, in a text without dates and for a patient without UIDs. */
  get forms(): readonly FoundSpan[] {
    this.#forms ??= [
      ...findAges(this.folded.text),
      ...findPatterns(this.folded, this.words, NOBODYS_UIDS, () => false),
    ];
    return this.#forms;
  }

  /** Names that nobody told us of, by what stands before or behind them. */
  get labelledNames(): readonly FoundSpan[] {
    this.#labelledNames ??= [...findLabelledNames(this), ...findNamesWithDegrees(this)];
    return this.#labelledNames;
  }
}

const readings = new Map<string, Reading>();

/** Short texts are remembered; the oldest is forgotten when there are too many. */
export function readingOf(text: string): Reading {
  let reading = readings.get(text);
  if (reading !== undefined) return reading;
  reading = new Reading(text);
  if (text.length > MAX_REMEMBERED_CHARS) return reading;
  if (readings.size >= MAX_READINGS) readings.delete(readings.keys().next().value ?? '');
  readings.set(text, reading);
  return reading;
}
