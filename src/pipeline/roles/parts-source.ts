// Ranges of several byte sources as one.
import type { ByteSource } from '../../core/bytes.ts';
import type { SourceRange, SplicePlan } from '../../dicom/element.ts';

export interface Part {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

interface Placed extends Part {
  /** Where it begins in the whole. */
  readonly start: number;
}

export class PartsSource implements ByteSource {
  readonly size: number;
  /** All of it, a piece for each part. */
  readonly plan: SplicePlan;
  readonly #parts: readonly Placed[];

  constructor(parts: readonly Part[]) {
    let start = 0;
    const placed: Placed[] = [];
    const pieces: SourceRange[] = [];
    for (const part of parts) {
      placed.push({ ...part, start });
      pieces.push({ offset: start, length: part.length });
      start += part.length;
    }
    this.#parts = placed;
    this.size = start;
    this.plan = { source: this, pieces, length: start };
  }

  /** Undefined also for a range that goes over the end of a part. */
  view(offset: number, length: number): Buffer | undefined {
    const part = this.#parts.find(({ start, length: partLength }) => offset < start + partLength);
    if (part === undefined || offset + length > part.start + part.length) return undefined;
    return part.source.view(part.offset + offset - part.start, length);
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('range outside the parts');
    const pieces: Buffer[] = [];
    for (const part of this.#parts) {
      const from = Math.max(offset, part.start);
      const to = Math.min(offset + length, part.start + part.length);
      if (from < to) pieces.push(await part.source.read(part.offset + from - part.start, to - from));
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, length);
  }
}
