// The way to one destination: an ordered list of waiting records, a bounded number of sends, and a pause when nobody answers.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import type { InstanceError } from '../core/errors.ts';
import { delayAfter } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { closedUntil, describeGivingUp, isOverdue, respectAskedWait } from './delivery-rules.ts';
import type { DeliveryRules } from './delivery-rules.ts';
import type { DeliveryOutcome, Destination, DestinationCondition } from './ports.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';
import { asInstanceError } from './quarantine.ts';
import { WaitingList } from './waiting-list.ts';
import type { WaitingRecord } from './waiting-list.ts';

/** An answer that stands. */
export type SettledOutcome = Exclude<DeliveryOutcome, { kind: 'unavailable' }>;

export interface LaneOptions {
  readonly destination: Destination;
  readonly rules: DeliveryRules;
  readonly prepareRecord: PrepareRecord;
  readonly backoff: Backoff;
  readonly clock: () => number;
  /** Memory for instances that wait, prepared, for their turn. */
  readonly heldBytes: number;
  /** False when the record needs no sending any more. */
  readonly isWanted: (recordId: RecordId) => boolean;
  /** A promise asks the lane to wait before its next send. `prepared` is missing for what was given up without another try. */
  readonly onSettled: (
    recordId: RecordId,
    outcome: SettledOutcome,
    prepared: PreparedRecord | undefined,
  ) => Promise<void> | undefined;
  readonly onUnavailable: (recordId: RecordId, failure: DeliveryFailure) => void;
  /** The record cannot be prepared again. */
  readonly onBroken: (recordId: RecordId, error: InstanceError) => void;
}

/** An attempt that will be made again. */
export interface DeliveryFailure {
  readonly text: string;
  /** The peer answered, for this instance only. */
  readonly isAnswered: boolean;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly nextAttemptAt: number;
}

type Failure = Extract<DeliveryOutcome, { kind: 'unavailable' }>;

/** A record that the peer would not take for now, while it may take others. */
interface Deferral {
  readonly waiting: WaitingRecord;
  attempts: number;
  /** Failures since the peer took another instance after the first one: the fault is not the peer's then. */
  isolated: number;
  /** What the peer had taken when this one failed first. */
  readonly takenBefore: number;
  timer: NodeJS.Timeout | undefined;
}

