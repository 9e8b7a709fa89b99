// Clean instances as files, between the worker that made them and the senders (copy-file.ts has the format). Nothing is synced, because a copy can
// be made again; one that a power cut tore shows by its checksum.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RecordId } from '../core/brands.ts';
import type { ByteSource } from '../core/bytes.ts';
import { systemCodeOf } from '../core/errors.ts';
import type { SplicePlan } from '../dicom/element.ts';
import type { CleanCopies, CleanCopyFacts, CopyPart, OpenCleanCopy, StoredCopy } from '../pipeline/roles/ports.ts';
import { formatSent, parseHead, parseSent, readRuns, writeCopy, type Head } from './copy-file.ts';
import { append, asDiskError, closeFile, openFile, openToAppend, PAGE_BYTES, readInto, sizeOf } from './file-io.ts';

const FOLDERS = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
/** The id of the record; behind it, while the copy is being written, what tells its writer from others. */
const COPY_NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.[0-9a-f-]{36})?$/;
const FOUND_AT_ONCE = 1_000;
const VERIFY_BYTES = 1 << 20;
/** A smaller copy is read at once, into memory. */
const MAX_MEMORY_BYTES = 8 << 20;
/** Read at once: most copies are shorter. */
const FIRST_BYTES = 32 << 10;

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

  async write(recordId: RecordId, facts: CleanCopyFacts, plan: SplicePlan, isOfRecord: boolean): Promise<void> {
    const path = this.#pathOf(recordId);
    const draft = `${path}.${randomUUID()}`;
    try {
      const fd = await openFile(draft, false);
      try {
        await writeCopy(fd, recordId, facts, plan, isOfRecord);
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
      fd = await openToAppend(this.#pathOf(recordId));
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
      if (copy === undefined) await closeFile(fd);
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
  const first = Buffer.allocUnsafeSlow(FIRST_BYTES);
  const count = await readInto(fd, first, 0);
  if (count < PAGE_BYTES) return undefined;
  const head = parseHead(first.subarray(0, PAGE_BYTES));
  if (head?.recordId !== recordId) return undefined;
  const end = PAGE_BYTES + head.length;
  if (head.length > MAX_MEMORY_BYTES) {
    if (!(await isWhole(fd, head))) return undefined;
    const own = (offset: number, length: number): CopyPart => {
      return { kind: 'own-on-disk', source: new FileRange(fd, PAGE_BYTES + offset, length) };
    };
    return new OpenCopy(fd, head, readRuns(head.runs, own), await readSent(fd, end));
  }
  const whole = count < FIRST_BYTES ? first.subarray(0, count) : await readAll(fd, first);
  const bytes = whole.subarray(PAGE_BYTES, end);
  if (bytes.length < head.length || crc32(bytes) !== head.checksum) return undefined;
  const own = (offset: number, length: number): CopyPart => {
    return { kind: 'own', bytes: bytes.subarray(offset, offset + length) };
  };
  return new OpenCopy(fd, head, readRuns(head.runs, own), parseSent(whole.subarray(end)));
}

/** @param first what was read already */
async function readAll(fd: number, first: Buffer): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(await sizeOf(fd));
  first.copy(bytes);
  const count = await readInto(fd, bytes.subarray(first.length), first.length);
  return bytes.subarray(0, first.length + count);
}

async function readSent(fd: number, end: number): Promise<ReadonlyMap<string, number>> {
  const lines = Buffer.alloc(Math.max(0, (await sizeOf(fd)) - end));
  return parseSent(lines.subarray(0, await readInto(fd, lines, end)));
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

class OpenCopy implements OpenCleanCopy {
  readonly facts: CleanCopyFacts;
  readonly parts: readonly CopyPart[];
  readonly #fd: number;
  readonly #sent: ReadonlyMap<string, number>;

  constructor(fd: number, { facts }: Head, parts: readonly CopyPart[], sent: ReadonlyMap<string, number>) {
    this.#fd = fd;
    this.facts = facts;
    this.parts = parts;
    this.#sent = sent;
  }

  sentTo(destination: string): number | undefined {
    return this.#sent.get(destination);
  }

  async noteSent(destination: string, status: number): Promise<void> {
    try {
      await append(this.#fd, formatSent(destination, status));
    } catch (error) {
      throw asDiskError(error, 'note what was sent');
    }
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}

/** Bytes of an open file, read as they are asked for. */
class FileRange implements ByteSource {
  readonly size: number;
  readonly #fd: number;
  readonly #start: number;

  constructor(fd: number, start: number, length: number) {
    this.#fd = fd;
    this.#start = start;
    this.size = length;
  }

  view(): undefined {
    return undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || length < 0 || offset + length > this.size) throw new RangeError('range outside the copy');
    const bytes = Buffer.allocUnsafe(length);
    if ((await readInto(this.#fd, bytes, this.#start + offset)) < length)
      throw new RangeError('the copy was cut short');
    return bytes;
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
