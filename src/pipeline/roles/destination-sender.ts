// One destination as one sender process serves it: claims what is due as places allow, sends, and pauses when nobody answers. The pause is
// noted in the ledger; when that note goes, since another sender got through or a person asked for another try, it ends.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { delayAfter } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import { closedUntil, describeGivingUp, isOverdue, respectAskedWait } from '../delivery-rules.ts';
import type { DeliveryRules } from '../delivery-rules.ts';
import type { DeliveryOutcome, Ledger } from '../ports.ts';
import { ClaimAhead } from './claim-ahead.ts';
import { deliverOnce, type DeliverOncePorts } from './deliver-once.ts';
import { Every } from './every.ts';
import { InstanceFaults } from './instance-faults.ts';
import type { Claims, DeliveryClaim } from './ports.ts';

export interface DestinationSenderOptions extends DeliverOncePorts {
  readonly rules: DeliveryRules;
  readonly claims: Claims;
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly backoff: Backoff;
  readonly leaseMs: number;
  readonly sweepMs?: number;
  /** Called when a delivery ended; brings the record to rest when it was the last one. */
  readonly settle: (recordId: RecordId) => Promise<void>;
  /** Called when the clean copy is gone. */
  readonly giveBack: (recordId: RecordId) => Promise<void>;
}

const DEFAULT_SWEEP_MS = 5_000;
/** Claimed beyond those under way at least, so that a place never waits for the database. */
const MIN_CLAIMED_AHEAD = 8;
/** Sent and noted as such, on their way to rest; with more of them the places wait. */
const MAX_SETTLING = 256;
/** A peer that answers so many instances in a row with a passing failure is out of resources. */
const FAILURES_OF_A_PEER = 3;
/** Deliveries that are looked through at once for those that have waited for too long. */
const OVERDUE_AT_ONCE = 200;

type Failure = Extract<DeliveryOutcome, { kind: 'unavailable' }>;

