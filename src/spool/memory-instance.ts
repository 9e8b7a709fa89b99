// A stored instance whose bytes are in memory.
import type { SpooledInstance, SpoolRecord } from '../pipeline/ports.ts';

/** Serves the chunks in which an instance arrived. They become one Buffer when a range that crosses two of them is asked for. */
export class MemoryInstance implements SpooledInstance {
  readonly record: SpoolRecord;
  #chunks: readonly Buffer[];

  constructor(record: SpoolRecord, chunks: readonly Buffer[]) {
    this.record = record;
    this.#chunks = chunks.length === 0 ? [Buffer.alloc(0)] : chunks;
  }

  get size(): number {
    return this.record.length;
  }

  view(offset: number, length: number): Buffer {
    const end = offset + length;
    if (offset < 0 || length < 0 || end > this.size) throw new RangeError('range outside the source');
    if (end > this.#chunks[0].length && this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0].subarray(offset, end);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return new Promise((resolve) => {
      resolve(this.view(offset, length));
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
