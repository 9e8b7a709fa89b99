// A stored instance whose bytes are in memory.
import { BufferSource } from '../core/bytes.ts';
import type { SpooledInstance, SpoolRecord } from '../pipeline/ports.ts';

export class MemoryInstance extends BufferSource implements SpooledInstance {
  readonly record: SpoolRecord;

  constructor(record: SpoolRecord, bytes: Buffer) {
    super(bytes);
    this.record = record;
  }
}
