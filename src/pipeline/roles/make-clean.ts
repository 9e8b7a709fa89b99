// What a worker makes of a record, before the ledger hears of it: a clean copy with its receipt, a repeat of what was delivered, or a reason for
// quarantine.
import type { RecordId } from '../../core/brands.ts';
import { LetheError, type QuarantineReason } from '../../core/errors.ts';
import type { JudgeNovelty, Novelty } from '../earlier-instances.ts';
import type { CleanFacts } from '../ports.ts';
import type { PreparedRecord, PrepareRecord } from '../prepared-record.ts';
import { cleanFacts } from '../process-instance.ts';
import { asInstanceError } from '../quarantine.ts';
import { receiptFor, type InstanceReceipt } from '../receipts.ts';
import { writeCleanCopy } from './clean-copy.ts';
import type { CleanCopies } from './ports.ts';

export interface MadeClean {
  readonly kind: 'clean';
  readonly recordId: RecordId;
  readonly receipt: InstanceReceipt;
  readonly facts: CleanFacts;
  /** Replacement UID. */
  readonly seriesInstanceUid: string;
}

export interface MadeRepeat {
  readonly kind: 'repeat';
  readonly recordId: RecordId;
  readonly repeats: RecordId;
  readonly facts: CleanFacts;
}

export interface MadeQuarantined {
  readonly kind: 'quarantined';
  readonly recordId: RecordId;
  readonly reason: QuarantineReason;
  readonly message: string;
}

export type Made = MadeClean | MadeRepeat | MadeQuarantined;

export interface MakePorts {
  readonly prepareRecord: PrepareRecord;
  readonly judgeNovelty: JudgeNovelty;
  readonly copies: CleanCopies;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Runs work again while it fails for the time being. */
  readonly retry: <T>(recordId: RecordId, work: () => Promise<T>) => Promise<T>;
}

/** Rejects with `shutting-down`, and for what is our bug. */
export async function makeClean(ports: MakePorts, recordId: RecordId): Promise<Made> {
  const { copies, clock, retry } = ports;
  let prepared: PreparedRecord | undefined;
  let novelty: Novelty;
  try {
    prepared = await retry(recordId, () => ports.prepareRecord(recordId));
    novelty = await ports.judgeNovelty(prepared);
  } catch (error) {
    await prepared?.letGo();
    if (error instanceof LetheError && error.code === 'shutting-down') throw error;
    const { reason, message } = asInstanceError(error);
    return { kind: 'quarantined', recordId, reason, message };
  }
  const record = prepared;
  try {
    const { repeats, revision } = novelty;
    const facts = cleanFacts(record, revision);
    if (repeats !== undefined) return { kind: 'repeat', recordId, repeats, facts };
    await retry(recordId, () => writeCleanCopy(copies, record));
    const receipt = await receiptFor(recordId, record.route.project, record.prepared, clock(), revision);
    return { kind: 'clean', recordId, receipt, facts, seriesInstanceUid: record.instance.seriesInstanceUid };
  } finally {
    await record.letGo();
  }
}
