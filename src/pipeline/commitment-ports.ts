// The ports of storage commitment (PS3.4 Annex J): who asks, what is kept of it, how it is answered.
import type { AeTitle } from '../core/brands.ts';
import type { InstanceState } from './ports.ts';

export interface InstanceReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** An N-ACTION-RQ of the Storage Commitment Push Model (PS3.4 J.3.2), checked for form. UIDs are original ones. */
export interface CommitmentRequest {
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly transactionUid: string;
  readonly references: readonly InstanceReference[];
}

/** What an N-EVENT-REPORT tells (PS3.4 J.3.3). */
export interface CommitmentReport {
  readonly transactionUid: string;
  readonly committed: readonly InstanceReference[];
  /** With Failure Reason (0008,1197), PS3.3 C.14.1.1. */
  readonly failed: readonly (InstanceReference & { readonly reason: number })[];
}

/** The association on which a request came. */
export interface CommitmentChannel {
  /** Reports on it, between messages. True only when the peer confirmed; false when it is gone or does not answer. Never rejects. */
  report(report: CommitmentReport): Promise<boolean>;
  /** Resolves when the association is over. */
  readonly ended: Promise<void>;
}

export interface CommitmentProvider {
  /** Takes a request over. Resolves with the status of the N-ACTION-RSP: 0x0000 only once it is durable. Never rejects. */
  request(request: CommitmentRequest, channel: CommitmentChannel): Promise<number>;
}

/** Where a report goes when the association of the request is gone. */
export interface CommitmentPeer {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
}

/** Takes what is reported of our own requests, on associations that peers open for it (PS3.4 J.3.3). */
export interface CommitmentReports {
  /** Whether this peer was asked for storage commitment. */
  expects(aeTitle: string): boolean;
  /** The status of the N-EVENT-REPORT-RSP; a failure for what was never asked for. */
  take(aeTitle: string, report: CommitmentReport): number | Promise<number>;
}

/** How far an instance came, as its original UID finds it; the newest that was received under it. */
export interface CommitmentState {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly state: InstanceState;
}

/** A request that is not answered yet. */
export interface PendingCommitment {
  readonly id: number;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly peerAddress: string;
  readonly transactionUid: string;
  readonly references: readonly InstanceReference[];
  /** The requestor had used the transaction UID for other instances. */
  readonly isDuplicate: boolean;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  /** Reports that were tried. */
  readonly attempts: number;
}

/** Requests that outlive the process, and what the ledger knows of instances. Rejects with a transient error when the database is away. */
export interface CommitmentStore {
  /** Resolves once the request is durable. One that came before is not stored a second time: it is due again. */
  add(request: CommitmentRequest, requestedAt: number): Promise<PendingCommitment>;
  /** Requests whose time has come, oldest first; they are not given to anybody else for `leaseMs`. */
  takeDue(now: number, leaseMs: number, limit: number): Promise<readonly PendingCommitment[]>;
  /** The request is looked at again at that time. */
  postpone(id: number, until: number, hasTried: boolean): Promise<void>;
  /** The request is at rest: reported, or given up. */
  settle(id: number, outcome: 'reported' | 'abandoned', at: number): Promise<void>;
  /** By original SOP Instance UID, of what was sent to this called AE title. */
  find(calledAeTitle: string, sopInstanceUids: readonly string[]): Promise<readonly CommitmentState[]>;
}
