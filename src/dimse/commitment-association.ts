// An association of ours with one presentation context, the Storage Commitment Push Model (PS3.4 J.3), for the N-ACTION that asks
// (commitment-scu.ts) and the N-EVENT-REPORT that answers (event-report.ts).
import { LetheError } from '../core/errors.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { failureOf } from './association-failure.ts';
import { MAX_COMMAND_BYTES, decodeCommand, type CommandSet } from './command-set.ts';
import { MAX_REQUEST_BYTES } from './commitment-data-set.ts';
import { STORAGE_COMMITMENT_PUSH_MODEL, type AcceptedContext } from './negotiation.ts';
import { ABORT_REASON, PDV_COMMAND, PDV_HEAD_BYTES, PDV_LAST, type AbortReason } from './pdu.ts';
import { CONTEXT_RESULT, encodeAssociateRequest, type AssociateAccept } from './pdu-associate.ts';
import { openTransport, type RequestorTls } from './transport.ts';
import { UpperLayer } from './upper-layer.ts';

/** Where to call, and as whom. */
export interface CommitmentPeer {
  readonly host: string;
  readonly port: number;
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  /** Until the peer has answered our message. */
  readonly timeoutMs: number;
  readonly tls?: RequestorTls | undefined;
}

export interface CommitmentConversation {
  /** `scp` is negotiated (PS3.7 D.3.3.4); who asks for nothing is SCU, and takes the report as such (PS3.4 J.3.3). */
  readonly role: 'scu' | 'scp';
  /** What the peer does not do, for the error: "the peer offers no storage commitment". */
  readonly notAccepted: string;
  /** For the error: "the peer did not … in time". */
  readonly late: string;
  /** Our message as PDUs. @param maxFragmentBytes even */
  encode(context: AcceptedContext, maxFragmentBytes: number): readonly Buffer[];
  /** A whole message of the peer. `dataSet` is there when the command set announces one. */
  onMessage(command: CommandSet, dataSet: Buffer | undefined): void;
  /** The association is over. `failure` is why, where nothing else is known. */
  onEnd(failure: LetheError): void;
}

/** The same on every association of ours. */
export const CONTEXT_ID = 1;
export const MESSAGE_ID = 1;

const MAX_PDU_BYTES = 16_384;
const MIN_PEER_PDU_BYTES = 128;
const ARTIM_MS = 2_000;
const TRANSFER_SYNTAXES = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

