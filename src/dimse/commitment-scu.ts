// Asking for storage commitment (PS3.4 J.3.2): an association of ours with one N-ACTION, kept open for a while for the N-EVENT-REPORT that
// answers it. A peer that reports later opens an association of its own.
import { LetheError } from '../core/errors.ts';
import type { CommitmentReport, CommitmentRequest } from '../pipeline/commitment-ports.ts';
import type { TakeReport } from '../pipeline/committing-destination.ts';
import { describeStatus } from '../standard/statuses.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { failureOf } from './association-failure.ts';
import {
  COMMAND_FIELD,
  MAX_COMMAND_BYTES,
  decodeCommand,
  encodeActionRequest,
  encodeResponse,
  type CommandSet,
} from './command-set.ts';
import { MAX_REQUEST_BYTES, encodeCommitmentRequest } from './commitment-data-set.ts';
import { beginCommitmentReport } from './commitment-report-scu.ts';
import { FragmentWriter } from './fragment-writer.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL } from './negotiation.ts';
import { ABORT_REASON, PDV_COMMAND, PDV_HEAD_BYTES, PDV_LAST } from './pdu.ts';
import { CONTEXT_RESULT, encodeAssociateRequest } from './pdu-associate.ts';
import type { AssociateAccept } from './pdu-associate.ts';
import { openTransport } from './transport.ts';
import type { RequestorTls } from './transport.ts';
import { UpperLayer } from './upper-layer.ts';
import type { AssociationEnd } from './upper-layer.ts';

export interface CommitmentScuOptions {
  readonly host: string;
  readonly port: number;
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  /** Until the peer has answered the request. */
  readonly timeoutMs: number;
  /** The association stays open so long for the report; then the peer reports on one of its own. */
  readonly reportWithinMs: number;
  readonly tls?: RequestorTls | undefined;
}

const CONTEXT_ID = 1;
const MESSAGE_ID = 1;
/** Request storage commitment (PS3.4 table J.3-1). */
const ACTION_TYPE = 1;
const MAX_PDU_BYTES = 16_384;
const MIN_PEER_PDU_BYTES = 128;
const ARTIM_MS = 2_000;
const TRANSFER_SYNTAXES = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

type Request = Pick<CommitmentRequest, 'transactionUid' | 'references'>;

/**
 * Resolves once the peer took the request and the association is over; what it reported on it was given to `take`. Rejects with `status-refused`,
 * `context-not-accepted`, `association-rejected`, `association-aborted`, `pdu-invalid`, or, to be tried again, `peer-unreachable`, `peer-timeout`,
 * `connection-lost`.
 */
export function askForCommitment(options: CommitmentScuOptions, request: Request, take: TakeReport): Promise<void> {
  return new Promise((resolve, reject) => {
    new CommitmentScu(options, request, take, resolve, reject).start();
  });
}

