// Where an attribute stands: the data set itself, or the items of a sequence somewhere inside it.
import { formatTag } from '../standard/tags.ts';

import type { Decision } from './decision.ts';

/** How the attributes that nothing else speaks about are treated inside a sequence that had to keep its items. */
export type PlaceMode =
  /** They stay. */
  | 'plain'
  /** The sequence is D in Table E.1-1: text, names, dates and bytes become dummies; codes, numbers and references stay. */
  | 'scrubbed'
  /** The items are a code that stands for a person or an institution: the code itself is a dummy too. */
  | 'identity-code';

/** One place in the tree of one SOP class. Holds the decisions that were made for it. */
export class Place {
  readonly parent: Place | undefined;
  /** Tag of the sequence; undefined for the data set itself. */
  readonly sequence: number | undefined;
  readonly mode: PlaceMode;
  /** `(0040,A730)[*].`; empty for the data set itself. */
  readonly prefix: string;
  readonly decisions = new Map<number, Decision>();
  /** Decisions about private attributes by creator and tag, when the profile looks at creators. */
  readonly privateDecisions = new Map<string, Decision>();

  constructor(parent: Place | undefined, sequence: number | undefined, mode: PlaceMode) {
    this.parent = parent;
    this.sequence = sequence;
    this.mode = mode;
    this.prefix = parent === undefined || sequence === undefined ? '' : `${parent.prefix}${formatTag(sequence)}[*].`;
  }
}
