// A destination that is asked for storage commitment (PS3.4 Annex J): an instance counts as delivered only once the peer has committed to keep it.
// Until then its copy here is not given back. Nothing of this outlives the process: what was not committed is sent, and asked for, again.
import { randomUUID } from 'node:crypto';
import { LetheError } from '../core/errors.ts';
import { delayAfter, type Backoff } from './backoff.ts';
import type { CommitmentReport, InstanceReference } from './commitment-ports.ts';
import { FAILURE_REASON } from './commitment-judgement.ts';
import type { CleanInstance, DeliveryOutcome, Destination, Log } from './ports.ts';

/** Takes an N-EVENT-REPORT: the status to answer it with. */
export type TakeReport = (report: CommitmentReport) => number | Promise<number>;

/** Reports that other processes took. May reject with what the file system says: then it is tried again. */
export interface SharedReports {
  /** A report of this transaction is taken from now on. */
  expect(transactionUid: string): Promise<void>;
  /** What was reported since the last call. */
  collect(transactionUid: string): Promise<CommitmentReport | undefined>;
  forget(transactionUid: string): Promise<void>;
}

export interface CommittingOptions {
  readonly destination: Destination;
  /**
   * Asks the peer, and gives what it reports on the same association to `takeReport`. Resolves when the peer took the request and the association is
   * over. Rejects with `context-not-accepted` or `status-refused` when it will not have it; after any other error it is asked again.
   */
  readonly ask: (
    request: { readonly transactionUid: string; readonly references: readonly InstanceReference[] },
    takeReport: TakeReport,
  ) => Promise<void>;
  /** Instances that may wait for their commitment at once. */
  readonly atOnce: number;
  /** What is not committed after so long is sent again. */
  readonly withinMs: number;
  /** Instances that are delivered within this time are asked for together. Default 500 ms. */
  readonly gatherMs?: number;
  /** Without it only this process takes reports. */
  readonly sharedReports?: SharedReports | undefined;
  /** Between two looks at them. Default 1 s. */
  readonly collectMs?: number;
  /** Between attempts to ask. Default 1 s to 1 min. */
  readonly backoff?: Backoff;
  readonly log: Log;
}

const GATHER_MS = 500;
const COLLECT_MS = 1_000;
const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 };
/** Transactions whose report may come once more, since our answer to it was lost. */
const REMEMBERED_TRANSACTIONS = 1_000;

/** The peer will say the same again. */
const FINAL_CODES: ReadonlySet<string> = new Set(['context-not-accepted', 'status-refused']);

const SUCCESS = 0x0000;
/** Processing failure (PS3.7 C.4.2). */
const NOT_OURS = 0x0110;

/** Failure Reason (0008,1197) in words (PS3.3 C.14.1.1). */
const REASON_WORDS: ReadonlyMap<number, string> = new Map([
  [FAILURE_REASON.processingFailure, 'processing failure'],
  [FAILURE_REASON.noSuchObjectInstance, 'no such object instance'],
  [0x0213, 'resource limitation'],
  [0x0122, 'referenced SOP class not supported'],
  [FAILURE_REASON.classInstanceConflict, 'class or instance conflict'],
  [FAILURE_REASON.duplicateTransactionUid, 'duplicate transaction UID'],
]);

/** Undefined when it is committed; else why not, in our own words. */
type Settle = (failure: string | undefined) => void;

interface Awaited {
  readonly reference: InstanceReference;
  readonly settle: Settle;
}

/** By SOP Instance UID. */
type Instances = Map<string, Awaited>;

interface Transaction {
  readonly uid: string;
  readonly instances: Instances;
  readonly limit: NodeJS.Timeout;
}

export class CommittingDestination implements Destination {
  readonly name: string;
  readonly concurrency: number;
  readonly #options: CommittingOptions;
  readonly #transactions = new Map<string, Transaction>();
  /** Reported, or given up; the newest last. */
  readonly #past = new Set<string>();
  readonly #stopping = new AbortController();
  #gathered: Instances = new Map();
  #gathering: NodeJS.Timeout | undefined;
  #collecting: Promise<void> | undefined;

  constructor(options: CommittingOptions) {
    this.#options = options;
    this.name = options.destination.name;
    this.concurrency = options.atOnce;
  }

