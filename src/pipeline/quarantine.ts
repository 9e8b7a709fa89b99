// Holding an instance back: noted in the spool at once, in the ledger with the next batch. Its bytes stay in the spool for review.
import type { RecordId } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { Ledger, Log, Spool } from './ports.ts';

export interface QuarantinePorts {
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly log: Log;
}

/** @param message our own words, without any value of the instance */
export function quarantine(
  { spool, ledger, log }: QuarantinePorts,
  recordId: RecordId,
  reason: QuarantineReason,
  message: string,
): void {
  spool.mark(recordId, { kind: 'quarantined', reason, message });
  ledger.quarantined(recordId, reason, message);
  log.warn('An instance was quarantined.', { recordId, reason });
}

/** An error as a reason for quarantine: what is not known as one is `action-failed`. */
export function asInstanceError(error: unknown): InstanceError {
  if (error instanceof InstanceError) return error;
  return new InstanceError('action-failed', 'Work on the instance ended in an unexpected error.', { cause: error });
}
