// The job queue of a single process: nothing is kept, because the spool and the ledger tell at start what is to be done.
import type { RecordId } from '../core/brands.ts';
import { Fifo } from '../pipeline/fifo.ts';
import type { JobQueue } from '../pipeline/ports.ts';

/** Further ones begin in the next turn of the event loop: what comes in meanwhile is not kept waiting. */
const MAX_BEGUN_PER_TURN = 4;

/** First in, first out. `onFailure` is told when a handler rejects, which is a bug of the handler: the record waits for the next start. */
export function createEmbeddedQueue(
  onFailure: (recordId: RecordId, error: unknown) => void = () => undefined,
): JobQueue {
  return new EmbeddedQueue(onFailure);
}

class EmbeddedQueue implements JobQueue {
  readonly #waiting = new Fifo<RecordId>();
  readonly #onFailure: (recordId: RecordId, error: unknown) => void;
  #handler: ((recordId: RecordId) => Promise<void>) | undefined;
  #concurrency = 0;
  #running = 0;
  #isWoken = false;
  #isClosed = false;
  #onIdle: (() => void)[] = [];

  constructor(onFailure: (recordId: RecordId, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  enqueue(recordId: RecordId): void {
    if (this.#isClosed) return;
    this.#waiting.push(recordId);
    this.#wake();
  }

  process(handler: (recordId: RecordId) => Promise<void>, concurrency: number): void {
    if (this.#handler !== undefined) throw new Error('the queue has a handler already');
    this.#handler = handler;
    this.#concurrency = concurrency;
    this.#wake();
  }

  idle(): Promise<void> {
    if (this.#running === 0 && this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** What waits is dropped here; the spool has it. Resolves when the running handlers are done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.shift() !== undefined);
    this.#settle();
    await this.idle();
  }

  /** After this turn of the event loop, so that the answer to the sender leaves before the work on its instance begins. */
  #wake(): void {
    if (this.#isWoken || this.#handler === undefined || this.#running >= this.#concurrency) return;
    this.#isWoken = true;
    setImmediate(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (let begun = 0; this.#handler !== undefined && this.#running < this.#concurrency; begun++) {
      if (begun === MAX_BEGUN_PER_TURN) {
        this.#wake();
        return;
      }
      const recordId = this.#waiting.shift();
      if (recordId === undefined) return;
      this.#running++;
      void this.#run(this.#handler, recordId);
    }
  }

  async #run(handler: (recordId: RecordId) => Promise<void>, recordId: RecordId): Promise<void> {
    try {
      await handler(recordId);
    } catch (error) {
      this.#onFailure(recordId, error);
    }
    this.#running--;
    if (this.#waiting.size > 0) this.#wake();
    else this.#settle();
  }

  #settle(): void {
    if (this.#running > 0 || this.#waiting.size > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
