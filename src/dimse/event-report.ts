// N-EVENT-REPORT of storage commitment (PS3.4 J.3.3): its PDUs, and an association of our own to report on, in the role of
// SCP that is negotiated for it (PS3.7 D.3.3.4).
import { LetheError } from '../core/errors.ts';
import type { CommitmentReport } from '../pipeline/commitment-ports.ts';
import { describeStatus } from '../standard/statuses.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { failureOf } from './association-failure.ts';
import { COMMAND_FIELD, MAX_COMMAND_BYTES, decodeCommand, encodeEventReportRequest } from './command-set.ts';
import type { CommandSet } from './command-set.ts';
import { encodeCommitmentReport } from './commitment-data-set.ts';
import { FragmentWriter } from './fragment-writer.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL } from './negotiation.ts';
import type { AcceptedContext } from './negotiation.ts';
import { ABORT_REASON, PDV_COMMAND, PDV_HEAD_BYTES, PDV_LAST } from './pdu.ts';
import { CONTEXT_RESULT, encodeAssociateRequest } from './pdu-associate.ts';
import type { AssociateAccept } from './pdu-associate.ts';
import { openTransport } from './transport.ts';
import type { RequestorTls } from './transport.ts';
import { UpperLayer } from './upper-layer.ts';
import type { AssociationEnd } from './upper-layer.ts';

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

export interface EventReportOptions {
  readonly host: string;
  readonly port: number;
  /** Of the requestor of the commitment, which is called now. */
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  /** For everything together. */
  readonly timeoutMs: number;
  readonly tls?: RequestorTls | undefined;
}

const CONTEXT_ID = 1;
const MESSAGE_ID = 1;
const MAX_PDU_BYTES = 16_384;
const MIN_PEER_PDU_BYTES = 128;
const ARTIM_MS = 2_000;
const TRANSFER_SYNTAXES = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

/**
 * Opens an association, reports, and releases it. Resolves when the peer confirmed. Rejects with `peer-unreachable`, `peer-timeout`,
 * `association-rejected`, `association-aborted`, `connection-lost`, `context-not-accepted`, `status-refused` or `pdu-invalid`.
 */
export function sendEventReport(options: EventReportOptions, report: CommitmentReport): Promise<void> {
  return new Promise((resolve, reject) => {
    new EventReporter(options, report, resolve, reject).start();
  });
}

class EventReporter {
  readonly #options: EventReportOptions;
  readonly #report: CommitmentReport;
  readonly #resolve: () => void;
  readonly #reject: (error: LetheError) => void;
  #layer: UpperLayer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isTransportOpen = false;
  #isConfirmed = false;
  #failure: LetheError | undefined;
  #response: Buffer[] = [];
  #responseBytes = 0;

