// Clean instances as files, between the worker that made them and the senders: a page that tells what follows, then the data set.
// Nothing is synced, because a copy can be made again; one that a power cut tore shows by its checksum.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import type { SplicePlan } from '../dicom/element.ts';
import { readPlan } from '../dicom/plan-io.ts';
import type { CleanCopies, CleanCopyFacts, OpenCleanCopy, StoredCopy } from '../pipeline/roles/ports.ts';
import { asDiskError, closeFile, openFile, openToRead, PAGE_BYTES, readInto, writeAll } from './file-io.ts';

const FOLDERS = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
/** The id of the record; behind it, while the copy is being written, what tells its writer from others. */
const COPY_NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.[0-9a-f-]{36})?$/;
const FOUND_AT_ONCE = 1_000;
const VERIFY_BYTES = 1 << 20;
/** A smaller copy is read at once, into memory. */
const MAX_MEMORY_BYTES = 8 << 20;
const FORMAT = 1;

interface Head {
  readonly format: typeof FORMAT;
  readonly recordId: RecordId;
  readonly length: number;
  readonly checksum: number;
  readonly facts: CleanCopyFacts;
}

/** @param directory on a file system that every process reaches; made with mode 0700 */
export async function openCleanCopies(directory: string): Promise<CleanCopies> {
  try {
    for (const folder of FOLDERS) await mkdir(join(directory, folder), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asDiskError(error, 'be opened');
  }
  return new FileCopies(directory);
}

class FileCopies implements CleanCopies {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(recordId: RecordId, facts: CleanCopyFacts, plan: SplicePlan): Promise<void> {
    const path = this.#pathOf(recordId);
    const draft = `${path}.${randomUUID()}`;
    try {
      const fd = await openFile(draft, false);
      try {
        let position = PAGE_BYTES;
        let checksum = 0;
        for await (const chunk of readPlan(plan)) {
          checksum = crc32(chunk, checksum);
          await writeAll(fd, [chunk], position);
          position += chunk.length;
        }
        const head: Head = { format: FORMAT, recordId, length: position - PAGE_BYTES, checksum, facts };
        const page = Buffer.alloc(PAGE_BYTES, ' ');
        page.write(JSON.stringify(head), 0, 'latin1');
        await writeAll(fd, [page], 0);
      } finally {
        await closeFile(fd);
      }
      await rename(draft, path);
    } catch (error) {
      await removeIfThere(draft);
      throw asDiskError(error, 'write a clean copy');
    }
  }

  async open(recordId: RecordId): Promise<OpenCleanCopy | undefined> {
    let fd: number;
    try {
      fd = await openToRead(this.#pathOf(recordId));
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw asDiskError(error, 'read a clean copy');
    }
    let copy: OpenCleanCopy | undefined;
    try {
      copy = await readCopy(fd, recordId);
      return copy;
    } catch (error) {
      throw asDiskError(error, 'read a clean copy');
    } finally {
      if (!(copy instanceof CopyOnDisk)) await closeFile(fd);
    }
  }

  async remove(recordId: RecordId): Promise<void> {
    await removeIfThere(this.#pathOf(recordId));
  }

  async *stored(): AsyncGenerator<readonly StoredCopy[]> {
    try {
      for (const folder of FOLDERS) {
        let found: StoredCopy[] = [];
        for (const name of await readdir(join(this.#directory, folder))) {
          const recordId = COPY_NAME.exec(name)?.[1] as RecordId | undefined;
          const copy = recordId && (await find(join(this.#directory, folder, name), recordId));
          if (copy !== undefined) found.push(copy);
          if (found.length < FOUND_AT_ONCE) continue;
          yield found;
          found = [];
        }
        if (found.length > 0) yield found;
      }
    } catch (error) {
      throw asDiskError(error, 'look through the clean copies');
    }
  }

  #pathOf(recordId: RecordId): string {
    return join(this.#directory, recordId.slice(0, 2), recordId);
  }
}

async function readCopy(fd: number, recordId: RecordId): Promise<OpenCleanCopy | undefined> {
  const page = Buffer.alloc(PAGE_BYTES);
  await readInto(fd, page, 0);
  const head = parseHead(page.toString('latin1'));
  if (head?.recordId !== recordId) return undefined;
  if (head.length > MAX_MEMORY_BYTES) return (await isWhole(fd, head)) ? new CopyOnDisk(fd, head) : undefined;
  const bytes = Buffer.allocUnsafeSlow(head.length);
  const count = await readInto(fd, bytes, PAGE_BYTES);
  return count === head.length && crc32(bytes) === head.checksum ? new CopyInMemory(bytes, head.facts) : undefined;
}

/** Our own writing, or what a power cut left of it. */
function parseHead(text: string): Head | undefined {
  try {
    const head = JSON.parse(text) as Head | null;
    return head?.format === FORMAT ? head : undefined;
  } catch {
    return undefined;
  }
}

async function isWhole(fd: number, { length, checksum }: Head): Promise<boolean> {
  const buffer = Buffer.allocUnsafeSlow(VERIFY_BYTES);
  let found = 0;
  for (let at = 0; at < length;) {
    const part = buffer.subarray(0, Math.min(VERIFY_BYTES, length - at));
    if ((await readInto(fd, part, PAGE_BYTES + at)) < part.length) return false;
    found = crc32(part, found);
    at += part.length;
  }
  return found === checksum;
}

class CopyInMemory implements OpenCleanCopy {
  readonly facts: CleanCopyFacts;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, facts: CleanCopyFacts) {
    this.#bytes = bytes;
    this.facts = facts;
  }

  get size(): number {
    return this.#bytes.length;
  }

  view(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.size) throw new RangeError('range outside the copy');
    return this.#bytes.subarray(offset, offset + length);
  }

  read(offset: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.view(offset, length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class CopyOnDisk implements OpenCleanCopy {
  readonly facts: CleanCopyFacts;
  readonly size: number;
  readonly #fd: number;

  constructor(fd: number, { facts, length }: Head) {
    this.#fd = fd;
    this.facts = facts;
    this.size = length;
  }

  view(): undefined {
    return undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('range outside the copy');
    const bytes = Buffer.allocUnsafe(length);
    if ((await readInto(this.#fd, bytes, PAGE_BYTES + offset)) < length) throw new RangeError('the copy was cut short');
    return bytes;
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}

/** Undefined when the file is gone already. */
async function find(path: string, recordId: RecordId): Promise<StoredCopy | undefined> {
  const found = await identify(path);
  if (found === undefined) return undefined;
  return {
    recordId,
    async remove() {
      try {
        if ((await identify(path)) === found) await removeIfThere(path);
      } catch (error) {
        throw asDiskError(error, 'remove a clean copy');
      }
    },
  };
}

/** Another text for every file that was written under the name. */
async function identify(path: string): Promise<string | undefined> {
  try {
    const { ino, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}
