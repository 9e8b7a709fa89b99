// The way to one destination: an ordered list of waiting records, a bounded number of sends, and a pause when nobody answers.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import type { InstanceError } from '../core/errors.ts';
import { delayAfter } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { Fifo } from './fifo.ts';
import type { DeliveryOutcome, Destination } from './ports.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';
import { asInstanceError } from './quarantine.ts';

/** An answer that stands. */
export type SettledOutcome = Exclude<DeliveryOutcome, { kind: 'unavailable' }>;

export interface LaneOptions {
  readonly destination: Destination;
  readonly prepareRecord: PrepareRecord;
  readonly backoff: Backoff;
  readonly clock: () => number;
  /** Memory for instances that wait, prepared, for their turn. */
  readonly heldBytes: number;
  /** False when the record needs no sending any more. */
  readonly isWanted: (recordId: RecordId) => boolean;
  /** A promise asks the lane to wait before its next send. */
  readonly onSettled: (
    recordId: RecordId,
    outcome: SettledOutcome,
    prepared: PreparedRecord,
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

/** A record that the peer would not take for now, while it may take others. */
interface Deferral {
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

/**
 * Running → paused (nobody answered) → probing with one send → running. What waits is ids; prepared instances are held
 * only as far as memory allows and while the destination runs, and are made again otherwise. An instance for which the
 * peer answers with a passing failure steps aside for a while, so that it does not stop those behind it.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting = new Fifo<RecordId>();
  readonly #held = new Map<RecordId, PreparedRecord>();
  #heldBytes = 0;
  #underWay = 0;
  /** Attempts without an answer since the last answer. */
  #attempts = 0;
  readonly #deferred = new Map<RecordId, Deferral>();
  /** Instances that the peer took. */
  #taken = 0;
  #failuresInARow = 0;
  #pause: NodeJS.Timeout | undefined;
  #isStopped = false;
  #onQuiet: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    const aside = [...this.#deferred.values()].filter(({ timer }) => timer !== undefined).length;
    return this.#waiting.size + aside;
  }

  add(recordId: RecordId, prepared: PreparedRecord): void {
    this.#waiting.push(recordId);
    this.#hold(recordId, prepared);
    this.#pump();
  }

  /** Begins no more sends. Resolves when none is under way. */
  stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#pause);
    for (const { timer } of this.#deferred.values()) clearTimeout(timer);
    this.#dropHeld();
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  #hold(recordId: RecordId, prepared: PreparedRecord): void {
    const bytes = prepared.heldBytes;
    const isNext = this.#underWay < this.#limit && this.#waiting.size === 1;
    if (this.#pause !== undefined || (!isNext && this.#heldBytes + bytes > this.#options.heldBytes)) return;
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
      const recordId = this.#waiting.shift();
      if (recordId === undefined) return;
      void this.#send(recordId);
    }
  }

  async #send(recordId: RecordId): Promise<void> {
    this.#underWay++;
    let prepared = this.#takeHeld(recordId);
    try {
      if (this.#options.isWanted(recordId)) {
        prepared ??= await this.#options.prepareRecord(recordId);
        const outcome = await this.#options.destination.deliver(prepared.instance);
        const settled = this.#settledBy(recordId, outcome);
        if (settled !== undefined) await this.#options.onSettled(recordId, settled, prepared);
      }
    } catch (error) {
      // Destinations never reject: this is the preparation.
      if (isTransient(error)) this.#putBack(recordId, 'The instance could not be prepared.');
      else this.#options.onBroken(recordId, asInstanceError(error));
    }
    this.#underWay--;
    await prepared?.letGo();
    if (this.#underWay === 0) for (const resolve of this.#onQuiet.splice(0)) resolve();
    this.#pump();
  }

  /** Undefined when the record has to be tried again. */
  #settledBy(recordId: RecordId, outcome: DeliveryOutcome): SettledOutcome | undefined {
    if (outcome.kind !== 'unavailable') {
      this.#attempts = 0;
      this.#failuresInARow = 0;
      if (outcome.kind === 'sent') this.#taken++;
      this.#deferred.delete(recordId);
      return outcome;
    }
    if (outcome.isAnswered !== true) this.#putBack(recordId, outcome.text);
    else if (!this.#defer(recordId, outcome.text)) {
      this.#deferred.delete(recordId);
      return { kind: 'refused', status: undefined, text: outcome.text };
    }
    return undefined;
  }

  #putBack(recordId: RecordId, text: string): void {
    this.#waiting.putBack(recordId);
    if (this.#isStopped || this.#pause !== undefined) return;
    const delayMs = this.#pauseAll();
    const nextAttemptAt = this.#options.clock() + delayMs;
    this.#options.onUnavailable(recordId, { text, isAnswered: false, attempt: this.#attempts, nextAttemptAt });
  }

  /** Sets the record aside for a while; false when it was tried often enough while the peer took others. */
  #defer(recordId: RecordId, text: string): boolean {
    const deferral = this.#deferred.get(recordId) ?? {
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
    if (this.#failuresInARow >= FAILURES_OF_A_PEER && this.#pause === undefined) this.#pauseAll();
    const delayMs = delayAfter(deferral.attempts, this.#options.backoff);
    deferral.timer = setTimeout(() => {
      deferral.timer = undefined;
      this.#waiting.push(recordId);
      this.#pump();
    }, delayMs);
    const nextAttemptAt = this.#options.clock() + delayMs;
    this.#options.onUnavailable(recordId, { text, isAnswered: true, attempt: deferral.attempts, nextAttemptAt });
    return true;
  }

  /** Sends nothing for a while, longer each time; returns how long in milliseconds. */
  #pauseAll(): number {
    this.#attempts++;
    const delayMs = delayAfter(this.#attempts, this.#options.backoff);
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
