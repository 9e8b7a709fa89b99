// Reading values out of YAML nodes: each wrong one is reported where it stands and read as undefined.
import { isMap, isScalar, isSeq } from 'yaml';

import { suggest } from './problems.ts';
import type { Placed, Problems } from './problems.ts';

/** The values of a mapping by key, with the node of the mapping itself. */
export interface Fields {
  readonly at: Placed;
  readonly values: ReadonlyMap<string, unknown>;
  readonly keys: ReadonlyMap<string, Placed>;
}

/** A node as a mapping with only the allowed keys; `what` names the mapping in messages. */
export function readFields(
  node: unknown,
  allowed: readonly string[],
  what: string,
  problems: Problems,
): Fields | undefined {
  if (!isMap(node)) {
    problems.add(asPlaced(node), `${what} must be a mapping of ${listOf(allowed)}`);
    return undefined;
  }
  const values = new Map<string, unknown>();
  const keys = new Map<string, Placed>();
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!allowed.includes(name)) {
      problems.add(
        asPlaced(key),
        `${what} has no key "${name}"${suggest(name, allowed, `it may have ${listOf(allowed)}`)}`,
      );
      continue;
    }
    values.set(name, value);
    keys.set(name, asPlaced(key));
  }
  return { at: node, values, keys };
}

/** The text of a scalar as it was written (so that `10` and `0010` stay what the author typed). */
export function readText(node: unknown, what: string, problems: Problems): string | undefined {
  if (!isScalar(node) || node.value === null || typeof node.value === 'boolean') {
    problems.add(asPlaced(node), `${what} must be a text; put it in quotes`);
    return undefined;
  }
  const { value, source } = node;
  if (typeof value === 'string') return value;
  return source ?? (typeof value === 'number' ? String(value) : '');
}

export function readInteger(
  node: unknown,
  min: number,
  max: number,
  what: string,
  problems: Problems,
): number | undefined {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  problems.add(asPlaced(node), `${what} must be a whole number from ${min} to ${max}`);
  return undefined;
}

export function readChoice<const Choice extends string>(
  node: unknown,
  choices: readonly Choice[],
  what: string,
  problems: Problems,
): Choice | undefined {
  const text = readText(node, what, problems);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    problems.add(
      asPlaced(node),
      `${what} cannot be "${text}"${suggest(text, choices, `write one of ${listOf(choices)}`)}`,
    );
  }
  return found;
}

/** The entries of a list. */
export function readList(node: unknown, what: string, problems: Problems): readonly unknown[] {
  if (isSeq(node)) return node.items;
  problems.add(asPlaced(node), `${what} must be a list, [a, b]`);
  return [];
}

export function asPlaced(node: unknown): Placed {
  return typeof node === 'object' && node !== null && 'range' in node ? (node as Placed) : {};
}

export function listOf(words: readonly string[]): string {
  return words.join(', ');
}
