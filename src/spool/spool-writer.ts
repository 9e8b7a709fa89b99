// One instance while it arrives: in memory as long as it is small and there is room, else in a file of its own.
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import type { ReceptionFacts, SpoolRecord, SpoolWriter } from '../pipeline/ports.ts';
import { ChunkList } from './chunk-list.ts';
import type { OwnFileWriter } from './own-files.ts';

/** Tiny chunks are gathered up to this size before they are handed to a file. */
const FILE_CHUNK_BYTES = 64 << 10;

/** What a writer needs of its spool. */
export interface SpoolInside {
  /** Whether an instance that holds so many bytes has to leave memory. */
  mustLeaveMemory(length: number): boolean;
  /** Accounts for memory taken (positive) or given back (negative). */
  accountFor(bytes: number): void;
  ownFile(recordId: RecordId): OwnFileWriter;
  storeSmall(record: SpoolRecord, chunks: Buffer[], heldBytes: number): Promise<void>;
  storeLarge(record: SpoolRecord, file: OwnFileWriter): Promise<void>;
}

export class Writer implements SpoolWriter {
  readonly recordId: RecordId;
  readonly #facts: ReceptionFacts;
  readonly #receivedAt: number;
  readonly #spool: SpoolInside;
  readonly #chunks = new ChunkList();
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
    this.#chunks.append(chunk);
    if (this.#file === undefined) {
      this.#account();
      if (!this.#spool.mustLeaveMemory(this.#length)) return;
      this.#file = this.#spool.ownFile(this.recordId);
    } else if (this.#chunks.length < FILE_CHUNK_BYTES) return;
    const written = this.#file.write(this.#chunks.take());
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
    const heldBytes = this.#chunks.heldBytes;
    const chunks = this.#chunks.take();
    try {
      if (this.#file === undefined) await this.#spool.storeSmall(record, chunks, heldBytes);
      else {
        await this.#file.write(chunks);
        await this.#spool.storeLarge(record, this.#file);
      }
    } finally {
      this.#account();
    }
    return record;
  }

  async abort(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks.take();
    this.#account();
    await this.#file?.abort();
  }

  #account(): void {
    const change = this.#chunks.heldBytes - this.#accountedBytes;
    if (change === 0) return;
    this.#accountedBytes += change;
    this.#spool.accountFor(change);
  }
}
