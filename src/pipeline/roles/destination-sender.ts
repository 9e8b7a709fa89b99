// One destination as one sender process serves it: claims what is due as places allow, sends, and pauses when nobody answers.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { delayAfter } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import type { DeliveryOutcome, Destination, Ledger, Log } from '../ports.ts';
import { openCleanInstance } from './clean-copy.ts';
import type { OpenCleanInstance } from './clean-copy.ts';
import { Every } from './every.ts';
import type { Claims, CleanCopies, DeliveryClaim } from './ports.ts';

export interface DestinationSenderOptions {
  readonly destination: Destination;
  readonly giveUpAfterMs?: number | undefined;
  readonly claims: Claims;
  readonly copies: CleanCopies;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: () => number;
  readonly backoff: Backoff;
  readonly leaseMs: number;
  readonly sweepMs?: number;
  readonly scratchDirectory: string;
  /** Called when a delivery ended; brings the record to rest when it was the last one. */
  readonly settle: (recordId: RecordId) => Promise<void>;
  /** Called when the clean copy is gone. */
  readonly giveBack: (recordId: RecordId) => Promise<void>;
}

const DEFAULT_SWEEP_MS = 5_000;
/** Claimed beyond those under way, so that a place never waits for the database. */
const CLAIMED_AHEAD = 8;
/** An instance that the peer answered so often with a passing failure, while it took others, is refused. */
const FAILURES_OF_AN_INSTANCE = 5;

export class DestinationSender {
  readonly #options: DestinationSenderOptions;
  readonly #name: string;
  /** Claimed, not begun. */
  readonly #claimed: DeliveryClaim[] = [];
  readonly #underWay = new Map<RecordId, Promise<void>>();
  readonly #renewing: Every;
  readonly #sweeping: Every;
  #places = 0;
  /** Attempts in a row that nobody answered. */
  #failures = 0;
  /** Nothing is sent before this time, in milliseconds since the epoch. */
  #pausedUntil = 0;
  /** Instances that the peer took in this process. */
  #taken = 0;
  readonly #takenAtFirstFailure = new Map<RecordId, number>();
  #pumping: Promise<void> | undefined;
  #isWokenAgain = false;
  #isStopped = false;

