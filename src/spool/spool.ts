// The spool: durable custody of what was received, until it is at rest. Small instances share pre-written segments, large ones
// have files of their own; a journal keeps what happened to them. `replay` finds everything again after any kind of end.
import { mkdir, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { newRecordId } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import { InstanceError, systemCodeOf } from '../core/errors.ts';
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
import { DiskInstance } from './disk-instance.ts';
import { asDiskError, closeFile, openFile, PAGE_BYTES, readInto } from './file-io.ts';
import { Journal } from './journal.ts';
import { MemoryInstance } from './memory-instance.ts';
import { OWN_FILE_DATA_START, OwnFiles } from './own-files.ts';
import type { OwnFileWriter } from './own-files.ts';
import { RecentInstances } from './recent-instances.ts';
import { decodeRecordHead, decodeSegmentHead } from './record-format.ts';
import { isIntact, scanSegment } from './scan.ts';
import { Segment } from './segment.ts';
import type { SegmentPlace } from './segment.ts';
import { Segments } from './segments.ts';
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
  /** Memory for instances that were just received; default 64 MiB. */
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
const GONE = new Set(['EIO', 'ENOENT', 'ENODATA', 'EBADMSG', 'EUCLEAN']);

/** Where a record stands; without a segment it has a file of its own. */
interface Slot {
  segment: Segment | undefined;
  index: number;
  offset: number;
  headLength: number;
  readonly length: number;
  isVerified: boolean;
  readers: number;
}

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
  readonly #recent: RecentInstances;
  readonly #index = new Map<RecordId, Slot>();
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
    const segmentBytes = Math.max(16 * PAGE_BYTES, floorToPages(options.segmentBytes ?? DEFAULT_SEGMENT_BYTES));
    this.#directory = options.directory;
    this.#synced = options.synced;
    this.#journal = journal;
    this.#largeInstanceBytes = Math.min(options.largeInstanceBytes ?? DEFAULT_LARGE_BYTES, segmentBytes / 4);
    this.#maxArrivingBytes = options.arrivingBytes ?? DEFAULT_MEMORY_BYTES;
    this.#compactAfterMs = options.compactAfterMs ?? DEFAULT_COMPACT_AFTER_MS;
    this.#onBackgroundError = options.onBackgroundError ?? (() => undefined);
    this.#recent = new RecentInstances(options.recentBytes ?? DEFAULT_MEMORY_BYTES);
    this.#ownFiles = new OwnFiles(options.directory, options.synced);
    this.#segments = new Segments({
      directory: options.directory,
      segmentBytes,
      synced: options.synced,
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
    const place = await this.#appender.append({ record, bytes });
    this.#index.set(record.recordId, slotAt(place, record, true));
    const isWasteful = bytes.buffer.byteLength > 2 * bytes.length;
    this.#recent.add(this.#inMemory(record, isWasteful ? Buffer.from(bytes) : bytes));
    this.#noteSettledSoon(place.segment);
    if (this.#expected.size > MAX_EXPECTATIONS) this.#expected.clear();
    this.#expected.set(kindOf(record), bytes.length);
  }

  async storeLarge(record: SpoolRecord, file: OwnFileWriter): Promise<void> {
    await file.finish(record);
    this.#index.set(record.recordId, slotOfOwnFile(record));
  }

  // ---- reading ----

  async open(recordId: RecordId): Promise<SpooledInstance> {
    const recent = this.#recent.get(recordId);
    if (recent !== undefined) return recent;
    const slot = this.#index.get(recordId);
    if (slot === undefined) throw new InstanceError('spool-damaged', 'The spool has no such record.');
    try {
      return await (slot.segment === undefined
        ? this.#openOwnFile(recordId, slot)
        : this.#loadFromSegment(recordId, slot, slot.segment));
    } catch (error) {
      if (error instanceof InstanceError) throw error;
      if (GONE.has(systemCodeOf(error) ?? ''))
        throw new InstanceError('spool-damaged', 'The stored copy cannot be read from the disk.', { cause: error });
      throw asDiskError(error, 'read a record');
    }
  }

  /** Forgotten when it is closed: whoever worked on it is done. Memory that lives long costs full collections. */
  #inMemory(record: SpoolRecord, bytes: Buffer): MemoryInstance {
    return new MemoryInstance(record, bytes, () => {
      this.#recent.delete(record.recordId);
    });
  }

  async #loadFromSegment(recordId: RecordId, slot: Slot, segment: Segment): Promise<MemoryInstance> {
    segment.readers++;
    try {
      const bytes = Buffer.allocUnsafeSlow(slot.headLength + slot.length);
      const count = await readInto(segment.fd, bytes, slot.offset);
      const record = decodeRecordHead(bytes)?.record;
      const data = bytes.subarray(slot.headLength);
      if (count < bytes.length || record?.recordId !== recordId || crc32(data) !== record.checksum) throw damaged();
      return this.#inMemory(record, data);
    } finally {
      segment.readers--;
      this.#segments.recycleWhenUnused(segment);
    }
  }

  async #openOwnFile(recordId: RecordId, slot: Slot): Promise<SpooledInstance> {
    slot.readers++;
    let fd = -1;
    const close = async (): Promise<void> => {
      slot.readers--;
      if (fd >= 0) await closeFile(fd);
    };
    try {
      fd = await openFile(this.#ownFiles.pathOf(recordId), false);
      const page = Buffer.alloc(PAGE_BYTES);
      await readInto(fd, page, 0);
      const record = decodeRecordHead(page)?.record;
      if (record?.recordId !== recordId) throw damaged();
      if (!slot.isVerified && !(await isIntact(fd, OWN_FILE_DATA_START, record))) throw damaged();
      slot.isVerified = true;
      return new DiskInstance(record, fd, OWN_FILE_DATA_START, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  // ---- marks and release ----

  mark(recordId: RecordId, mark: SpoolMark): void {
    this.#journal.mark(recordId, mark);
  }

  marksOf(recordId: RecordId): readonly SpoolMark[] {
    return this.#journal.marksOf(recordId);
  }

  release(recordId: RecordId): void {
    const slot = this.#index.get(recordId);
    if (slot === undefined) return;
    this.#index.delete(recordId);
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
    for (const record of large) this.#index.set(record.recordId, slotOfOwnFile(record, false));
    let nextLarge = 0;
    const segments = Array.from(this.#segments.inUse).sort((a, b) => a.sequence - b.sequence);
    const { released, settled } = this.#journal.state;
    for (const segment of segments) {
      if (segment === this.#segments.active) continue;
      const { stamp } = segment;
      const scan = await scanSegment(segment, released.get(stamp) ?? new Set(), settled.get(stamp) ?? 0);
      this.#unreadableRecords += scan.unreadable;
      segment.isDamaged = scan.unreadable > 0;
      for (const { record, index, offset, headLength, isVerified } of scan.found) {
        if (this.#index.has(record.recordId)) {
          this.#journal.giveUp(stamp, index); // copied by a compaction that was cut short
          continue;
        }
        segment.occupy(record, headLength);
        this.#index.set(record.recordId, slotAt({ segment, index, offset, headLength }, record, isVerified));
        for (; nextLarge < large.length && large[nextLarge].receivedAt <= record.receivedAt; nextLarge++)
          yield this.#replayed(large[nextLarge]);
        yield this.#replayed(record);
      }
    }
    for (; nextLarge < large.length; nextLarge++) yield this.#replayed(large[nextLarge]);
    this.#journal.retainMarks((recordId) => this.#index.has(recordId));
    await this.#journal.rewrite();
    this.#segments.resume();
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
      const sealedBefore = Date.now() - this.#compactAfterMs;
      for (const segment of this.#segments.inUse) {
        if (segment.sealedAt === undefined || segment.sealedAt > sealedBefore || segment.isDamaged) continue;
        if (segment.liveBytes > segment.capacity * COMPACT_BELOW) continue;
        const slots = Array.from(this.#index).filter(([, slot]) => slot.segment === segment);
        for (const [recordId, slot] of slots) await this.#move(recordId, slot, segment);
      }
    } finally {
      this.#isCompacting = false;
    }
  }

  async #move(recordId: RecordId, slot: Slot, segment: Segment): Promise<void> {
    if (this.#index.get(recordId) !== slot) return;
    let source: MemoryInstance;
    try {
      source = await this.#loadFromSegment(recordId, slot, segment);
    } catch (error) {
      if (error instanceof InstanceError) return; // damaged: stays where it is until a person has looked at it
      throw error;
    }
    const place = await this.#appender.append({ record: source.record, bytes: source.view(0, source.size) });
    if (this.#index.get(recordId) === slot) {
      this.#vacate(segment, slot);
      Object.assign(slot, place);
    } else this.#vacate(place.segment, slotAt(place, source.record, true)); // released while it was copied
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

function kindOf({ callingAeTitle, sopClassUid }: ReceptionFacts): string {
  return `${callingAeTitle} ${sopClassUid}`;
}

function damaged(): InstanceError {
  return new InstanceError('spool-damaged', 'The stored copy no longer matches its checksum.');
}

function floorToPages(bytes: number): number {
  return bytes - (bytes % PAGE_BYTES);
}

function slotAt(place: SegmentPlace, record: SpoolRecord, isVerified: boolean): Slot {
  return { ...place, length: record.length, isVerified, readers: 0 };
}

function slotOfOwnFile(record: SpoolRecord, isVerified = true): Slot {
  return {
    segment: undefined,
    index: 0,
    offset: 0,
    headLength: PAGE_BYTES,
    length: record.length,
    isVerified,
    readers: 0,
  };
}

/** Undefined, and the file gone, when its creation was cut short. */
async function openSegment(path: string, synced: boolean): Promise<Segment | undefined> {
  const fd = await openFile(path, synced);
  const pages = Buffer.alloc(2 * PAGE_BYTES);
  await readInto(fd, pages, 0);
  const head = decodeSegmentHead(pages);
  if (head !== undefined) return new Segment({ path, fd, ...head });
  const first = decodeRecordHead(pages.subarray(PAGE_BYTES));
  if (first !== undefined) {
    const { size } = await stat(path);
    const segment = new Segment({ path, fd, capacity: floorToPages(size), stamp: first.place.stamp, sequence: 0 });
    segment.sealedAt = Date.now();
    return segment;
  }
  await closeFile(fd);
  await unlink(path);
  return undefined;
}
