// Where an attribute stands: the data set itself, or the items of a sequence somewhere inside it.
import type { OptionName } from '../standard/table-e1-1.ts';
import { formatTag } from '../standard/tags.ts';

import type { ContentRole } from './content-items.ts';
import type { Decision } from './decision.ts';

/** How the attributes that nothing else speaks about are treated inside a sequence that had to keep its items. */
export type PlaceMode =
  /** They stay. */
  | 'plain'
  /** The sequence is D in Table E.1-1: text, names, dates and bytes become dummies; codes, numbers and references stay. */
  | 'scrubbed'
  /** The items are a code that stands for a person or an institution: the code itself is a dummy too. */
  | 'identity-code'
  /** The sequence is cleaned (C): text is cleaned, the rest stays. */
  | 'cleaned'
  /** The items are content items, each judged by its role. */
  | 'content';

/** On whose behalf a sequence is cleaned. */
export interface Cleaning {
  readonly rule: string;
  readonly options: readonly OptionName[];
  readonly isDeviation: boolean;
}

/** One place in the tree of one SOP class. Holds the decisions that were made for it. */
export class Place {
  readonly parent: Place | undefined;
  /** Tag of the sequence; undefined for the data set itself. */
  readonly sequence: number | undefined;
  readonly mode: PlaceMode;
  /** Present in the modes `cleaned` and `content`. */
  readonly cleaning: Cleaning | undefined;
  /** What a content item is about; undefined outside of content items. */
  readonly role: ContentRole | undefined;
  /** `(0040,A730)[*].`; empty for the data set itself. */
  readonly prefix: string;
  readonly decisions = new Map<number, Decision>();
  /** Decisions about private attributes by creator and tag, when the profile looks at creators. */
  readonly privateDecisions = new Map<string, Map<number, Decision>>();
  /** Decisions about the elements that reserve blocks, for those that stay and those that go. */
  readonly creators = { kept: new Map<number, Decision>(), removed: new Map<number, Decision>() };
  readonly #byRole = new Map<ContentRole, Place>();

  constructor(
    parent: Place | undefined,
    sequence: number | undefined,
    mode: PlaceMode,
    cleaning?: Cleaning,
    role?: ContentRole,
  ) {
    this.parent = parent;
    this.sequence = sequence;
    this.mode = mode;
    this.cleaning = cleaning;
    this.role = role;
    this.prefix = parent === undefined || sequence === undefined ? '' : `${parent.prefix}${formatTag(sequence)}[*].`;
  }

  /** This place for content items of one role. */
  forRole(role: ContentRole): Place {
    let place = this.#byRole.get(role);
    if (place === undefined) {
      // Nothing is known about the item: it is treated like one of a sequence that is D.
      const mode = role === 'unknown' ? 'scrubbed' : 'content';
      place = new Place(this.parent, this.sequence, mode, this.cleaning, role);
      this.#byRole.set(role, place);
    }
    return place;
  }
}
