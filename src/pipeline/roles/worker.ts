// The role `worker`: takes records that wait, makes clean copies of them, and lets their deliveries begin. Any number of processes.
//
// received -> deidentifying (claimed, lease renewed) -> copy written -> clean: receipt on the disk, ledger told, deliveries opened, senders woken; what
// is clean at about the same time goes through these together.
// A worker that dies in between leaves a lease that runs out: another one begins again, and everything it does twice comes out the same.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import type { PixelReview } from '../../core/pixel-review.ts';
import { retryTransient } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import { Batches } from '../batches.ts';
import { createJudgeNovelty, repeatMessage } from '../earlier-instances.ts';
import type { EarlierInstances } from '../earlier-instances.ts';
import type { Ledger, Log, Spool } from '../ports.ts';
import type { PrepareRecord } from '../prepared-record.ts';
import { digestsOf } from '../receipts.ts';
import type { ReceiptLog } from '../receipts.ts';
import { ClaimAhead } from './claim-ahead.ts';
import { Every } from './every.ts';
import {
  makeClean,
  type Made,
  type MadeClean,
  type MadeQuarantined,
  type MadeRepeat,
  type MakePorts,
} from './make-clean.ts';
import type { Claims, CleanCopies, WakeQueue } from './ports.ts';

export interface WorkerOptions {
  readonly claims: Claims;
  /** Told of each record that was claimed, before it is prepared. */
  readonly onReview?: (recordId: RecordId, review: PixelReview | undefined) => void;
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
  /** How often the ledger is looked through though no queue told; default 60 s. While the queue is away it is 1 s. */
  readonly sweepMs?: number;
}

/** A role that runs in this process. */
export interface RunningRole {
  /** Takes nothing more and lets what is under way finish for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const DEFAULT_SWEEP_MS = 60_000;
const SWEEP_WITHOUT_QUEUE_MS = 1_000;
/** Made, and on their way into the ledger; with more of them the places wait. */
const MAX_SETTLING = 256;

export function startWorker(options: WorkerOptions): RunningRole {
  return new Worker(options);
}

class Worker implements RunningRole {
  readonly #options: WorkerOptions;
  /** Claimed, not begun. */
  #claimed: RecordId[] = [];
  /** By `performance.now()`: until then nobody else takes what is claimed. */
  #claimedUntilMs = 0;
  /** Begun, and not yet in the ledger. */
  readonly #underWay = new Map<RecordId, Promise<void>>();
  /** Of those under way, what has a place. */
  #inHand = 0;
  /** Of what is claimed or under way, whose UID others came under. */
  readonly #ofKnownUid = new Set<RecordId>();
  readonly #ahead = new ClaimAhead();
  readonly #stopping = new AbortController();
  readonly #making: MakePorts;
  readonly #handingOver: Batches<MadeClean>;
  readonly #flushing: Batches<RecordId>;
  readonly #renewing: Every;
  readonly #sweeping: Every;
  #pumping: Promise<void> | undefined;
  #isWoken = false;
  /** Wakes the pump when a place is free. */
  #onPlace: (() => void) | undefined;

  constructor(options: WorkerOptions) {
    const { earlierInstances, ledger, log, backoff, work } = options;
    this.#options = options;
    const judgeNovelty = createJudgeNovelty({
      ...{ log, backoff, signal: this.#stopping.signal },
      earlierInstances: earlierInstances && {
        mayHave: ({ recordId }) => this.#ofKnownUid.has(recordId),
        find: (arrived) => earlierInstances.find(arrived),
      },
    });
    this.#making = { ...options, judgeNovelty, retry: (recordId, attempt) => this.#retry(recordId, attempt) };
    this.#handingOver = new Batches((made) => this.#handOver(made));
    this.#flushing = new Batches(() => ledger.flush());
    this.#renewing = new Every(
      () => options.leaseMs / 3,
      () => this.#renew(),
    );
    this.#sweeping = new Every(
      () => (work.isHealthy ? (options.sweepMs ?? DEFAULT_SWEEP_MS) : SWEEP_WITHOUT_QUEUE_MS),
      () => this.#wake(),
    );
    this.#renewing.start();
    this.#sweeping.start(0);
    // The id says that something waits; who takes what is decided by claims.
    work.process(() => this.#wake(), 1);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#onPlace?.();
    await this.#sweeping.stop();
    await Promise.all([this.#options.work.close(), this.#finish(graceMs)]);
    await this.#renewing.stop();
    try {
      if (this.#claimed.length > 0 && this.#areClaimsOurs) await this.#options.claims.giveBackWork(this.#claimed);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error; // leases run out by themselves
    }
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

  /** Takes what waits in the ledger until nothing is left; while it does, once more afterwards. Does not reject. */
  #wake(): Promise<void> {
    this.#isWoken = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      if (this.#isWoken && !this.#stopping.signal.aborted) void this.#wake();
    });
    return this.#pumping;
  }

  async #pump(): Promise<void> {
    try {
      while (this.#isWoken && !this.#stopping.signal.aborted) {
        this.#isWoken = false;
        await this.#takeAll();
      }
    } catch (error) {
      // The next sweep finds it.
      this.#options.log.warn('Work waits: the ledger does not answer.', { code: codeOf(error) });
    }
  }

