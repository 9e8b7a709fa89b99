// The bytes of one instance while it arrives, put into one buffer as they come: what follows then needs neither joining nor many small views.

const FIRST_BYTES = 16 << 10;
/** An expectation is trusted up to this size; beyond it the buffer grows as bytes come. */
const MAX_EXPECTED_BYTES = 1 << 20;

/** Copies what is appended: the caller may use its buffer again at once. */
export class ArrivingBytes {
  #buffer: Buffer;
  #length = 0;

  /** @param expectedBytes length of an instance like this one; the slices of a series are as long as each other */
  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, Math.min(expectedBytes, MAX_EXPECTED_BYTES)));
  }

  /** Bytes of memory that are taken. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** Everything appended so far. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
