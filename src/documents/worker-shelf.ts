// Worker threads that clean one document after another. One that a document broke is thrown away; the next document gets another.
import type { Worker } from 'node:worker_threads';

import { startSilentWorker } from '../core/worker-file.ts';

/** Of JavaScript alone: buffers, and the memory of WebAssembly, have ceilings of their own. */
export interface WorkerMemory {
  readonly maxOldGenerationSizeMb: number;
  readonly maxYoungGenerationSizeMb: number;
  readonly stackSizeMb: number;
}

export interface WorkerShelfOptions {
  /** The worker file beside `from`, without its extension. */
  readonly file: string;
  /** `import.meta.url` of a file beside it. */
  readonly from: string;
  readonly memory: WorkerMemory;
  /** Documents that are cleaned at the same time; others wait. */
  readonly maxBusy: number;
  /** A thread without work ends after this long. */
  readonly idleMs: number;
}

export class WorkerShelf {
  readonly #options: WorkerShelfOptions;
  readonly #idle = new Map<Worker, NodeJS.Timeout>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(options: WorkerShelfOptions) {
    this.#options = options;
  }

  /** A thread of one's own, to be given back with `putBack` or `discard`. */
  async take(): Promise<Worker> {
    // The place is handed over, so that `busy` stays as it is.
    if (this.#busy >= this.#options.maxBusy) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    for (const [worker, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(worker);
      worker.ref();
      return worker;
    }
    try {
      return this.#start();
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  /** Gives back a thread that is ready for another document. */
  putBack(worker: Worker): void {
    const timer = setTimeout(() => {
      this.#idle.delete(worker);
      // Terminating cannot fail in a way that anybody could act on.
      void worker.terminate();
    }, this.#options.idleMs).unref();
    worker.unref();
    this.#idle.set(worker, timer);
    this.#next();
  }

  /** Ends a thread whatever it does. */
  async discard(worker: Worker): Promise<void> {
    try {
      await worker.terminate();
    } finally {
      this.#next();
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy--;
    else next();
  }

  #start(): Worker {
    const { file, from, memory } = this.#options;
    const worker = startSilentWorker(file, from, { resourceLimits: memory });
    const forget = (): void => {
      clearTimeout(this.#idle.get(worker));
      this.#idle.delete(worker);
    };
    // Without a listener the error of a thread that dies while idle would end the process.
    worker.on('exit', forget).on('error', forget);
    return worker;
  }
}
