// Table E.3.10-1 of PS3.15 (2026d): private attributes that are known not to identify.
import { readTable } from './table-file.ts';
import { elementOf, groupOf, isPrivate } from './tags.ts';

export interface SafePrivateAttribute {
  /** VR that the table states; UN where it states none. */
  readonly vr: string;
  readonly vm: string;
  readonly meaning: string;
}

let attributes: ReadonlyMap<string, SafePrivateAttribute> | undefined;

function load(): ReadonlyMap<string, SafePrivateAttribute> {
  return new Map(
    readTable('safe-private.tsv', 6).map(([creator, group, element, vr, vm, meaning]) => [
      keyOf(creator, Number.parseInt(group, 16), Number.parseInt(element, 16)),
      { vr: vr === '' ? 'UN' : vr, vm, meaning },
    ]),
  );
}

function keyOf(creator: string, group: number, elementByte: number): string {
  return `${group.toString(16)} ${elementByte.toString(16)} ${creator}`;
}

/**
 * The row for a private attribute, whatever block (gggg,xxee) its creator reserved. "Safe" speaks of the attribute as such:
 * a UI value still has to be replaced and a date shifted.
 * @param creator value of the private creator element that reserved the block, padding trimmed; compared exactly
 */
export function findSafePrivate(creator: string, tag: number): SafePrivateAttribute | undefined {
  if (!isPrivate(tag) || elementOf(tag) < 0x1000) return undefined;
  attributes ??= load();
  return attributes.get(keyOf(creator, groupOf(tag), elementOf(tag) & 0xff));
}

/** The private creators that the table names. */
export function safePrivateCreators(): readonly string[] {
  return [...new Set(readTable('safe-private.tsv', 6).map(([creator]) => creator))];
}
