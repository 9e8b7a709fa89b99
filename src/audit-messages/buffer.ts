// Events that wait for the audit repository, in files of the data directory: one line per event, appended before the caller goes on, so
// that kill -9 takes none; made durable in groups; given back when the repository has them. One process has a directory at a time.
import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';

/** The first byte that is not taken yet. */
export interface BufferPosition {
  readonly segment: number;
  readonly offset: number;
}

export interface BufferedLines {
  readonly lines: readonly string[];
  /** Behind the last one. */
  readonly end: BufferPosition;
  /** Files that somebody took away or cut: events are lost. */
  readonly damagedFiles: number;
}

export interface EventBufferOptions {
  readonly directory: string;
  /** What waits at most. */
  readonly maxBytes: number;
  /** Bytes of a file before the next one begins. Default 4 MiB. */
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 4 << 20;
const SYNC_AFTER_MS = 500;
const POSITION_FILE = 'taken.json';
const SEGMENT_NAME = /^(\d{10})\.jsonl$/;

interface Segment {
  readonly number: number;
  bytes: number;
}

export class EventBuffer {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  /** Oldest first; the last one is written to. Never empty. */
  readonly #segments: Segment[];
  #taken: BufferPosition;
  #fd: number;
  /** The directory does not hold the name of the newest file durably. */
  #isNameNew = true;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();

  private constructor(options: EventBufferOptions, segments: Segment[], taken: BufferPosition) {
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    // A new file: the last one of an earlier process may end in the middle of a line.
    const number = Math.max(taken.segment, segments.at(-1)?.number ?? 0) + 1;
    this.#segments = [...segments, { number, bytes: 0 }];
    this.#taken = segments.length === 0 ? { segment: number, offset: 0 } : taken;
    this.#fd = openSync(this.#pathOf(number), 'a', 0o600);
  }

