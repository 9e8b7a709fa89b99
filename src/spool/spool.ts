// The spool: durable custody of what was received, until it is at rest. Small instances share pre-written segments, large ones
// have files of their own; a journal keeps what happened to them. `replay` finds everything again after any kind of end.
import { mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { newRecordId } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import type { LetheError } from '../core/errors.ts';
import type {
  ReceptionFacts,
  ReplayedRecord,
  Spool,
  SpooledInstance,
  SpoolMark,
  SpoolRecord,
  SpoolWriter,
} from '../pipeline/ports.ts';
import { Appender } from './appender.ts';
import { asDiskError, PAGE_BYTES } from './file-io.ts';
import { Journal } from './journal.ts';
import { MemoryInstance } from './memory-instance.ts';
import { openSegment } from './open-segment.ts';
import type { OwnFileWriter } from './own-file-writer.ts';
import { OwnFiles } from './own-files.ts';
import { RecentInstances } from './recent-instances.ts';
import { RecordReader } from './record-reader.ts';
import { scanSegment } from './scan.ts';
import type { Segment } from './segment.ts';
import { Segments } from './segments.ts';
import { slotAt, slotOfOwnFile } from './slot.ts';
import type { Slot } from './slot.ts';
import { Writer } from './spool-writer.ts';
import type { SpoolInside } from './spool-writer.ts';

export interface SpoolOptions {
  /** Created with mode 0700 when it is not there. One process at a time. */
  readonly directory: string;
  /** Size of a segment; default 128 MiB. */
  readonly segmentBytes?: number;
  /** Longer instances get a file of their own; default 8 MiB, at most a quarter of a segment. */
  readonly largeInstanceBytes?: number;
  /** Memory for instances that are just arriving, over all associations; beyond it they go to files. Default 64 MiB. */
  readonly arrivingBytes?: number;
  /** Memory for instances that were received and wait to be processed; default 64 MiB. */
  readonly recentBytes?: number;
  /** False: records are only handed to the kernel. They survive the death of the process, not a power cut. */
  readonly synced: boolean;
  /** Bytes that must stay free on the file system. */
  readonly diskReserveBytes: number;
  /** A sealed segment that is less than a quarter full is emptied into the active one after this time; default 60 s. */
  readonly compactAfterMs?: number;
  /** Told of failures in the background that lose nothing. */
  readonly onBackgroundError?: (error: LetheError) => void;
}

const SEGMENT_NAME = /^segment-(\d{6,12})$/;
const DEFAULT_SEGMENT_BYTES = 128 << 20;
const DEFAULT_LARGE_BYTES = 8 << 20;
const DEFAULT_MEMORY_BYTES = 64 << 20;
const DEFAULT_COMPACT_AFTER_MS = 60_000;
const COMPACT_BELOW = 0.25;
const MAX_EXPECTATIONS = 256;
const NOTE_SETTLED_AFTER_MS = 50;

/** Opens the spool of a directory. Rejects with `disk-full` or `disk-failed`. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  try {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const journal = await Journal.open(options.directory);
    const spool = new DiskSpool(options, journal);
    await spool.openSegments();
    return spool;
  } catch (error) {
    throw asDiskError(error, 'be opened');
  }
}

class DiskSpool implements Spool, SpoolInside {
  readonly #directory: string;
  readonly #synced: boolean;
  readonly #journal: Journal;
  readonly #segments: Segments;
  readonly #appender: Appender;
  readonly #ownFiles: OwnFiles;
  readonly #reader: RecordReader;
  readonly #recent: RecentInstances;
  readonly #slots = new Map<RecordId, Slot>();
  /** Kind of instance → length of the last one. */
  readonly #expected = new Map<string, number>();
  readonly #largeInstanceBytes: number;
  readonly #maxArrivingBytes: number;
  readonly #compactAfterMs: number;
  readonly #onBackgroundError: (error: LetheError) => void;
  readonly #background = new Set<Promise<void>>();
  readonly #toNoteAsSettled = new Set<Segment>();
  #settledTimer: NodeJS.Timeout | undefined;
  #compactTimer: NodeJS.Timeout | undefined;
  #isCompacting = false;
  #arrivingBytes = 0;
  #unreadableRecords = 0;

  constructor(options: SpoolOptions, journal: Journal) {
    const { directory, synced } = options;
    const segmentBytes = Math.max(16 * PAGE_BYTES, floorToPages(options.segmentBytes ?? DEFAULT_SEGMENT_BYTES));
    this.#directory = directory;
    this.#synced = synced;
    this.#journal = journal;
    this.#largeInstanceBytes = Math.min(options.largeInstanceBytes ?? DEFAULT_LARGE_BYTES, segmentBytes / 4);
    this.#maxArrivingBytes = options.arrivingBytes ?? DEFAULT_MEMORY_BYTES;
    this.#compactAfterMs = options.compactAfterMs ?? DEFAULT_COMPACT_AFTER_MS;
    this.#onBackgroundError = options.onBackgroundError ?? (() => undefined);
    this.#recent = new RecentInstances(options.recentBytes ?? DEFAULT_MEMORY_BYTES);
    this.#ownFiles = new OwnFiles(directory, synced, async () => (await this.freeBytes()) >= options.diskReserveBytes);
    this.#segments = new Segments({
      directory,
      segmentBytes,
      synced,
      reserveBytes: options.diskReserveBytes,
      freeBytes: () => this.freeBytes(),
      onStampForgotten: (stamp) => {
        journal.forgetStamp(stamp);
      },
      onBackgroundError: this.#onBackgroundError,
    });
    this.#appender = new Appender(this.#segments, (stamp, index) => {
      journal.giveUp(stamp, index);
    });
    this.#reader = new RecordReader(
      (recordId) => this.#ownFiles.pathOf(recordId),
      (segment) => {
        this.#segments.recycleWhenUnused(segment);
      },
    );
  }

  get unreadableRecords(): number {
    return this.#unreadableRecords;
  }

  async openSegments(): Promise<void> {
    let count = 0;
    for (const name of (await readdir(this.#directory)).sort()) {
      const number = SEGMENT_NAME.exec(name)?.[1];
      if (number === undefined) continue;
      const segment = await openSegment(join(this.#directory, name), this.#synced);
      if (segment === undefined) continue;
      this.#segments.adopt(segment, Number(number));
      count++;
    }
    if (count === 0) await this.#segments.startEmpty();
    this.#compactTimer = setInterval(() => {
      this.#inBackground(this.#compact());
    }, this.#compactAfterMs / 2).unref();
  }

  begin(facts: ReceptionFacts, receivedAt: number): SpoolWriter {
    return new Writer(newRecordId(), facts, receivedAt, this);
  }

  // ---- what a writer asks ----

  expectedBytes(facts: ReceptionFacts): number {
    return this.#expected.get(kindOf(facts)) ?? 0;
  }

  mustLeaveMemory(length: number): boolean {
    return length > this.#largeInstanceBytes || this.#arrivingBytes > this.#maxArrivingBytes;
  }

  accountFor(bytes: number): void {
    this.#arrivingBytes += bytes;
  }

  ownFile(recordId: RecordId): OwnFileWriter {
    return this.#ownFiles.writer(recordId);
  }

  async storeSmall(record: SpoolRecord, bytes: Buffer): Promise<void> {
    // Forgotten when it is closed: whoever worked on it is done, and memory that lives long costs full collections.
    const kept = bytes.buffer.byteLength > 2 * bytes.length ? Buffer.from(bytes) : bytes;
    const forget = (): void => {
      this.#recent.delete(record.recordId);
    };
    this.#recent.add(new MemoryInstance(record, kept, forget));
    let place;
    try {
      place = await this.#appender.append({ record, bytes });
    } catch (error) {
      forget();
      throw error;
    }
    this.#slots.set(record.recordId, slotAt(place, record));
    this.#noteSettledSoon(place.segment);
    if (this.#expected.size > MAX_EXPECTATIONS) this.#expected.clear();
    this.#expected.set(kindOf(record), bytes.length);
  }

  async storeLarge(record: SpoolRecord, file: OwnFileWriter): Promise<void> {
    await file.finish(record);
    this.#slots.set(record.recordId, slotOfOwnFile(record));
  }

  // ---- reading, marks and release ----

  async open(recordId: RecordId): Promise<SpooledInstance> {
    const recent = this.#recent.get(recordId);
    if (recent !== undefined) return recent;
    const slot = this.#slots.get(recordId);
    if (slot === undefined) throw new InstanceError('spool-damaged', 'The spool has no such record.');
    return this.#reader.open(recordId, slot);
  }

  mark(recordId: RecordId, mark: SpoolMark): void {
    this.#journal.mark(recordId, mark);
  }

  marksOf(recordId: RecordId): readonly SpoolMark[] {
    return this.#journal.marksOf(recordId);
  }

  release(recordId: RecordId): void {
    const slot = this.#slots.get(recordId);
    if (slot === undefined) return;
    this.#slots.delete(recordId);
    this.#recent.delete(recordId);
    this.#journal.forgetMarks(recordId);
    if (slot.segment === undefined) this.#inBackground(this.#ownFiles.release(recordId, slot.readers > 0));
    else this.#vacate(slot.segment, slot);
    if (this.#journal.isWorthRewriting) this.#inBackground(this.#journal.rewrite());
  }

  #vacate(segment: Segment, slot: Slot): void {
    this.#journal.giveUp(segment.stamp, slot.index);
    segment.vacate(slot.headLength, slot.length);
    this.#segments.recycleWhenUnused(segment);
  }

  // ---- start ----

  async *replay(): AsyncGenerator<ReplayedRecord> {
    const large = await this.#ownFiles.scan();
    for (const record of large) this.#slots.set(record.recordId, slotOfOwnFile(record));
    let nextLarge = 0;
    for (const segment of Array.from(this.#segments.inUse).sort((a, b) => a.sequence - b.sequence)) {
      if (segment === this.#segments.active) continue;
      for (const record of await this.#takeOver(segment)) {
        for (; nextLarge < large.length && large[nextLarge].receivedAt <= record.receivedAt; nextLarge++)
          yield this.#replayed(large[nextLarge]);
        yield this.#replayed(record);
      }
    }
    for (; nextLarge < large.length; nextLarge++) yield this.#replayed(large[nextLarge]);
    this.#journal.retainMarks((recordId) => this.#slots.has(recordId));
    await this.#journal.rewrite();
    this.#segments.resume();
  }

  /** Enters the records of a segment that an earlier process left. */
  async #takeOver(segment: Segment): Promise<SpoolRecord[]> {
    const { stamp } = segment;
    const { released, settled } = this.#journal.state;
    const scan = await scanSegment(segment, released.get(stamp) ?? new Set(), settled.get(stamp) ?? 0);
    this.#unreadableRecords += scan.unreadable;
    segment.isDamaged = scan.unreadable > 0;
    const records: SpoolRecord[] = [];
    for (const { record, index, offset, headLength } of scan.found) {
      if (this.#slots.has(record.recordId)) {
        this.#journal.giveUp(stamp, index); // copied by a compaction that was cut short
        continue;
      }
      segment.occupy(record, headLength);
      this.#slots.set(record.recordId, slotAt({ segment, index, offset, headLength }, record));
      records.push(record);
    }
    return records;
  }

  #replayed(record: SpoolRecord): ReplayedRecord {
    return { record, marks: this.#journal.marksOf(record.recordId) };
  }

  // ---- upkeep ----

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#directory);
    return bavail * bsize;
  }

  async close(): Promise<void> {
    clearInterval(this.#compactTimer);
    await this.#appender.idle();
    await Promise.all(this.#background);
    await this.#segments.close();
    this.#noteSettled();
    this.#journal.close();
  }

  #noteSettledSoon(segment: Segment): void {
    this.#toNoteAsSettled.add(segment);
    this.#settledTimer ??= setTimeout(() => {
      this.#noteSettled();
    }, NOTE_SETTLED_AFTER_MS).unref();
  }

  #noteSettled(): void {
    clearTimeout(this.#settledTimer);
    this.#settledTimer = undefined;
    for (const segment of this.#toNoteAsSettled) this.#journal.settle(segment.stamp, segment.settledIndex);
    this.#toNoteAsSettled.clear();
  }

  /** Empties segments that few records keep from being used again, by writing these once more. */
  async #compact(): Promise<void> {
    if (this.#isCompacting) return;
    this.#isCompacting = true;
    try {
      const sealedBefore = performance.now() - this.#compactAfterMs;
      for (const segment of this.#segments.inUse) {
        if (segment.sealedAt === undefined || segment.sealedAt > sealedBefore || segment.isDamaged) continue;
        if (segment.liveBytes > segment.capacity * COMPACT_BELOW) continue;
        const slots = Array.from(this.#slots).filter(([, slot]) => slot.segment === segment);
        for (const [recordId, slot] of slots) await this.#move(recordId, slot, segment);
      }
    } finally {
      this.#isCompacting = false;
    }
  }

  async #move(recordId: RecordId, slot: Slot, segment: Segment): Promise<void> {
    if (this.#slots.get(recordId) !== slot) return;
    let loaded;
    try {
      loaded = await this.#reader.load(recordId, slot, segment);
    } catch (error) {
      if (error instanceof InstanceError) return; // damaged: stays where it is until a person has looked at it
      throw error;
    }
    const place = await this.#appender.append(loaded);
    if (this.#slots.get(recordId) === slot) {
      this.#vacate(segment, slot);
      Object.assign(slot, place);
    } else this.#vacate(place.segment, slotAt(place, loaded.record)); // released while it was copied
  }

  #inBackground(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => {
        this.#onBackgroundError(asDiskError(error, 'tidy up'));
      })
      .finally(() => {
        this.#background.delete(watched);
      });
    this.#background.add(watched);
  }
}

function floorToPages(bytes: number): number {
  return bytes - (bytes % PAGE_BYTES);
}

function kindOf({ callingAeTitle, sopClassUid }: ReceptionFacts): string {
  return `${callingAeTitle} ${sopClassUid}`;
}
