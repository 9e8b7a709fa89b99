// What pixels and documents ask about a text that they found: does it identify? `deid` answers; the rooms beside it may not import it.

/** Why a stretch of text may not leave. */
export type IdentifyingKind = 'name' | 'id' | 'uid' | 'date' | 'age' | 'phone' | 'email' | 'url' | 'address' | 'place';

/** A stretch [start, end) of a text in UTF-16 units. */
export interface IdentifyingSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: IdentifyingKind;
  /** What takes its place, for example a moved date; without it the stretch goes. */
  readonly replacement?: string;
}

/** Judges texts of one instance by the values that its data set, and the patient's earlier instances, carried. Synchronous; linear in the text. */
export interface TextJudge {
  /** What identifies in a text, in order, none overlapping. Empty when the text may stay as it is. */
  find(text: string): readonly IdentifyingSpan[];
  /** The text without what identifies, separators tidied; the very string that was given when nothing was removed. */
  clean(text: string): string;
  /**
   * True when a text as a machine read it from a picture (letters mistaken for another, words cut or joined) may be one of the known
   * values. Errs on the side of true.
   */
  mayBeKnown(reading: string): boolean;
  /** True when a text as a machine read it has no word but those of the language and of medicine, so that no misread name can be in it. */
  isPlain(reading: string): boolean;
}
