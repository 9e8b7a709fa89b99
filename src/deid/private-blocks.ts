// Private attributes of one list of elements, judged by the creators that reserved their blocks (PS3.5 7.8.1).
import { elementOf, groupOf, isPrivate } from '../standard/tags.ts';

import type { ActionTable } from './action-table.ts';
import type { ConditionScope } from './condition-scope.ts';
import type { Decision } from './decision.ts';
import type { HeaderBytes } from './header-bytes.ts';
import type { Level } from './walk-job.ts';

interface Block {
  /** Where its creator stands in the list. */
  readonly at: number;
  readonly tag: number;
  readonly creator: string;
  /** Something of the block stays. */
  isNeeded: boolean;
}

/** A decision for each private element, by its place in the list. A creator stays with what it explains; an element without a creator means nothing. */
export function decidePrivates(
  { elements, place, characterSet }: Level,
  { table, conditions, bytes }: { table: ActionTable; conditions: ConditionScope; bytes: HeaderBytes },
): readonly (Decision | undefined)[] {
  const decisions: (Decision | undefined)[] = [];
  const blocks = new Map<number, Block>();
  for (let at = 0; at < elements.length; at++) {
    const { tag } = elements[at];
    if (!isCreator(tag)) continue;
    const value = bytes.trimmed(elements[at]);
    const creator = value === undefined ? '' : characterSet.decode(value, 'LO').trim();
    blocks.set(blockOf(tag, elementOf(tag)), { at, tag, creator, isNeeded: false });
  }
  // The elements of a block mostly follow each other.
  let number = -1;
  let block: Block | undefined;
  for (let at = 0; at < elements.length; at++) {
    const { tag, vr } = elements[at];
    let decision: Decision | undefined;
    if (isPrivate(tag) && elementOf(tag) >= 0x1000) {
      const own = blockOf(tag, elementOf(tag) >>> 8);
      if (own !== number) block = blocks.get(own);
      number = own;
      decision = conditions.choose(table.decide(place, tag, vr, block?.creator ?? ''));
      if (block !== undefined && decision.kind !== 'remove') block.isNeeded = true;
    }
    decisions.push(decision);
  }
  for (const { at, tag, isNeeded } of blocks.values()) decisions[at] = table.decideCreator(place, tag, isNeeded);
  return decisions;
}

function isCreator(tag: number): boolean {
  return isPrivate(tag) && elementOf(tag) >= 0x10 && elementOf(tag) <= 0xff;
}

function blockOf(tag: number, block: number): number {
  return groupOf(tag) * 0x100 + block;
}
