// Asking for storage commitment (PS3.4 J.3.2): an association of ours with one N-ACTION, kept open for a while for the N-EVENT-REPORT that
// answers it. A peer that reports later opens an association of its own.
import { LetheError } from '../core/errors.ts';
import type { CommitmentReport, CommitmentRequest } from '../pipeline/commitment-ports.ts';
import type { TakeReport } from '../pipeline/committing-destination.ts';
import { describeStatus } from '../standard/statuses.ts';
import { COMMAND_FIELD, encodeActionRequest, encodeResponse, type CommandSet } from './command-set.ts';
import { CONTEXT_ID, CommitmentAssociation, MESSAGE_ID, type CommitmentPeer } from './commitment-association.ts';
import { encodeCommitmentRequest } from './commitment-data-set.ts';
import { beginCommitmentReport } from './commitment-report-scu.ts';
import { FragmentWriter } from './fragment-writer.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL, type AcceptedContext } from './negotiation.ts';
import { ABORT_REASON } from './pdu.ts';

export interface CommitmentScuOptions extends CommitmentPeer {
  /** The association stays open so long for the report; then the peer reports on one of its own. */
  readonly reportWithinMs: number;
}

/** Request storage commitment (PS3.4 table J.3-1). */
const ACTION_TYPE = 1;

type Request = Pick<CommitmentRequest, 'transactionUid' | 'references'>;

/**
 * Resolves once the peer took the request and the association is over; what it reported on it was given to `take`. Rejects with `status-refused`,
 * `context-not-accepted`, `association-rejected`, `association-aborted`, `pdu-invalid`, or, to be tried again, `peer-unreachable`, `peer-timeout`,
 * `connection-lost`.
 */
export function askForCommitment(options: CommitmentScuOptions, request: Request, take: TakeReport): Promise<void> {
  return new Promise((resolve, reject) => {
    new CommitmentScu(options, request, take, resolve, reject);
  });
}

class CommitmentScu {
  readonly #options: CommitmentScuOptions;
  readonly #request: Request;
  readonly #take: TakeReport;
  readonly #association: CommitmentAssociation;
  /** The peer answered the request with success. */
  #isTaken = false;
  #isReported = false;

  constructor(
    options: CommitmentScuOptions,
    request: Request,
    take: TakeReport,
    resolve: () => void,
    reject: (error: LetheError) => void,
  ) {
    this.#options = options;
    this.#request = request;
    this.#take = take;
    this.#association = new CommitmentAssociation(options, {
      role: 'scu',
      notAccepted: 'the peer offers no storage commitment',
      late: 'the peer did not answer the request for storage commitment in time',
      encode: (context, maxFragmentBytes) => encodeRequest(context, request, maxFragmentBytes),
      onMessage: (command, dataSet) => {
        if (dataSet === undefined) this.#onResponse(command);
        else this.#onReport(command, dataSet);
      },
      onEnd: (failure) => {
        if (this.#isTaken) resolve();
        else reject(failure);
      },
    });
  }

  #onResponse({ commandField, messageIdBeingRespondedTo, status }: CommandSet): void {
    const isAnswer = commandField === COMMAND_FIELD.actionRsp && messageIdBeingRespondedTo === MESSAGE_ID;
    if (!isAnswer || status === undefined || this.#isTaken) {
      this.#association.abort(ABORT_REASON.invalidParameter, 'the response does not answer the request');
      return;
    }
    const { category, text } = describeStatus(status);
    if (category !== 'success' && category !== 'warning') {
      this.#association.releaseFor(new LetheError('status-refused', `the peer refused to commit storage: ${text}`));
      return;
    }
    this.#isTaken = true;
    if (this.#isReported) this.#association.release();
    else this.#association.releaseAfter(this.#options.reportWithinMs);
  }

  #onReport(command: CommandSet, bytes: Buffer): void {
    const { commandField, messageId } = command;
    if (commandField !== COMMAND_FIELD.eventReportRq || messageId === undefined) {
      this.#association.abort(ABORT_REASON.unexpectedParameter, 'the peer sent what was not asked for');
      return;
    }
    const reception = beginCommitmentReport(this.#association.context, command, (report) => this.#takeReport(report));
    if (typeof reception === 'number') {
      this.#answer(messageId, reception);
      return;
    }
    void reception.write(bytes);
    void reception.commit().then((status) => {
      this.#answer(messageId, status);
      if (this.#isReported && this.#isTaken) this.#association.release();
    });
  }

  /** A peer may report of another request, too. */
  #takeReport(report: CommitmentReport): number | Promise<number> {
    const status = this.#take(report);
    if (report.transactionUid === this.#request.transactionUid) this.#isReported = true;
    return status;
  }

  #answer(messageId: number, status: number): void {
    const { eventReportRq: commandField } = COMMAND_FIELD;
    const [sopClassUid, sopInstanceUid] = [STORAGE_COMMITMENT_PUSH_MODEL, STORAGE_COMMITMENT_INSTANCE];
    this.#association.send([
      encodeResponse(CONTEXT_ID, { commandField, messageId, status, sopClassUid, sopInstanceUid }),
    ]);
  }
}

function encodeRequest(context: AcceptedContext, request: Request, maxFragmentBytes: number): readonly Buffer[] {
  const dataSet = encodeCommitmentRequest(request, context.transferSyntax);
  const writer = new FragmentWriter(context.id, dataSet.length, maxFragmentBytes);
  writer.addPdu(
    encodeActionRequest(context.id, {
      messageId: MESSAGE_ID,
      sopClassUid: STORAGE_COMMITMENT_PUSH_MODEL,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      actionTypeId: ACTION_TYPE,
    }),
  );
  writer.push(dataSet);
  return writer.take();
}
