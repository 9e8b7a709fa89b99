// The waiting transitions of one record, folded into what the database has to be told. Order matters only within a record.
import type { RecordId } from '../core/brands.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { ContentDigests } from '../pipeline/data-set-digest.ts';
import type { CleanFacts, DeliveryEvent, InstanceState, SpoolRecord } from '../pipeline/ports.ts';
import { stateAfter, type Target } from './transitions.ts';

/** A delivery after the folded events, counted from `pending`. */
export interface FoldedDelivery {
  readonly destination: string;
  state: 'pending' | 'sent' | 'retrying' | 'dead';
  status: number | undefined;
  /** Attempts that the folded events made. */
  attempts: number;
  /** Milliseconds since the epoch. */
  nextAttemptAt: number | undefined;
  /** Of the first folded event when that told a retry: the database may know it already. */
  firstRetryAt: number | undefined;
  error: string | undefined;
}

export interface Reception {
  readonly record: SpoolRecord;
  readonly project: string;
}

/** Which project, subject and profile an instance was made clean with. */
export type CleanedAs = Omit<CleanFacts, 'mappings'>;

/**
 * Folding keeps the meaning of one event after another: the target only moves forward, and facts are taken only while the target does not
 * lie beyond them, exactly as the guarded statement would have done with each event alone.
 */
export class LedgerEntry {
  readonly recordId: RecordId;
  /** Present when the record was received among these events: the row is inserted, not updated. */
  readonly reception: Reception | undefined;
  readonly deliveries: FoldedDelivery[] = [];
  target: Target | undefined;
  cleanedAs: CleanedAs | undefined;
  reason: QuarantineReason | undefined;
  message: string | undefined;
  digests: ContentDigests | undefined;
  /** The delivered record that this one is the same as. */
  repeats: RecordId | undefined;

  constructor(recordId: RecordId, reception: Reception | undefined) {
    this.recordId = recordId;
    this.reception = reception;
  }

  expect(destinations: readonly string[]): void {
    for (const destination of destinations) this.#find(destination);
  }

  clean(facts: CleanedAs): void {
    if (this.target !== undefined) return;
    this.target = 'clean';
    this.cleanedAs = facts;
  }

  deliver(destination: string, event: DeliveryEvent): void {
    this.advance('delivering');
    // A record that was received here is delivered where it was received for, and nowhere else.
    const delivery = this.#find(destination, this.reception === undefined);
    if (delivery === undefined || delivery.state === 'sent' || delivery.state === 'dead') return;
    if (event.kind === 'retrying' && delivery.nextAttemptAt === event.nextAttemptAt) return;
    if (delivery.attempts === 0 && event.kind === 'retrying') delivery.firstRetryAt = event.nextAttemptAt;
    delivery.state = event.kind;
    delivery.attempts += 1;
    delivery.status = event.kind === 'sent' ? event.status : undefined;
    delivery.nextAttemptAt = event.kind === 'retrying' ? event.nextAttemptAt : undefined;
    delivery.error = event.kind === 'sent' ? undefined : event.error;
  }

  /** The same instance was delivered before: at rest, and expected nowhere. */
  repeat(repeats: RecordId, message: string): void {
    if (!this.advance('delivered')) return;
    this.repeats = repeats;
    this.message = message;
    this.deliveries.length = 0;
  }

  quarantine(reason: QuarantineReason, message: string): void {
    if (!this.advance('quarantined')) return;
    this.reason = reason;
    this.message = message;
  }

  /** True when the target moved. */
  advance(target: Target): boolean {
    const from: InstanceState = this.target ?? 'received';
    if (from === target || stateAfter(from, target) !== target) return false;
    this.target = target;
    return true;
  }

  #find(destination: string, mayAdd: boolean): FoldedDelivery | undefined;
  #find(destination: string): FoldedDelivery;
  #find(destination: string, mayAdd = true): FoldedDelivery | undefined {
    for (const delivery of this.deliveries) if (delivery.destination === destination) return delivery;
    if (!mayAdd) return undefined;
    const delivery: FoldedDelivery = {
      destination,
      state: 'pending',
      status: undefined,
      attempts: 0,
      nextAttemptAt: undefined,
      firstRetryAt: undefined,
      error: undefined,
    };
    this.deliveries.push(delivery);
    return delivery;
  }
}
