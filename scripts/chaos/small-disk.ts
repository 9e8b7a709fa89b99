// A disk of its own for the data directory, small enough to be filled: a tmpfs, where we may mount one.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Room for a cluster, the segments of the spool and what waits during the longest outage. */
const SIZE = '1500m';
const CHUNK = Buffer.alloc(1 << 20);

export class SmallDisk {
  readonly #directory: string;
  readonly #ballast: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#ballast = join(directory, 'ballast');
  }

  /** Undefined when we may not mount. */
  static mount(directory: string): SmallDisk | undefined {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'lethe-chaos', directory]);
    return mounted.status === 0 ? new SmallDisk(directory) : undefined;
  }

  /** Leaves so many bytes free. */
  fill(freeBytes: number): void {
    const file = openSync(this.#ballast, 'a', 0o600);
    try {
      while (this.#free() > freeBytes + CHUNK.length) writeSync(file, CHUNK);
      // The last pages, one by one, up to the very end.
      for (let wrote = 1; freeBytes === 0 && wrote > 0;) wrote = writeSync(file, CHUNK, 0, 4096);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  clear(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    this.clear();
    spawnSync('umount', ['--lazy', this.#directory]);
  }

  #free(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }
}
