// Files of released records, kept to be written over by any of the processes that share a spool: making a file costs more than writing it.
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';

const MAX_FILES = 64;
/** A longer file is given back to the file system. */
const MAX_FILE_BYTES = 8 << 20;
/** The folder is looked at again at most this often. */
const LOOK_EVERY_MS = 1_000;

export class ReleasedFiles {
  readonly #directory: string;
  /** What the last look saw and nobody here has taken. Another process may have. */
  #names: string[] = [];
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** A path that was free a moment ago; whoever renames it first has it. */
  take(): string | undefined {
    const name = this.#names.pop();
    if (name === undefined) this.#look();
    return name === undefined ? undefined : join(this.#directory, name);
  }

  /** Takes over the file of a record, or removes it when enough are kept. One that is gone already is no fault. */
  async add(path: string, name: string): Promise<void> {
    this.#look();
    try {
      if (this.#names.length >= MAX_FILES || (await stat(path)).size > MAX_FILE_BYTES) await unlink(path);
      else {
        await rename(path, join(this.#directory, name));
        this.#names.push(name);
      }
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Waits for a look that is under way. */
  async settle(): Promise<void> {
    await this.#looking;
  }

  /** In the background. A folder that cannot be read costs speed, nothing else: files are made anew. */
  #look(): void {
    const now = performance.now();
    if (this.#looking !== undefined || now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    this.#looking = readdir(this.#directory)
      .then((names) => {
        this.#names = names;
      })
      .catch(() => {
        this.#names = [];
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }
}
