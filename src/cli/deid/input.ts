// One input file of `lethe deid`: in memory when it is small, read through its descriptor when it is large.
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

/**
 * Reads files into one buffer that it uses again: fresh pages cost six times the read itself. So what is made of an
 * input must be written before the next `read`.
 */
export class InputReader {
  #buffer = Buffer.alloc(0);

  /** Rejects with the error of the file system. Close the source. */
  async read(path: string): Promise<OpenByteSource> {
    const whole = this.#readWhole(path);
    return whole === undefined ? openFileSource(path) : new BufferSource(whole);
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

/** SHA-256 of the whole file, lower-case hex. */
export async function digestOf(source: OpenByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < source.size; offset += DIGEST_CHUNK_BYTES)
    hash.update(await source.read(offset, Math.min(DIGEST_CHUNK_BYTES, source.size - offset)));
  return hash.digest('hex');
}
