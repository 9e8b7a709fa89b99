// The bytes of one instance as they came off the network, kept without copying where that does not waste memory.

/** A view this long is kept as it is; shorter ones are copied together, because a tiny view would pin its whole read buffer. */
const KEEP_VIEW_BYTES = 8 << 10;
const MAX_BLOCK_BYTES = 32 << 10;
const FIRST_BLOCK_BYTES = 4 << 10;

/** Collects chunks. Memory for n bytes stays in proportion to n however small the chunks are. */
export class ChunkList {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #heldBytes = 0;
  #lastBuffer: ArrayBufferLike | undefined;
  #block = Buffer.alloc(0);
  #blockStart = 0;
  #blockUsed = 0;

  /** Bytes appended. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that the chunks keep alive. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  append(chunk: Buffer): void {
    this.#length += chunk.length;
    if (chunk.length < KEEP_VIEW_BYTES) {
      this.#copy(chunk);
      return;
    }
    this.#closeBlock();
    this.#chunks.push(chunk);
    if (chunk.buffer !== this.#lastBuffer) {
      this.#lastBuffer = chunk.buffer;
      this.#heldBytes += chunk.buffer.byteLength;
    }
  }

  /** Everything appended since the start or the last `take`; the list is empty afterwards. */
  take(): Buffer[] {
    this.#closeBlock();
    this.#lastBuffer = undefined;
    this.#length = 0;
    this.#heldBytes = 0;
    return this.#chunks.splice(0);
  }

  #copy(chunk: Buffer): void {
    if (this.#block.length - this.#blockUsed < chunk.length) {
      this.#closeBlock();
      const wanted = Math.min(MAX_BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, 2 * this.#length));
      this.#block = Buffer.allocUnsafeSlow(Math.max(wanted, chunk.length));
      this.#blockStart = 0;
      this.#blockUsed = 0;
      this.#heldBytes += this.#block.length;
    }
    chunk.copy(this.#block, this.#blockUsed);
    this.#blockUsed += chunk.length;
  }

  #closeBlock(): void {
    if (this.#blockUsed === this.#blockStart) return;
    this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockUsed));
    this.#blockStart = this.#blockUsed;
  }
}
