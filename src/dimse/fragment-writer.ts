// Cuts a data set of known length into P-DATA-TF PDUs with one PDV each (PS3.8 9.3.5 and Annex E), without copying what is
// large: heads and small pieces are gathered in slabs, large pieces are referred to.
import { PDU_HEAD_BYTES, PDV_HEAD_BYTES, PDV_LAST, writeDataHead } from './pdu.ts';

const HEAD_BYTES = PDU_HEAD_BYTES + PDV_HEAD_BYTES;
const SLAB_BYTES = 16 * 1024;
/** Below this a copy is cheaper than a buffer of its own in the write. */
const MAX_COPIED_BYTES = 2048;

/** What is gathered before it should be written. */
export const BATCH_BYTES = 256 * 1024;

export class FragmentWriter {
  readonly #contextId: number;
  readonly #maxFragmentBytes: number;
  #left: number;
  #fragmentLeft = 0;
  #buffers: Buffer[] = [];
  #gatheredBytes = 0;
  #slab: Buffer = Buffer.allocUnsafe(0);
  /** Part of the slab that is not yet among the buffers. */
  #runStart = 0;
  #runEnd = 0;

  /**
   * @param length bytes of the data set; exactly as many must be pushed
   * @param maxFragmentBytes even, at least 2
   */
  constructor(contextId: number, length: number, maxFragmentBytes: number) {
    this.#contextId = contextId;
    this.#left = length;
    this.#maxFragmentBytes = maxFragmentBytes;
  }

  /** Bytes of the data set that were not pushed yet. */
  get missingBytes(): number {
    return this.#left;
  }

  get isFull(): boolean {
    return this.#gatheredBytes >= BATCH_BYTES;
  }

  /** A whole PDU that goes in front of what is pushed next. */
  addPdu(pdu: Buffer): void {
    this.#copy(pdu);
  }

  /** An empty data set still needs a last fragment. */
  addEmptyFragment(): void {
    this.#addHead(0);
  }

  /** The next bytes of the data set. They must not change until they were written. */
  push(bytes: Buffer): void {
    if (bytes.length > this.#left) throw new RangeError('more bytes than the data set was said to have');
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#fragmentLeft === 0) this.#addHead(Math.min(this.#maxFragmentBytes, this.#left));
      const taken = Math.min(this.#fragmentLeft, bytes.length - offset);
      const part = taken === bytes.length ? bytes : bytes.subarray(offset, offset + taken);
      if (taken <= MAX_COPIED_BYTES) this.#copy(part);
      else this.#refer(part);
      this.#fragmentLeft -= taken;
      this.#left -= taken;
      offset += taken;
    }
  }

  /** What was gathered since the last call, in order. */
  take(): readonly Buffer[] {
    this.#endRun();
    const taken = this.#buffers;
    this.#buffers = [];
    this.#gatheredBytes = 0;
    return taken;
  }

  #addHead(length: number): void {
    this.#reserve(HEAD_BYTES);
    const isLast = length === this.#left;
    writeDataHead(this.#slab, this.#runEnd, this.#contextId, isLast ? PDV_LAST : 0, length);
    this.#runEnd += HEAD_BYTES;
    this.#gatheredBytes += HEAD_BYTES;
    this.#fragmentLeft = length;
  }

  #copy(bytes: Buffer): void {
    this.#reserve(bytes.length);
    bytes.copy(this.#slab, this.#runEnd);
    this.#runEnd += bytes.length;
    this.#gatheredBytes += bytes.length;
  }

  #refer(bytes: Buffer): void {
    this.#endRun();
    this.#buffers.push(bytes);
    this.#gatheredBytes += bytes.length;
  }

  #reserve(length: number): void {
    if (this.#slab.length - this.#runEnd >= length) return;
    this.#endRun();
    this.#slab = Buffer.allocUnsafe(SLAB_BYTES);
    this.#runStart = 0;
    this.#runEnd = 0;
  }

  #endRun(): void {
    if (this.#runEnd > this.#runStart) this.#buffers.push(this.#slab.subarray(this.#runStart, this.#runEnd));
    this.#runStart = this.#runEnd;
  }
}
