// A worker thread that decodes and encodes frames, and the few of them that the process keeps. A thread that fails, hangs or dies is thrown away.
import type { Worker } from 'node:worker_threads';
import { InstanceError } from '../core/errors.ts';
import { startWorker } from '../core/worker-file.ts';
import type { FrameAnswer, FrameJob } from './frame-job.ts';

/** Far beyond any frame on any machine: 100 megapixels of JPEG 2000 take about 10 s. */
export const DEFAULT_FRAME_TIMEOUT_MS = 60_000;
const IDLE_MS = 10_000;
const MAX_WORKERS = 2;

/** One thread. Works on one frame at a time. */
export class FrameWorker {
  readonly #worker: Worker;
  #isUsable = true;

  constructor() {
    this.#worker = startWorker('codec-worker', import.meta.url, {
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 },
    });
    this.#worker.on('exit', () => {
      this.#isUsable = false;
    });
    // Without a listener the error of a thread that dies while idle would end the process.
    this.#worker.on('error', () => {
      this.#isUsable = false;
    });
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** The decoded or encoded frame. Takes `job.bytes` over. Rejects with InstanceError `codec-failed`; the worker is not usable afterwards. */
  async run(job: FrameJob, timeoutMs: number): Promise<Buffer> {
    const frame = await this.tryRun(job, timeoutMs);
    if (frame === undefined) throw new InstanceError('codec-failed', 'The codec declined a frame');
    return frame;
  }

  /** As `run`; undefined when the codec cannot do it without loss. */
  tryRun(job: FrameJob, timeoutMs: number): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#worker.off('message', onMessage).off('error', onError).off('exit', onError);
        settle();
      };
      const fail = (message: string): void => {
        finish(() => {
          this.#isUsable = false;
          reject(new InstanceError('codec-failed', message));
        });
      };
      const onMessage = (answer: FrameAnswer): void => {
        if (answer.kind === 'failed') {
          fail('The codec could not decode or encode a frame');
          return;
        }
        finish(() => {
          if (answer.kind === 'declined') resolve(undefined);
          else resolve(Buffer.from(answer.frame.buffer, answer.frame.byteOffset, answer.frame.byteLength));
        });
      };
      const onError = (): void => {
        fail('The codec broke off while it worked on a frame');
      };
      const timer = setTimeout(() => {
        fail(`The codec did not finish a frame within ${timeoutMs} ms`);
      }, timeoutMs);
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onError);
      this.#worker.postMessage(job, [job.bytes.buffer as ArrayBuffer]);
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

const idle: { readonly worker: FrameWorker; readonly timer: NodeJS.Timeout }[] = [];
const waiting: (() => void)[] = [];
let leased = 0;

/** Runs `use` with a worker of its own; at most two run at once, others wait their turn. */
export async function withFrameWorker<T>(use: (worker: FrameWorker) => Promise<T>): Promise<T> {
  if (leased >= MAX_WORKERS) {
    // The place is handed over, so that `leased` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    leased++;
  }
  let worker: FrameWorker | undefined;
  try {
    worker = takeIdle() ?? new FrameWorker();
    return await use(worker);
  } finally {
    if (worker !== undefined) await giveBack(worker);
    const next = waiting.shift();
    if (next === undefined) leased--;
    else next();
  }
}

/** Ends the threads that wait for work. */
export async function closeIdleWorkers(): Promise<void> {
  await Promise.all(
    idle.splice(0).map(({ worker, timer }) => {
      clearTimeout(timer);
      return worker.close();
    }),
  );
}

function takeIdle(): FrameWorker | undefined {
  for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
    clearTimeout(last.timer);
    last.worker.setIdle(false);
    if (last.worker.isUsable) return last.worker;
  }
  return undefined;
}

async function giveBack(worker: FrameWorker): Promise<void> {
  if (!worker.isUsable) {
    await worker.close();
    return;
  }
  worker.setIdle(true);
  const timer = setTimeout(() => {
    const at = idle.findIndex((one) => one.worker === worker);
    if (at < 0) return;
    idle.splice(at, 1);
    // Terminating cannot fail in a way that anybody could act on.
    void worker.close();
  }, IDLE_MS).unref();
  idle.push({ worker, timer });
}
