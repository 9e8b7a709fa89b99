// The temporary file that decoded pixel data go to. Its name is gone as soon as it is open: whatever happens, nothing of it stays.
import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { FileSource } from '../dicom/file-source.ts';

export class PixelFile {
  readonly #file: FileHandle;
  #length = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Rejects with `disk-full` or `disk-failed`. */
  static async create(directory: string): Promise<PixelFile> {
    const path = join(directory, `pixels-${randomUUID()}`);
    return onDisk(async () => {
      const file = await open(path, 'wx+', 0o600);
      try {
        await unlink(path);
      } catch (error) {
        await file.close();
        throw error;
      }
      return new PixelFile(file);
    });
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends. Rejects with `disk-full` or `disk-failed`. */
  async append(bytes: Buffer): Promise<void> {
    await onDisk(async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#length);
        done += bytesWritten;
        this.#length += bytesWritten;
      }
    });
  }

  /** What was written so far, as a source. Closing either closes both. */
  toSource(): FileSource {
    return new FileSource(this.#file, this.#length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function onDisk<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes(systemCodeOf(error) ?? '');
    const message = isFull ? 'No space is left for decoded pixel data.' : 'Decoded pixel data could not be written.';
    throw new LetheError(isFull ? 'disk-full' : 'disk-failed', message, { cause: error });
  }
}
