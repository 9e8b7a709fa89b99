// One input file of `lethe deid`: read once and whole when it is small, through its descriptor when it is large.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { BufferSource, type OpenByteSource } from '../../core/bytes.ts';
import { openFileSource } from '../../dicom/file-source.ts';

/**
 * Up to this size a file is read in one go on the event loop: a trip through the thread pool costs more than the read.
 * Larger ones are read by ranges.
 */
export const WHOLE_FILE_BYTES = 8 * 2 ** 20;
const DIGEST_CHUNK_BYTES = 2 ** 20;

export interface Input {
  readonly source: OpenByteSource;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Reads files into one buffer that it uses again: fresh pages cost six times the read itself. So what is made of an
 * input must be written before the next `read`.
 */
export class InputReader {
  #buffer = Buffer.alloc(0);

  /** Rejects with the error of the file system. Close the source. */
  async read(path: string): Promise<Input> {
    const whole = this.#readWhole(path);
    if (whole !== undefined) return { source: new BufferSource(whole), bytes: whole.length, sha256: sha256Of(whole) };
    const source = await openFileSource(path);
    try {
      return { source, bytes: source.size, sha256: await digestOf(source) };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  #readWhole(path: string): Buffer | undefined {
    const descriptor = openSync(path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size > WHOLE_FILE_BYTES) return undefined;
      if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, size));
      let length = 0;
      while (length < size) {
        const count = readSync(descriptor, this.#buffer, length, size - length, length);
        if (count === 0) break;
        length += count;
      }
      return this.#buffer.subarray(0, length);
    } finally {
      closeSync(descriptor);
    }
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function digestOf(source: OpenByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < source.size; offset += DIGEST_CHUNK_BYTES)
    hash.update(await source.read(offset, Math.min(DIGEST_CHUNK_BYTES, source.size - offset)));
  return hash.digest('hex');
}
