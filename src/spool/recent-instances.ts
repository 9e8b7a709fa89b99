// Instances that were just received, kept in memory so that processing them need not read the disk.
import type { RecordId } from '../core/brands.ts';
import type { MemoryInstance } from './memory-instance.ts';

interface Recent {
  readonly instance: MemoryInstance;
  readonly heldBytes: number;
}

/**
 * Bounded by bytes. Instances are processed in the order they came, so what was not opened yet is never pushed out by
 * what came later: those that were opened make room first, and without room a new one is simply not kept.
 */
export class RecentInstances {
  readonly #maxBytes: number;
  readonly #unopened = new Map<RecordId, Recent>();
  readonly #opened = new Map<RecordId, Recent>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  add(instance: MemoryInstance, heldBytes: number): void {
    for (const recordId of this.#opened.keys()) {
      if (this.#heldBytes + heldBytes <= this.#maxBytes) break;
      this.delete(recordId);
    }
    if (this.#heldBytes + heldBytes > this.#maxBytes) return;
    this.delete(instance.record.recordId);
    this.#unopened.set(instance.record.recordId, { instance, heldBytes });
    this.#heldBytes += heldBytes;
  }

  open(recordId: RecordId): MemoryInstance | undefined {
    const recent = this.#unopened.get(recordId) ?? this.#opened.get(recordId);
    if (recent === undefined) return undefined;
    this.#unopened.delete(recordId);
    this.#opened.set(recordId, recent);
    return recent.instance;
  }

  delete(recordId: RecordId): void {
    const recent = this.#unopened.get(recordId) ?? this.#opened.get(recordId);
    if (recent === undefined) return;
    this.#unopened.delete(recordId);
    this.#opened.delete(recordId);
    this.#heldBytes -= recent.heldBytes;
  }
}