/** A peer that answers so many instances in a row with a passing failure is out of resources. */
const FAILURES_OF_A_PEER = 3;
/** An instance that failed so often while the peer took others is refused. */
const FAILURES_OF_AN_INSTANCE = 5;
/** The clock is looked at again at the latest after this time, so that a clock that was set does no harm. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Running → paused (nobody answered) → probing with one send → running. What waits is ids; prepared instances are held
 * only as far as memory allows and while the destination runs, and are made again otherwise. An instance for which the
 * peer answers with a passing failure steps aside for a while, so that it does not stop those behind it. The first success
 * after an outage brings everything back at once.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: WaitingList;
  readonly #held = new Map<RecordId, PreparedRecord>();
  #heldBytes = 0;
  #underWay = 0;
  /** Attempts without an answer since the last answer. */
  #attempts = 0;
  readonly #deferred = new Map<RecordId, Deferral>();
  /** Instances that the peer took. */
  #taken = 0;
  #failuresInARow = 0;
  /** Of the first failure since the last answer that stands, by `performance.now()`. */
  #troubledSince: number | undefined;
  #lastFailure = '';
  #pause: NodeJS.Timeout | undefined;
  /** By `performance.now()`, as timers go: setting the clock neither lengthens nor ends a pause. */
  #pausedUntil = 0;
  #opening: NodeJS.Timeout | undefined;
  #isStopped = false;
  #onQuiet: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#waiting = new WaitingList(options.rules.isOrdered === true);
  }

  get waiting(): number {
    const aside = [...this.#deferred.values()].filter(({ timer }) => timer !== undefined).length;
    return this.#waiting.size + aside;
  }

  get condition(): DestinationCondition {
    const now = this.#options.clock();
    const until = closedUntil(this.#options.rules, now);
    if (until !== undefined) return { state: 'closed', until };
    const timeOf = (time: number): number => now + Math.round(time - performance.now());
    const trouble = {
      since: this.#troubledSince === undefined ? undefined : timeOf(this.#troubledSince),
      error: this.#lastFailure,
    };
    if (this.#pause !== undefined) return { state: 'paused', until: timeOf(this.#pausedUntil), ...trouble };
    if (this.#troubledSince !== undefined) return { state: 'probing', ...trouble };
    return { state: this.#underWay > 0 ? 'sending' : 'idle' };
  }

  /** @param waitsSince when it was received or released, in milliseconds since the epoch */
  add(recordId: RecordId, prepared: PreparedRecord, waitsSince: number): void {
    const isNext = this.#underWay < this.#limit && this.#waiting.size === 0;
    this.#waiting.add({ recordId, waitsSince, series: prepared.instance.seriesInstanceUid });
    this.#hold(recordId, prepared, isNext);
    this.#pump();
  }

  /** Tries everything that waits now, whatever it waits for but a send window. */
  retryNow(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#recall();
    this.#pump();
  }

  /** Begins no more sends. Resolves when none is under way. */
  stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#pause);
    clearTimeout(this.#opening);
    for (const { timer } of this.#deferred.values()) clearTimeout(timer);
    this.#dropHeld();
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  #hold(recordId: RecordId, prepared: PreparedRecord, isNext: boolean): void {
    const bytes = prepared.heldBytes;
    const isResting = this.#pause !== undefined || this.#opening !== undefined;
    if (isResting || (!isNext && this.#heldBytes + bytes > this.#options.heldBytes)) return;
    this.#held.set(recordId, prepared.retain());
    this.#heldBytes += bytes;
  }

  #takeHeld(recordId: RecordId): PreparedRecord | undefined {
    const prepared = this.#held.get(recordId);
    if (prepared === undefined) return undefined;
    this.#held.delete(recordId);
    this.#heldBytes -= prepared.heldBytes;
    return prepared;
  }

  #dropHeld(): void {
    for (const prepared of this.#held.values()) void prepared.letGo();
    this.#held.clear();
    this.#heldBytes = 0;
  }

  get #limit(): number {
    return this.#attempts > 0 ? 1 : this.#options.destination.concurrency;
  }

  #pump(): void {
    while (!this.#isStopped && this.#pause === undefined && this.#underWay < this.#limit) {
      if (this.#waiting.isEmpty || this.#isClosed()) return;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      void this.#send(waiting);
    }
  }

  /** Whether no send window is open; then it looks again when one opens. */
  #isClosed(): boolean {
    const { clock, rules } = this.#options;
    const until = closedUntil(rules, clock());
    if (until === undefined) {
      clearTimeout(this.#opening);
      this.#opening = undefined;
      return false;
    }
    if (this.#opening === undefined) {
      this.#dropHeld();
      this.#opening = setTimeout(
        () => {
          this.#opening = undefined;
          this.#pump();
        },
        Math.min(until - clock(), LOOK_AGAIN_MS),
      );
    }
    return true;
  }

  async #send(waiting: WaitingRecord): Promise<void> {
    const { recordId } = waiting;
    this.#underWay++;
    let prepared = this.#takeHeld(recordId);
    try {
      if (this.#options.isWanted(recordId)) {
        prepared ??= await this.#options.prepareRecord(recordId);
        const outcome = await this.#options.destination.deliver(prepared.instance);
        const settled = this.#settledBy(waiting, outcome);
        if (settled !== undefined) {
          await this.#options.onSettled(recordId, settled, prepared);
          this.#waiting.settled(waiting);
        }
      } else this.#waiting.settled(waiting);
    } catch (error) {
      // Destinations never reject: this is the preparation.
      if (isTransient(error))
        this.#putBack(waiting, { kind: 'unavailable', text: 'The instance could not be prepared.' });
      else {
        this.#options.onBroken(recordId, asInstanceError(error));
        this.#waiting.settled(waiting);
      }
    }
    this.#underWay--;
    await prepared?.letGo();
    if (this.#underWay === 0) for (const resolve of this.#onQuiet.splice(0)) resolve();
    this.#pump();
  }

  /** Undefined when the record has to be tried again. */
  #settledBy(waiting: WaitingRecord, outcome: DeliveryOutcome): SettledOutcome | undefined {
    const { recordId } = waiting;
    if (outcome.kind !== 'unavailable') {
      const wasInTrouble = this.#attempts > 0 || this.#failuresInARow >= FAILURES_OF_A_PEER;
      this.#attempts = 0;
      this.#failuresInARow = 0;
      this.#troubledSince = undefined;
      this.#deferred.delete(recordId);
      if (outcome.kind === 'sent') {
        this.#taken++;
        if (wasInTrouble) this.#recall();
      }
      return outcome;
    }
    this.#troubledSince ??= performance.now();
    this.#lastFailure = outcome.text;
    if (this.#isOverdue(waiting)) {
      this.#deferred.delete(recordId);
      if (outcome.isAnswered !== true) this.#afterSilence(outcome);
      return { kind: 'refused', status: undefined, text: describeGivingUp(this.#options.rules, outcome.text) };
    }
    if (outcome.isAnswered !== true) this.#putBack(waiting, outcome);
    else if (!this.#defer(waiting, outcome)) {
      this.#deferred.delete(recordId);
      return { kind: 'refused', status: undefined, text: outcome.text };
    }
    return undefined;
  }

  #putBack(waiting: WaitingRecord, failure: Failure): void {
    this.#waiting.putBack(waiting);
    const delayMs = this.#afterSilence(failure);
    if (delayMs === undefined) return;
    const nextAttemptAt = this.#options.clock() + delayMs;
    const { text } = failure;
    this.#options.onUnavailable(waiting.recordId, { text, isAnswered: false, attempt: this.#attempts, nextAttemptAt });
  }

  /** Nobody answered: pauses, and gives up all that has waited for too long. Undefined when it pauses already, or is stopped. */
  #afterSilence({ text, retryAfterMs }: Failure): number | undefined {
    if (this.#isStopped || this.#pause !== undefined) return undefined;
    const delayMs = this.#pauseAll(retryAfterMs);
    for (const waiting of this.#waiting.takeWhile((next) => this.#isOverdue(next))) {
      const refusal = {
        kind: 'refused',
        status: undefined,
        text: describeGivingUp(this.#options.rules, text),
      } as const;
      this.#deferred.delete(waiting.recordId);
      void this.#options.onSettled(waiting.recordId, refusal, undefined);
      this.#waiting.settled(waiting);
    }
    return delayMs;
  }

  #isOverdue({ waitsSince }: WaitingRecord): boolean {
    const { clock, rules } = this.#options;
    const troubledMs = this.#troubledSince === undefined ? undefined : performance.now() - this.#troubledSince;
    return isOverdue(rules, clock(), waitsSince, troubledMs);
  }

  /** Sets the record aside for a while; false when it was tried often enough while the peer took others. */
  #defer(waiting: WaitingRecord, { text, retryAfterMs }: Failure): boolean {
    const { recordId } = waiting;
    const deferral = this.#deferred.get(recordId) ?? {
      waiting,
      attempts: 0,
      isolated: 0,
      takenBefore: this.#taken,
      timer: undefined,
    };
    this.#deferred.set(recordId, deferral);
    deferral.attempts++;
    if (this.#taken > deferral.takenBefore) deferral.isolated++;
    if (deferral.isolated >= FAILURES_OF_AN_INSTANCE) return false;
    if (this.#isStopped) return true;
    this.#failuresInARow++;
    if (this.#failuresInARow >= FAILURES_OF_A_PEER && this.#pause === undefined) this.#pauseAll(retryAfterMs);
    const delayMs = respectAskedWait(delayAfter(deferral.attempts, this.#options.backoff), retryAfterMs);
    deferral.timer = setTimeout(() => {
      this.#takeBack(deferral);
      this.#pump();
    }, delayMs);
    const nextAttemptAt = this.#options.clock() + delayMs;
    this.#options.onUnavailable(recordId, { text, isAnswered: true, attempt: deferral.attempts, nextAttemptAt });
    return true;
  }

  /** What stepped aside waits with the others again. */
  #recall(): void {
    for (const deferral of this.#deferred.values()) if (deferral.timer !== undefined) this.#takeBack(deferral);
  }

  #takeBack(deferral: Deferral): void {
    clearTimeout(deferral.timer);
    deferral.timer = undefined;
    this.#waiting.comeBack(deferral.waiting);
  }

  /** Sends nothing for a while, longer each time; returns how long in milliseconds. */
  #pauseAll(askedMs: number | undefined): number {
    this.#attempts++;
    const delayMs = respectAskedWait(delayAfter(this.#attempts, this.#options.backoff), askedMs);
    this.#pausedUntil = performance.now() + delayMs;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#pump();
    }, delayMs);
    this.#dropHeld();
    return delayMs;
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof LetheError && error.kind === 'transient';
}
