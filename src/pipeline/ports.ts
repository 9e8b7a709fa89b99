// The ports of the pipeline: what the use cases need from the network, the spool, the database and the queue.
// Adapters on the floor above implement them; nothing here knows Postgres, sockets or files.
import type { CommitmentProvider, CommitmentReports } from './commitment-ports.ts';
import type { AeTitle, RecordId } from '../core/brands.ts';
import type { OpenByteSource } from '../core/bytes.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { SplicePlan } from '../dicom/element.ts';
import type { Identifiers, IdentifyingValue } from '../deid/identifiers.ts';
import type { PatientIdentity, Subject } from '../deid/subject.ts';
import type { ContentDigests } from './data-set-digest.ts';

// ---- at the door -------------------------------------------------------------------------------------------------

/** Who asks for an association (PS3.8 9.3.2). AE titles are as sent, without padding; never logged unescaped. */
export interface AssociationRequest {
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** Numeric address of the peer. */
  readonly peerAddress: string;
  /** What the peer showed over TLS and an authority of ours signed; undefined without TLS, or when it showed none. */
  readonly certificate?: PeerCertificate | undefined;
}

/** A client certificate that was verified. */
export interface PeerCertificate {
  /** SHA-256 of the certificate, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
  /** Attributes of the subject by their short names: CN, O, OU … */
  readonly subject: Readonly<Record<string, readonly string[]>>;
}

/** An association, or a connection that never became one, that was turned away. Every text is escaped and cut. */
export interface Refusal {
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly peerAddress: string;
  /** Our own words. */
  readonly reason: string;
}

