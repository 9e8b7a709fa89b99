// The worker thread that a PDF has for itself while it is cleaned, as the main thread holds it: one question at a time, so much time for all its
// answers. It serves another PDF afterwards unless it failed; then it is killed.
import type { Worker } from 'node:worker_threads';
import { InstanceError } from '../../core/errors.ts';
import type { DocumentLimits } from '../document.ts';
import { WorkerShelf } from '../worker-shelf.ts';
import type { PdfAnswer, PdfRequest } from './messages.ts';

/** Of JavaScript alone; pdfium's memory has a ceiling of its own (`DocumentLimits.maxMemoryMib`). */
const MEMORY = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 };
/** A thread whose pdfium took more than this is not kept. */
const KEPT_BYTES = 192 * 1024 * 1024;

const shelf = new WorkerShelf({
  file: 'pdf-worker',
  from: import.meta.url,
  memory: MEMORY,
  maxBusy: 2,
  idleMs: 10_000,
});

function unreadable(message: string): InstanceError {
  return new InstanceError('document-unreadable', message);
}

export class PdfThread {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => {
    this.#fail(unreadable('Cleaning the PDF was called off'));
  };
  readonly #onBreak = (): void => {
    this.#fail(unreadable('The PDF made its reader break off'));
  };
  readonly #onMessage = (answer: PdfAnswer): void => {
    if (answer.kind === 'failed') {
      this.#isRefused = answer.isRefused;
      this.#fail(unreadable(answer.message));
    } else {
      this.#settle?.resolve(answer);
      this.#settle = undefined;
    }
  };
  #leftMs: number;
  #failure: InstanceError | undefined;
  #isRefused = false;
  #settle: { resolve(answer: PdfAnswer): void; reject(error: InstanceError): void } | undefined;

  private constructor(worker: Worker, { timeoutMs }: DocumentLimits, signal: AbortSignal | undefined) {
    this.#worker = worker;
    worker.on('message', this.#onMessage).on('error', this.#onBreak).on('exit', this.#onBreak);
    this.#timeoutMs = timeoutMs;
    this.#leftMs = timeoutMs;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** A thread, when one is free: others are cleaning other PDFs. To be closed. */
  static async take(limits: DocumentLimits, signal: AbortSignal | undefined): Promise<PdfThread> {
    return new PdfThread(await shelf.take(), limits, signal);
  }

  /** The answer of the kind that is asked for. Rejects with InstanceError `document-unreadable`. */
  async ask<K extends Exclude<PdfAnswer['kind'], 'failed'>>(
    request: PdfRequest,
    kind: K,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Extract<PdfAnswer, { kind: K }>> {
    this.throwIfFailed();
    const timer = setTimeout(() => {
      this.#fail(unreadable(`The PDF was not read within ${this.#timeoutMs} ms`));
      void this.#worker.terminate();
    }, this.#leftMs);
    const asked = performance.now();
    const answer = await new Promise<PdfAnswer>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(request, transfer);
    }).finally(() => {
      clearTimeout(timer);
      // What others do between two questions is not the document's fault.
      this.#leftMs = Math.max(1, this.#leftMs - (performance.now() - asked));
    });
    if (answer.kind !== kind) throw this.#fail(unreadable('The reader of PDFs answered out of turn'));
    return answer as Extract<PdfAnswer, { kind: K }>;
  }

  /** @throws InstanceError once the thread has failed or was called off: for work that the main thread does meanwhile */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** @param isDone the document was read to its end; else the thread is killed, unless it turned the document down itself */
  async close(isDone: boolean): Promise<void> {
    const isUsable = isDone || this.#isRefused;
    if (this.#isRefused) this.#failure = undefined;
    let isKept = false;
    try {
      isKept = isUsable && (await this.ask({ kind: 'close' }, 'closed')).heapBytes <= KEPT_BYTES;
    } catch {
      // It failed when there was nothing left to ask it for: it is not kept.
    }
    this.#release();
    if (isKept) shelf.putBack(this.#worker);
    else await shelf.discard(this.#worker);
  }

  #release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#worker.off('message', this.#onMessage).off('error', this.#onBreak).off('exit', this.#onBreak);
  }

  #fail(error: InstanceError): InstanceError {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
    this.#settle = undefined;
    return this.#failure;
  }
}
