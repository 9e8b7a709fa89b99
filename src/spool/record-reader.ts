// Reads records back from the disk; every byte that is handed out was compared with the record's checksum.
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import { InstanceError, systemCodeOf } from '../core/errors.ts';
import type { SpooledInstance, SpoolRecord } from '../pipeline/ports.ts';
import { DiskInstance } from './disk-instance.ts';
import { asDiskError, closeFile, openFile, PAGE_BYTES, readInto } from './file-io.ts';
import { MemoryInstance } from './memory-instance.ts';
import { OWN_FILE_DATA_START } from './own-file-writer.ts';
import { decodeRecordHead } from './record-format.ts';
import { isIntact } from './scan.ts';
import type { Segment } from './segment.ts';
import type { Slot } from './slot.ts';

/** What the device or the file system says when bytes are gone for good. */
const GONE = new Set(['EIO', 'ENOENT', 'ENODATA', 'EBADMSG', 'EUCLEAN']);

export interface LoadedRecord {
  readonly record: SpoolRecord;
  readonly bytes: Buffer;
}

export class RecordReader {
  readonly #pathOf: (recordId: RecordId) => string;
  readonly #onReaderGone: (segment: Segment) => void;

  /** @param pathOf path of the record's own file */
  constructor(pathOf: (recordId: RecordId) => string, onReaderGone: (segment: Segment) => void) {
    this.#pathOf = pathOf;
    this.#onReaderGone = onReaderGone;
  }

  /** Small records come whole, into memory. Rejects with `spool-damaged`, or a transient error when the disk is only busy. */
  async open(recordId: RecordId, slot: Slot): Promise<SpooledInstance> {
    if (slot.segment === undefined) return asDamage(this.#openOwnFile(recordId, slot));
    const { record, bytes } = await this.load(recordId, slot, slot.segment);
    return new MemoryInstance(record, bytes);
  }

  /** A record of a segment. The segment is not begun anew meanwhile, also when the record is released. */
  async load(recordId: RecordId, slot: Slot, segment: Segment): Promise<LoadedRecord> {
    segment.readers++;
    try {
      return await asDamage(readRecord(recordId, slot, segment.fd));
    } finally {
      segment.readers--;
      this.#onReaderGone(segment);
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
      fd = await openFile(this.#pathOf(recordId), false);
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
}

async function readRecord(recordId: RecordId, slot: Slot, fd: number): Promise<LoadedRecord> {
  const whole = Buffer.allocUnsafeSlow(slot.headLength + slot.length);
  const count = await readInto(fd, whole, slot.offset);
  const record = decodeRecordHead(whole)?.record;
  const bytes = whole.subarray(slot.headLength);
  if (count < whole.length || record?.recordId !== recordId || crc32(bytes) !== record.checksum) throw damaged();
  return { record, bytes };
}

async function asDamage<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof InstanceError) throw error;
    if (GONE.has(systemCodeOf(error) ?? ''))
      throw new InstanceError('spool-damaged', 'The stored copy cannot be read from the disk.', { cause: error });
    throw asDiskError(error, 'read a record');
  }
}

function damaged(): InstanceError {
  return new InstanceError('spool-damaged', 'The stored copy no longer matches its checksum.');
}
