// The spool that several processes share: a file per record, named by its id, so that a listener writes what a worker reads and any of
// them gives back. What happened to a record is the ledger's business here: this spool keeps no marks.
import { crc32 } from 'node:zlib';
import { mkdir, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newRecordId } from '../core/brands.ts';
import type { RecordId } from '../core/brands.ts';
import { InstanceError, LetheError, systemCodeOf } from '../core/errors.ts';
import type {
  ReceptionFacts,
  ReplayedRecord,
  Spool,
  SpooledInstance,
  SpoolMark,
  SpoolRecord,
  SpoolWriter,
} from '../pipeline/ports.ts';
import { DiskInstance } from './disk-instance.ts';
import {
  asDiskError,
  closeFile,
  openToRead,
  PAGE_BYTES,
  readInto,
  syncDirectory,
  syncFile,
  writeAll,
} from './file-io.ts';
import { MemoryInstance } from './memory-instance.ts';
import { openOverReleased, OWN_FILE_DATA_START, OwnFileWriter } from './own-file-writer.ts';
import { decodeRecordHead, encodeRecordHead } from './record-format.ts';
import { ReleasedFiles } from './released-files.ts';
import { isIntact } from './scan.ts';
import { Writer } from './spool-writer.ts';
import type { SpoolInside } from './spool-writer.ts';

export interface SharedSpoolOptions {
  /** On a file system that every process reaches. Created with mode 0700 when it is not there. */
  readonly directory: string;
  /** False: records are only handed to the kernel. */
  readonly synced: boolean;
  /** Bytes that must stay free on the file system. */
  readonly diskReserveBytes: number;
  /** Memory for instances that are just arriving, over all associations; beyond it they go to files as they come. Default 64 MiB. */
  readonly arrivingBytes?: number;
  /** Told of failures in the background that lose nothing. */
  readonly onBackgroundError?: (error: LetheError) => void;
}

const RECORD_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Records are spread over so many folders, by the first two digits of their id. */
const FOLDERS = 256;
const FREE_FOLDER = 'free';
/** Longer instances are written as they come, and read as they are asked for. */
const LARGE_BYTES = 8 << 20;
const DEFAULT_ARRIVING_BYTES = 64 << 20;
/** What has no head after this time was never acknowledged, and nobody writes it any more. */
const UNFINISHED_FOR_MS = 24 * 60 * 60 * 1000;
const CHECK_SPACE_AFTER_BYTES = 64 << 20;
const NO_PLACE = { stamp: '0'.repeat(16), index: 0, settled: 0 };

/** Opens the shared spool. Rejects with `disk-full` or `disk-failed`. */
export async function openSharedSpool(options: SharedSpoolOptions): Promise<Spool> {
  try {
    const folders = Array.from({ length: FOLDERS }, (_, index) => index.toString(16).padStart(2, '0'));
    for (const folder of [...folders, FREE_FOLDER])
      await mkdir(join(options.directory, folder), { recursive: true, mode: 0o700 });
    await syncDirectory(options.directory);
    return new SharedSpool(options);
  } catch (error) {
    throw asDiskError(error, 'be opened');
  }
}

class SharedSpool implements Spool, SpoolInside {
  /** A record with a whole head is readable or its `open` tells: nothing is counted here. */
  readonly unreadableRecords = 0;
  readonly #options: SharedSpoolOptions;
  readonly #free: ReleasedFiles;
  readonly #background = new Set<Promise<void>>();
  #arrivingBytes = 0;
  #bytesUntilCheck = 0;
  #lastBytes = 0;

  constructor(options: SharedSpoolOptions) {
    this.#options = options;
    this.#free = new ReleasedFiles(join(options.directory, FREE_FOLDER));
  }

  begin(facts: ReceptionFacts, receivedAt: number): SpoolWriter {
    return new Writer(newRecordId(), facts, receivedAt, this);
  }

  // ---- what a writer asks ----

  expectedBytes(): number {
    return this.#lastBytes;
  }

  mustLeaveMemory(length: number): boolean {
    const limit = this.#options.arrivingBytes ?? DEFAULT_ARRIVING_BYTES;
    return length > LARGE_BYTES || this.#arrivingBytes > limit;
  }

  accountFor(bytes: number): void {
    this.#arrivingBytes += bytes;
  }

  ownFile(recordId: RecordId): OwnFileWriter {
    return new OwnFileWriter({
      path: this.#pathOf(recordId),
      directory: this.#folderOf(recordId),
      synced: this.#options.synced,
      reusable: this.#free.take(),
      hasSpace: async () => (await this.freeBytes()) >= this.#options.diskReserveBytes,
    });
  }

