// One instance while it arrives: in memory as long as it is small and there is room, else in a file of its own.
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import type { ReceptionFacts, SpoolRecord, SpoolWriter } from '../pipeline/ports.ts';
import { ArrivingBytes } from './arriving-bytes.ts';
import type { OwnFileWriter } from './own-file-writer.ts';

/** What a writer needs of its spool. */
export interface SpoolInside {
  /** Length of the last instance like this one. */
  expectedBytes(facts: ReceptionFacts): number;
  /** Whether an instance of so many bytes has to leave memory. */
  mustLeaveMemory(length: number): boolean;
  /** Accounts for memory taken (positive) or given back (negative). */
  accountFor(bytes: number): void;
  ownFile(recordId: RecordId): OwnFileWriter;
  storeSmall(record: SpoolRecord, bytes: Buffer): Promise<void>;
  storeLarge(record: SpoolRecord, file: OwnFileWriter): Promise<void>;
}

export class Writer implements SpoolWriter {
  readonly recordId: RecordId;
  readonly #facts: ReceptionFacts;
  readonly #receivedAt: number;
  readonly #spool: SpoolInside;
  /** Undefined before the first byte, and again when the bytes have gone to a file. */
  #arriving: ArrivingBytes | undefined;
  #file: OwnFileWriter | undefined;
  #length = 0;
  #checksum = 0;
  #accountedBytes = 0;
  #isOver = false;

  constructor(recordId: RecordId, facts: ReceptionFacts, receivedAt: number, spool: SpoolInside) {
    this.recordId = recordId;
    this.#facts = facts;
    this.#receivedAt = receivedAt;
    this.#spool = spool;
  }

  write(chunk: Buffer): void | Promise<void> {
    if (this.#isOver) return;
    this.#checksum = crc32(chunk, this.#checksum);
    this.#length += chunk.length;
    if (this.#file !== undefined) return this.#file.write(chunk);
    this.#arriving ??= new ArrivingBytes(this.#spool.expectedBytes(this.#facts));
    this.#arriving.append(chunk);
    this.#account();
    if (!this.#spool.mustLeaveMemory(this.#length)) return;
    this.#file = this.#spool.ownFile(this.recordId);
    const written = this.#file.write(this.#arriving.bytes);
    this.#arriving = undefined;
    this.#account();
    return written;
  }

  async commit(): Promise<SpoolRecord> {
    this.#isOver = true;
    const { callingAeTitle, calledAeTitle, peerAddress, sopClassUid, sopInstanceUid, transferSyntaxUid } = this.#facts;
    const record: SpoolRecord = {
      recordId: this.recordId,
      callingAeTitle,
      calledAeTitle,
      peerAddress,
      sopClassUid,
      sopInstanceUid,
      transferSyntaxUid,
      receivedAt: this.#receivedAt,
      length: this.#length,
      checksum: this.#checksum,
    };
    try {
      if (this.#file !== undefined) await this.#spool.storeLarge(record, this.#file);
      else await this.#spool.storeSmall(record, this.#arriving?.bytes ?? Buffer.alloc(0));
    } finally {
      this.#arriving = undefined;
      this.#account();
    }
    return record;
  }

  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#arriving = undefined;
    this.#account();
    await this.#file?.abort();
  }

  #account(): void {
    const change = (this.#arriving?.heldBytes ?? 0) - this.#accountedBytes;
    if (change === 0) return;
    this.#accountedBytes += change;
    this.#spool.accountFor(change);
  }
}
