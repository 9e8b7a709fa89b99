// Inflates a deflated data set (PS3.5 A.5): a small one in memory, a large one into an anonymous temporary file, never without bounds.
import { randomUUID } from 'node:crypto';
import { close, closeSync, open, read, unlinkSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createInflate, createInflateRaw } from 'node:zlib';
import { BufferSource, type ByteSource, type OpenByteSource } from '../core/bytes.ts';
import { InstanceError, LetheError, systemCodeOf } from '../core/errors.ts';
import { readExactly } from './reader.ts';

export interface InflateLimits {
  /** Inflated bytes that one data set may have. */
  readonly maxBytes: number;
  /** Inflated bytes that are taken whatever the ratio: a blank segmentation deflates 1,000 to 1. */
  readonly freeBytes: number;
  /** Beyond `freeBytes`, inflated bytes per deflated byte. */
  readonly maxRatio: number;
  /** Inflated bytes that stay in memory; a larger data set goes to a file. */
  readonly maxMemoryBytes: number;
}

export const DEFAULT_INFLATE_LIMITS: InflateLimits = {
  maxBytes: 4 * 1024 ** 3,
  freeBytes: 64 * 1024 ** 2,
  maxRatio: 100,
  maxMemoryBytes: 8 * 1024 ** 2,
};

export interface InflateOptions {
  readonly limits?: InflateLimits;
  /** Where the temporary file is made; the system's directory by default. It is unlinked as soon as it is open. */
  readonly temporaryDirectory?: string;
}

const openDescriptor = promisify(open);
const closeDescriptor = promisify(close);
const readDescriptor = promisify(read);
const writeDescriptor = promisify(write);

const READ_CHUNK = 256 * 1024;

/**
 * The inflated bytes of [start, end). Close the result: it may hold a file. Throws `unparsable` when the stream is broken,
 * ends early or inflates beyond the limits, `disk-full` or `disk-failed` when the temporary file cannot be written.
 */
export async function inflateSource(
  source: ByteSource,
  { start, end }: { readonly start: number; readonly end: number },
  options: InflateOptions = {},
): Promise<OpenByteSource> {
  const limits = options.limits ?? DEFAULT_INFLATE_LIMITS;
  const allowed = Math.min(limits.maxBytes, limits.freeBytes + limits.maxRatio * (end - start));
  const sink = new InflatedSink(limits.maxMemoryBytes, options.temporaryDirectory ?? tmpdir());
  // PS3.5 A.5 wants a bare deflate stream (RFC 1951); some writers wrap it in zlib's header (RFC 1950).
  const hasZlibHeader = isZlibHeader(await readExactly(source, start, Math.min(5, end - start)));
  const inflate = hasZlibHeader ? createInflate() : createInflateRaw();
  const input = Readable.from(readRange(source, start, end), { objectMode: false });
  input.on('error', (error) => inflate.destroy(error));
  input.pipe(inflate);
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      if (sink.size + chunk.length > allowed) {
        throw new InstanceError('unparsable', `the deflated data set inflates to more than ${allowed} bytes`, {
          offset: start,
        });
      }
      await sink.write(chunk);
    }
    return sink.finish();
  } catch (error) {
    await sink.abandon();
    throw asInstanceError(error, start);
  } finally {
    input.destroy();
    inflate.destroy();
  }
}

/** A zlib header (RFC 1950 2.2) that is not the stored block (RFC 1951 3.2.4) which the same bits would mean. */
function isZlibHeader(head: Buffer): boolean {
  if (head.length < 5 || (head[0] & 0x0f) !== 8 || head.readUInt16BE(0) % 31 !== 0) return false;
  return (head.readUInt16LE(1) ^ head.readUInt16LE(3)) !== 0xffff;
}

async function* readRange(source: ByteSource, start: number, end: number): AsyncGenerator<Buffer> {
  for (let offset = start; offset < end; offset += READ_CHUNK) {
    yield await readExactly(source, offset, Math.min(READ_CHUNK, end - offset));
  }
}

function asInstanceError(error: unknown, offset: number): unknown {
  if (error instanceof LetheError) return error;
  const code = systemCodeOf(error);
  if (code?.startsWith('Z_') !== true) return error;
  const problem = code === 'Z_BUF_ERROR' ? 'ends early' : 'is damaged';
  return new InstanceError('unparsable', `the deflated data set ${problem}`, { offset, cause: error });
}

/** Takes inflated bytes: into memory up to a bound, then all of them into a file that has no name any more. */
class InflatedSink {
  size = 0;
  readonly #maxMemoryBytes: number;
  readonly #directory: string;
  #chunks: Buffer[] = [];
  #descriptor: number | undefined;

  constructor(maxMemoryBytes: number, directory: string) {
    this.#maxMemoryBytes = maxMemoryBytes;
    this.#directory = directory;
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#descriptor === undefined && this.size + chunk.length <= this.#maxMemoryBytes) {
      this.#chunks.push(chunk);
      this.size += chunk.length;
      return;
    }
    try {
      if (this.#descriptor === undefined) {
        this.#descriptor = await openAnonymous(this.#directory);
        await writeWhole(this.#descriptor, Buffer.concat(this.#chunks), 0);
        this.#chunks = [];
      }
      await writeWhole(this.#descriptor, chunk, this.size);
    } catch (error) {
      const code = systemCodeOf(error) === 'ENOSPC' ? 'disk-full' : 'disk-failed';
      throw new LetheError(code, 'The temporary file for a deflated data set cannot be written.', { cause: error });
    }
    this.size += chunk.length;
  }

  finish(): OpenByteSource {
    if (this.#descriptor !== undefined) return new DescriptorSource(this.#descriptor, this.size);
    return new BufferSource(Buffer.concat(this.#chunks));
  }

  async abandon(): Promise<void> {
    if (this.#descriptor !== undefined) await closeDescriptor(this.#descriptor);
    this.#descriptor = undefined;
  }
}

async function openAnonymous(directory: string): Promise<number> {
  const path = join(directory, `lethe-${randomUUID()}`);
  const descriptor = await openDescriptor(path, 'wx+', 0o600);
  unlinkSync(path);
  return descriptor;
}

async function writeWhole(descriptor: number, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await writeDescriptor(descriptor, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Closes the file of a source that nobody closed; `close` is the rule, this is the net beneath. */
const forgottenFiles = new FinalizationRegistry<number>((descriptor) => {
  closeSync(descriptor);
});

/** An open file as a source that owns it. */
class DescriptorSource implements OpenByteSource {
  readonly size: number;
  readonly #descriptor: number;
  #isOpen = true;

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor;
    this.size = size;
    forgottenFiles.register(this, descriptor, this);
  }

  view(): undefined {
    return undefined;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) throw new RangeError('range outside the source');
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await readDescriptor(this.#descriptor, bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw new LetheError('disk-failed', 'A temporary file is shorter than what was written.');
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    forgottenFiles.unregister(this);
    await closeDescriptor(this.#descriptor);
  }
}
