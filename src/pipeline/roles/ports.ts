// The ports of the roles that run as processes of their own: what they need of the queue and of the ledger beyond the ports of the gateway.
// The ledger is the truth; the queue only says "look at this id now", and everything works, later, without it.
import type { RecordId } from '../../core/brands.ts';
import type { ByteSource } from '../../core/bytes.ts';
import type { PixelReview } from '../../core/pixel-review.ts';
import type { SplicePlan } from '../../dicom/element.ts';
import type { InstanceState } from '../ports.ts';

/** Wakes other processes. Carries ids, nothing else; may lose and repeat them. */
export interface WakeQueue {
  /** False while the queue cannot be trusted to wake anybody: then whoever waits looks into the ledger by itself. */
  readonly isHealthy: boolean;
  /** Never waits, never rejects: ids that cannot be queued are found in the ledger. */
  enqueue(recordIds: readonly RecordId[]): void;
  /** Registers the one handler, which must be idempotent and not reject; at most `concurrency` calls run at once. */
  process(handler: (recordId: RecordId) => Promise<void>, concurrency: number): void;
  /** Takes no more jobs and lets running handlers finish. */
  close(): Promise<void>;
}

/** A record that this process may de-identify, until its lease ends. */
export interface WorkClaim {
  readonly recordId: RecordId;
  /** Whether another record came under its SOP Instance UID, in any project. */
  readonly isUidKnown: boolean;
  /** What a person decided on its pixels. */
  readonly review: PixelReview | null;
}

/** A delivery that this process may make, until its lease ends. */
export interface DeliveryClaim {
  readonly recordId: RecordId;
  /** Attempts that were made before. */
  readonly attempts: number;
  /** Milliseconds since the epoch when the delivery was opened. */
  readonly waitsSince: number;
}

/** A destination that does not answer; times in milliseconds since the epoch. */
export interface Outage {
  readonly since: number;
  readonly nextAttemptAt: number;
  /** What the last attempt ended in, in our own words. */
  readonly error: string;
}

/**
 * Who works on what, for processes that share a ledger. A claim is a lease: it is renewed while the work lasts, and another process takes the
 * work over when it was not. All reject with a transient error while the database is away.
 */
export interface Claims {
  /** Up to `limit` records that wait to be de-identified, or whose worker went silent, oldest first; they are ours now. */
  claimWork(limit: number): Promise<WorkClaim[]>;
  /** Lengthens our leases on records under work. */
  renewWork(recordIds: readonly RecordId[]): Promise<void>;
  /** Gives records back to be de-identified at once by anybody, ours or clean ones whose clean copy is gone. */
  giveBackWork(recordIds: readonly RecordId[]): Promise<void>;
  /** Tells the replacement Series Instance UID of each record, for destinations that keep the order within a series. Call before the ledger has them clean. */
  noteSeries(recordIds: readonly RecordId[], series: readonly string[]): Promise<void>;
  /** Lets the deliveries of clean records begin. Call once the ledger has them clean. */
  openDeliveries(recordIds: readonly RecordId[]): Promise<void>;
  /**
   * Lets the deliveries begin of records that have been clean for the time of a lease, and whose worker died before it could: it had written the
   * copy and the receipt. Returns how many.
   */
  openForgottenDeliveries(): Promise<number>;
  /**
   * Up to `limit` deliveries to a destination that are due, oldest first; they are ours now. Where order is kept, one that has an earlier one of its
   * series before it is not due, nor is one while an earlier instance of the same sender is not yet clean. What a sender had in hand whose lease ended is
   * due some seconds later: until then that sender may tell what became of it.
   */
  claimDeliveries(destination: string, limit: number): Promise<DeliveryClaim[]>;
  /** Lengthens our leases; resolves with those that are still ours. */
  renewDeliveries(destination: string, recordIds: readonly RecordId[]): Promise<RecordId[]>;
  /** Makes deliveries of ours due in so many milliseconds. */
  postponeDeliveries(destination: string, recordIds: readonly RecordId[], delayMs: number): Promise<void>;
  /** Moves records whose deliveries have all ended to `delivered` or `quarantined`; resolves with those that are at rest, and in which state. */
  settle(recordIds: readonly RecordId[]): Promise<ReadonlyMap<RecordId, InstanceState>>;
  /** Records whose deliveries have all ended, and whom nobody brought to rest for the time of a lease: who ended the last one died, or the ledger went away. */
  findUnsettled(): Promise<RecordId[]>;
  /** Notes for all processes that the destination does not answer; `since` is kept when it was noted before. */
  noteOutage(destination: string, outage: Outage): Promise<void>;
  /** False once another process got through, or a person asked for another try. */
  hasOutage(destination: string): Promise<boolean>;
  /** The destination answers: everything that waits for it is due. */
  endOutage(destination: string): Promise<void>;
  /** Of these records, those that the ledger does not know. */
  findUnknown(recordIds: readonly RecordId[]): Promise<RecordId[]>;
  /** Takes up to `wanted` of the `limit` places that all processes together have for associations to a destination; the places that are ours now. */
  takePlaces(destination: string, limit: number, wanted: number): Promise<number>;
  givePlacesBack(destination: string): Promise<void>;
}

/** What the sender of a clean instance has to know before it reads it. */
export interface CleanCopyFacts {
  readonly sopClassUid: string;
  /** Replacement UIDs. */
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  /** Patient ID as it leaves. */
  readonly patientId: string;
  /** In which it is offered first. The copy of a deflated instance is inflated. */
  readonly transferSyntaxUid: string;
  /** In which it can be given as well, best first. */
  readonly alternatives: readonly string[];
}

/** What a copy is made of: bytes of its own, and ranges of the record in the spool, in their order. */
export type CopyPart =
  | { readonly kind: 'own'; readonly bytes: Buffer }
  | { readonly kind: 'own-on-disk'; readonly source: ByteSource }
  | { readonly kind: 'of-record'; readonly offset: number; readonly length: number };

export interface OpenCleanCopy {
  readonly facts: CleanCopyFacts;
  readonly parts: readonly CopyPart[];
  /** With which status a destination answered, where a sender noted it and died before the ledger knew. */
  sentTo(destination: string): number | undefined;
  /**
   * Notes that the destination has it, in the hands of the kernel when this resolves: it survives the death of the process. Rejects with `disk-full`
   * or `disk-failed`.
   */
  noteSent(destination: string, status: number): Promise<void>;
  close(): Promise<void>;
}

/** A file that was found among the copies: a copy, or what a writer left of one when it died. */
export interface StoredCopy {
  readonly recordId: RecordId;
  /** Removes it unless it was written anew since it was found. Rejects with `disk-failed`. */
  remove(): Promise<void>;
}

/** Clean instances on their way from the process that made them to those that send them. They can be made again: nothing is synced. */
export interface CleanCopies {
  /**
   * Whole and under its name when this resolves; an earlier copy is replaced. Rejects with `disk-full` or `disk-failed`.
   * @param isOfRecord the source of the plan is the record in the spool: its long ranges are named, not copied
   */
  write(recordId: RecordId, facts: CleanCopyFacts, plan: SplicePlan, isOfRecord: boolean): Promise<void>;
  /** Undefined when there is no whole copy. */
  open(recordId: RecordId): Promise<OpenCleanCopy | undefined>;
  remove(recordId: RecordId): Promise<void>;
  /** All that is there, some at a time. Rejects with `disk-failed`. */
  stored(): AsyncIterable<readonly StoredCopy[]>;
}
