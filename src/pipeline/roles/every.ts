// Work that is done again and again, never twice at once.

/** Calls `work` every so many milliseconds, counted from the end of the call before; `stop` waits for a call that runs. */
export class Every {
  readonly #work: () => Promise<void>;
  readonly #intervalMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** @param work must not reject */
  constructor(intervalMs: () => number, work: () => Promise<void>) {
    this.#intervalMs = intervalMs;
    this.#work = work;
  }

  /** @param firstMs until the first call */
  start(firstMs = this.#intervalMs()): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#work().finally(() => {
        if (!this.#isStopped) this.start();
      });
    }, firstMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }
}
