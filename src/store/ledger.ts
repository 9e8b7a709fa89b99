// The ledger in Postgres, written behind: transitions are folded per record and committed in batches, small ones at once
// while little happens, larger ones under load, where each statement costs more than another row in it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordId } from '../core/brands.ts';
import { LetheError, type QuarantineReason } from '../core/errors.ts';
import type { ContentDigests } from '../pipeline/data-set-digest.ts';
import type {
  CleanFacts,
  DeliveryEvent,
  DestinationCounts,
  InstanceState,
  Ledger,
  LedgerCounts,
  Replacement,
  SpoolRecord,
} from '../pipeline/ports.ts';
import type { Database } from './database.ts';
import { EntryQueue, type WaitingEntry } from './entry-queue.ts';
import { BatchWriter } from './ledger-batch.ts';
import { countDestinations, countInstances, findAtRest, findReleased } from './ledger-queries.ts';
import { MappingFilter, type MappingTable } from './mapping-filter.ts';

export interface LedgerOptions {
  /** Milliseconds that a first transition waits for company; default 5. */
  readonly flushMs?: number;
  /** Records in one batch at most; default 500. */
  readonly batchRecords?: number;
  /** Told of each failed attempt to write; default nobody. While the error is transient the ledger tries again by itself. */
  readonly onError?: (error: unknown) => void;
}

/** First and longest wait between two attempts while the database is away. */
const BACKOFF_MS = { first: 50, longest: 5_000 };

/** Mapping rows that close a batch early. */
const BATCH_MAPPINGS = 5_000;

/**
 * A batch begins this many times as long after the one before as that one took: writing takes a small share of the time, and most instances are at
 * rest before they are written for the first time, which is then the only one.
 */
const REST_FACTOR = 50;
const MAX_REST_MS = 1_000;

interface FlushWaiter {
  readonly upTo: number;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Memory: a record that waits takes about 1 KB, and 200 bytes for each UID that is new to this process. While the database is away they pile up:
 * the receiver looks at `waiting` and refuses new instances beyond its limit; what is lost with the process is replayed from the spool.
 */
export class PostgresLedger implements Ledger {
  readonly #database: Database;
  readonly #writer: BatchWriter;
  readonly #queue = new EntryQueue();
  readonly #filter = new MappingFilter();
  readonly #flushMs: number;
  readonly #batchRecords: number;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  /** Ends the wait for company: somebody waits for a flush, or a batch is full. */
  #hurry = new AbortController();
  /** How long the last batch took, in milliseconds, and when it ended, by `performance.now()`. */
  #lastBatchMs = 0;
  #lastBatchAt = -Infinity;

  /** Entries taken from the queue that are neither committed nor given up. */
  #inBatch = 0;
  /** Entries that ever were committed or given up. They leave in the order they came, so that a count tells which. */
  #settled = 0;
  #waiters: FlushWaiter[] = [];
  #running: Promise<void> | undefined;
  /** Why an entry was given up; from then on a flush cannot promise anything. */
  #failure: Error | undefined;

  constructor(database: Database, options: LedgerOptions = {}) {
    this.#database = database;
    this.#writer = new BatchWriter(database);
    this.#flushMs = options.flushMs ?? 5;
    this.#batchRecords = options.batchRecords ?? 500;
    this.#onError = options.onError ?? (() => undefined);
  }

  /** Records whose transitions are not yet committed. */
  get waiting(): number {
    return this.#inBatch + this.#queue.size;
  }

  received(record: SpoolRecord, project: string, destinations: readonly string[]): void {
    this.#queue.receive(record.recordId, { record, project })?.entry.expect(destinations);
    this.#start();
  }

  clean(recordId: RecordId, facts: CleanFacts): void {
    const { mappings, ...cleanedAs } = facts;
    const waiting = this.#queue.entryOf(recordId);
    waiting.entry.clean(cleanedAs);
    this.#map(waiting, 'uid', facts, mappings.uids);
    // A study is found among the UIDs too, whichever list names it.
    this.#map(waiting, 'uid', facts, mappings.studies);
    this.#map(waiting, 'study', facts, mappings.studies);
    this.#map(waiting, 'accession', facts, mappings.accessions);
    this.#start();
  }

  delivery(recordId: RecordId, destination: string, event: DeliveryEvent): void {
    this.#queue.entryOf(recordId).entry.deliver(destination, event);
    this.#start();
  }

  delivered(recordId: RecordId): void {
    this.#queue.entryOf(recordId).entry.advance('delivered');
    this.#start();
  }

