// Calls answered together, one batch after another: what comes while a batch is under way, and while it rests afterwards, makes the next one.

/** After a batch that took so long the next one waits this many times as long: under load the work takes a small share of the time. */
const REST_FACTOR = 8;
const MAX_REST_MS = 100;

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A call that comes while nothing else does is worked on in the same turn of the event loop. */
export class Batches<Item> {
  readonly #work: (items: readonly Item[]) => Promise<void>;
  readonly #limit: number;
  #waiting: Waiting<Item>[] = [];
  #isRunning = false;

  /** @param limit items in one batch at most */
  constructor(work: (items: readonly Item[]) => Promise<void>, limit = 1_000) {
    this.#work = work;
    this.#limit = limit;
  }

  /** Settles as the batch that has the item does. */
  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const startedAt = performance.now();
      await this.#carryOut(this.#waiting.splice(0, this.#limit));
      await rest(Math.min(REST_FACTOR * (performance.now() - startedAt), MAX_REST_MS));
    }
    this.#isRunning = false;
  }

  async #carryOut(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.#work(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** Keeps no process alive. */
function rest(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs).unref());
}
