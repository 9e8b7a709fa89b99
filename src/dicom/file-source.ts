// A file as a byte source: read by ranges, never whole.
import { open, type FileHandle } from 'node:fs/promises';
import type { OpenByteSource } from '../core/bytes.ts';
import { LetheError } from '../core/errors.ts';

/** An open file. Its size is taken once: a file that shrinks meanwhile makes reads reject. */
export class FileSource implements OpenByteSource {
  readonly size: number;
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  view(): undefined {
    return undefined;
  }

  /** Rejects with RangeError outside the file, with `disk-failed` when the file became shorter. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) throw new RangeError('range outside the source');
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw new LetheError('disk-failed', 'A file became shorter while it was read.');
      done += bytesRead;
    }
    return bytes;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The file behind a handle as a source. Closing the source closes the handle. */
export async function fileSource(file: FileHandle): Promise<FileSource> {
  return new FileSource(file, (await file.stat()).size);
}

/** Opens a file for reading as a source. Rejects with the system's error. */
export async function openFileSource(path: string): Promise<FileSource> {
  const file = await open(path);
  try {
    return await fileSource(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}
