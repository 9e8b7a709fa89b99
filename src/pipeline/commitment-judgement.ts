// What is answered for each instance of a request for storage commitment (PS3.4 J.3.3, PS3.3 C.14.1.1).
import type { CommitmentReport, CommitmentState, InstanceReference, PendingCommitment } from './commitment-ports.ts';

/** Failure Reason (0008,1197). */
export const FAILURE_REASON = {
  processingFailure: 0x0110,
  noSuchObjectInstance: 0x0112,
  classInstanceConflict: 0x0119,
  duplicateTransactionUid: 0x0131,
} as const;

/** An instance that another listener acknowledged a moment ago may not be in the ledger yet. */
const MISSING_GRACE_MS = 2_000;
/** What has not been delivered by then is answered as a failure: no requestor waits for ever. */
const DELIVERY_DEADLINE_MS = 24 * 3_600_000;

/**
 * The report, or undefined while it cannot be told yet. Under `custody` an instance is committed that was acknowledged and not discarded by a
 * person since: it is held durably, or its clean twin was delivered. Under `delivered` it is once every destination accepted the clean twin.
 */
export function judgeCommitment(
  pending: PendingCommitment,
  states: readonly CommitmentState[],
  promise: 'custody' | 'delivered',
  now: number,
): CommitmentReport | undefined {
  const byUid = new Map(states.map((state) => [state.sopInstanceUid, state]));
  const waitedMs = now - pending.requestedAt;
  const committed: InstanceReference[] = [];
  const failed: (InstanceReference & { reason: number })[] = [];
  for (const reference of pending.references) {
    const reason = pending.isDuplicate
      ? FAILURE_REASON.duplicateTransactionUid
      : judge(reference, byUid.get(reference.sopInstanceUid), promise, waitedMs);
    if (reason === 'not yet') return undefined;
    if (reason === undefined) committed.push(reference);
    else failed.push({ ...reference, reason });
  }
  return { transactionUid: pending.transactionUid, committed, failed };
}

/** A failure reason; undefined for committed. */
function judge(
  reference: InstanceReference,
  found: CommitmentState | undefined,
  promise: 'custody' | 'delivered',
  waitedMs: number,
): number | 'not yet' | undefined {
  if (found === undefined || found.state === 'discarded')
    return found === undefined && waitedMs < MISSING_GRACE_MS ? 'not yet' : FAILURE_REASON.noSuchObjectInstance;
  if (found.sopClassUid !== reference.sopClassUid) return FAILURE_REASON.classInstanceConflict;
  if (promise === 'custody' || found.state === 'delivered') return undefined;
  if (found.state === 'quarantined') return FAILURE_REASON.processingFailure;
  return waitedMs < DELIVERY_DEADLINE_MS ? 'not yet' : FAILURE_REASON.processingFailure;
}
