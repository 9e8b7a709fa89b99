// A worker thread that decodes frames, and the few of them that the process keeps. A thread that fails, hangs or dies is thrown away.
import type { Worker } from 'node:worker_threads';
import { InstanceError } from '../core/errors.ts';
import { startWorker } from '../core/worker-file.ts';
import type { FrameAnswer, FrameJob } from './frame-job.ts';

/** Far beyond any frame on any machine: 100 megapixels of JPEG 2000 take about 10 s. */
export const DEFAULT_FRAME_TIMEOUT_MS = 60_000;
const IDLE_MS = 10_000;
const MAX_DECODERS = 2;

/** One thread. Decodes one frame at a time. */
export class FrameDecoder {
  readonly #worker: Worker;
  #isUsable = true;

  constructor() {
    this.#worker = startWorker('decode-worker', import.meta.url, {
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

  /** The decoded frame. Takes `job.encoded` over. Rejects with InstanceError `codec-failed`; the decoder is not usable afterwards. */
  decode(job: FrameJob, timeoutMs: number): Promise<Buffer> {
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
        if (answer.kind === 'failed') fail('The codec could not decode a frame');
        else
          finish(() => {
            resolve(Buffer.from(answer.frame.buffer, answer.frame.byteOffset, answer.frame.byteLength));
          });
      };
      const onError = (): void => {
        fail('The codec broke off while it decoded a frame');
      };
      const timer = setTimeout(() => {
        fail(`The codec did not finish a frame within ${timeoutMs} ms`);
      }, timeoutMs);
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onError);
      this.#worker.postMessage(job, [job.encoded.buffer as ArrayBuffer]);
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

const idle: { readonly decoder: FrameDecoder; readonly timer: NodeJS.Timeout }[] = [];
const waiting: (() => void)[] = [];
let leased = 0;

/** Runs `use` with a decoder of its own; at most two run at once, others wait their turn. */
export async function withFrameDecoder<T>(use: (decoder: FrameDecoder) => Promise<T>): Promise<T> {
  if (leased >= MAX_DECODERS) {
    // The place is handed over, so that `leased` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    leased++;
  }
  let decoder: FrameDecoder | undefined;
  try {
    decoder = takeIdle() ?? new FrameDecoder();
    return await use(decoder);
  } finally {
    if (decoder !== undefined) await giveBack(decoder);
    const next = waiting.shift();
    if (next === undefined) leased--;
    else next();
  }
}

/** Ends the threads that wait for work. */
export async function closeIdleDecoders(): Promise<void> {
  await Promise.all(
    idle.splice(0).map(({ decoder, timer }) => {
      clearTimeout(timer);
      return decoder.close();
    }),
  );
}

function takeIdle(): FrameDecoder | undefined {
  for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
    clearTimeout(last.timer);
    last.decoder.setIdle(false);
    if (last.decoder.isUsable) return last.decoder;
  }
  return undefined;
}

async function giveBack(decoder: FrameDecoder): Promise<void> {
  if (!decoder.isUsable) {
    await decoder.close();
    return;
  }
  decoder.setIdle(true);
  const timer = setTimeout(() => {
    const at = idle.findIndex((one) => one.decoder === decoder);
    if (at < 0) return;
    idle.splice(at, 1);
    // Terminating cannot fail in a way that anybody could act on.
    void decoder.close();
  }, IDLE_MS).unref();
  idle.push({ decoder, timer });
}
