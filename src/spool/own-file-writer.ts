// Writes one large instance into a file of its own as the bytes come.
import { rename, unlink } from 'node:fs/promises';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { SpoolRecord } from '../pipeline/ports.ts';
import { asDiskError, closeFile, openFile, PAGE_BYTES, syncDirectory, syncFile, writeAll } from './file-io.ts';
import { encodeRecordHead } from './record-format.ts';

/** The data set of a large instance begins on the second page. */
export const OWN_FILE_DATA_START = PAGE_BYTES;

/** A caller waits while more than this is not written yet. */
const MAX_PENDING_BYTES = 4 << 20;
const BLOCK_BYTES = 256 << 10;
/** The kernel is asked to write out after so many bytes, so that the last sync finds little to do. */
const SYNC_EVERY_BYTES = 32 << 20;
/** The free space is looked at after so many bytes: a file may pass the reserve by this much. */
const CHECK_SPACE_EVERY_BYTES = 32 << 20;

const NO_PLACE = { stamp: '0'.repeat(16), index: 0, settled: 0 };

/** The file of a record that was released, under its new name and without its head; a new file when there is none, or another process took it. */
export async function openOverReleased(reusable: string | undefined, path: string): Promise<number> {
  const isReused = reusable !== undefined && (await tryRename(reusable, path));
  const fd = await openFile(path, false);
  if (isReused) await writeAll(fd, [Buffer.alloc(PAGE_BYTES)], 0); // its old head must not speak
  return fd;
}

async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

export interface OwnFileOptions {
  readonly path: string;
  readonly directory: string;
  readonly synced: boolean;
  /** A released file that is to be written over; it gets the new name. */
  readonly reusable: string | undefined;
  /** Whether more than the reserve of the disk is free. */
  readonly hasSpace: () => Promise<boolean>;
}

/** Takes the bytes of one large instance. Memory is bounded by MAX_PENDING_BYTES, one block, and the first call's bytes. */
export class OwnFileWriter {
  readonly #options: OwnFileOptions;
  #fd = -1;
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #blockUsed = 0;
  /** Written blocks, to be filled again. */
  readonly #freeBlocks: Buffer<ArrayBuffer>[] = [];
  #pending: Buffer<ArrayBuffer>[] = [];
  #position = OWN_FILE_DATA_START;
  #syncedPosition = OWN_FILE_DATA_START;
  /** Up to here there was space. */
  #allowedPosition = OWN_FILE_DATA_START;
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(options: OwnFileOptions) {
    this.#options = options;
  }

  /** Copies the chunk. A promise asks the caller to wait. After a failure bytes are dropped; `finish` tells. */
  write(chunk: Buffer): void | Promise<void> {
    if (this.#failure !== undefined) return;
    for (let at = 0; at < chunk.length;) {
      const count = chunk.copy(this.#block, this.#blockUsed, at);
      at += count;
      this.#blockUsed += count;
      if (this.#blockUsed === BLOCK_BYTES) this.#closeBlock();
    }
    if (this.#pending.length > 0) this.#writing ??= this.#writePending();
    if (this.#pending.length * BLOCK_BYTES > MAX_PENDING_BYTES) return this.#writing;
  }

  /** Makes data, head and name durable. Rejects with `disk-full` or `disk-failed`; the file is gone then. */
  async finish(record: SpoolRecord): Promise<void> {
    try {
      this.#closeBlock();
      if (this.#failure === undefined && this.#pending.length > 0) this.#writing ??= this.#writePending();
      await this.#settle();
      if (this.#failure !== undefined) throw asDiskError(this.#failure, 'write a large record');
      if (this.#fd < 0) await this.#open();
      await this.#sync();
      await writeAll(this.#fd, [encodeRecordHead(record, NO_PLACE)], 0);
      await this.#sync();
      if (this.#options.synced) await syncDirectory(this.#options.directory);
    } catch (error) {
      await this.#remove();
      throw asDiskError(error, 'write a large record');
    }
    await closeFile(this.#fd);
  }

  async abort(): Promise<void> {
    this.#failure ??= new LetheError('shutting-down', 'The instance was given up.');
    await this.#settle();
    await this.#remove();
  }

  #closeBlock(): void {
    if (this.#blockUsed === 0) return;
    this.#pending.push(this.#block.subarray(0, this.#blockUsed));
    this.#block = this.#freeBlocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#blockUsed = 0;
  }

  async #writePending(): Promise<void> {
    try {
      if (this.#fd < 0) await this.#open();
      while (this.#pending.length > 0 && this.#failure === undefined) {
        const blocks = this.#pending;
        this.#pending = [];
        if (this.#position >= this.#allowedPosition) await this.#requireSpace();
        await writeAll(this.#fd, blocks, this.#position);
        for (const block of blocks) {
          this.#position += block.length;
          if (block.length === BLOCK_BYTES) this.#freeBlocks.push(block);
        }
        if (this.#position - this.#syncedPosition >= SYNC_EVERY_BYTES) this.#syncBehind();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#pending = [];
    this.#writing = undefined;
  }

  async #requireSpace(): Promise<void> {
    if (!(await this.#options.hasSpace()))
      throw new LetheError('disk-full', 'The disk of the spool is full up to its reserve.');
    this.#allowedPosition = this.#position + CHECK_SPACE_EVERY_BYTES;
  }

  #syncBehind(): void {
    this.#syncedPosition = this.#position;
    this.#syncing = this.#syncing.then(async () => {
      try {
        await this.#sync();
      } catch (error) {
        this.#failure = error;
      }
    });
  }

  async #open(): Promise<void> {
    const { path, reusable } = this.#options;
    this.#fd = await openOverReleased(reusable, path);
  }

  #sync(): Promise<void> {
    return this.#options.synced ? syncFile(this.#fd) : Promise.resolve();
  }

  async #settle(): Promise<void> {
    await this.#writing;
    await this.#syncing;
  }

  async #remove(): Promise<void> {
    if (this.#fd < 0) return;
    await closeFile(this.#fd);
    this.#fd = -1;
    await unlink(this.#options.path);
  }
}
