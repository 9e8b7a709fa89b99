// Large instances: a file each, written as the bytes come. The head goes last, so that a file with a good head is whole.
import { randomUUID } from 'node:crypto';
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordId } from '../core/brands.ts';
import type { SpoolRecord } from '../pipeline/ports.ts';
import { closeFile, openFile, PAGE_BYTES, readInto } from './file-io.ts';
import { OwnFileWriter } from './own-file-writer.ts';
import { decodeRecordHead } from './record-format.ts';

const LIVE_NAME = /^large-([0-9a-f-]{36})$/;
const FREE_NAME = /^free-[0-9a-f-]{36}$/;
/** Released files are kept for reuse up to these bounds. */
const MAX_FREE_FILES = 4;
const MAX_FREE_FILE_BYTES = 64 << 20;

export class OwnFiles {
  readonly #directory: string;
  readonly #synced: boolean;
  readonly #hasSpace: () => Promise<boolean>;
  readonly #free: string[] = [];

  /** @param hasSpace whether more than the reserve of the disk is free */
  constructor(directory: string, synced: boolean, hasSpace: () => Promise<boolean>) {
    this.#directory = directory;
    this.#synced = synced;
    this.#hasSpace = hasSpace;
  }

  pathOf(recordId: RecordId): string {
    return join(this.#directory, `large-${recordId}`);
  }

  writer(recordId: RecordId): OwnFileWriter {
    return new OwnFileWriter({
      path: this.pathOf(recordId),
      directory: this.#directory,
      synced: this.#synced,
      reusable: this.#free.pop(),
      hasSpace: this.#hasSpace,
    });
  }

  /** The records of all whole files, oldest first. Files that were not finished are taken away. */
  async scan(): Promise<SpoolRecord[]> {
    const records: SpoolRecord[] = [];
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (FREE_NAME.test(name)) await this.#keepOrRemove(path);
      const recordId = LIVE_NAME.exec(name)?.[1];
      if (recordId === undefined) continue;
      const record = await readHead(path);
      if (record?.recordId === recordId) records.push(record);
      else await unlink(path);
    }
    return records.sort((a, b) => a.receivedAt - b.receivedAt);
  }

  /** Gives the file of a released record back; with readers it is only unlinked, and lives until they are done. */
  async release(recordId: RecordId, hasReaders: boolean): Promise<void> {
    const path = this.pathOf(recordId);
    if (hasReaders) {
      await unlink(path);
      return;
    }
    const freed = join(this.#directory, `free-${randomUUID()}`);
    await rename(path, freed);
    await this.#keepOrRemove(freed);
  }

  async #keepOrRemove(path: string): Promise<void> {
    if (this.#free.length < MAX_FREE_FILES && (await stat(path)).size <= MAX_FREE_FILE_BYTES) this.#free.push(path);
    else await unlink(path);
  }
}

async function readHead(path: string): Promise<SpoolRecord | undefined> {
  const fd = await openFile(path, false);
  try {
    const page = Buffer.alloc(PAGE_BYTES);
    const count = await readInto(fd, page, 0);
    return decodeRecordHead(page.subarray(0, count))?.record;
  } finally {
    await closeFile(fd);
  }
}
