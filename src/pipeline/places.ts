// A bounded number of places, given in the order in which they were asked for.
import { Fifo } from './fifo.ts';

export class Places {
  #free: number;
  readonly #waiting = new Fifo<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when a place is there; give it back once. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
