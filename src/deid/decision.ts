// What is to be done to one attribute, decided once per profile, SOP class and place and then looked up.
import type { Condition } from '../profile/conditions.ts';
import type { OptionName } from '../standard/table-e1-1.ts';

import type { ReceiptAction } from './outcome.ts';
import type { Place } from './place.ts';
import type { TextKind } from './residual-scanner.ts';

/** What the original value of an attribute tells about the patient, so that it is looked for elsewhere in the instance. */
export type Identifies = 'name' | 'id' | 'phrase' | 'date' | 'uid';

export type DecisionKind =
  /** Leaves as it came, unless it holds an identifier of this instance. A sequence is walked. */
  | 'keep'
  | 'remove'
  | 'zero'
  | 'dummy'
  | 'replace'
  | 'uid'
  | 'hash'
  /** Text without what identifies; `fallback` when nothing is left. */
  | 'clean'
  /** An age that stays unless it is above 89 years; `fallback` when it is no age. */
  | 'age'
  /** Moved by the subject's shift; `fallback` when it is no valid date. */
  | 'date'
  | 'subject-id'
  | 'subject-name'
  /** (0042,0011): an empty document of the same type, and (0042,0015) its length. */
  | 'document'
  | 'document-length'
  | 'quarantine'
  /** The first choice whose condition holds in this instance, else `fallback`. */
  | 'choose';

export interface Decision {
  readonly kind: DecisionKind;
  /** The VR that it was made for: the same tag in another VR is decided anew. */
  readonly vr: string;
  /** For the receipt: tags of the sequences around it, `[*]` for their items. */
  readonly path: string;
  /** For the receipt: `E.1-1`, `file:line` of a rule, or the name of a built-in rule. */
  readonly rule: string;
  /** For the receipt; undefined when nothing is done. */
  readonly action: ReceiptAction['action'] | undefined;
  /** The options of PS3.15 E.3 that are to thank or blame for this. */
  readonly options?: readonly OptionName[];
  /** What this does to longitudinal temporal information. */
  readonly temporal?: 'removed' | 'modified' | 'unmodified';
  /** True when a rule of the profile keeps what the Basic Profile would not: then 113100 is not claimed. */
  readonly isDeviation?: boolean;
  readonly identifies?: Identifies;
  /** How a kept value is searched for identifiers of this instance; undefined when it is not. */
  readonly scan?: TextKind | 'bytes';
  /** The VR of a value that came as UN, where the safe private attributes tell it. */
  readonly valueVr?: string;
  /** Where the items of a sequence stand that is walked. */
  readonly inside?: Place;
  /** A date is not moved, but set to the first day of its month or year. */
  readonly precision?: 'month' | 'year';
  /** The subject's name or id is written here whatever stood there. */
  readonly isAlways?: boolean;
  readonly text?: string;
  readonly chars?: number;
  readonly choices?: readonly { readonly when: Condition | undefined; readonly decision: Decision }[];
  readonly fallback?: Decision;
  /** What is done instead when a value that would be kept holds an identifier of this instance. */
  readonly whenResidual?: Decision;
}