export class DestinationSender {
  readonly #options: DestinationSenderOptions;
  readonly #name: string;
  /** Claimed, not begun. */
  readonly #claimed: DeliveryClaim[] = [];
  /** By `performance.now()`: until then nobody else takes what is claimed. */
  #claimedUntilMs = 0;
  /** On the wire or coming to rest: nobody else takes these. */
  readonly #underWay = new Map<RecordId, Promise<void>>();
  /** Of those under way, what has a place. */
  readonly #onTheWire = new Set<RecordId>();
  readonly #renewing: Every;
  readonly #sweeping: Every;
  #places = 0;
  /** Attempts in a row that nobody answered. */
  #failures = 0;
  /** Nothing is sent before this time, by `performance.now()`: setting the clock neither lengthens nor ends a pause. */
  #pausedUntil = 0;
  /** Passing failures in a row that the peer answered. */
  #answeredFailures = 0;
  /** Of the first failure since the last answer that stands, by `performance.now()`. */
  #troubledSince: number | undefined;
  /** What the ledger says of an outage is ours, or not known to be over. */
  #isOutageNoted = true;
  readonly #faults = new InstanceFaults();
  readonly #ahead = new ClaimAhead();
  /** When the next timer of a postponed delivery wakes us, by `performance.now()`. */
  #alarmAt = 0;
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
      await this.#returnClaimed(0);
      await this.#options.claims.givePlacesBack(this.#name);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error; // leases run out by themselves
    }
  }

  async #pump(): Promise<void> {
    const { claims, destination } = this.#options;
    await this.#endPauseIfAsked();
    while (!this.#isStopped && !this.#isPaused && !this.#isClosed) {
      if (!(await this.#claim())) break;
      const wanted = Math.min(destination.concurrency, this.#onTheWire.size + this.#claimed.length);
      if (this.#places < wanted) this.#places = await claims.takePlaces(this.#name, destination.concurrency, wanted);
      if (!this.#hasRoom) break; // whoever ends wakes us
      while (this.#hasRoom) {
        const claim = this.#areClaimsOurs ? this.#claimed.shift() : undefined;
        if (claim === undefined) break;
        this.#begin(claim);
      }
    }
    if (this.#isClosed) await this.#returnClaimed(0);
    if (this.#claimed.length === 0 && this.#underWay.size === 0 && this.#places > 0) {
      this.#places = 0;
      await claims.givePlacesBack(this.#name);
    }
  }

  /** Whether no send window is open; the next sweep looks again. */
  get #isClosed(): boolean {
    return closedUntil(this.#options.rules, this.#options.clock()) !== undefined;
  }

  get #isPaused(): boolean {
    return this.#pauseLeftMs > 0;
  }

  get #pauseLeftMs(): number {
    return Math.max(0, Math.ceil(this.#pausedUntil - performance.now()));
  }

  async #endPauseIfAsked(): Promise<void> {
    const { claims } = this.#options;
    if (!this.#isPaused || !this.#isOutageNoted) return;
    if (!(await claims.hasOutage(this.#name))) this.#pausedUntil = 0;
  }

  /** While the ledger was away our leases ran out: another sender may have what we claimed. */
  get #areClaimsOurs(): boolean {
    return performance.now() < this.#claimedUntilMs;
  }

  /** False when nothing is due. */
  async #claim(): Promise<boolean> {
    if (this.#claimed.length > 0 && this.#areClaimsOurs) return true;
    this.#claimed.length = 0;
    this.#claimedUntilMs = performance.now() + this.#options.leaseMs;
    const limit = Math.max(1, this.#limit) + Math.max(MIN_CLAIMED_AHEAD, this.#ahead.count());
    const claimed = await this.#options.claims.claimDeliveries(this.#name, limit);
    // One of ours whose lease ran out before it was renewed is still on its way.
    this.#claimed.push(...claimed.filter(({ recordId }) => !this.#underWay.has(recordId)));
    return this.#claimed.length > 0;
  }

  /** While nobody answers one send at a time finds out whether somebody does again. */
  get #limit(): number {
    return this.#failures > 0 ? Math.min(1, this.#places) : this.#places;
  }

  get #hasRoom(): boolean {
    return this.#onTheWire.size < this.#limit && this.#underWay.size < this.#limit + MAX_SETTLING;
  }

  #begin(claim: DeliveryClaim): void {
    this.#onTheWire.add(claim.recordId);
    const sending = this.#send(claim)
      .catch((error: unknown) => {
        this.#options.log.warn('A delivery was given up; it is taken up again.', {
          recordId: claim.recordId,
          destination: this.#name,
          code: error instanceof LetheError ? error.code : 'unexpected',
        });
      })
      .finally(() => {
        this.#onTheWire.delete(claim.recordId);
        this.#underWay.delete(claim.recordId);
        this.wake();
      });
    this.#underWay.set(claim.recordId, sending);
  }

  /**
   * The place is another one's as soon as it is noted that this one was sent, not before: whatever ends this process, only what was on the wire is
   * sent again.
   */
  async #send(claim: DeliveryClaim): Promise<void> {
    const { ledger, rules } = this.#options;
    const { recordId } = claim;
    const outcome = await deliverOnce(this.#options, recordId);
    this.#ahead.done();
    if (outcome === undefined) await this.#options.giveBack(recordId);
    else if (outcome.kind === 'sent') {
      this.#answered();
      this.#faults.taken(recordId);
      ledger.delivery(recordId, this.#name, { kind: 'sent', status: outcome.status });
      // Until then the next one of the series is not due.
      if (rules.isOrdered || !outcome.isNoted) await ledger.flush();
      this.#onTheWire.delete(recordId);
      this.wake();
      await this.#options.settle(recordId);
      await this.#endOutage();
    } else if (outcome.kind === 'refused') {
      this.#answered();
      await this.#giveUp(recordId, outcome.text);
    } else await this.#tryLater(claim, outcome);
  }

  async #giveUp(recordId: RecordId, text: string): Promise<void> {
    this.#faults.forget(recordId);
    this.#options.ledger.delivery(recordId, this.#name, { kind: 'dead', error: text });
    await this.#options.settle(recordId);
  }

  async #tryLater(claim: DeliveryClaim, failure: Failure): Promise<void> {
    const { recordId, attempts } = claim;
    const { clock, claims, ledger, log, rules } = this.#options;
    const { text, isAnswered = false } = failure;
    this.#troubledSince ??= performance.now();
    if (this.#isOverdue(claim)) await this.#giveUp(recordId, describeGivingUp(rules, text));
    else if (isAnswered && this.#faults.isOfInstance(recordId, attempts + 1)) {
      await this.#giveUp(recordId, text);
      return;
    } else {
      const delayMs = this.#delayAfter(failure, attempts + 1);
      ledger.delivery(recordId, this.#name, { kind: 'retrying', nextAttemptAt: clock() + delayMs, error: text });
      await claims.postponeDeliveries(this.#name, [recordId], delayMs);
      this.#wakeAfter(delayMs);
      log.warn(isAnswered ? 'A destination did not take an instance for now.' : 'A destination does not answer.', {
        destination: this.#name,
        attempt: isAnswered ? attempts + 1 : this.#failures,
        ...(isAnswered ? { recordId } : {}),
      });
    }
    if (isAnswered && ++this.#answeredFailures < FAILURES_OF_A_PEER) return;
    await this.#rest(failure);
  }

  /** The sweep would find it too, some seconds later. One timer is enough: whoever is woken looks at everything. */
  #wakeAfter(delayMs: number): void {
    const now = performance.now();
    if (this.#alarmAt > now && this.#alarmAt <= now + delayMs) return;
    this.#alarmAt = now + delayMs;
    setTimeout(() => {
      this.wake();
    }, delayMs).unref();
  }

  /** Milliseconds until this one is tried again. */
  #delayAfter({ isAnswered = false, retryAfterMs }: Failure, attempt: number): number {
    if (!isAnswered) return this.#pause(retryAfterMs);
    return respectAskedWait(delayAfter(attempt, this.#options.backoff), retryAfterMs);
  }

  /** The destination is left alone for a while, by all senders; what has waited for too long is given up. */
  async #rest({ text, retryAfterMs }: Failure): Promise<void> {
    this.#pause(retryAfterMs);
    await this.#returnClaimed(this.#pauseLeftMs);
    const { claims, clock } = this.#options;
    const now = clock();
    const outage = { since: now - (this.#troubledMs ?? 0), nextAttemptAt: now + this.#pauseLeftMs, error: text };
    await claims.noteOutage(this.#name, outage);
    this.#isOutageNoted = true;
    await this.#giveUpOverdue(text);
  }

  /** Nobody has to be asked for each of ten thousand. */
  async #giveUpOverdue(text: string): Promise<void> {
    const { claims, rules } = this.#options;
    if (!this.#isOverdue({ waitsSince: -Infinity })) return;
    while (!this.#isStopped) {
      const claimed = await claims.claimDeliveries(this.#name, OVERDUE_AT_ONCE);
      const [overdue, others] = [new Array<RecordId>(), new Array<RecordId>()];
      for (const claim of claimed)
        if (!this.#underWay.has(claim.recordId)) (this.#isOverdue(claim) ? overdue : others).push(claim.recordId);
      if (others.length > 0) await claims.postponeDeliveries(this.#name, others, this.#pauseLeftMs);
      await Promise.all(overdue.map((recordId) => this.#giveUp(recordId, describeGivingUp(rules, text))));
      if (overdue.length === 0) return;
    }
  }

  #isOverdue({ waitsSince }: Pick<DeliveryClaim, 'waitsSince'>): boolean {
    const { clock, rules } = this.#options;
    return isOverdue(rules, clock(), waitsSince, this.#troubledMs);
  }

  get #troubledMs(): number | undefined {
    return this.#troubledSince === undefined ? undefined : Math.round(performance.now() - this.#troubledSince);
  }

  #answered(): void {
    this.#failures = 0;
    this.#answeredFailures = 0;
    this.#troubledSince = undefined;
    this.#pausedUntil = 0;
  }

  /** After the first success everything that waits is due. */
  async #endOutage(): Promise<void> {
    if (!this.#isOutageNoted) return;
    this.#isOutageNoted = false;
    await this.#options.claims.endOutage(this.#name);
  }

  /** Milliseconds until the next attempt; longer each time. */
  #pause(askedMs: number | undefined): number {
    if (!this.#isPaused) {
      this.#failures++;
      const delayMs = respectAskedWait(delayAfter(this.#failures, this.#options.backoff), askedMs);
      this.#pausedUntil = performance.now() + delayMs;
      setTimeout(() => {
        this.wake();
      }, delayMs).unref();
    }
    return this.#pauseLeftMs;
  }

  async #returnClaimed(delayMs: number): Promise<void> {
    const ids = this.#claimed.splice(0).map(({ recordId }) => recordId);
    if (ids.length > 0) await this.#options.claims.postponeDeliveries(this.#name, ids, delayMs);
  }

  async #renew(): Promise<void> {
    const { claims, destination, leaseMs, log } = this.#options;
    const ids = [...this.#underWay.keys(), ...this.#claimed.map(({ recordId }) => recordId)];
    try {
      const until = performance.now() + leaseMs;
      const ours = new Set(ids.length > 0 ? await claims.renewDeliveries(this.#name, ids) : []);
      const kept = this.#claimed.splice(0).filter(({ recordId }) => ours.has(recordId) || !ids.includes(recordId));
      this.#claimed.push(...kept);
      if (ids.length > 0) this.#claimedUntilMs = until;
      if (this.#places > 0) this.#places = await claims.takePlaces(this.#name, destination.concurrency, this.#places);
    } catch (error) {
      log.warn('Leases on deliveries could not be renewed.', {
        destination: this.#name,
        code: error instanceof LetheError ? error.code : 'unexpected',
      });
    }
  }
}