  async #takeAll(): Promise<void> {
    const { claims, concurrency, leaseMs, work } = this.#options;
    let hasCalledForHelp = false;
    while (await this.#hasPlace()) {
      const limit = concurrency - this.#inHand + this.#ahead.count();
      const until = performance.now() + leaseMs;
      const found = await claims.claimWork(limit);
      this.#claimedUntilMs = until;
      if (found.length === limit && !hasCalledForHelp) {
        hasCalledForHelp = true;
        work.enqueue([found[0].recordId]); // there may be more, and another worker that is idle
      }
      // One of ours whose lease ran out before it was renewed is still under way.
      const fresh = found.filter(({ recordId }) => !this.#underWay.has(recordId));
      for (const { recordId, isUidKnown, review } of fresh) {
        if (isUidKnown) this.#ofKnownUid.add(recordId);
        this.#options.onReview?.(recordId, review ?? undefined);
      }
      this.#claimed = fresh.map(({ recordId }) => recordId);
      while (this.#claimed.length > 0 && (await this.#hasPlace())) {
        const recordId = this.#areClaimsOurs ? this.#claimed.shift() : undefined;
        if (recordId === undefined) break; // another worker may have them by now
        this.#begin(recordId);
      }
      if (found.length < limit) return;
    }
  }

  /** While the ledger is away our leases run out. */
  get #areClaimsOurs(): boolean {
    return performance.now() < this.#claimedUntilMs;
  }

  /** Waits for a place; false when the worker stops. */
  async #hasPlace(): Promise<boolean> {
    const { concurrency } = this.#options;
    while (!this.#stopping.signal.aborted) {
      if (this.#inHand < concurrency && this.#underWay.size < concurrency + MAX_SETTLING) return true;
      await new Promise<void>((resolve) => {
        this.#onPlace = resolve;
      });
    }
    return false;
  }

  #begin(recordId: RecordId): void {
    this.#inHand++;
    const working = this.#process(recordId)
      .catch((error: unknown) => {
        // Stopping, or the ledger was closed: the lease runs out, and another worker begins again.
        this.#options.log.warn('Work on an instance was given up; it is taken up again.', {
          recordId,
          code: codeOf(error),
        });
      })
      .finally(() => {
        this.#underWay.delete(recordId);
        this.#onPlace?.();
      });
    this.#underWay.set(recordId, working);
  }

  /** The place is another one's as soon as nothing but the ledger is waited for. */
  async #process(recordId: RecordId): Promise<void> {
    let made: Made;
    try {
      made = await makeClean(this.#making, recordId);
      this.#ahead.done();
    } finally {
      this.#ofKnownUid.delete(recordId);
      this.#inHand--;
      this.#onPlace?.();
    }
    if (made.kind === 'clean') await this.#handingOver.add(made);
    else if (made.kind === 'repeat') await this.#bringToRest(made);
    else await this.#quarantine(made);
  }

  /** Receipts come before the ledger says clean: of what may leave there is one, whatever ends the process. */
  async #handOver(made: readonly MadeClean[]): Promise<void> {
    const { claims, deliveries, ledger, receipts } = this.#options;
    const ids = made.map(({ recordId }) => recordId);
    await Promise.all(made.map(({ receipt }) => receipts.add(receipt)));
    const series = made.map(({ seriesInstanceUid }) => seriesInstanceUid);
    await this.#retry(ids[0], () => claims.noteSeries(ids, series));
    for (const { recordId, receipt, facts } of made) {
      ledger.digested(recordId, digestsOf(receipt));
      ledger.clean(recordId, facts);
    }
    await ledger.flush();
    await this.#retry(ids[0], () => claims.openDeliveries(ids));
    deliveries.enqueue(ids.slice(0, 1)); // whoever wakes takes all that is due
  }

  async #quarantine({ recordId, reason, message }: MadeQuarantined): Promise<void> {
    const { ledger, log } = this.#options;
    ledger.quarantined(recordId, reason, message);
    log.warn('An instance was quarantined.', { recordId, reason });
    await this.#flushing.add(recordId);
  }

  /** Whoever dies before the place is given back leaves it to the next look through the spool. */
  async #bringToRest({ recordId, repeats, facts }: MadeRepeat): Promise<void> {
    const { copies, ledger, spool } = this.#options;
    ledger.clean(recordId, facts);
    ledger.repeated(recordId, repeats, repeatMessage(repeats));
    await this.#flushing.add(recordId);
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
    const ids = [...this.#underWay.keys(), ...this.#claimed];
    if (ids.length === 0) return;
    try {
      const until = performance.now() + this.#options.leaseMs;
      await this.#options.claims.renewWork(ids);
      if (this.#areClaimsOurs) this.#claimedUntilMs = until;
    } catch (error) {
      // Another worker may begin the same meanwhile: what both write is the same.
      this.#options.log.warn('Leases on work could not be renewed.', { code: codeOf(error) });
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}