  /** One write, one sync, one sync of the folder: the head holds the checksum of the data, so a torn write is seen. */
  async storeSmall(record: SpoolRecord, bytes: Buffer): Promise<void> {
    await this.#requireSpace(bytes.length);
    this.#lastBytes = bytes.length;
    const path = this.#pathOf(record.recordId);
    const { synced } = this.#options;
    try {
      const fd = await openOverReleased(this.#free.take(), path);
      try {
        const page = Buffer.alloc(PAGE_BYTES);
        encodeRecordHead(record, NO_PLACE).copy(page);
        await writeAll(fd, [page, bytes], 0);
        if (synced) await syncFile(fd);
      } finally {
        await closeFile(fd);
      }
      if (synced) await syncDirectory(this.#folderOf(record.recordId));
    } catch (error) {
      await unlink(path).catch((failure: unknown) => {
        this.#tellUnlessGone(failure);
      });
      throw asDiskError(error, 'write a record');
    }
  }

  async storeLarge(record: SpoolRecord, file: OwnFileWriter): Promise<void> {
    await file.finish(record);
  }

  // ---- reading and release ----

  async open(recordId: RecordId): Promise<SpooledInstance> {
    try {
      return await openRecord(this.#pathOf(recordId), recordId);
    } catch (error) {
      if (error instanceof InstanceError) throw error;
      if (systemCodeOf(error) === 'ENOENT')
        throw new InstanceError('spool-damaged', 'The spool has no such record.', { cause: error });
      throw asDiskError(error, 'read a record');
    }
  }

  mark(recordId: RecordId, mark: SpoolMark): void {
    throw new TypeError(`a shared spool keeps no marks (${mark.kind}, record ${recordId})`);
  }

  marksOf(): readonly SpoolMark[] {
    return [];
  }

  release(recordId: RecordId): void {
    const work = this.#free
      .add(this.#pathOf(recordId), recordId)
      .catch((error: unknown) => {
        this.#options.onBackgroundError?.(asDiskError(error, 'tidy up'));
      })
      .finally(() => {
        this.#background.delete(work);
      });
    this.#background.add(work);
  }

  /** Whole records of every process, folder by folder; one that is being written is left out. */
  async *replay(): AsyncGenerator<ReplayedRecord> {
    const { directory } = this.#options;
    for (const folder of (await readdir(directory)).sort()) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of await readdir(join(directory, folder))) {
        if (!RECORD_NAME.test(name)) continue;
        const path = join(directory, folder, name);
        const record = await ifThere(readHead(path));
        if (record?.recordId === name) yield { record, marks: [] };
        else await ifThere(removeIfOld(path));
      }
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#options.directory);
    return bavail * bsize;
  }

  async close(): Promise<void> {
    await Promise.all(this.#background);
    await this.#free.settle();
  }

  async #requireSpace(bytes: number): Promise<void> {
    this.#bytesUntilCheck -= bytes;
    if (this.#bytesUntilCheck > 0) return;
    if ((await this.freeBytes()) - bytes < this.#options.diskReserveBytes)
      throw new LetheError('disk-full', 'The disk of the spool is full up to its reserve.');
    this.#bytesUntilCheck = CHECK_SPACE_AFTER_BYTES;
  }

  #tellUnlessGone(error: unknown): void {
    if (systemCodeOf(error) !== 'ENOENT') this.#options.onBackgroundError?.(asDiskError(error, 'tidy up'));
  }

  #folderOf(recordId: RecordId): string {
    return join(this.#options.directory, recordId.slice(0, 2));
  }

  #pathOf(recordId: RecordId): string {
    return join(this.#folderOf(recordId), recordId);
  }
}

/** Small instances come whole, into memory; every byte that is handed out was compared with the checksum. */
async function openRecord(path: string, recordId: RecordId): Promise<SpooledInstance> {
  const fd = await openToRead(path);
  let isHeld = false;
  try {
    const page = Buffer.allocUnsafe(PAGE_BYTES);
    const count = await readInto(fd, page, 0);
    const record = decodeRecordHead(page.subarray(0, count))?.record;
    if (record?.recordId !== recordId) throw damaged();
    if (record.length > LARGE_BYTES) {
      if (!(await isIntact(fd, OWN_FILE_DATA_START, record))) throw damaged();
      isHeld = true;
      return new DiskInstance(record, fd, OWN_FILE_DATA_START, () => closeFile(fd));
    }
    const bytes = Buffer.allocUnsafeSlow(record.length);
    const read = await readInto(fd, bytes, OWN_FILE_DATA_START);
    if (read < bytes.length || crc32(bytes) !== record.checksum) throw damaged();
    return new MemoryInstance(record, bytes);
  } finally {
    if (!isHeld) await closeFile(fd);
  }
}

async function readHead(path: string): Promise<SpoolRecord | undefined> {
  const fd = await openToRead(path);
  try {
    const page = Buffer.alloc(PAGE_BYTES);
    const count = await readInto(fd, page, 0);
    return decodeRecordHead(page.subarray(0, count))?.record;
  } finally {
    await closeFile(fd);
  }
}

/** By when it was last written or renamed: a released file keeps the old time of its bytes when a listener takes it for a new record. */
async function removeIfOld(path: string): Promise<void> {
  const { mtimeMs, ctimeMs } = await stat(path);
  if (Date.now() - Math.max(mtimeMs, ctimeMs) > UNFINISHED_FOR_MS) await unlink(path);
}

/** Undefined when another process took the file away meanwhile. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function damaged(): InstanceError {
  return new InstanceError('spool-damaged', 'The stored copy no longer matches its checksum.');
}