class CommitmentScu {
  readonly #options: CommitmentScuOptions;
  readonly #request: Request;
  readonly #take: TakeReport;
  readonly #resolve: () => void;
  readonly #reject: (error: LetheError) => void;
  #layer: UpperLayer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #transferSyntax = '';
  #isTransportOpen = false;
  /** The peer answered the request with success. */
  #isTaken = false;
  #isReported = false;
  #failure: LetheError | undefined;
  /** Of the message that is arriving. */
  #command: CommandSet | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;

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
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { host, port, tls, timeoutMs, aeTitle, callingAeTitle } = this.#options;
    const socket = openTransport(host, port, tls, () => {
      this.#isTransportOpen = true;
      layer.sendRequest(
        encodeAssociateRequest({
          calledAeTitle: aeTitle,
          callingAeTitle,
          contexts: [
            { id: CONTEXT_ID, abstractSyntax: STORAGE_COMMITMENT_PUSH_MODEL, transferSyntaxes: TRANSFER_SYNTAXES },
          ],
          // Who asks for nothing else is SCU (PS3.7 D.3.3.4), and takes the report as such (PS3.4 J.3.3).
          userInformation: { maxLength: MAX_PDU_BYTES, asyncOperations: undefined, roles: [] },
        }),
      );
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
      const code = this.#isTransportOpen ? 'peer-timeout' : 'peer-unreachable';
      this.#fail(new LetheError(code, 'the peer did not answer the request for storage commitment in time'));
      layer.destroy();
    }, timeoutMs);
    layer.beginRequest();
  }

  #onAccept(layer: UpperLayer, { contexts, userInformation }: AssociateAccept): void {
    const answer = contexts.find(({ id }) => id === CONTEXT_ID);
    const isAccepted = answer?.result === CONTEXT_RESULT.accepted && TRANSFER_SYNTAXES.includes(answer.transferSyntax);
    const { maxLength } = userInformation;
    if (!isAccepted || (maxLength !== 0 && maxLength < MIN_PEER_PDU_BYTES)) {
      this.#fail(new LetheError('context-not-accepted', 'the peer offers no storage commitment'));
      layer.release();
      return;
    }
    this.#transferSyntax = answer.transferSyntax;
    const limit = maxLength === 0 ? MAX_PDU_BYTES : Math.min(maxLength, MAX_PDU_BYTES);
    const dataSet = encodeCommitmentRequest(this.#request, answer.transferSyntax);
    const writer = new FragmentWriter(CONTEXT_ID, dataSet.length, (limit - PDV_HEAD_BYTES) & ~1);
    writer.addPdu(
      encodeActionRequest(CONTEXT_ID, {
        messageId: MESSAGE_ID,
        sopClassUid: STORAGE_COMMITMENT_PUSH_MODEL,
        sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
        actionTypeId: ACTION_TYPE,
      }),
    );
    writer.push(dataSet);
    layer.send(writer.take());
  }

  #onFragment(layer: UpperLayer, control: number, bytes: Buffer, isEnd: boolean): void {
    const isCommand = (control & PDV_COMMAND) !== 0;
    this.#bytes += bytes.length;
    const isExpected = isCommand === (this.#command === undefined);
    if (!isExpected || this.#bytes > (isCommand ? MAX_COMMAND_BYTES : MAX_REQUEST_BYTES)) {
      layer.abortFor({ reason: ABORT_REASON.invalidParameter, text: 'the peer sent what was not asked for' });
      return;
    }
    this.#parts.push(Buffer.from(bytes));
    if (!isEnd || (control & PDV_LAST) === 0) return;
    const whole = Buffer.concat(this.#parts.splice(0));
    this.#bytes = 0;
    if (!isCommand) {
      const command = this.#command;
      this.#command = undefined;
      if (command !== undefined) this.#onReport(layer, command, whole);
      return;
    }
    const command = commandIn(whole);
    if (command === undefined) layer.abortFor({ reason: ABORT_REASON.invalidParameter, text: 'no command set' });
    else if (command.hasDataSet) this.#command = command;
    else this.#onResponse(layer, command);
  }

  #onResponse(layer: UpperLayer, { commandField, messageIdBeingRespondedTo, status }: CommandSet): void {
    const isAnswer = commandField === COMMAND_FIELD.actionRsp && messageIdBeingRespondedTo === MESSAGE_ID;
    if (!isAnswer || status === undefined || this.#isTaken) {
      layer.abortFor({ reason: ABORT_REASON.invalidParameter, text: 'the response does not answer the request' });
      return;
    }
    const { category, text } = describeStatus(status);
    clearTimeout(this.#timer);
    if (category !== 'success' && category !== 'warning') {
      this.#fail(new LetheError('status-refused', `the peer refused to commit storage: ${text}`));
      layer.release();
      return;
    }
    this.#isTaken = true;
    if (this.#isReported) layer.release();
    else
      this.#timer = setTimeout(() => {
        layer.release();
      }, this.#options.reportWithinMs);
  }

  #onReport(layer: UpperLayer, command: CommandSet, bytes: Buffer): void {
    const { commandField, messageId } = command;
    if (commandField !== COMMAND_FIELD.eventReportRq || messageId === undefined) {
      layer.abortFor({ reason: ABORT_REASON.unexpectedParameter, text: 'the peer sent what was not asked for' });
      return;
    }
    const context = {
      id: CONTEXT_ID,
      abstractSyntax: STORAGE_COMMITMENT_PUSH_MODEL,
      transferSyntax: this.#transferSyntax,
    };
    const reception = beginCommitmentReport(context, command, (report) => this.#takeReport(report));
    if (typeof reception === 'number') {
      this.#answer(layer, messageId, reception);
      return;
    }
    void reception.write(bytes);
    void reception.commit().then((status) => {
      this.#answer(layer, messageId, status);
      if (this.#isReported && this.#isTaken) layer.release();
    });
  }

  /** A peer may report of another request, too. */
  #takeReport(report: CommitmentReport): number | Promise<number> {
    const status = this.#take(report);
    if (report.transactionUid === this.#request.transactionUid) this.#isReported = true;
    return status;
  }

  #answer(layer: UpperLayer, messageId: number, status: number): void {
    const { eventReportRq: commandField } = COMMAND_FIELD;
    const [sopClassUid, sopInstanceUid] = [STORAGE_COMMITMENT_PUSH_MODEL, STORAGE_COMMITMENT_INSTANCE];
    layer.send([encodeResponse(CONTEXT_ID, { commandField, messageId, status, sopClassUid, sopInstanceUid })]);
  }

  #fail(error: LetheError): void {
    this.#failure ??= error;
    if (!this.#isTransportOpen) this.#layer?.destroy();
  }

  #onEnd(end: AssociationEnd): void {
    clearTimeout(this.#timer);
    if (this.#isTaken) this.#resolve();
    else this.#reject(this.#failure ?? failureOf(end, this.#isTransportOpen));
  }
}

function commandIn(bytes: Buffer): CommandSet | undefined {
  try {
    return decodeCommand(bytes);
  } catch (error) {
    if (error instanceof LetheError) return undefined;
    throw error;
  }
}
