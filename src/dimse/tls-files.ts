// Keys and certificates as files that may be renewed while the gateway runs.
import { readFile, stat } from 'node:fs/promises';
import { LetheError, systemCodeOf } from '../core/errors.ts';

/** Reads all files, or rejects with `config-unreadable`. */
export async function readTlsFiles<Name extends string>(
  files: Readonly<Record<Name, string>>,
): Promise<Record<Name, Buffer>> {
  const entries = await Promise.all(
    Object.entries<string>(files).map(async ([name, path]) => {
      try {
        return [name, await readFile(path)] as const;
      } catch (cause) {
        throw new LetheError('config-unreadable', `The TLS file ${path} cannot be read.`, { cause });
      }
    }),
  );
  return Object.fromEntries(entries) as Record<Name, Buffer>;
}

const LOOK_MS = 5_000;

/**
 * Calls `onChange` when any of the files was replaced or written; also when `look` is called and something changed since. Looks at them by
 * name, so that a link that is turned to new files (as certificate tools and Kubernetes do) is seen. What `onChange` rejects with
 * is handed to `onError`, and the files are looked at again.
 */
export class TlsFileWatch {
  readonly #paths: readonly string[];
  readonly #onChange: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #seen: string | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    paths: readonly string[],
    onChange: () => Promise<void>,
    onError: (error: unknown) => void,
    lookMs = LOOK_MS,
  ) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#onError = onError;
    this.#looking = this.#fingerprint().then((seen) => {
      this.#seen = seen;
    });
    this.#timer = setInterval(() => {
      void this.look();
    }, lookMs);
    this.#timer.unref();
  }

  /** Looks now. Resolves when a change was taken over or handed to `onError`. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const seen = await this.#fingerprint();
    if (seen === this.#seen) return;
    this.#seen = seen;
    try {
      await this.#onChange();
    } catch (error) {
      // Half a renewal (a new key, the old certificate) is looked at again when the rest is there, which changes the fingerprint once more.
      this.#onError(error);
    }
  }

  async #fingerprint(): Promise<string> {
    const parts = await Promise.all(
      this.#paths.map(async (path) => {
        try {
          const { ino, size, mtimeMs } = await stat(path);
          return `${ino}.${size}.${mtimeMs}`;
        } catch (error) {
          return systemCodeOf(error) ?? 'unknown';
        }
      }),
    );
    return parts.join(' ');
  }
}
