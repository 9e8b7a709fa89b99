// A byte source in which some bytes are others: native pixel data are blanked without a copy of them.
import type { ByteSource } from '../../core/bytes.ts';
import { applyPatch, endOf } from './patches.ts';
import type { Patch } from './patches.ts';

export class PatchedSource implements ByteSource {
  readonly #base: ByteSource;
  /** By start. */
  readonly #patches: readonly Patch[];
  /** Greatest end of the patches up to each one: what lies behind it concerns none of them. */
  readonly #ends: Float64Array;

  constructor(base: ByteSource, patches: readonly Patch[]) {
    this.#base = base;
    this.#patches = patches.filter(({ runs, runBytes }) => runs > 0 && runBytes > 0).sort((a, b) => a.start - b.start);
    this.#ends = new Float64Array(this.#patches.length);
    let end = 0;
    for (const [i, patch] of this.#patches.entries()) {
      end = Math.max(end, endOf(patch));
      this.#ends[i] = end;
    }
  }

  get size(): number {
    return this.#base.size;
  }

  view(offset: number, length: number): Buffer | undefined {
    return this.#touching(offset, length).length === 0 ? this.#base.view(offset, length) : undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const touching = this.#touching(offset, length);
    const bytes = await this.#base.read(offset, length);
    if (touching.length === 0) return bytes;
    const copy = Buffer.from(bytes);
    for (const patch of touching) applyPatch(copy, offset, patch);
    return copy;
  }

  /** Patches whose extent overlaps the range. */
  #touching(offset: number, length: number): readonly Patch[] {
    const patches = this.#patches;
    const first = lowerBound(patches.length, (i) => this.#ends[i] > offset);
    const end = lowerBound(patches.length, (i) => patches[i].start >= offset + length);
    return patches.slice(first, end).filter((patch) => endOf(patch) > offset);
  }
}

/** The first index for which `holds`; it holds for all behind the first. */
function lowerBound(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
