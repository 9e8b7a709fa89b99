// Private attributes of one list of elements, judged by the creators that reserved their blocks (PS3.5 7.8.1).
import type { Element } from '../dicom/element.ts';
import { elementOf, groupOf, isPrivate } from '../standard/tags.ts';

import type { ActionTable } from './action-table.ts';
import type { ConditionScope } from './condition-scope.ts';
import type { Decision } from './decision.ts';
import type { HeaderBytes } from './header-bytes.ts';
import type { Level } from './walk-job.ts';

interface Block {
  readonly element: Element;
  readonly creator: string;
  /** Something of the block stays. */
  isNeeded: boolean;
}

/** A decision for each private element. A creator stays with what it explains; an element without a creator means nothing. */
export function decidePrivates(
  { elements, place, characterSet }: Level,
  { table, conditions, bytes }: { table: ActionTable; conditions: ConditionScope; bytes: HeaderBytes },
): ReadonlyMap<Element, Decision> {
  const decisions = new Map<Element, Decision>();
  const blocks = new Map<number, Block>();
  for (const element of elements) {
    if (!isCreator(element.tag)) continue;
    const value = bytes.trimmed(element);
    const creator = value === undefined ? '' : characterSet.decode(value, 'LO').trim();
    blocks.set(blockOf(element.tag, elementOf(element.tag)), { element, creator, isNeeded: false });
  }
  for (const element of elements) {
    if (!isPrivate(element.tag) || elementOf(element.tag) < 0x1000) continue;
    const block = blocks.get(blockOf(element.tag, elementOf(element.tag) >>> 8));
    const decision = conditions.choose(table.decide(place, element.tag, element.vr, block?.creator ?? ''));
    if (block !== undefined && decision.kind !== 'remove') block.isNeeded = true;
    decisions.set(element, decision);
  }
  for (const { element, isNeeded } of blocks.values()) {
    decisions.set(element, table.decideCreator(place, element.tag, isNeeded));
  }
  return decisions;
}

function isCreator(tag: number): boolean {
  return isPrivate(tag) && elementOf(tag) >= 0x10 && elementOf(tag) <= 0xff;
}

function blockOf(tag: number, block: number): number {
  return groupOf(tag) * 0x100 + block;
}
