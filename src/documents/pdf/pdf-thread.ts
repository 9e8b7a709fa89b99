// The worker thread of one document, as the main thread holds it: one question at a time, so much time for all its answers, killed when it is done or fails.
import type { Worker } from 'node:worker_threads';
import { InstanceError } from '../../core/errors.ts';
import { startWorker } from '../../core/worker-file.ts';
import type { DocumentLimits } from '../document.ts';
import type { PdfAnswer, PdfRequest } from './messages.ts';

/** Of JavaScript alone; pdfium's memory has a ceiling of its own (`DocumentLimits.maxMemoryMib`). */
const RESOURCES = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 };

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
  #leftMs: number;
  #failure: InstanceError | undefined;
  #settle: { resolve(answer: PdfAnswer): void; reject(error: InstanceError): void } | undefined;

  constructor({ timeoutMs }: DocumentLimits, signal: AbortSignal | undefined) {
    this.#worker = startWorker('pdf-worker', import.meta.url, {
      resourceLimits: RESOURCES,
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', (answer: PdfAnswer) => {
      if (answer.kind === 'failed') this.#fail(unreadable(answer.message));
      else {
        this.#settle?.resolve(answer);
        this.#settle = undefined;
      }
    });
    this.#worker.on('error', () => {
      this.#fail(unreadable('The PDF made its reader break off'));
    });
    this.#worker.on('exit', () => {
      this.#fail(unreadable('The PDF made its reader break off'));
    });
    this.#timeoutMs = timeoutMs;
    this.#leftMs = timeoutMs;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
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
    if (answer.kind !== kind) throw unreadable('The reader of PDFs answered out of turn');
    return answer as Extract<PdfAnswer, { kind: K }>;
  }

  /** @throws InstanceError once the thread has failed or was called off: for work that the main thread does meanwhile */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    await this.#worker.terminate();
  }

  #fail(error: InstanceError): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
    this.#settle = undefined;
  }
}