  constructor(options: DestinationSenderOptions) {
    this.#options = options;
    this.#name = options.destination.name;
    this.#renewing = new Every(
      () => options.leaseMs / 3,
      () => this.#renew(),
    );
    this.#sweeping = new Every(
      () => options.sweepMs ?? DEFAULT_SWEEP_MS,
      () => {
        this.wake();
        return this.#pumping ?? Promise.resolve();
      },
    );
    this.#renewing.start();
    this.#sweeping.start();
    this.wake();
  }

  /** Looks for deliveries that are due; while it looks, once more afterwards. */
  wake(): void {
    if (this.#isStopped) return;
    if (this.#pumping !== undefined) {
      this.#isWokenAgain = true;
      return;
    }
    this.#isWokenAgain = false;
    this.#pumping = this.#pump()
      .catch((error: unknown) => {
        this.#options.log.warn('Deliveries wait: the ledger does not answer.', {
          destination: this.#name,
          code: error instanceof LetheError ? error.code : 'unexpected',
        });
      })
      .finally(() => {
        this.#pumping = undefined;
        if (this.#isWokenAgain) this.wake();
      });
  }

  /** Begins nothing more; what was claimed and not begun is given to the others. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    await this.#sweeping.stop();
    await this.#pumping;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#underWay.values()), grace]);
    clearTimeout(timer);
    await this.#renewing.stop();
    await this.#options.destination.close();
    try {
      await this.#returnClaimed(this.#options.clock());
      await this.#options.claims.givePlacesBack(this.#name);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error; // leases run out by themselves
    }
  }

  async #pump(): Promise<void> {
    const { claims, clock, destination } = this.#options;
    while (!this.#isStopped && clock() >= this.#pausedUntil) {
      if (!(await this.#claim())) break;
      const wanted = Math.min(destination.concurrency, this.#underWay.size + this.#claimed.length);
      if (this.#places < wanted) this.#places = await claims.takePlaces(this.#name, destination.concurrency, wanted);
      if (this.#underWay.size >= this.#limit) break; // whoever ends wakes us
      while (this.#underWay.size < this.#limit) {
        const claim = this.#claimed.shift();
        if (claim === undefined) break;
        this.#begin(claim);
      }
    }
    if (this.#claimed.length === 0 && this.#underWay.size === 0 && this.#places > 0) {
      this.#places = 0;
      await claims.givePlacesBack(this.#name);
    }
  }

  /** False when nothing is due. */
  async #claim(): Promise<boolean> {
    if (this.#claimed.length > 0) return true;
    const limit = Math.max(1, this.#limit) + CLAIMED_AHEAD;
    const claimed = await this.#options.claims.claimDeliveries(this.#name, limit);
    // One of ours whose lease ran out before it was renewed is still on its way.
    this.#claimed.push(...claimed.filter(({ recordId }) => !this.#underWay.has(recordId)));
    return this.#claimed.length > 0;
  }

  /** While nobody answers one send at a time finds out whether somebody does again. */
  get #limit(): number {
    return this.#failures > 0 ? Math.min(1, this.#places) : this.#places;
  }

  #begin(claim: DeliveryClaim): void {
    const sending = this.#send(claim)
      .catch((error: unknown) => {
        this.#options.log.warn('A delivery was given up; it is taken up again.', {
          recordId: claim.recordId,
          destination: this.#name,
          code: error instanceof LetheError ? error.code : 'unexpected',
        });
      })
      .finally(() => {
        this.#underWay.delete(claim.recordId);
        this.wake();
      });
    this.#underWay.set(claim.recordId, sending);
  }

  async #send(claim: DeliveryClaim): Promise<void> {
    const { copies, destination, ledger, scratchDirectory } = this.#options;
    const { recordId } = claim;
    let clean: OpenCleanInstance | undefined;
    try {
      clean = await openCleanInstance(copies, recordId, scratchDirectory);
      if (clean === undefined) {
        await this.#options.giveBack(recordId);
        return;
      }
      const outcome = await destination.deliver(clean.instance);
      if (outcome.kind === 'sent') {
        this.#answered();
        this.#taken++;
        this.#takenAtFirstFailure.delete(recordId);
        ledger.delivery(recordId, this.#name, { kind: 'sent', status: outcome.status });
        await this.#options.settle(recordId);
      } else if (outcome.kind === 'refused') {
        this.#answered();
        await this.#giveUp(recordId, outcome.text);
      } else await this.#tryLater(claim, outcome);
    } finally {
      await clean?.close();
    }
  }

  async #giveUp(recordId: RecordId, text: string): Promise<void> {
    this.#takenAtFirstFailure.delete(recordId);
    this.#options.ledger.delivery(recordId, this.#name, { kind: 'dead', error: text });
    await this.#options.settle(recordId);
  }

  async #tryLater(
    { recordId, attempts, receivedAt }: DeliveryClaim,
    { text, isAnswered = false }: Extract<DeliveryOutcome, { kind: 'unavailable' }>,
  ): Promise<void> {
    const { backoff, claims, clock, giveUpAfterMs, ledger, log } = this.#options;
    const isTooLate = giveUpAfterMs !== undefined && clock() - receivedAt > giveUpAfterMs;
    if (isTooLate || (isAnswered && this.#isFaultOfInstance(recordId, attempts + 1))) {
      await this.#giveUp(recordId, isTooLate ? `${text} It was tried for as long as the configuration says.` : text);
      return;
    }
    const nextAttemptAt = clock() + (isAnswered ? delayAfter(attempts + 1, backoff) : this.#pause());
    ledger.delivery(recordId, this.#name, { kind: 'retrying', nextAttemptAt, error: text });
    await claims.postponeDeliveries(this.#name, [recordId], nextAttemptAt);
    if (!isAnswered) await this.#returnClaimed(this.#pausedUntil);
    log.warn(isAnswered ? 'A destination did not take an instance for now.' : 'A destination does not answer.', {
      destination: this.#name,
      attempt: isAnswered ? attempts + 1 : this.#failures,
      ...(isAnswered ? { recordId } : {}),
    });
  }

  /** The peer answers for this one only, again and again, and takes others meanwhile. */
  #isFaultOfInstance(recordId: RecordId, attempts: number): boolean {
    const takenBefore = this.#takenAtFirstFailure.get(recordId);
    if (takenBefore === undefined) {
      if (this.#takenAtFirstFailure.size > 10_000) this.#takenAtFirstFailure.clear();
      this.#takenAtFirstFailure.set(recordId, this.#taken);
      return false;
    }
    return attempts >= FAILURES_OF_AN_INSTANCE && this.#taken > takenBefore;
  }

  #answered(): void {
    this.#failures = 0;
    this.#pausedUntil = 0;
  }

  /** Milliseconds until the next attempt; longer each time. */
  #pause(): number {
    const { backoff, clock } = this.#options;
    if (clock() >= this.#pausedUntil) {
      this.#failures++;
      this.#pausedUntil = clock() + delayAfter(this.#failures, backoff);
      setTimeout(
        () => {
          this.wake();
        },
        Math.max(0, this.#pausedUntil - clock()),
      ).unref();
    }
    return Math.max(0, this.#pausedUntil - clock());
  }

  async #returnClaimed(dueAt: number): Promise<void> {
    const ids = this.#claimed.splice(0).map(({ recordId }) => recordId);
    if (ids.length > 0) await this.#options.claims.postponeDeliveries(this.#name, ids, dueAt);
  }

  async #renew(): Promise<void> {
    const { claims, destination, log } = this.#options;
    const ids = [...this.#underWay.keys(), ...this.#claimed.map(({ recordId }) => recordId)];
    try {
      if (ids.length > 0) await claims.renewDeliveries(this.#name, ids);
      if (this.#places > 0) this.#places = await claims.takePlaces(this.#name, destination.concurrency, this.#places);
    } catch (error) {
      log.warn('Leases on deliveries could not be renewed.', {
        destination: this.#name,
        code: error instanceof LetheError ? error.code : 'unexpected',
      });
    }
  }
}