/** Whether the gateway takes instances now, and when not, why: our own words. */
export interface Readiness {
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

/** Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21), with the words that are recorded. */
export interface Rejection {
  readonly result: 1 | 2;
  readonly source: 1 | 2 | 3;
  readonly reason: number;
  readonly text: string;
}

/** What a C-STORE-RQ told, checked for form. */
export interface ReceptionFacts {
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

/** One instance while it arrives. Exactly one of commit and abort ends it. */
export interface Reception {
  /** Takes the next bytes of the data set; a promise asks the caller to wait before the next call. The bytes may be reused once it returned. */
  write(chunk: Buffer): void | Promise<void>;
  /** Makes the record durable. Resolves with the C-STORE status to answer: 0x0000 only when the record is synced. Never rejects. */
  commit(): Promise<number>;
  abort(): Promise<void>;
}

/** What the listener asks of the pipeline. */
export interface StoreProvider {
  /** Undefined when the association may be accepted. */
  admit(request: AssociationRequest): Rejection | undefined;
  /** Starts an instance, or tells the C-STORE failure status to answer (0xA700 when the disk is short). */
  begin(facts: ReceptionFacts): Reception | number;
  /** Told of everybody who was turned away at the door. */
  onRefused?(refusal: Refusal): void;
  /** Storage commitment (PS3.4 Annex J); without it the service is not offered. */
  readonly commitment?: CommitmentProvider | undefined;
  /** Reports of storage commitment that we asked others for; without it none are taken. */
  readonly reports?: CommitmentReports | undefined;
}

// ---- spool -------------------------------------------------------------------------------------------------------

/** What the spool keeps of a received instance beside its bytes: enough to rebuild the ledger row. */
export interface SpoolRecord extends ReceptionFacts {
  readonly recordId: RecordId;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Bytes of the data set. */
  readonly length: number;
  /** CRC-32 of the data set. */
  readonly checksum: number;
}

/** How far a record came, noted in the spool at once; the ledger follows in batches. Survives kill -9 without a sync. */
export type SpoolMark =
  | { readonly kind: 'sent'; readonly destination: string; readonly status: number }
  | { readonly kind: 'refused'; readonly destination: string; readonly text: string }
  | { readonly kind: 'quarantined'; readonly reason: QuarantineReason; readonly message: string }
  /** A person put it on its way again: what was noted of quarantine and refusals before counts no more. `at`: milliseconds since the epoch. */
  | { readonly kind: 'reopened'; readonly at: number };

export interface ReplayedRecord {
  readonly record: SpoolRecord;
  readonly marks: readonly SpoolMark[];
}

/** A stored instance, opened. Its place is not given back while it is open, also when its record is released. */
export interface SpooledInstance extends OpenByteSource {
  readonly record: SpoolRecord;
}

export interface SpoolWriter {
  readonly recordId: RecordId;
  write(chunk: Buffer): void | Promise<void>;
  /**
   * Rejects with a `transient` error when the record could not be made durable; nothing of it remains then. What is small
   * can be opened from the call on; until `commit` resolves nobody outside may see anything of it.
   */
  commit(): Promise<SpoolRecord>;
  abort(): Promise<void>;
}

export interface Spool {
  /** Rejects nothing by itself: a full disk shows when the record is written or committed. */
  begin(facts: ReceptionFacts, receivedAt: number): SpoolWriter;
  /** The bytes of a record. Rejects with `spool-damaged` when they are gone or their checksum differs. */
  open(recordId: RecordId): Promise<SpooledInstance>;
  mark(recordId: RecordId, mark: SpoolMark): void;
  /** What was noted of a record that is not released. */
  marksOf(recordId: RecordId): readonly SpoolMark[];
  /** Gives the space of a record back. The record is not replayed any more. Only call when the ledger has it at rest. */
  release(recordId: RecordId): void;
  /**
   * Every record that was not released, oldest first; torn ones are skipped, they were never acknowledged. Call once, before `begin`.
   * Data are not read here: a damaged record is yielded, and `open` tells that it is damaged.
   */
  replay(): AsyncIterable<ReplayedRecord>;
  /** Acknowledged records that `replay` found so damaged that not even their names can be read. Their files are kept. */
  readonly unreadableRecords: number;
  /** Bytes free on the file system of the spool. */
  freeBytes(): Promise<number>;
  close(): Promise<void>;
}

// ---- ledger and pseudonyms ---------------------------------------------------------------------------------------

export const INSTANCE_STATES = [
  'received',
  'deidentifying',
  'clean',
  'delivering',
  'delivered',
  'quarantined',
  'released',
  'discarded',
] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

/** An original and the value that replaced it. */
export interface Replacement {
  readonly original: string;
  readonly replacement: string;
}

/** What de-identifying an instance added to the look-up tables. */
export interface Mappings {
  readonly uids: readonly Replacement[];
  readonly accessions: readonly Replacement[];
  readonly studies: readonly Replacement[];
}

export interface CleanFacts {
  readonly project: string;
  readonly subject: Subject;
  readonly profile: string;
  readonly profileDigest: string;
  readonly mappings: Mappings;
  /** From 2 on when its SOP Instance UID had other content before. */
  readonly revision?: number | undefined;
}

export type DeliveryEvent =
  | { readonly kind: 'sent'; readonly status: number }
  | { readonly kind: 'retrying'; readonly nextAttemptAt: number; readonly error: string }
  | { readonly kind: 'dead'; readonly error: string };

/** Numbers for `lethe status`; `waiting` is everything acknowledged that is not yet at rest. */
export interface LedgerCounts {
  readonly received: number;
  readonly waiting: number;
  readonly delivered: number;
  readonly quarantined: number;
}

export interface DestinationCounts {
  readonly destination: string;
  readonly pending: number;
  readonly retrying: number;
  readonly sent: number;
  readonly dead: number;
  readonly lastError: string | undefined;
}

/** What a destination is doing; times are milliseconds since the epoch. */
export interface DestinationCondition {
  /**
   * `closed`: outside of its send windows. `paused`: it did not answer, the circuit breaker is open until the next attempt. `probing`: one send finds
   * out whether it answers again.
   */
  readonly state: 'idle' | 'sending' | 'closed' | 'paused' | 'probing';
  /** Closed or paused until then. */
  readonly until?: number | undefined;
  /** In trouble since then. */
  readonly since?: number | undefined;
  /** What the last attempt ended in, in our own words. */
  readonly error?: string | undefined;
}

export interface DestinationStatus extends DestinationCounts {
  readonly condition?: DestinationCondition | undefined;
}

/**
 * The ledger of instances and deliveries. The void methods queue the transition and return at once; transitions are
 * committed in order, in batches, at once while little happens and within a second under load, each guarded by the states it may leave, so that a repeated
 * one changes nothing. A database that is away delays `flush`, it never loses a transition (the spool still has it).
 */
export interface Ledger {
  received(record: SpoolRecord, project: string, destinations: readonly string[]): void;
  clean(recordId: RecordId, facts: CleanFacts): void;
  delivery(recordId: RecordId, destination: string, event: DeliveryEvent): void;
  /** What the receipt says of its content. To be told before it is clean, or together with `delivered`. */
  digested(recordId: RecordId, digests: ContentDigests): void;
  delivered(recordId: RecordId): void;
  /** At rest as delivered without a delivery of its own: it is the same as another one that was. */
  repeated(recordId: RecordId, repeats: RecordId, message: string): void;
  quarantined(recordId: RecordId, reason: QuarantineReason, message: string): void;
  /** Records with transitions that are not yet committed, in memory: they pile up while the database is away. */
  readonly waiting: number;
  /** Resolves when every transition queued before the call is committed. */
  flush(): Promise<void>;
  /** Of these, the ids that the ledger holds at rest (delivered, quarantined, discarded). */
  findAtRest(recordIds: readonly RecordId[]): Promise<ReadonlyMap<RecordId, InstanceState>>;
  /** Of these, the ids that a person released and that are not clean or quarantined again. */
  findReleased(recordIds: readonly RecordId[]): Promise<ReadonlySet<RecordId>>;
  counts(): Promise<LedgerCounts>;
  destinationCounts(): Promise<readonly DestinationCounts[]>;
}

/** How a project names its subjects. */
export interface SubjectPolicy {
  /** Template with `{sequence:N}` or `{hash:N}`, for example `LUNG-{sequence:4}`. */
  readonly idTemplate: string;
  /** Template of the name; `{id}` stands for the subject id. */
  readonly nameTemplate: string;
  /** Largest date shift in days; 0 for none. */
  readonly maxShiftDays: number;
}

export interface Subjects {
  /** The subject of a patient in a project: the one that is known, or a new one. Answers at once when it is cached. Throws `no-assigned-subject`. */
  resolve(project: string, identity: PatientIdentity, policy: SubjectPolicy): Subject | Promise<Subject>;
}

/** What identified a patient in instances that came before. Original values: never logged. */
export interface KnownIdentifiers {
  /** Of the subject's earlier instances; the same list as before while nothing new was noted. Answers at once when the subject is cached. */
  of(project: string, subject: Subject): readonly IdentifyingValue[] | Promise<readonly IdentifyingValue[]>;
  /** Takes what an instance told. Never waits. */
  note(project: string, subject: Subject, identifiers: Identifiers): void;
}

// ---- delivery ----------------------------------------------------------------------------------------------------

/** A clean instance on its way to one destination. */
export interface CleanInstance {
  readonly recordId: RecordId;
  readonly sopClassUid: string;
  /** Replacement UIDs. */
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  /** Patient ID (0010,0020) as it leaves, where it is known: for the audit trail. */
  readonly patientId?: string;
  /** The sender's own encoding, which is proposed first. */
  readonly transferSyntaxUid: string;
  /** Bytes of the data set in the original encoding, for planning. */
  readonly length: number;
  /** Transfer syntaxes that `encode` can also produce, best first. */
  readonly alternatives: readonly string[];
  /** The data set in the given transfer syntax. Rejects with `codec-failed` or another instance error. */
  encode(transferSyntaxUid: string): Promise<SplicePlan>;
}

export type DeliveryOutcome =
  /** The peer answered with success or warning. */
  | { readonly kind: 'sent'; readonly status: number }
  /** The peer answered that it will not have this instance. `text` is made of our own words. */
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly text: string }
  /** Nothing was promised: try again later. */
  /** `isAnswered`: the peer did answer, for this instance only; others may fare better. `retryAfterMs`: how long it asks to be left alone. */
  | {
      readonly kind: 'unavailable';
      readonly text: string;
      readonly isAnswered?: boolean;
      readonly retryAfterMs?: number;
    };

export interface Destination {
  readonly name: string;
  /** How many calls of `deliver` may be under way. */
  readonly concurrency: number;
  /** Never rejects. */
  deliver(instance: CleanInstance): Promise<DeliveryOutcome>;
  /** Lets what is under way finish, then closes. */
  close(): Promise<void>;
}

// ---- queue -------------------------------------------------------------------------------------------------------

/** Says "look at this id now". Carries an id, nothing else. */
export interface JobQueue {
  enqueue(recordId: RecordId): void;
  /** Registers the one handler; at most `concurrency` calls run at once. The handler must be idempotent. */
  process(handler: (recordId: RecordId) => Promise<void>, concurrency: number): void;
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

// ---- log ---------------------------------------------------------------------------------------------------------

/** Fields that may be logged: our own ids, counts, codes and names from the configuration. Never an element's value. */
export interface LogFields {
  readonly recordId?: string;
  readonly destination?: string;
  readonly project?: string;
  readonly profile?: string;
  readonly route?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly status?: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly durationMs?: number;
  readonly offset?: number;
  readonly attempt?: number;
  readonly address?: string;
  readonly port?: number;
  /** AE title, escaped. */
  readonly aeTitle?: string;
  readonly path?: string;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