  /** Takes up what an earlier process left. Rejects with `data-directory-unusable`. */
  static async open(options: EventBufferOptions): Promise<EventBuffer> {
    const { directory } = options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const numbers = (await readdir(directory)).flatMap((name) => SEGMENT_NAME.exec(name)?.slice(1) ?? []).map(Number);
      const segments: Segment[] = [];
      for (const number of numbers.sort((a, b) => a - b))
        segments.push({ number, bytes: (await stat(join(directory, nameOf(number)))).size });
      const taken = await readPosition(join(directory, POSITION_FILE));
      const buffer = new EventBuffer(options, segments, taken);
      await buffer.give(taken);
      return buffer;
    } catch (cause) {
      const why = systemCodeOf(cause) ?? 'unknown';
      throw new LetheError(
        'data-directory-unusable',
        `The buffer of audit messages ${directory} cannot be opened (${why}).`,
        { cause },
      );
    }
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    const [oldest] = this.#segments;
    const takenOfOldest = oldest.number === this.#taken.segment ? Math.min(this.#taken.offset, oldest.bytes) : 0;
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0) - takenOfOldest;
  }

  /** Where the first line that waits begins. */
  get start(): BufferPosition {
    return this.#taken;
  }

  /** Written when this returns, durable soon after. Throws `disk-full` when the buffer or the disk has no place, else `disk-failed`; nothing of the line remains. */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.waitingBytes + bytes.length > this.#maxBytes)
      throw new LetheError('disk-full', 'The buffer of audit messages is full (auditRepository.bufferBytes).');
    const segment = this.#segmentFor(bytes.length);
    try {
      if (writeSync(this.#fd, bytes) !== bytes.length)
        throw new LetheError('disk-full', 'The disk took a part of an audit event only.');
      segment.bytes += bytes.length;
    } catch (cause) {
      this.#dropTail(segment);
      const code = systemCodeOf(cause);
      const isFull = cause instanceof LetheError || code === 'ENOSPC' || code === 'EDQUOT';
      throw new LetheError(
        isFull ? 'disk-full' : 'disk-failed',
        `An audit event could not be written (${code ?? 'short'}).`,
        { cause },
      );
    }
    this.#syncTimer ??= setTimeout(() => {
      void this.sync();
    }, SYNC_AFTER_MS);
  }

  /** Up to `limit` lines from there on, at least one when any waits and its file is still there. */
  async read(from: BufferPosition, limit: number): Promise<BufferedLines> {
    const lines: string[] = [];
    let { segment, offset } = from;
    let damagedFiles = 0;
    for (const file of [...this.#segments]) {
      const { number, bytes } = file;
      if (number < segment) continue;
      if (lines.length >= limit) break; // the rest of a file is read before the next one
      if (number > segment) [segment, offset] = [number, 0];
      const text = await readRange(this.#pathOf(number), offset, bytes);
      if (text.length < bytes - offset) {
        this.#endAt(file, offset + text.length);
        damagedFiles++;
      }
      for (let at = 0; lines.length < limit;) {
        const end = text.indexOf(0x0a, at);
        if (end === -1) break;
        lines.push(text.toString('utf8', at, end));
        offset += end + 1 - at;
        at = end + 1;
      }
    }
    return { lines, end: { segment, offset }, damagedFiles };
  }

  /** Gives back what stands before the position: it was taken. Told again after a crash at the most. */
  async give(position: BufferPosition): Promise<void> {
    this.#taken = position;
    while (this.#segments.length > 1 && this.#segments[0].number < position.segment) {
      const segment = this.#segments.shift();
      if (segment !== undefined) await removeIfThere(this.#pathOf(segment.number));
    }
    const [oldest] = this.#segments;
    if (this.#taken.segment < oldest.number) this.#taken = { segment: oldest.number, offset: 0 };
    const path = join(this.#directory, POSITION_FILE);
    await writeFile(`${path}.new`, JSON.stringify(this.#taken), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  /** Makes durable what was appended so far. Never rejects: an event that is written outlives the process all the same. */
  sync(): Promise<void> {
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const [fd, isNameNew] = [this.#fd, this.#isNameNew];
    this.#isNameNew = false;
    this.#syncing = this.#syncing.then(async () => {
      await syncFile(fd);
      if (isNameNew) await syncDirectory(this.#directory);
    });
    return this.#syncing;
  }

  async close(): Promise<void> {
    await this.sync();
    closeSync(this.#fd);
  }

  #segmentFor(bytes: number): Segment {
    const last = this.#segments[this.#segments.length - 1];
    if (last.bytes === 0 || last.bytes + bytes <= this.#segmentBytes) return last;
    return this.#beginNext(last);
  }

  /** No more of it is there than this; what comes goes to another file. */
  #endAt(segment: Segment, bytes: number): void {
    segment.bytes = bytes;
    if (segment === this.#segments.at(-1)) this.#beginNext(segment);
  }

  #beginNext(last: Segment): Segment {
    const old = this.#fd;
    const next = { number: last.number + 1, bytes: 0 };
    this.#fd = openSync(this.#pathOf(next.number), 'a', 0o600);
    this.#segments.push(next);
    this.#isNameNew = true;
    this.#syncing = this.#syncing.then(async () => {
      await syncFile(old);
      closeSync(old);
    });
    return next;
  }

  #dropTail({ bytes }: Segment): void {
    try {
      ftruncateSync(this.#fd, bytes);
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error; // the half line is told apart when it is read
    }
  }

  #pathOf(segment: number): string {
    return join(this.#directory, nameOf(segment));
  }
}

function nameOf(segment: number): string {
  return `${String(segment).padStart(10, '0')}.jsonl`;
}

/** From the beginning when the file is not there or says nothing: what was taken is told again then. */
async function readPosition(path: string): Promise<BufferPosition> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  if (typeof value !== 'object' || value === null || !('segment' in value) || !('offset' in value))
    return { segment: 0, offset: 0 };
  const { segment, offset } = value;
  return typeof segment === 'number' && typeof offset === 'number' ? { segment, offset } : { segment: 0, offset: 0 };
}

/** A disk that does not sync keeps the events until the power goes: nothing better can be done with them. */
function syncFile(fd: number): Promise<void> {
  return new Promise((resolve) => {
    fdatasync(fd, () => {
      resolve();
    });
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  await directory.sync().catch(() => undefined); // some file systems have no such thing
  await directory.close();
}

/** Fewer bytes when the file is shorter, none when it is not there. */
async function readRange(path: string, from: number, to: number): Promise<Buffer> {
  const file = to <= from ? undefined : await openIfThere(path);
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(to - from), 0, to - from, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
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
