// The queue between processes: Bull on Redis. It wakes, it does not remember: what Redis loses, repeats or delays the ledger still knows
// (Redis loses up to a second of acknowledged jobs when it is killed, and all of them without persistence).
import Bull from 'bull';
import type { RecordId } from '../core/brands.ts';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { WakeQueue } from '../pipeline/roles/ports.ts';

export interface BullQueueOptions {
  /** redis:// or rediss://, with user, password and database number where needed. Never logged. */
  readonly url: string;
  /** What the jobs are for; processes with the same name share them. */
  readonly name: string;
  /** Told when Redis goes away or comes back, and of handlers that reject, which is a bug of theirs. */
  readonly onState: (state: 'away' | 'back' | 'handler-failed', code: string) => void;
}

interface Job {
  readonly id: RecordId;
}

const KEY_PREFIX = 'lethe';
const RECORD_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Ids that are handed to Redis and not answered; further ones are dropped. */
const MAX_UNANSWERED = 5_000;
const PING_EVERY_MS = 1_000;
/** A Redis that does not answer a ping for so long is away. */
const PING_TIMEOUT_MS = 3_000;
const RECONNECT_MS = { first: 100, longest: 2_000 };
const CLOSE_TIMEOUT_MS = 5_000;
/** A job that stalls is run again as often as needed: it is idempotent. */
const MAX_STALLED = 1_000_000;

export function createBullQueue(options: BullQueueOptions): WakeQueue {
  return new BullQueue(options);
}

class BullQueue implements WakeQueue {
  readonly #options: BullQueueOptions;
  readonly #queue: Bull.Queue<Job>;
  readonly #pinging: NodeJS.Timeout;
  #unanswered = 0;
  #pingSentAt: number | undefined;
  #isAnswering = false;
  #isClosed = false;

  constructor(options: BullQueueOptions) {
    this.#options = options;
    this.#queue = new Bull<Job>(options.name, options.url, {
      prefix: KEY_PREFIX,
      redis: {
        retryStrategy: (attempt: number) => Math.min(RECONNECT_MS.first * 2 ** attempt, RECONNECT_MS.longest),
        ...(options.url.startsWith('rediss:') ? { tls: {} } : {}),
      },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
      settings: { maxStalledCount: MAX_STALLED },
    });
    // Told once by the pings; ioredis repeats each failed attempt to connect.
    this.#queue.on('error', () => undefined);
    this.#queue.client.on('ready', () => {
      this.#ping();
    });
    this.#pinging = setInterval(() => {
      this.#ping();
    }, PING_EVERY_MS).unref();
  }

  get isHealthy(): boolean {
    return this.#isAnswering;
  }

  enqueue(recordIds: readonly RecordId[]): void {
    if (!this.#isAnswering || this.#isClosed) return;
    const taken = recordIds.slice(0, Math.max(0, MAX_UNANSWERED - this.#unanswered));
    if (taken.length === 0) return;
    this.#unanswered += taken.length;
    // The id of the job is that of the record: one that waits already is not queued again.
    const jobs = taken.map((id) => ({ data: { id }, opts: { jobId: id } }));
    void this.#queue
      .addBulk(jobs)
      .catch((error: unknown) => {
        this.#tellAway(error);
      })
      .finally(() => {
        this.#unanswered -= taken.length;
      });
  }

  process(handler: (recordId: RecordId) => Promise<void>, concurrency: number): void {
    const run = async ({ data }: Bull.Job<unknown>): Promise<void> => {
      // What stands in Redis may be anybody's: only a thing shaped like our id is looked at.
      const id = typeof data === 'object' && data !== null && 'id' in data ? data.id : undefined;
      if (typeof id !== 'string' || !RECORD_ID.test(id)) return;
      try {
        await handler(id as RecordId);
      } catch (error) {
        this.#options.onState('handler-failed', codeOf(error));
      }
    };
    // Ends when the queue is closed; without Redis it waits for it.
    this.#queue.process(concurrency, run).catch((error: unknown) => {
      if (!this.#isClosed) this.#tellAway(error);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pinging);
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#queue.client.disconnect();
        resolve();
      }, CLOSE_TIMEOUT_MS);
    });
    // A Redis that is away cannot be taken leave of.
    const closed = this.#queue.close(!this.#isAnswering).catch(() => undefined);
    await Promise.race([closed, givenUp]);
    clearTimeout(timer);
  }

  #ping(): void {
    const { client } = this.#queue;
    if (this.#pingSentAt !== undefined) {
      if (performance.now() - this.#pingSentAt > PING_TIMEOUT_MS) this.#tellAway(undefined);
      return;
    }
    if (client.status !== 'ready') {
      if (client.status === 'reconnecting' || client.status === 'end') this.#tellAway(undefined);
      return;
    }
    this.#pingSentAt = performance.now();
    client
      .ping()
      .then(() => {
        this.#pingSentAt = undefined;
        if (this.#isAnswering) return;
        this.#isAnswering = true;
        this.#options.onState('back', '');
      })
      .catch((error: unknown) => {
        this.#pingSentAt = undefined;
        this.#tellAway(error);
      });
  }

  #tellAway(error: unknown): void {
    if (!this.#isAnswering || this.#isClosed) return;
    this.#isAnswering = false;
    this.#options.onState('away', codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : (systemCodeOf(error) ?? 'unreachable');
}
