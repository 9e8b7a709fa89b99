// The role `worker`: takes records that wait, makes clean copies of them, and lets their deliveries begin. Any number of processes.
//
// received -> deidentifying (claimed, lease renewed) -> clean: copy written, receipt on the disk, ledger told, deliveries opened, senders woken.
// A worker that dies in between leaves a lease that runs out: another one begins again, and everything it does twice comes out the same.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { retryTransient } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import { createJudgeNovelty, repeatMessage } from '../earlier-instances.ts';
import type { EarlierInstances, JudgeNovelty, Novelty } from '../earlier-instances.ts';
import type { CleanFacts, Ledger, Log, Spool } from '../ports.ts';
import type { PreparedRecord, PrepareRecord } from '../prepared-record.ts';
import { cleanFacts } from '../process-instance.ts';
import { asInstanceError } from '../quarantine.ts';
import { digestsOf, receiptFor } from '../receipts.ts';
import type { ReceiptLog } from '../receipts.ts';
import { writeCleanCopy } from './clean-copy.ts';
import { Every } from './every.ts';
import { Gathered } from './gathered.ts';
import type { Claims, CleanCopies, WakeQueue } from './ports.ts';

export interface WorkerOptions {
  readonly claims: Claims;
  /** Brings ids to this worker. */
  readonly work: WakeQueue;
  /** Wakes the senders. */
  readonly deliveries: WakeQueue;
  readonly prepareRecord: PrepareRecord;
  /** Tells what repeats an instance that was delivered. */
  readonly earlierInstances?: EarlierInstances;
  readonly spool: Pick<Spool, 'release'>;
  readonly copies: CleanCopies;
  readonly ledger: Ledger;
  readonly receipts: ReceiptLog;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly backoff: Backoff;
  /** Instances that are worked on at once. */
  readonly concurrency: number;
  /** The lease of `claims`, in milliseconds. */
  readonly leaseMs: number;
  /** How often the ledger is looked through for what no queue told; default 60 s. While the queue is away it is 1 s. */
  readonly sweepMs?: number;
}

