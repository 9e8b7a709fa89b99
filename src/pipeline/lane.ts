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
    outcome: Exclude<DeliveryOutcome, { kind: 'unavailable' }>,
    prepared: PreparedRecord,
  ) => Promise<void> | undefined;
  readonly onUnavailable: (recordId: RecordId, text: string, nextAttemptAt: number, attempt: number) => void;
  /** The record cannot be prepared again. */
  readonly onBroken: (recordId: RecordId, error: InstanceError) => void;
}

/**
 * Running → paused (nobody answered) → probing with one send → running. What waits is ids; prepared instances are held
 * only as far as memory allows and while the destination runs, and are made again otherwise.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting = new Fifo<RecordId>();
  readonly #held = new Map<RecordId, PreparedRecord>();
  #heldBytes = 0;
  #underWay = 0;
  /** Attempts without an answer since the last answer. */
  #attempts = 0;
  #pause: NodeJS.Timeout | undefined;
  #isStopped = false;
  #onQuiet: (() => void)[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
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
        if (outcome.kind === 'unavailable') this.#putBack(recordId, outcome.text);
        else {
          this.#attempts = 0;
          await this.#options.onSettled(recordId, outcome, prepared);
        }
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

  #putBack(recordId: RecordId, text: string): void {
    this.#waiting.putBack(recordId);
    if (this.#isStopped) return;
    if (this.#pause === undefined) {
      this.#attempts++;
      const delayMs = delayAfter(this.#attempts, this.#options.backoff);
      this.#options.onUnavailable(recordId, text, this.#options.clock() + delayMs, this.#attempts);
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#pump();
      }, delayMs);
      this.#dropHeld();
    }
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof LetheError && error.kind === 'transient';
}