  async deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    const outcome = await this.#options.destination.deliver(instance);
    if (outcome.kind !== 'sent') return outcome;
    const { sopClassUid, sopInstanceUid } = instance;
    const failure = await this.#committed({ sopClassUid, sopInstanceUid });
    return failure === undefined ? outcome : { kind: 'unavailable', isAnswered: true, text: failure };
  }

  /** Whether the transaction is, or was, one of ours. */
  knows(transactionUid: string): boolean {
    return this.#transactions.has(transactionUid) || this.#past.has(transactionUid);
  }

  /** What the peer reports, on whatever association. What it does not name goes on waiting. */
  takeReport({ transactionUid, committed, failed }: CommitmentReport): number {
    const transaction = this.#transactions.get(transactionUid);
    if (transaction === undefined) return this.#past.has(transactionUid) ? SUCCESS : NOT_OURS;
    // Failures first: what stands in both lists is not committed.
    for (const { sopInstanceUid, reason } of failed) {
      const words = REASON_WORDS.get(reason) ?? `reason 0x${reason.toString(16).padStart(4, '0')}`;
      this.#settle(transaction, sopInstanceUid, `storage commitment refused: ${words}`);
    }
    for (const { sopClassUid, sopInstanceUid } of committed) {
      const isSame = transaction.instances.get(sopInstanceUid)?.reference.sopClassUid === sopClassUid;
      if (isSame) this.#settle(transaction, sopInstanceUid, undefined);
    }
    return SUCCESS;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#gathering);
    const closing = 'the gateway stops before storage was committed';
    for (const { settle } of this.#gathered.values()) settle(closing);
    for (const transaction of [...this.#transactions.values()]) this.#giveUp(transaction, closing);
    await this.#collecting;
    await this.#options.destination.close();
  }

  #committed(reference: InstanceReference): Promise<string | undefined> {
    if (this.#stopping.signal.aborted) return Promise.resolve('the destination is closed');
    return new Promise((settle) => {
      // The same instance twice: whoever waits for the first answer learns nothing from the second.
      this.#gathered.get(reference.sopInstanceUid)?.settle('the instance was sent twice at once');
      this.#gathered.set(reference.sopInstanceUid, { reference, settle });
      this.#gathering ??= setTimeout(() => {
        this.#gathering = undefined;
        void this.#ask();
      }, this.#options.gatherMs ?? GATHER_MS);
    });
  }

  /** Never rejects. */
  async #ask(): Promise<void> {
    const { ask, withinMs, log, sharedReports, backoff = BACKOFF } = this.#options;
    const uid = newTransactionUid();
    const limit = setTimeout(() => {
      this.#giveUp(transaction, 'storage was not committed in time');
    }, withinMs);
    const transaction: Transaction = { uid, instances: this.#gathered, limit };
    this.#gathered = new Map();
    this.#transactions.set(uid, transaction);
    const references = Array.from(transaction.instances.values(), ({ reference }) => reference);
    const isOpen = (): boolean => this.#transactions.has(uid);
    this.#collecting ??= this.#collect();
    for (let attempt = 1; isOpen(); attempt++) {
      try {
        await sharedReports?.expect(uid);
        await ask({ transactionUid: uid, references }, (report) => this.takeReport(report));
        return; // what was not reported on that association may still come on another one
      } catch (error) {
        const code = error instanceof LetheError ? error.code : 'unexpected';
        log.warn('A destination did not take a request for storage commitment.', {
          ...{ destination: this.name, code, attempt, count: references.length },
        });
        if (!(error instanceof LetheError) || FINAL_CODES.has(error.code))
          this.#giveUp(transaction, `storage commitment cannot be asked for: ${code}`);
        else if (isOpen()) await this.#pause(delayAfter(attempt, backoff));
      }
    }
  }

  /** Looks for what other processes were told, as long as anything is open. Never rejects. */
  async #collect(): Promise<void> {
    const { sharedReports, log, collectMs = COLLECT_MS } = this.#options;
    if (sharedReports === undefined) return;
    while (this.#transactions.size > 0) {
      await this.#pause(collectMs);
      for (const uid of [...this.#transactions.keys()]) {
        try {
          const report = await sharedReports.collect(uid);
          if (report !== undefined) this.takeReport(report);
        } catch (error) {
          const code = error instanceof LetheError ? error.code : 'unexpected';
          log.warn('Reports of storage commitment cannot be looked for.', { destination: this.name, code });
        }
      }
    }
    this.#collecting = undefined;
  }

  #settle(transaction: Transaction, sopInstanceUid: string, failure: string | undefined): void {
    const { uid, instances, limit } = transaction;
    const awaited = instances.get(sopInstanceUid);
    if (awaited === undefined) return;
    instances.delete(sopInstanceUid);
    awaited.settle(failure);
    if (instances.size > 0) return;
    clearTimeout(limit);
    this.#forget(uid);
    this.#transactions.delete(uid);
    this.#past.add(uid);
    for (const old of this.#past) {
      if (this.#past.size <= REMEMBERED_TRANSACTIONS) break;
      this.#past.delete(old);
    }
  }

  /** What cannot be removed is removed some weeks later. */
  #forget(uid: string): void {
    void this.#options.sharedReports?.forget(uid).catch(() => undefined);
  }

  #giveUp(transaction: Transaction, failure: string): void {
    for (const sopInstanceUid of [...transaction.instances.keys()]) this.#settle(transaction, sopInstanceUid, failure);
  }

  async #pause(durationMs: number): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}

/** Nobody else can guess it (PS3.5 B.2): who knows it was asked. */
function newTransactionUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}