/** A role that runs in this process. */
export interface RunningRole {
  /** Takes nothing more and lets what is under way finish for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const DEFAULT_SWEEP_MS = 60_000;
const SWEEP_WITHOUT_QUEUE_MS = 1_000;

export function startWorker(options: WorkerOptions): RunningRole {
  return new Worker(options);
}

class Worker implements RunningRole {
  readonly #options: WorkerOptions;
  readonly #underWay = new Map<RecordId, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #claimed = new Set<RecordId>();
  readonly #judgeNovelty: JudgeNovelty;
  readonly #claiming: Gathered<RecordId>;
  readonly #opening: Gathered<RecordId>;
  readonly #renewing: Every;
  readonly #sweeping: Every;

  constructor(options: WorkerOptions) {
    const { claims, work, deliveries, concurrency } = options;
    this.#options = options;
    const { earlierInstances, log, backoff } = options;
    this.#judgeNovelty = createJudgeNovelty({ earlierInstances, log, backoff, signal: this.#stopping.signal });
    this.#claiming = new Gathered(async (recordIds) => {
      for (const recordId of await claims.claimWork(recordIds)) this.#claimed.add(recordId);
    });
    this.#opening = new Gathered(async (recordIds) => {
      await claims.openDeliveries(recordIds);
      deliveries.enqueue(recordIds.slice(0, 1)); // whoever wakes takes all that is due
    });
    this.#renewing = new Every(
      () => options.leaseMs / 3,
      () => this.#renew(),
    );
    this.#sweeping = new Every(
      () => (work.isHealthy ? (options.sweepMs ?? DEFAULT_SWEEP_MS) : SWEEP_WITHOUT_QUEUE_MS),
      () => this.#sweep(),
    );
    this.#renewing.start();
    this.#sweeping.start();
    work.process((recordId) => this.#take(recordId), concurrency);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#sweeping.stop();
    await Promise.all([this.#options.work.close(), this.#finish(graceMs)]);
    await this.#renewing.stop();
  }

  /** What is under way may end for `graceMs`; what has not begun to write is given up at once, its lease runs out. */
  async #finish(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#underWay.values()), grace]);
    clearTimeout(timer);
  }

  /** The handler of the queue: an id that is not ours to take is left alone. Does not reject. */
  async #take(recordId: RecordId): Promise<void> {
    if (this.#stopping.signal.aborted || this.#underWay.has(recordId)) return;
    try {
      await this.#claiming.add(recordId);
    } catch (error) {
      this.#options.log.warn('Work waits: the ledger does not answer.', { code: codeOf(error) });
      return; // the next sweep finds it
    }
    if (this.#claimed.delete(recordId)) await this.#begin(recordId);
  }

  #begin(recordId: RecordId): Promise<void> {
    const working = this.#process(recordId)
      .catch((error: unknown) => {
        // Stopping, or the ledger was closed: the lease runs out, and another worker begins again.
        this.#options.log.warn('Work on an instance was given up; it is taken up again.', {
          recordId,
          code: codeOf(error),
        });
      })
      .finally(() => this.#underWay.delete(recordId));
    this.#underWay.set(recordId, working);
    return working;
  }

  async #process(recordId: RecordId): Promise<void> {
    const { ledger, log } = this.#options;
    let prepared: PreparedRecord | undefined;
    let novelty: Novelty;
    try {
      prepared = await this.#retry(recordId, () => this.#options.prepareRecord(recordId));
      novelty = await this.#judgeNovelty(prepared);
    } catch (error) {
      await prepared?.letGo();
      if (error instanceof LetheError && error.code === 'shutting-down') throw error;
      const { reason, message } = asInstanceError(error);
      ledger.quarantined(recordId, reason, message);
      log.warn('An instance was quarantined.', { recordId, reason });
      await ledger.flush();
      return;
    }
    try {
      if (novelty.repeats === undefined) await this.#handOver(recordId, prepared, novelty.revision);
      else await this.#bringToRest(recordId, novelty.repeats, cleanFacts(prepared, novelty.revision));
    } finally {
      await prepared.letGo();
    }
  }

  /** The receipt comes before the ledger says clean: of what may leave there is one, whatever ends the process. */
  async #handOver(recordId: RecordId, prepared: PreparedRecord, revision: number): Promise<void> {
    const { claims, copies, ledger, receipts, clock } = this.#options;
    const { instance, route } = prepared;
    await this.#retry(recordId, () => writeCleanCopy(copies, instance, prepared.prepared.plan));
    const receipt = await receiptFor(recordId, route.project, prepared.prepared, clock(), revision);
    await receipts.add(receipt);
    await this.#retry(recordId, () => claims.noteSeries([recordId], [instance.seriesInstanceUid]));
    ledger.digested(recordId, digestsOf(receipt));
    ledger.clean(recordId, cleanFacts(prepared, revision));
    await ledger.flush();
    await this.#retry(recordId, () => this.#opening.add(recordId));
  }

  /** Whoever dies before the place is given back leaves it to the next look through the spool. */
  async #bringToRest(recordId: RecordId, repeats: RecordId, facts: CleanFacts): Promise<void> {
    const { copies, ledger, spool } = this.#options;
    ledger.clean(recordId, facts);
    ledger.repeated(recordId, repeats, repeatMessage(repeats));
    await ledger.flush();
    await copies.remove(recordId); // of an attempt before, which died
    spool.release(recordId);
  }

  #retry<T>(recordId: RecordId, work: () => Promise<T>): Promise<T> {
    const { backoff, log } = this.#options;
    return retryTransient(work, backoff, this.#stopping.signal, (error, attempt) => {
      log.warn('Work on an instance waits.', { recordId, code: error.code, attempt });
    });
  }

  async #renew(): Promise<void> {
    if (this.#underWay.size === 0) return;
    try {
      await this.#options.claims.renewWork([...this.#underWay.keys()]);
    } catch (error) {
      // Another worker may begin the same meanwhile: what both write is the same.
      this.#options.log.warn('Leases on work could not be renewed.', { code: codeOf(error) });
    }
  }

  /** Takes what waits in the ledger though nobody was woken for it, until nothing is left or the places are full. */
  async #sweep(): Promise<void> {
    const { claims, concurrency, log, work, sweepMs = DEFAULT_SWEEP_MS } = this.#options;
    try {
      for (;;) {
        const places = concurrency - this.#underWay.size;
        if (places <= 0 || this.#stopping.signal.aborted) return;
        const found = await claims.claimForgottenWork(places, work.isHealthy ? sweepMs : 0);
        if (found.length === 0) return;
        await Promise.all(found.map((recordId) => this.#begin(recordId)));
      }
    } catch (error) {
      log.warn('The ledger could not be looked through for work.', { code: codeOf(error) });
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}
