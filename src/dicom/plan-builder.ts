// Collects the pieces of an output: adjacent ranges of the source become one, so that what is kept costs nothing.
import type { ByteSource } from '../core/bytes.ts';
import type { Piece, SplicePlan } from './element.ts';

/** A place in the output to come back to. */
export interface Mark {
  readonly pieceCount: number;
  readonly rangeStart: number;
  readonly rangeEnd: number;
  readonly length: number;
}

export class PlanBuilder {
  readonly #pieces: Piece[] = [];
  /** The range that is still growing; empty when start equals end. */
  #rangeStart = 0;
  #rangeEnd = 0;
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds the bytes [start, end) of the source. */
  keep(start: number, end: number): void {
    if (start === end) return;
    if (start !== this.#rangeEnd || this.#rangeStart === this.#rangeEnd) {
      this.#flush();
      this.#rangeStart = start;
    }
    this.#rangeEnd = end;
    this.#length += end - start;
  }

  /** Adds the bytes [start, end) of the source with the byte order of each word turned. */
  keepSwapped(start: number, end: number, swapBytes: 2 | 4 | 8): void {
    if (start === end) return;
    this.#flush();
    this.#pieces.push({ offset: start, length: end - start, swapBytes });
    this.#length += end - start;
  }

  /** Adds bytes of our own. They may still change until the plan is used, their number may not. */
  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#flush();
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  mark(): Mark {
    return {
      pieceCount: this.#pieces.length,
      rangeStart: this.#rangeStart,
      rangeEnd: this.#rangeEnd,
      length: this.#length,
    };
  }

  /** True when nothing but the bytes [start, end) of the source was added since. */
  holdsOnly(since: Mark, start: number, end: number): boolean {
    if (this.#pieces.length !== since.pieceCount || this.#length - since.length !== end - start) return false;
    return start === end || (this.#rangeStart === start && this.#rangeEnd === end);
  }

  /** Forgets what was added since. */
  rewind(to: Mark): void {
    this.#pieces.length = to.pieceCount;
    this.#rangeStart = to.rangeStart;
    this.#rangeEnd = to.rangeEnd;
    this.#length = to.length;
  }

  build(source: ByteSource): SplicePlan {
    this.#flush();
    return { source, pieces: this.#pieces, length: this.#length };
  }

  #flush(): void {
    if (this.#rangeStart === this.#rangeEnd) return;
    this.#pieces.push({ offset: this.#rangeStart, length: this.#rangeEnd - this.#rangeStart });
    this.#rangeStart = this.#rangeEnd = 0;
  }
}
