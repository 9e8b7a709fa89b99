// Giving spool space back, in batches, only once the ledger has the records at rest.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import { retryTransient } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Ledger, Log, Spool } from './ports.ts';

/** Milliseconds for which records are gathered: each flush is a batch of the ledger's, however small. */
const GATHER_MS = 1_000;

export interface ReleaserOptions {
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly log: Log;
  /** For a database that is away. */
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

export class Releaser {
  readonly #options: ReleaserOptions;
  #waiting: RecordId[] = [];
  #running: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(options: ReleaserOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => {
      this.#hurry.abort();
    });
  }

  /** To be called after the last transition of the record was handed to the ledger. */
  add(recordId: RecordId): void {
    this.#waiting.push(recordId);
    this.#running ??= this.#run();
  }

  /** Resolves when everything added so far is released, or the gateway stops. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) {
      this.#hurry.abort();
      await this.#running;
    }
  }

  async #run(): Promise<void> {
    const { spool, ledger, log, backoff, signal } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        await this.#gather();
        const batch = this.#waiting.splice(0);
        await retryTransient(
          () => ledger.flush(),
          backoff,
          signal,
          (error, attempt) => {
            log.warn('Delivered instances stay in the spool: the database is away.', { code: error.code, attempt });
          },
        );
        for (const recordId of batch) spool.release(recordId);
      }
    } catch (error) {
      // Nothing is lost: the next start finds the records at rest and releases them.
      const code = error instanceof LetheError ? error.code : 'unexpected';
      if (code !== 'shutting-down') log.error('Delivered instances could not be released.', { code });
    } finally {
      this.#running = undefined;
    }
  }

  /** Nobody waits for the space of a record, except who waits for `idle`. */
  async #gather(): Promise<void> {
    const { signal } = this.#hurry;
    if (!signal.aborted && !this.#options.signal.aborted)
      await sleep(GATHER_MS, undefined, { signal }).catch(() => undefined);
    this.#hurry = new AbortController();
  }
}
