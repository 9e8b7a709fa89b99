// Calls that come within one turn of the event loop are answered by one statement.

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Hands what was added in the same turn to `work` together, at most `limit` at a time; each caller waits for the call that has its item. */
export class Gathered<Item> {
  readonly #work: (items: readonly Item[]) => Promise<void>;
  readonly #limit: number;
  #waiting: Waiting<Item>[] = [];
  #isWoken = false;

  constructor(work: (items: readonly Item[]) => Promise<void>, limit = 1_000) {
    this.#work = work;
    this.#limit = limit;
  }

  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isWoken) return;
      this.#isWoken = true;
      setImmediate(() => {
        this.#isWoken = false;
        const all = this.#waiting;
        this.#waiting = [];
        for (let at = 0; at < all.length; at += this.#limit) void this.#run(all.slice(at, at + this.#limit));
      });
    });
  }

  async #run(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.#work(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
