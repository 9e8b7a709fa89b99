// The part of a source that the parser loaded, kept in memory: it serves views of every header and of every value that is not bulk.
import type { ByteSource } from '../core/bytes.ts';

interface Segment {
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * A source with some of its bytes in memory. Each element that is not bulk lies wholly in one segment. Segments may
 * overlap; bytes outside them are read from the source beneath.
 */
export class LoadedSource implements ByteSource {
  readonly #beneath: ByteSource;
  readonly #segments: Segment[] = [];
  #longest = 0;

  constructor(beneath: ByteSource) {
    this.#beneath = beneath;
  }

  get size(): number {
    return this.#beneath.size;
  }

  /** Keeps bytes that were read at `start`. Cheap when they come in ascending order, as the parser reads them. */
  keep(start: number, bytes: Buffer): void {
    if (bytes.length === 0) return;
    let at = this.#segments.length;
    while (at > 0 && this.#segments[at - 1].start > start) at--;
    this.#segments.splice(at, 0, { start, bytes });
    this.#longest = Math.max(this.#longest, bytes.length);
  }

  view(offset: number, length: number): Buffer | undefined {
    const segments = this.#segments;
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (segments[middle].start <= offset) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      const { start, bytes } = segments[i];
      if (offset + length <= start + bytes.length) return bytes.subarray(offset - start, offset - start + length);
      if (start + this.#longest <= offset) break;
    }
    return undefined;
  }

  read(offset: number, length: number): Promise<Buffer> {
    const view = this.view(offset, length);
    return view === undefined ? this.#beneath.read(offset, length) : Promise.resolve(view);
  }
}
