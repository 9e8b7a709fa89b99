// Worker threads that do one job after another, and the bounded few of a kind that the process keeps. A thread that fails, hangs or dies
// is thrown away; nothing but its job is lost.
import type { Transferable, Worker, WorkerOptions } from 'node:worker_threads';

import { InstanceError } from '../../core/errors.ts';
import { startSilentWorker } from '../../core/worker-file.ts';

/** What a thread posts for each job. */
export type ThreadAnswer<Answer> = { readonly kind: 'done'; readonly answer: Answer } | { readonly kind: 'failed' };

/** One thread. Works on one job at a time. */
export class Thread<Job, Answer> {
  readonly #worker: Worker;
  readonly #work: string;
  #isUsable = true;

  /** @param work what it does, for messages: "read text" */
  constructor(worker: Worker, work: string) {
    this.#worker = worker;
    this.#work = work;
    const forget = (): void => {
      this.#isUsable = false;
    };
    // Without a listener the error of a thread that dies while idle would end the process.
    worker.on('exit', forget).on('error', forget);
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Rejects with InstanceError `burned-in-unresolved`; the thread is not usable afterwards. */
  run(job: Job, transfer: readonly Transferable[], timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#worker.off('message', onMessage).off('error', onError).off('exit', onError);
        settle();
      };
      const fail = (message: string): void => {
        finish(() => {
          this.#isUsable = false;
          reject(new InstanceError('burned-in-unresolved', message));
        });
      };
      const onMessage = (said: ThreadAnswer<Answer>): void => {
        if (said.kind === 'failed') fail(`A thread failed to ${this.#work}.`);
        else
          finish(() => {
            resolve(said.answer);
          });
      };
      const onError = (): void => {
        fail(`A thread broke off while it was to ${this.#work}.`);
      };
      const timer = setTimeout(() => {
        fail(`A thread did not ${this.#work} within ${timeoutMs} ms.`);
      }, timeoutMs);
      if (!this.#isUsable) {
        onError();
        return;
      }
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onError);
      this.#worker.postMessage(job, transfer);
    });
  }

  /** While idle the thread does not keep the process alive. */
  setIdle(isIdle: boolean): void {
    if (isIdle) this.#worker.unref();
    else this.#worker.ref();
  }

  async close(): Promise<void> {
    this.#isUsable = false;
    await this.#worker.terminate();
  }
}

export interface ThreadPoolOptions {
  /** The worker file beside `from`, without its extension. */
  readonly file: string;
  /** `import.meta.url` of a file beside it. */
  readonly from: string;
  /** For messages: "read text". */
  readonly work: string;
  readonly maxThreads: number;
  /** A thread without work ends after this long. */
  readonly idleMs: number;
  readonly worker?: WorkerOptions;
}

interface Idle<Job, Answer> {
  readonly thread: Thread<Job, Answer>;
  readonly timer: NodeJS.Timeout;
}

export class ThreadPool<Job, Answer> {
  readonly #options: ThreadPoolOptions;
  readonly #idle: Idle<Job, Answer>[] = [];
  readonly #waiting: (() => void)[] = [];
  #leased = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /** Runs `use` with a thread of its own; others wait their turn. */
  async lease<T>(use: (thread: Thread<Job, Answer>) => Promise<T>): Promise<T> {
    if (this.#leased >= this.#options.maxThreads) {
      // The place is handed over, so that `leased` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#leased++;
    }
    let thread: Thread<Job, Answer> | undefined;
    try {
      thread = this.#takeIdle() ?? this.#start();
      return await use(thread);
    } finally {
      if (thread !== undefined) await this.#giveBack(thread);
      const next = this.#waiting.shift();
      if (next === undefined) this.#leased--;
      else next();
    }
  }

  /** Ends the threads that wait for work. */
  async closeIdle(): Promise<void> {
    await Promise.all(
      this.#idle.splice(0).map(({ thread, timer }) => {
        clearTimeout(timer);
        return thread.close();
      }),
    );
  }

  #start(): Thread<Job, Answer> {
    const { file, from, work, worker } = this.#options;
    return new Thread(startSilentWorker(file, from, worker), work);
  }

  #takeIdle(): Thread<Job, Answer> | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      clearTimeout(last.timer);
      last.thread.setIdle(false);
      if (last.thread.isUsable) return last.thread;
    }
    return undefined;
  }

  async #giveBack(thread: Thread<Job, Answer>): Promise<void> {
    if (!thread.isUsable) {
      await thread.close();
      return;
    }
    thread.setIdle(true);
    const timer = setTimeout(() => {
      const at = this.#idle.findIndex((one) => one.thread === thread);
      if (at < 0) return;
      this.#idle.splice(at, 1);
      // Terminating cannot fail in a way that anybody could act on.
      void thread.close();
    }, this.#options.idleMs).unref();
    this.#idle.push({ thread, timer });
  }
}
