// A small storage SCP that writes what it gets as Part 10 files: the research PACS of the demo and of tests.
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { newRecordId } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import { buildFileHeader } from '../dicom/part10.ts';
import type { Log, Reception, ReceptionFacts, StoreProvider } from '../pipeline/ports.ts';
import { isStorageSopClass } from '../standard/sop-classes.ts';
import { createListener } from './listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from './negotiation.ts';

export interface ReceiverOptions {
  readonly folder: string;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Called with the path of each file that is complete. */
  readonly onFile?: (path: string) => void;
}

export interface Receiver {
  readonly port: number;
  /** Instances written since the start. */
  readonly count: number;
  close(): Promise<void>;
}

/** Listens and writes each instance to `<folder>/<random id>.dcm`. Any AE title may send. Rejects with `port-taken`. */
export async function startReceiver(options: ReceiverOptions, log: Log): Promise<Receiver> {
  await mkdir(options.folder, { recursive: true });
  let count = 0;
  const onWritten = (path: string): void => {
    count++;
    options.onFile?.(path);
  };
  const provider: StoreProvider = {
    admit: () => undefined,
    begin: (facts) => new FileReception(options.folder, facts, onWritten, log),
  };
  const { host, port } = options;
  const listener = createListener({ host, port }, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, log);
  const bound = await listener.listen();
  return {
    port: bound.port,
    get count() {
      return count;
    },
    close: () => listener.close(2000),
  };
}

/** Writes under a temporary name, and renames once the file is whole. */
class FileReception implements Reception {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #stream: WriteStream;
  readonly #onWritten: (path: string) => void;
  readonly #log: Log;
  #failure: Error | undefined;

  constructor(folder: string, facts: ReceptionFacts, onWritten: (path: string) => void, log: Log) {
    this.#path = join(folder, `${newRecordId()}.dcm`);
    this.#temporaryPath = `${this.#path}.part`;
    this.#onWritten = onWritten;
    this.#log = log;
    this.#stream = createWriteStream(this.#temporaryPath, { flags: 'wx', mode: 0o600, highWaterMark: 1024 * 1024 });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#stream.write(buildFileHeader(facts));
  }

  write(chunk: Buffer): void | Promise<void> {
    // The stream keeps it until it is written.
    if (this.#stream.write(Buffer.from(chunk)) || this.#stream.errored !== null) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done).off('close', done);
        resolve();
      };
      this.#stream.on('drain', done).on('close', done);
    });
  }

  async commit(): Promise<number> {
    try {
      await this.#close();
      if (this.#failure !== undefined) throw this.#failure;
      await rename(this.#temporaryPath, this.#path);
    } catch (error) {
      this.#log.error('a received file could not be written', { code: systemCodeOf(error) ?? 'unknown' });
      await this.#remove();
      return 0xa700;
    }
    this.#onWritten(this.#path);
    return 0x0000;
  }

  async abort(): Promise<void> {
    await this.#close();
    await this.#remove();
  }

  async #close(): Promise<void> {
    if (this.#stream.closed) return;
    const closed = once(this.#stream, 'close').catch((error: unknown) => {
      this.#failure ??= new Error('the file could not be closed', { cause: error });
    });
    this.#stream.end();
    await closed;
  }

  async #remove(): Promise<void> {
    await unlink(this.#temporaryPath).catch((error: unknown) => {
      if (systemCodeOf(error) !== 'ENOENT') throw error;
    });
  }
}
