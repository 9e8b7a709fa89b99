// A text in which names are looked for.
import type { Folded } from './fold.ts';
import type { NameIndex, NameWord } from './name-index.ts';
import type { Word } from './words.ts';

/** What may stand between two parts of a name. */
export const BETWEEN_PARTS = /^[\s^,._=\-'’"()]{0,4}$/;

/** A text as its words. */
export interface ReadText {
  readonly folded: Folded;
  readonly words: readonly Word[];
}

/** A text under judgement: which of its words are names of ours. */
export interface NameText extends ReadText {
  readonly hits: ReadonlyMap<number, NameWord>;
  readonly index: NameIndex;
}

/** The gap between two neighbouring words. */
export function gapBetween({ folded, words }: ReadText, left: number): string {
  return folded.text.slice(words[left].end, words[left + 1].start);
}
