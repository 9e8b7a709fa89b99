// Documents that are text or markup are cleaned in a thread, which may be killed: neither a long document nor a hostile one keeps others waiting.
import { MessageChannel } from 'node:worker_threads';
import type { Worker } from 'node:worker_threads';

import { InstanceError } from '../core/errors.ts';
import type { TextKnowledge } from '../deid/text-judge.ts';
import { cleanDocument } from '../documents/clean-document.ts';
import type { ContextualJob } from '../documents/context.ts';
import type { CleanDocument } from '../documents/document.ts';
import type { DocumentKind } from '../documents/kinds.ts';
import { unreadable } from '../documents/unreadable.ts';
import { WorkerShelf } from '../documents/worker-shelf.ts';
import type { CleanRequest, ThreadAnswer, ThreadRequest, UidLine } from './document-messages.ts';

const MEMORY = { maxOldGenerationSizeMb: 450, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 };

const shelf = new WorkerShelf({
  file: 'document-worker',
  from: import.meta.url,
  memory: MEMORY,
  maxBusy: 2,
  idleMs: 10_000,
});

/**
 * One document, cleaned off the event loop within its limits of time and memory. Rejects with InstanceError `document-unreadable`, for a
 * PDF also as its PictureReader does.
 * @param knowledge what `job.judge` is made of
 */
export async function cleanInThread(
  kind: DocumentKind,
  mimeType: string,
  job: ContextualJob,
  knowledge: TextKnowledge,
): Promise<CleanDocument> {
  // A PDF has a thread of its own; its pages are judged one by one.
  if (kind === 'pdf') return cleanDocument(kind, mimeType, job);
  if (job.bytes.length > job.limits.maxBytes) throw unreadable('The document is larger than the limit.');
  const worker = await shelf.take();
  const run = new ThreadRun(worker, job);
  try {
    const clean = await run.clean(kind, mimeType, knowledge);
    run.release();
    shelf.putBack(worker);
    return clean;
  } catch (error) {
    run.release();
    await shelf.discard(worker);
    throw error;
  }
}

/** One document in a thread. */
class ThreadRun {
  readonly #worker: Worker;
  readonly #job: ContextualJob;
  #uids: MessageChannel | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reject: (error: Error) => void = () => undefined;
  #onMessage: (answer: ThreadAnswer) => void = () => undefined;
  readonly #onBreak = (): void => {
    this.#reject(unreadable('The document made its reader break off.'));
  };
  readonly #onAbort = (): void => {
    this.#reject(unreadable('Cleaning the document was called off.'));
  };

  constructor(worker: Worker, job: ContextualJob) {
    this.#worker = worker;
    this.#job = job;
  }

  clean(documentKind: DocumentKind, mimeType: string, knowledge: TextKnowledge): Promise<CleanDocument> {
    const { limits, keepsCharacteristics, signal } = this.#job;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#onMessage = (answer) => {
        if (answer.kind === 'done') resolve({ ...answer.clean, bytes: asBuffer(answer.clean.bytes) });
        else if (answer.kind === 'failed') reject(failure(answer.message));
        else void this.#cleanInner(asBuffer(answer.bytes));
      };
      this.#worker.on('message', this.#onMessage).on('error', this.#onBreak).on('exit', this.#onBreak);
      signal?.addEventListener('abort', this.#onAbort);
      if (signal?.aborted === true) this.#onAbort();
      const bytes = new Uint8Array(this.#job.bytes);
      const uids = this.#openUids();
      const request: CleanRequest = {
        ...{ kind: 'clean', documentKind, mimeType, bytes, limits, keepsCharacteristics, knowledge, uids },
      };
      this.#worker.postMessage(request, uids === undefined ? [bytes.buffer] : [bytes.buffer, uids.port]);
      this.#startTimer();
    });
  }

  /** Leaves the thread to others. */
  release(): void {
    clearTimeout(this.#timer);
    this.#uids?.port1.close();
    this.#job.signal?.removeEventListener('abort', this.#onAbort);
    this.#worker.off('message', this.#onMessage).off('error', this.#onBreak).off('exit', this.#onBreak);
  }

  #startTimer(): void {
    const { timeoutMs } = this.#job.limits;
    this.#timer = setTimeout(() => {
      this.#reject(unreadable(`The document was not cleaned within ${timeoutMs} ms.`));
    }, timeoutMs);
  }

  /** Replaces UIDs while the thread sleeps. */
  #openUids(): UidLine | undefined {
    const { replaceUid } = this.#job;
    if (replaceUid === undefined) return undefined;
    const bell = new Int32Array(new SharedArrayBuffer(4));
    const { port1, port2 } = (this.#uids = new MessageChannel());
    port1.on('message', (uid: string) => {
      try {
        port1.postMessage(replaceUid(uid));
      } catch (error) {
        this.#reject(asError(error));
        return;
      }
      Atomics.store(bell, 0, 1);
      Atomics.notify(bell, 0);
    });
    port1.unref();
    return { port: port2, bell };
  }

  /** A PDF inside the document; it has limits of its own. */
  async #cleanInner(bytes: Buffer): Promise<void> {
    clearTimeout(this.#timer);
    let request: ThreadRequest;
    try {
      request = { kind: 'inner', clean: await cleanDocument('pdf', 'application/pdf', { ...this.#job, bytes }) };
    } catch (error) {
      if (!(error instanceof InstanceError)) {
        this.#reject(asError(error));
        return;
      }
      request = { kind: 'inner', clean: undefined };
    }
    this.#startTimer();
    this.#worker.postMessage(request);
  }
}

/** Bytes lose their class on the way between threads. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('unexpected');
}

function failure(message: string | undefined): InstanceError {
  return unreadable(message ?? 'The document could not be read.');
}
