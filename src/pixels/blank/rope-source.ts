// A byte source made of pieces of others: compressed frames that stay, and new ones between them, without a copy of either.
import type { ByteSource } from '../../core/bytes.ts';

export interface RopePart {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

export class RopeSource implements ByteSource {
  readonly size: number;
  readonly #parts: readonly RopePart[];
  readonly #starts: Float64Array;

  constructor(parts: readonly RopePart[]) {
    this.#parts = parts;
    this.#starts = new Float64Array(parts.length);
    let size = 0;
    for (const [i, part] of parts.entries()) {
      this.#starts[i] = size;
      size += part.length;
    }
    this.size = size;
  }

  view(offset: number, length: number): Buffer | undefined {
    const at = this.#find(offset);
    if (at < 0) return undefined;
    const part = this.#parts[at];
    const inside = offset - this.#starts[at];
    return inside + length <= part.length ? part.source.view(part.offset + inside, length) : undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) throw new RangeError('range outside the source');
    const found: Buffer[] = [];
    for (let at = this.#find(offset), done = 0; done < length; at++) {
      const part = this.#parts[at];
      const inside = offset + done - this.#starts[at];
      const count = Math.min(length - done, part.length - inside);
      if (count > 0) found.push(await part.source.read(part.offset + inside, count));
      done += count;
    }
    return found.length === 1 ? found[0] : Buffer.concat(found, length);
  }

  /** The part that holds the byte at `offset`; the last that begins at or before it. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle] <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
