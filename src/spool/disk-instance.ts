// A stored instance that is read from the disk as it is asked for.
import type { SpooledInstance, SpoolRecord } from '../pipeline/ports.ts';
import { readInto } from './file-io.ts';

export class DiskInstance implements SpooledInstance {
  readonly record: SpoolRecord;
  readonly #fd: number;
  readonly #dataStart: number;
  #onClose: (() => Promise<void>) | undefined;

  /** @param onClose called once */
  constructor(record: SpoolRecord, fd: number, dataStart: number, onClose: () => Promise<void>) {
    this.record = record;
    this.#fd = fd;
    this.#dataStart = dataStart;
    this.#onClose = onClose;
  }

  get size(): number {
    return this.record.length;
  }

  view(): undefined {
    return undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('range outside the source');
    if (this.#onClose === undefined) throw new Error('read after close');
    const bytes = Buffer.allocUnsafe(length);
    const count = await readInto(this.#fd, bytes, this.#dataStart + offset);
    if (count < length) throw new RangeError('the file ends inside the record');
    return bytes;
  }

  async close(): Promise<void> {
    const onClose = this.#onClose;
    this.#onClose = undefined;
    await onClose?.();
  }
}