  digested(recordId: RecordId, digests: ContentDigests): void {
    this.#queue.entryOf(recordId).entry.digests = digests;
    this.#start();
  }

  repeated(recordId: RecordId, repeats: RecordId, message: string): void {
    this.#queue.entryOf(recordId).entry.repeat(repeats, message);
    this.#start();
  }

  quarantined(recordId: RecordId, reason: QuarantineReason, message: string): void {
    this.#queue.entryOf(recordId).entry.quarantine(reason, message);
    this.#start();
  }

  /**
   * Resolves when all that was queued is committed, however long the database is away. Rejects when a transition was given up: the database
   * rejects it for what it says (our bug), or the ledger was closed while the database was away. The spool still has it.
   */
  flush(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ upTo: this.#settled + this.waiting, resolve, reject });
      this.#hurry.abort();
    });
  }

  findAtRest(recordIds: readonly RecordId[]): Promise<ReadonlyMap<RecordId, InstanceState>> {
    return findAtRest(this.#database, recordIds);
  }

  findReleased(recordIds: readonly RecordId[]): Promise<ReadonlySet<RecordId>> {
    return findReleased(this.#database, recordIds);
  }

  counts(): Promise<LedgerCounts> {
    return countInstances(this.#database);
  }

  destinationCounts(): Promise<readonly DestinationCounts[]> {
    return countDestinations(this.#database);
  }

  /** Writes what waits, without waiting for a database that is away, and stops. Queue nothing afterwards. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#hurry.abort();
    await this.#running;
  }

  #map(waiting: WaitingEntry, table: MappingTable, facts: CleanFacts, replacements: readonly Replacement[]): void {
    const { project } = facts;
    const { subjectId } = facts.subject;
    for (const { original, replacement } of this.#filter.take(table, project, replacements))
      waiting.mappings.push({ table, project, subjectId, original, replacement });
  }

  /** Called after each transition: it joined an entry, or made one. */
  #start(): void {
    if (this.#queue.size >= this.#batchRecords) this.#hurry.abort();
    if (this.#running !== undefined) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0) {
      await this.#awaitCompany();
      const batch = this.#queue.take(this.#batchRecords, BATCH_MAPPINGS);
      this.#inBatch = batch.length;
      const startedAt = performance.now();
      await this.#commit(batch);
      this.#lastBatchAt = performance.now();
      this.#lastBatchMs = this.#lastBatchAt - startedAt;
      await this.#writer.tidy().catch(this.#onError);
    }
  }

  /** Ends with every entry of the batch settled. */
  async #commit(batch: readonly WaitingEntry[]): Promise<void> {
    let waitMs = BACKOFF_MS.first;
    for (;;) {
      try {
        await this.#writer.write(batch);
        this.#settle(batch.length);
        return;
      } catch (error) {
        this.#onError(error);
        const isTransient = error instanceof LetheError && error.kind === 'transient';
        if (isTransient && !this.#closing.signal.aborted) {
          await this.#pause(waitMs);
          waitMs = Math.min(waitMs * 2, BACKOFF_MS.longest);
        } else if (isTransient || batch.length === 1) {
          this.#giveUp(batch.length, error);
          return;
        } else {
          // One entry spoils the batch: the halves tell which, and the rest is written.
          const middle = batch.length >> 1;
          await this.#commit(batch.slice(0, middle));
          await this.#commit(batch.slice(middle));
          return;
        }
      }
    }
  }

  #settle(count: number): void {
    this.#settled += count;
    this.#inBatch -= count;
    while (this.#waiters.length > 0 && this.#waiters[0].upTo <= this.#settled) this.#waiters.shift()?.resolve();
  }

  #giveUp(count: number, error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error('the ledger failed', { cause: error });
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
    this.#settle(count);
  }

  async #awaitCompany(): Promise<void> {
    if (this.#waiters.length === 0 && this.#queue.size < this.#batchRecords) {
      const restMs = Math.min(REST_FACTOR * this.#lastBatchMs, MAX_REST_MS);
      const restedMs = performance.now() - this.#lastBatchAt;
      await this.#pause(Math.max(this.#flushMs, restMs - restedMs), this.#hurry.signal);
    }
    this.#hurry = new AbortController();
  }

  /** A closing ledger waits for nothing. */
  async #pause(durationMs: number, signal = this.#closing.signal): Promise<void> {
    if (signal.aborted || this.#closing.signal.aborted) return;
    await sleep(durationMs, undefined, { signal }).catch(() => undefined);
  }
}
