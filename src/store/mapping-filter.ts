// Leaves out the mappings that this process queued already, so that a series of a thousand instances costs few rows.
import type { Replacement } from '../pipeline/ports.ts';
import { Lru } from './lru.ts';

/** Originals remembered per project and table: about 10 MB. */
const REMEMBERED = 50_000;

export type MappingTable = 'uid' | 'accession' | 'study';

/** What is forgotten is only written again: the statement leaves an existing row as it is. */
export class MappingFilter {
  readonly #seen = new Map<string, Lru<string, true>>();

  /** Those of `replacements` that are new, now remembered. */
  take(table: MappingTable, project: string, replacements: readonly Replacement[]): Replacement[] {
    if (replacements.length === 0) return [];
    const key = `${table} ${project}`;
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = new Lru(REMEMBERED);
      this.#seen.set(key, seen);
    }
    const fresh: Replacement[] = [];
    for (const replacement of replacements) {
      if (seen.get(replacement.original) !== undefined) continue;
      seen.set(replacement.original, true);
      fresh.push(replacement);
    }
    return fresh;
  }
}
