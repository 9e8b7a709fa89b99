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
  readonly options?: readonly OptionName[] | undefined;
  /** What this does to longitudinal temporal information. */
  readonly temporal?: 'removed' | 'modified' | 'unmodified' | undefined;
  /** True when a rule of the profile keeps what the Basic Profile would not: then 113100 is not claimed. */
  readonly isDeviation?: boolean | undefined;
  readonly identifies?: Identifies | undefined;
  /** How a kept value is searched for identifiers of this instance; undefined when it is not. */
  readonly scan?: TextKind | 'bytes' | undefined;
  /** The VR of a value that came as UN, where the safe private attributes tell it. */
  readonly valueVr?: string | undefined;
  /** Where the items of a sequence stand that is walked. */
  readonly inside?: Place | undefined;
  /** A date is not moved, but set to the first day of its month or year. */
  readonly precision?: 'month' | 'year' | undefined;
  /** The subject's name or id is written here whatever stood there. */
  readonly isAlways?: boolean | undefined;
  readonly text?: string | undefined;
  readonly chars?: number | undefined;
  readonly choices?: readonly { readonly when: Condition | undefined; readonly decision: Decision }[] | undefined;
  readonly fallback?: Decision | undefined;
  /** What is done instead when a value that would be kept holds an identifier of this instance. */
  readonly whenResidual?: Decision | undefined;
}

/**
 * The same decision with every field in one order, whoever made it: the walk asks hundreds of them for each instance, and objects of one
 * shape are asked several times as fast. What is shared inside of it stays shared.
 */
export function settled(decision: Decision, done = new Map<Decision, Decision>()): Decision {
  const known = done.get(decision);
  if (known !== undefined) return known;
  const { choices, fallback, whenResidual } = decision;
  const one: Decision = {
    kind: decision.kind,
    vr: decision.vr,
    path: decision.path,
    rule: decision.rule,
    action: decision.action,
    options: decision.options,
    temporal: decision.temporal,
    isDeviation: decision.isDeviation,
    identifies: decision.identifies,
    scan: decision.scan,
    valueVr: decision.valueVr,
    inside: decision.inside,
    precision: decision.precision,
    isAlways: decision.isAlways,
    text: decision.text,
    chars: decision.chars,
    choices: choices?.map((choice) => ({ when: choice.when, decision: settled(choice.decision, done) })),
    fallback: fallback === undefined ? undefined : settled(fallback, done),
    whenResidual: whenResidual === undefined ? undefined : settled(whenResidual, done),
  };
  done.set(decision, one);
  return one;
}
