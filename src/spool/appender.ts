// Appends small records to the active segment. What waits while the disk is busy is written together, in one call.
import type { LetheError } from '../core/errors.ts';
import { asDiskError } from './file-io.ts';
import { pagesOf } from './segment.ts';
import type { FilledRecord, SegmentPlace } from './segment.ts';
import type { Segments } from './segments.ts';

/** Writes under way at once. */
const MAX_WRITES = 2;
/** A group takes no further record beyond this size. */
const MAX_GROUP_BYTES = 8 << 20;

interface Waiting {
  readonly filled: FilledRecord;
  readonly resolve: (place: SegmentPlace) => void;
  readonly reject: (error: LetheError) => void;
}

/**
 * Because at most two groups are under way, all records that are not settled lie within MAX_WRITES groups: that bounds
 * how far behind the last good record a scan must look for another (`MAX_UNSETTLED_BYTES` in scan.ts).
 */
export class Appender {
  readonly #segments: Segments;
  /** Told about places that failed and must not be replayed. */
  readonly #giveUp: (stamp: string, index: number) => void;
  #waiting: Waiting[] = [];
  #writes = 0;
  #isRollingOver = false;
  #onIdle: (() => void)[] = [];

  constructor(segments: Segments, giveUp: (stamp: string, index: number) => void) {
    this.#segments = segments;
    this.#giveUp = giveUp;
  }

  /** Resolves when the record is durable. Rejects with `disk-full` or `disk-failed`. */
  append(filled: FilledRecord): Promise<SegmentPlace> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ filled, resolve, reject });
      this.#pump();
    });
  }

  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void> {
    if (this.#writes === 0 && this.#waiting.length === 0 && !this.#isRollingOver) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #pump(): void {
    while (this.#writes < MAX_WRITES && this.#waiting.length > 0 && !this.#isRollingOver) {
      const segment = this.#segments.active;
      const group: Waiting[] = [];
      let bytes = 0;
      for (const waiting of this.#waiting) {
        const needed = pagesOf(waiting.filled.record);
        if (segment?.hasRoomFor(bytes + needed) !== true || (group.length > 0 && bytes + needed > MAX_GROUP_BYTES))
          break;
        bytes += needed;
        group.push(waiting);
      }
      if (segment === undefined || group.length === 0) void this.#rollOver();
      else {
        this.#waiting.splice(0, group.length);
        void this.#write(segment, group);
      }
    }
    if (this.#writes === 0 && this.#waiting.length === 0 && !this.#isRollingOver)
      for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  async #write(segment: NonNullable<Segments['active']>, group: readonly Waiting[]): Promise<void> {
    this.#writes++;
    const firstIndex = segment.nextIndex;
    try {
      const places = await segment.append(group.map((waiting) => waiting.filled));
      for (const [i, waiting] of group.entries()) waiting.resolve(places[i]);
    } catch (error) {
      for (let i = 0; i < group.length; i++) this.#giveUp(segment.stamp, firstIndex + i);
      this.#segments.retire(segment);
      for (const waiting of group) waiting.reject(asDiskError(error, 'write a record'));
    }
    this.#writes--;
    this.#pump();
  }

  async #rollOver(): Promise<void> {
    this.#isRollingOver = true;
    const first = this.#waiting[0];
    try {
      await this.#segments.rollOver(pagesOf(first.filled.record));
    } catch (error) {
      const failure = asDiskError(error, 'begin a segment');
      for (const waiting of this.#waiting.splice(0)) waiting.reject(failure);
    }
    this.#isRollingOver = false;
    this.#pump();
  }
}
