// The segments of a spool: which one takes records, which are spare, and when a new one is made or a surplus one given back.
import { join } from 'node:path';
import { LetheError } from '../core/errors.ts';
import { asDiskError, closeFile, PAGE_BYTES } from './file-io.ts';
import { Segment } from './segment.ts';

/** The first segment of an empty spool is small, so that the start does not wait for it. */
const FIRST_SEGMENT_BYTES = 8 << 20;
const MAX_SPARES = 2;

export interface SegmentsOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly synced: boolean;
  /** Bytes that must stay free on the file system. */
  readonly reserveBytes: number;
  readonly freeBytes: () => Promise<number>;
  /** Called with the stamp that a segment gave up. */
  readonly onStampForgotten: (stamp: string) => void;
  readonly onBackgroundError: (error: LetheError) => void;
}

export class Segments {
  readonly #options: SegmentsOptions;
  readonly #inUse = new Set<Segment>();
  /** Every segment whose file is open. */
  readonly #open = new Set<Segment>();
  #spares: Segment[] = [];
  #active: Segment | undefined;
  #nextNumber = 1;
  #nextSequence = 1;
  #recycling: Promise<void> = Promise.resolve();
  #preparing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  get active(): Segment | undefined {
    return this.#active;
  }

  /** Segments that hold or take records. */
  get inUse(): ReadonlySet<Segment> {
    return this.#inUse;
  }

  /** Creates the small first segment of an empty spool and begins to prepare a spare one. */
  async startEmpty(): Promise<void> {
    this.#active = await this.#create(Math.min(FIRST_SEGMENT_BYTES, this.#options.segmentBytes), true);
    this.#inUse.add(this.#active);
    this.#prepareSpare();
  }

  /** Takes over a segment that an earlier process left. */
  adopt(segment: Segment, number: number): void {
    this.#inUse.add(segment);
    this.#open.add(segment);
    this.#nextNumber = Math.max(this.#nextNumber, number + 1);
    this.#nextSequence = Math.max(this.#nextSequence, segment.sequence + 1);
  }

  /** After all are adopted and scanned: goes on in the one that was last written, when it can be trusted to the end. */
  resume(): void {
    const open = Array.from(this.#inUse).filter((segment) => segment.sealedAt === undefined);
    open.sort((a, b) => b.sequence - a.sequence);
    this.#active = open.find((segment) => segment.tail > PAGE_BYTES) ?? open.at(0);
    for (const segment of open) if (segment !== this.#active) this.#seal(segment);
    this.#prepareSpare();
  }

  /** Makes another segment the active one, with room for `bytes`. Rejects with `disk-full` or `disk-failed`. */
  async rollOver(bytes: number): Promise<void> {
    if (this.#active !== undefined) this.#seal(this.#active);
    this.#active = undefined;
    const spareIndex = this.#spares.findIndex((spare) => spare.hasRoomFor(bytes));
    const next =
      spareIndex >= 0 ? this.#spares.splice(spareIndex, 1)[0] : await this.#create(this.#options.segmentBytes, false);
    this.#inUse.add(next);
    this.#active = next;
    this.#prepareSpare();
  }

  /** Seals the active segment after a failed write. */
  retire(segment: Segment): void {
    segment.hasFailed = true;
    if (this.#active === segment) this.#active = undefined;
    this.#seal(segment);
  }

  /** To be called when a record was released or a reader closed. */
  recycleWhenUnused(segment: Segment): void {
    if (segment.sealedAt === undefined || !segment.isUnused || segment.isDamaged || !this.#inUse.has(segment)) return;
    this.#inUse.delete(segment);
    const { stamp } = segment;
    const recycle = async (): Promise<void> => {
      if (segment.hasFailed) await this.#remove(segment);
      else await this.#keepAsSpare(segment);
      this.#options.onStampForgotten(stamp);
    };
    this.#recycling = this.#recycling.then(() => this.#quietly(recycle));
  }

  /** Waits for what goes on in the background, then closes every file. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#recycling;
    await this.#preparing;
    for (const segment of this.#open) await closeFile(segment.fd);
  }

  #seal(segment: Segment): void {
    segment.sealedAt ??= performance.now();
    this.recycleWhenUnused(segment);
  }

  /** The largest are kept; what is over is given back to the file system. */
  async #keepAsSpare(segment: Segment): Promise<void> {
    try {
      await segment.beginAnew(this.#nextSequence++);
    } catch (error) {
      await this.#remove(segment);
      throw error;
    }
    this.#spares.push(segment);
    this.#spares.sort((a, b) => b.capacity - a.capacity || a.sequence - b.sequence);
    for (const surplus of this.#spares.splice(MAX_SPARES)) await this.#remove(surplus);
  }

  async #remove(segment: Segment): Promise<void> {
    this.#open.delete(segment);
    await segment.remove();
  }

  #prepareSpare(): void {
    if (this.#spares.length > 0 || this.#preparing !== undefined) return;
    this.#preparing = this.#quietly(async () => {
      this.#spares.push(await this.#create(this.#options.segmentBytes, true));
    }).finally(() => {
      this.#preparing = undefined;
    });
  }

  /** A failure in the background costs speed or space, not records: the next need tries again. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      this.#closing.signal.throwIfAborted();
      await work();
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onBackgroundError(asDiskError(error, 'prepare a segment'));
    }
  }

  async #create(capacity: number, isPrewritten: boolean): Promise<Segment> {
    const { directory, reserveBytes, freeBytes, synced } = this.#options;
    const wanted = isPrewritten ? capacity : PAGE_BYTES;
    if ((await freeBytes()) - wanted < reserveBytes)
      throw new LetheError('disk-full', 'The disk of the spool is full up to its reserve.');
    const path = join(directory, `segment-${String(this.#nextNumber++).padStart(6, '0')}`);
    const sequence = this.#nextSequence++;
    const segment = await Segment.create({
      path,
      capacity,
      sequence,
      synced,
      isPrewritten,
      signal: this.#closing.signal,
    });
    this.#open.add(segment);
    return segment;
  }
}
