// What is done to one instance, noted while it is walked: for the receipt, the markers and the look-up tables.
import type { CharacterSet } from '../dicom/character-set.ts';
import type { Element } from '../dicom/element.ts';

import type { Decision } from './decision.ts';
import { Identifiers } from './identifiers.ts';
import type { IdentifyingValue } from './identifiers.ts';
import type { ReceiptAction } from './outcome.ts';

/** A kept value that may hold an identifier. */
export interface Candidate {
  readonly element: Element;
  readonly decision: Decision;
  readonly characterSet: CharacterSet;
}

export class DeedsRecord {
  /** What was done, and how often. */
  readonly acted = new Map<Decision, number>();
  /** What was kept because an option or a rule said so: shows that the option did act. */
  readonly keptOnPurpose = new Set<Decision>();
  readonly identifiers: Identifiers;
  readonly candidates: Candidate[] = [];
  /** Original UID → replacement. */
  readonly uids = new Map<string, string>();
  readonly accessions = new Map<string, string>();
  /** Decisions that the table does not hold, by what the receipt says of them. */
  readonly #special = new Map<string, Decision>();

  /** @param known what earlier instances told of the same patient */
  constructor(known?: readonly IdentifyingValue[]) {
    this.identifiers = new Identifiers(known);
  }

  note(decision: Decision): void {
    this.acted.set(decision, (this.acted.get(decision) ?? 0) + 1);
  }

  /** Something else was done than the decision says. */
  noteAs(decision: Decision, action: NonNullable<Decision['action']>, rule = decision.rule): void {
    const key = `${decision.path} ${action} ${rule}`;
    let special = this.#special.get(key);
    if (special === undefined) {
      special = { ...decision, action, rule };
      this.#special.set(key, special);
    }
    this.note(special);
  }

  actions(): ReceiptAction[] {
    const actions: ReceiptAction[] = [];
    for (const [{ path, action, rule }, count] of this.acted) {
      if (action !== undefined) actions.push({ path, action, rule, count });
    }
    return actions;
  }
}
