// Reads strips off the event loop, each picture of a text once: a series shows the same labels on every slice.
import { createHash } from 'node:crypto';

import { ThreadPool } from '../threads/thread-pool.ts';
import type { Reading, Strip } from './reading.ts';

export interface TextReaderOptions {
  /** Threads at most; each takes about 150 MB while it is there. Default 2. */
  readonly maxThreads?: number;
  /** Longest time that one strip may take, the start of the thread aside; 20 s by default. */
  readonly stripTimeoutMs?: number;
  /** A thread without work ends after this long; 30 s by default. */
  readonly idleMs?: number;
}

/** Readings that are remembered. */
const MAX_READINGS = 4096;
/** A new thread takes about a second; on a loaded machine many. */
const START_MS = 40_000;

export class TextReader {
  readonly #pool: ThreadPool<Strip, Reading>;
  readonly #timeoutMs: number;
  readonly #known = new Map<string, Reading>();

  constructor({ maxThreads = 2, stripTimeoutMs = 20_000, idleMs = 30_000 }: TextReaderOptions = {}) {
    this.#timeoutMs = stripTimeoutMs + START_MS;
    this.#pool = new ThreadPool({ file: 'read-worker', from: import.meta.url, work: 'read text', maxThreads, idleMs });
  }

  /** What stands in a strip. Rejects with InstanceError `burned-in-unresolved` when it took too long or the reader broke. */
  async read(strip: Strip): Promise<Reading> {
    const key = keyOf(strip);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reading = await this.#pool.lease((thread) => thread.run(strip, [], this.#timeoutMs));
    if (this.#known.size >= MAX_READINGS) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(key, reading);
    return reading;
  }

  /** Ends the threads that wait for work. */
  close(): Promise<void> {
    return this.#pool.closeIdle();
  }
}

function keyOf({ width, height, data, polarity, turn, isDoubtful }: Strip): string {
  return createHash('sha256')
    .update(`${width} ${height} ${polarity} ${turn ?? ''} ${isDoubtful === true ? 1 : 0}:`)
    .update(data)
    .digest('base64');
}
