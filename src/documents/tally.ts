// Counts what was taken out of a document, by kind; never a value.
import type { DocumentFinding } from './document.ts';

export class Tally {
  readonly #counts = new Map<string, number>();

  /** One more of this kind. */
  add(kind: string, count = 1): void {
    if (count > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** What a document inside this one had. */
  addAll(findings: readonly DocumentFinding[]): void {
    for (const { kind, count } of findings) this.add(kind, count);
  }

  /** In the order of the kinds' names. */
  findings(): readonly DocumentFinding[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => ({ kind, count }));
  }
}
