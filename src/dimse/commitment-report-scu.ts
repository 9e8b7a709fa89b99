// Taking an N-EVENT-REPORT of storage commitment as SCU (PS3.4 J.3.3), whichever side opened the association.
import { LetheError } from '../core/errors.ts';
import type { TakeReport } from '../pipeline/committing-destination.ts';
import type { Reception } from '../pipeline/ports.ts';
import type { CommandSet } from './command-set.ts';
import { MAX_REQUEST_BYTES, decodeCommitmentReport } from './commitment-data-set.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL } from './negotiation.ts';
import type { AcceptedContext } from './negotiation.ts';

/** Statuses of an N-EVENT-REPORT-RSP (PS3.7 10.1.1.1.8 and Annex C). */
const STATUS = {
  noSuchSopInstance: 0x0112,
  invalidArgument: 0x0115,
  noSuchSopClass: 0x0118,
  resourceLimitation: 0x0213,
} as const;

/** Takes the data set of an N-EVENT-REPORT-RQ, or tells the failure status to answer. `commit` resolves with the status. */
export function beginCommitmentReport(
  context: AcceptedContext | undefined,
  command: CommandSet,
  take: TakeReport,
): Reception | number {
  if (context?.abstractSyntax !== STORAGE_COMMITMENT_PUSH_MODEL) return STATUS.noSuchSopClass;
  if (command.affectedSopClassUid !== STORAGE_COMMITMENT_PUSH_MODEL) return STATUS.noSuchSopClass;
  if (command.affectedSopInstanceUid !== STORAGE_COMMITMENT_INSTANCE) return STATUS.noSuchSopInstance;
  if (!command.hasDataSet) return STATUS.invalidArgument;
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
    },
    commit() {
      if (bytes > MAX_REQUEST_BYTES) return Promise.resolve(STATUS.resourceLimitation);
      try {
        const report = decodeCommitmentReport(Buffer.concat(chunks), context.transferSyntax);
        return Promise.resolve(take(report));
      } catch (error) {
        if (error instanceof LetheError) return Promise.resolve(STATUS.invalidArgument);
        throw error;
      }
    },
    abort: () => Promise.resolve(),
  };
}
