// Turns a plan into bytes: a stream for files, sockets and hashes, or one Buffer where that is small.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import type { Piece, SourceRange, SplicePlan } from './element.ts';
import { readExactly } from './reader.ts';
import { swapWordsInPlace } from './byte-order.ts';

const DEFAULT_CHUNK_BYTES = 256 * 1024;
/** Pieces up to this size are gathered into one chunk; a larger one leaves as it is, without a copy when it is in memory. */
const SMALL_PIECE_BYTES = 16 * 1024;

/**
 * The bytes of a plan in order, in chunks of at most `chunkBytes` (a multiple of 8), read as they are asked for: memory is bounded by two chunks.
 * A chunk may be a view of the source. Rejects with `spool-damaged` when the source gives fewer bytes than its ranges promise.
 */
export async function* readPlan(plan: SplicePlan, chunkBytes = DEFAULT_CHUNK_BYTES): AsyncGenerator<Buffer> {
  if (chunkBytes < 8 || chunkBytes % 8 !== 0) throw new RangeError('chunkBytes is not a multiple of 8');
  const small = new Gatherer(chunkBytes);
  let total = 0;
  for (const piece of plan.pieces) {
    total += piece.length;
    for (let done = 0; done < piece.length; done += chunkBytes) {
      const length = Math.min(chunkBytes, piece.length - done);
      const chunk = viewPart(plan.source, piece, done, length) ?? (await readPart(plan.source, piece, done, length));
      if (chunk.length <= SMALL_PIECE_BYTES && small.take(chunk)) continue;
      const gathered = small.flush();
      if (gathered !== undefined) yield gathered;
      if (chunk.length > SMALL_PIECE_BYTES || !small.take(chunk)) yield chunk;
    }
  }
  const gathered = small.flush();
  if (gathered !== undefined) yield gathered;
  if (total !== plan.length) throw new InstanceError('spool-damaged', 'a plan does not add up to its length');
}

/** The bytes of a plan as views, when all of them are in memory and none is to be turned; else undefined. */
export function viewPlan(plan: SplicePlan): readonly Buffer[] | undefined {
  const views: Buffer[] = [];
  for (const piece of plan.pieces) {
    const view = viewPart(plan.source, piece, 0, piece.length);
    if (view === undefined) return undefined;
    views.push(view);
  }
  return views;
}

/** All bytes of a plan in one Buffer. For small outputs and tests: nothing bounds it but its length. */
export async function collectPlan(plan: SplicePlan): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readPlan(plan)) chunks.push(chunk);
  return Buffer.concat(chunks, plan.length);
}

function viewPart(source: ByteSource, piece: Piece, done: number, length: number): Buffer | undefined {
  if (Buffer.isBuffer(piece)) return piece.subarray(done, done + length);
  return piece.swapBytes === undefined ? source.view(piece.offset + done, length) : undefined;
}

async function readPart(source: ByteSource, piece: Piece, done: number, length: number): Promise<Buffer> {
  const { offset, swapBytes } = piece as SourceRange;
  const bytes = await readExactly(source, offset + done, length);
  if (swapBytes === undefined) return bytes;
  const copy = Buffer.from(bytes);
  swapWordsInPlace(copy, swapBytes);
  return copy;
}

/** Puts small chunks one after another into one buffer, so that a header of many pieces leaves in one write. */
class Gatherer {
  readonly #capacity: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** False when the chunk does not fit any more: flush first. */
  take(chunk: Buffer): boolean {
    if (this.#length + chunk.length > this.#capacity) return false;
    this.#parts.push(chunk);
    this.#length += chunk.length;
    return true;
  }

  flush(): Buffer | undefined {
    if (this.#parts.length === 0) return undefined;
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return bytes;
  }
}
