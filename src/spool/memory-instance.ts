// A stored instance whose bytes are in memory.
import { BufferSource } from '../core/bytes.ts';
import type { SpooledInstance, SpoolRecord } from '../pipeline/ports.ts';

export class MemoryInstance extends BufferSource implements SpooledInstance {
  readonly record: SpoolRecord;
  readonly #onClose: (() => void) | undefined;

  /** @param onClose called by each `close` */
  constructor(record: SpoolRecord, bytes: Buffer, onClose?: () => void) {
    super(bytes);
    this.record = record;
    this.#onClose = onClose;
  }

  override close(): Promise<void> {
    this.#onClose?.();
    return Promise.resolve();
  }
}