  constructor(
    options: EventReportOptions,
    report: CommitmentReport,
    resolve: () => void,
    reject: (error: LetheError) => void,
  ) {
    this.#options = options;
    this.#report = report;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { host, port, tls, timeoutMs } = this.#options;
    const socket = openTransport(host, port, tls, () => {
      this.#isTransportOpen = true;
      layer.sendRequest(this.#encodeRequest());
    });
    const layer = new UpperLayer(
      socket,
      'requestor',
      {
        onAssociateAccept: (accept) => {
          this.#onAccept(layer, accept);
        },
        onFragment: (_contextId, control, bytes, isEnd) => {
          this.#onFragment(layer, control, bytes, isEnd);
          return undefined;
        },
        onReleaseRequest: () => {
          layer.confirmRelease();
        },
        onEnd: (end) => {
          this.#onEnd(end);
        },
      },
      ARTIM_MS,
    );
    this.#layer = layer;
    this.#timer = setTimeout(() => {
      const isOpen = this.#isTransportOpen;
      this.#fail(
        new LetheError(isOpen ? 'peer-timeout' : 'peer-unreachable', 'the peer did not take the report in time'),
      );
      layer.destroy();
    }, timeoutMs);
    layer.beginRequest();
  }

  #encodeRequest(): Buffer {
    const { aeTitle, callingAeTitle } = this.#options;
    return encodeAssociateRequest({
      calledAeTitle: aeTitle,
      callingAeTitle,
      contexts: [
        { id: CONTEXT_ID, abstractSyntax: STORAGE_COMMITMENT_PUSH_MODEL, transferSyntaxes: TRANSFER_SYNTAXES },
      ],
      userInformation: {
        maxLength: MAX_PDU_BYTES,
        asyncOperations: undefined,
        roles: [{ sopClassUid: STORAGE_COMMITMENT_PUSH_MODEL, isScu: false, isScp: true }],
      },
    });
  }

  #onAccept(layer: UpperLayer, { contexts, userInformation }: AssociateAccept): void {
    const answer = contexts.find(({ id }) => id === CONTEXT_ID);
    const role = userInformation.roles.find(({ sopClassUid }) => sopClassUid === STORAGE_COMMITMENT_PUSH_MODEL);
    const isAccepted = answer?.result === CONTEXT_RESULT.accepted && TRANSFER_SYNTAXES.includes(answer.transferSyntax);
    const { maxLength } = userInformation;
    // Some peers answer no role and take the report all the same; one that answers "no" means it.
    if (!isAccepted || role?.isScp === false || (maxLength !== 0 && maxLength < MIN_PEER_PDU_BYTES)) {
      this.#fail(new LetheError('context-not-accepted', 'the peer does not take reports of storage commitment'));
      layer.release();
      return;
    }
    const limit = maxLength === 0 ? MAX_PDU_BYTES : Math.min(maxLength, MAX_PDU_BYTES);
    const context = {
      id: CONTEXT_ID,
      abstractSyntax: STORAGE_COMMITMENT_PUSH_MODEL,
      transferSyntax: answer.transferSyntax,
    };
    layer.send(encodeEventReport(context, MESSAGE_ID, this.#report, (limit - PDV_HEAD_BYTES) & ~1));
  }

  #onFragment(layer: UpperLayer, control: number, bytes: Buffer, isEnd: boolean): void {
    this.#responseBytes += bytes.length;
    if ((control & PDV_COMMAND) === 0 || this.#responseBytes > MAX_COMMAND_BYTES) {
      layer.abortFor({ reason: ABORT_REASON.invalidParameter, text: 'the peer sent what was not asked for' });
      return;
    }
    this.#response.push(Buffer.from(bytes));
    if (!isEnd || (control & PDV_LAST) === 0) return;
    const command = responseIn(Buffer.concat(this.#response));
    this.#response = [];
    if (command?.status === undefined || this.#isConfirmed) {
      layer.abortFor({ reason: ABORT_REASON.invalidParameter, text: 'the response does not answer the report' });
      return;
    }
    const { category, text } = describeStatus(command.status);
    if (category === 'success' || category === 'warning') this.#isConfirmed = true;
    else this.#fail(new LetheError('status-refused', `the peer refused the report: ${text}`));
    layer.release();
  }

  #fail(error: LetheError): void {
    this.#failure ??= error;
    if (!this.#isTransportOpen) this.#layer?.destroy();
  }

  #onEnd(end: AssociationEnd): void {
    clearTimeout(this.#timer);
    if (this.#isConfirmed) this.#resolve();
    else this.#reject(this.#failure ?? failureOf(end, this.#isTransportOpen));
  }
}

function responseIn(bytes: Buffer): CommandSet | undefined {
  try {
    const command = decodeCommand(bytes);
    const isAnswer =
      command.commandField === COMMAND_FIELD.eventReportRsp && command.messageIdBeingRespondedTo === MESSAGE_ID;
    return isAnswer && !command.hasDataSet ? command : undefined;
  } catch {
    return undefined; // what cannot be read answers nothing
  }
}
