// Instances that were just received, kept in memory until they were processed, so that this need not read the disk.
import type { RecordId } from '../core/brands.ts';
import type { MemoryInstance } from './memory-instance.ts';

/**
 * Bounded by bytes. Instances are processed in the order they came, so none is pushed out by what came later: without
 * room a new one is not kept.
 */
export class RecentInstances {
  readonly #maxBytes: number;
  readonly #instances = new Map<RecordId, MemoryInstance>();
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(instance: MemoryInstance): void {
    if (this.#heldBytes + instance.size > this.#maxBytes) return;
    this.#instances.set(instance.record.recordId, instance);
    this.#heldBytes += instance.size;
  }

  get(recordId: RecordId): MemoryInstance | undefined {
    return this.#instances.get(recordId);
  }

  delete(recordId: RecordId): void {
    const instance = this.#instances.get(recordId);
    if (instance === undefined) return;
    this.#instances.delete(recordId);
    this.#heldBytes -= instance.size;
  }
}
