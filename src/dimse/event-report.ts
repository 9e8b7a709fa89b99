// N-EVENT-REPORT of storage commitment (PS3.4 J.3.3): its PDUs, and an association of our own to report on, in the role of
// SCP that is negotiated for it (PS3.7 D.3.3.4).
import { LetheError } from '../core/errors.ts';
import type { CommitmentReport } from '../pipeline/commitment-ports.ts';
import { describeStatus } from '../standard/statuses.ts';
import { COMMAND_FIELD, encodeEventReportRequest, type CommandSet } from './command-set.ts';
import { CommitmentAssociation, MESSAGE_ID, type CommitmentPeer } from './commitment-association.ts';
import { encodeCommitmentReport } from './commitment-data-set.ts';
import { FragmentWriter } from './fragment-writer.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL, type AcceptedContext } from './negotiation.ts';
import { ABORT_REASON } from './pdu.ts';

/** Event Type IDs (PS3.4 table J.3-2). */
const ALL_COMMITTED = 1;
const FAILURES_EXIST = 2;

/** The whole request, command and data set, as PDUs. @param maxFragmentBytes even */
export function encodeEventReport(
  context: AcceptedContext,
  messageId: number,
  report: CommitmentReport,
  maxFragmentBytes: number,
): readonly Buffer[] {
  const dataSet = encodeCommitmentReport(report, context.transferSyntax);
  const writer = new FragmentWriter(context.id, dataSet.length, maxFragmentBytes);
  writer.addPdu(
    encodeEventReportRequest(context.id, {
      messageId,
      sopClassUid: STORAGE_COMMITMENT_PUSH_MODEL,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      eventTypeId: report.failed.length === 0 ? ALL_COMMITTED : FAILURES_EXIST,
    }),
  );
  writer.push(dataSet);
  return writer.take();
}

/**
 * Opens an association with the requestor of the commitment, reports, and releases it. Resolves when the peer confirmed. Rejects with
 * `peer-unreachable`, `peer-timeout`, `association-rejected`, `association-aborted`, `connection-lost`, `context-not-accepted`, `status-refused` or
 * `pdu-invalid`.
 */
export function sendEventReport(peer: CommitmentPeer, report: CommitmentReport): Promise<void> {
  return new Promise((resolve, reject) => {
    let isConfirmed = false;
    const association = new CommitmentAssociation(peer, {
      role: 'scp',
      notAccepted: 'the peer does not take reports of storage commitment',
      late: 'the peer did not take the report in time',
      encode: (context, maxFragmentBytes) => encodeEventReport(context, MESSAGE_ID, report, maxFragmentBytes),
      onMessage: (command) => {
        const status = isConfirmed ? undefined : statusIn(command);
        if (status === undefined) {
          association.abort(ABORT_REASON.invalidParameter, 'the response does not answer the report');
          return;
        }
        const { category, text } = describeStatus(status);
        isConfirmed = category === 'success' || category === 'warning';
        if (isConfirmed) association.release();
        else association.releaseFor(new LetheError('status-refused', `the peer refused the report: ${text}`));
      },
      onEnd: (failure) => {
        if (isConfirmed) resolve();
        else reject(failure);
      },
    });
  });
}

/** Undefined where the command set does not answer the report. */
function statusIn({ commandField, messageIdBeingRespondedTo, hasDataSet, status }: CommandSet): number | undefined {
  const isAnswer = commandField === COMMAND_FIELD.eventReportRsp && messageIdBeingRespondedTo === MESSAGE_ID;
  return isAnswer && !hasDataSet ? status : undefined;
}