export class CommitmentAssociation {
  readonly #peer: CommitmentPeer;
  readonly #conversation: CommitmentConversation;
  readonly #layer: UpperLayer;
  #timer: NodeJS.Timeout;
  #context: AcceptedContext | undefined;
  #isTransportOpen = false;
  #failure: LetheError | undefined;
  /** Of the message that is arriving. */
  #command: CommandSet | undefined;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** Calls the peer at once. */
  constructor(peer: CommitmentPeer, conversation: CommitmentConversation) {
    this.#peer = peer;
    this.#conversation = conversation;
    const socket = openTransport(peer.host, peer.port, peer.tls, () => {
      this.#isTransportOpen = true;
      this.#layer.sendRequest(this.#encodeAssociateRequest());
    });
    this.#layer = new UpperLayer(
      socket,
      'requestor',
      {
        onAssociateAccept: (accept) => {
          this.#onAccept(accept);
        },
        onFragment: (_contextId, control, bytes, isEnd) => {
          this.#onFragment(control, bytes, isEnd);
          return undefined;
        },
        onReleaseRequest: () => {
          this.#layer.confirmRelease();
        },
        onEnd: (end) => {
          clearTimeout(this.#timer);
          conversation.onEnd(this.#failure ?? failureOf(end, this.#isTransportOpen));
        },
      },
      ARTIM_MS,
    );
    this.#timer = setTimeout(() => {
      this.#fail(new LetheError(this.#isTransportOpen ? 'peer-timeout' : 'peer-unreachable', conversation.late));
      this.#layer.destroy();
    }, peer.timeoutMs);
    this.#layer.beginRequest();
  }

  /** Undefined until the peer has accepted it. */
  get context(): AcceptedContext | undefined {
    return this.#context;
  }

  send(pdus: readonly Buffer[]): void {
    this.#layer.send(pdus);
  }

  release(): void {
    this.#layer.release();
  }

  /** Instead of waiting for an answer any longer. */
  releaseAfter(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.release();
    }, milliseconds);
  }

  /** What fails first is what `onEnd` gets. */
  releaseFor(failure: LetheError): void {
    this.#fail(failure);
    this.release();
  }

  /** The peer sent what it may not send now. */
  abort(reason: AbortReason, text: string): void {
    this.#layer.abortFor({ reason, text });
  }

  #encodeAssociateRequest(): Buffer {
    const { aeTitle, callingAeTitle } = this.#peer;
    const [abstractSyntax, isScp] = [STORAGE_COMMITMENT_PUSH_MODEL, this.#conversation.role === 'scp'];
    return encodeAssociateRequest({
      calledAeTitle: aeTitle,
      callingAeTitle,
      contexts: [{ id: CONTEXT_ID, abstractSyntax, transferSyntaxes: TRANSFER_SYNTAXES }],
      userInformation: {
        maxLength: MAX_PDU_BYTES,
        asyncOperations: undefined,
        roles: isScp ? [{ sopClassUid: abstractSyntax, isScu: false, isScp }] : [],
      },
    });
  }

  #onAccept({ contexts, userInformation }: AssociateAccept): void {
    const { role: ours, notAccepted } = this.#conversation;
    const { maxLength, roles } = userInformation;
    const answer = contexts.find(({ id }) => id === CONTEXT_ID);
    const role = roles.find(({ sopClassUid }) => sopClassUid === STORAGE_COMMITMENT_PUSH_MODEL);
    const isAccepted = answer?.result === CONTEXT_RESULT.accepted && TRANSFER_SYNTAXES.includes(answer.transferSyntax);
    // Some peers answer no role and take the report all the same; one that answers "no" means it.
    const isRoleRefused = ours === 'scp' && role?.isScp === false;
    if (!isAccepted || isRoleRefused || (maxLength !== 0 && maxLength < MIN_PEER_PDU_BYTES)) {
      this.releaseFor(new LetheError('context-not-accepted', notAccepted));
      return;
    }
    const limit = maxLength === 0 ? MAX_PDU_BYTES : Math.min(maxLength, MAX_PDU_BYTES);
    const { transferSyntax } = answer;
    this.#context = { id: CONTEXT_ID, abstractSyntax: STORAGE_COMMITMENT_PUSH_MODEL, transferSyntax };
    this.send(this.#conversation.encode(this.#context, (limit - PDV_HEAD_BYTES) & ~1));
  }

  #onFragment(control: number, bytes: Buffer, isEnd: boolean): void {
    const isCommand = (control & PDV_COMMAND) !== 0;
    this.#bytes += bytes.length;
    const isExpected = isCommand === (this.#command === undefined);
    if (!isExpected || this.#bytes > (isCommand ? MAX_COMMAND_BYTES : MAX_REQUEST_BYTES)) {
      this.abort(ABORT_REASON.invalidParameter, 'the peer sent what was not asked for');
      return;
    }
    this.#parts.push(Buffer.from(bytes));
    if (!isEnd || (control & PDV_LAST) === 0) return;
    const whole = Buffer.concat(this.#parts.splice(0));
    this.#bytes = 0;
    const command = this.#command ?? commandIn(whole);
    this.#command = undefined;
    if (command === undefined) this.abort(ABORT_REASON.invalidParameter, 'no command set');
    else if (!isCommand) this.#conversation.onMessage(command, whole);
    else if (command.hasDataSet) this.#command = command;
    else this.#conversation.onMessage(command, undefined);
  }

  #fail(error: LetheError): void {
    this.#failure ??= error;
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
