// The storage and verification services as SCP on one association (PS3.4 Annexes A and B, PS3.7 9.1.1, 9.1.5): puts fragments
// together to messages, one at a time and strictly in order, and answers each request exactly once.
import { asUid } from '../core/brands.ts';
import type { AeTitle } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import type { Reception, StoreProvider } from '../pipeline/ports.ts';
import { VERIFICATION_SOP_CLASS } from '../standard/sop-classes.ts';
import type { CommitmentReport } from '../pipeline/commitment-ports.ts';
import { beginCommitmentReport } from './commitment-report-scu.ts';
import type { CommitmentScp } from './commitment-scp.ts';
import { COMMAND_FIELD, MAX_COMMAND_BYTES, RESPONSE_BIT, decodeCommand, encodeResponse } from './command-set.ts';
import type { CommandSet } from './command-set.ts';
import type { AcceptedContext } from './negotiation.ts';
import { ABORT_REASON, PDV_COMMAND, PDV_LAST } from './pdu.ts';
import type { PduFault } from './pdu.ts';

/** Statuses that are answered here (PS3.7 Annex C, PS3.4 table B.2-1). */
export const STATUS = {
  success: 0x0000,
  invalidAttributeValue: 0x0106,
  processingFailure: 0x0110,
  invalidSopInstance: 0x0117,
  sopClassNotSupported: 0x0122,
  unrecognizedOperation: 0x0211,
  classMismatch: 0xa900,
  cannotUnderstand: 0xc000,
} as const;

/** What the service needs of its association. */
export interface ScpAssociation {
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  readonly provider: StoreProvider;
  /** Storage commitment, when it is offered. */
  readonly commitment: CommitmentScp | undefined;
  acceptsSopClass(uid: string): boolean;
  /** Sends a response; a promise asks to wait until the peer has read it. */
  respond(pdu: Buffer): Promise<void> | undefined;
  abortFor(fault: PduFault): void;
  onStored(status: number, bytes: number): void;
  /** A provider broke its word; it was answered as a processing failure. */
  onProviderError(error: unknown): void;
}

/** A request that awaits its data set, or of which the data set is passed over. */
interface Message {
  readonly contextId: number;
  readonly command: CommandSet;
  /** Undefined when the answer is already known: then the data set is swallowed. */
  reception: Reception | undefined;
  status: number;
  bytes: number;
}

function unexpected(text: string): PduFault {
  return { reason: ABORT_REASON.unexpectedParameter, text };
}

export class StoreScp {
  readonly #association: ScpAssociation;
  #commandParts: Buffer[] = [];
  #commandBytes = 0;
  #commandContextId = 0;
  #message: Message | undefined;
  #hasEnded = false;
  #isCommitting = false;
  #settling: Promise<void> | undefined;

  constructor(association: ScpAssociation) {
    this.#association = association;
  }

  /** True between messages. */
  get isIdle(): boolean {
    return this.#message === undefined && this.#commandContextId === 0;
  }

  /** True while the provider makes an instance durable: the peer waits for us. */
  get isCommitting(): boolean {
    return this.#isCommitting;
  }

  /** Takes the next bytes of a fragment; see `FrameConsumer.onFragment`. */
  onFragment(contextId: number, control: number, bytes: Buffer, isEnd: boolean): Promise<void> | undefined {
    if (this.#hasEnded) return undefined;
    const isLast = isEnd && (control & PDV_LAST) !== 0;
    return (control & PDV_COMMAND) !== 0
      ? this.#onCommandBytes(contextId, bytes, isLast)
      : this.#onDataSetBytes(contextId, bytes, isLast);
  }

  /** The association is over. An instance that has not arrived whole is dropped. Resolves when nothing is under way any more. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#commandParts = [];
    await this.#settling;
    const reception = this.#message?.reception;
    this.#message = undefined;
    if (reception !== undefined) await this.#drop(reception);
  }

  #fail(fault: PduFault): Promise<void> | undefined {
    this.#association.abortFor(fault);
    return undefined;
  }

  #onCommandBytes(contextId: number, bytes: Buffer, isLast: boolean): Promise<void> | undefined {
    if (this.#message !== undefined) return this.#fail(unexpected('command inside a data set'));
    if (!this.#association.contexts.has(contextId)) {
      return this.#fail(unexpected('presentation context was not accepted'));
    }
    if (this.#commandContextId !== 0 && this.#commandContextId !== contextId) {
      return this.#fail(unexpected('presentation context changes inside a command'));
    }
    this.#commandContextId = contextId;
    this.#commandBytes += bytes.length;
    if (this.#commandBytes > MAX_COMMAND_BYTES) {
      return this.#fail({ reason: ABORT_REASON.invalidParameter, text: 'command set is longer than 64 KiB' });
    }
    if (!isLast) {
      // Kept across chunks, so copied: a view would pin the whole chunk.
      this.#commandParts.push(Buffer.from(bytes));
      return undefined;
    }
    const whole = this.#commandParts.length === 0 ? bytes : Buffer.concat([...this.#commandParts, bytes]);
    this.#commandParts = [];
    this.#commandBytes = 0;
    this.#commandContextId = 0;
    return this.#onCommand(contextId, whole);
  }

  #onCommand(contextId: number, bytes: Buffer): Promise<void> | undefined {
    let command: CommandSet;
    try {
      command = decodeCommand(bytes);
    } catch (error) {
      const text = error instanceof LetheError ? error.message : 'command set cannot be decoded';
      return this.#fail({ reason: ABORT_REASON.invalidParameter, text });
    }
    if ((command.commandField & RESPONSE_BIT) !== 0) return this.#onResponse(contextId, command);
    if (command.commandField === COMMAND_FIELD.cancelRq) {
      return command.hasDataSet ? this.#fail(unexpected('C-CANCEL-RQ with a data set')) : undefined;
    }
    if (command.messageId === undefined) return this.#fail(unexpected('request without a message id'));
    const message: Message = { contextId, command, reception: undefined, status: STATUS.success, bytes: 0 };
    if (command.commandField === COMMAND_FIELD.storeRq) this.#beginStore(message);
    else if (command.commandField === COMMAND_FIELD.actionRq) this.#beginAction(message);
    else if (command.commandField === COMMAND_FIELD.eventReportRq) this.#beginReport(message);
    else if (command.commandField === COMMAND_FIELD.echoRq) message.status = this.#checkEcho(message);
    else message.status = STATUS.unrecognizedOperation;
    if (!command.hasDataSet) return this.#respond(message);
    this.#message = message;
    return undefined;
  }

  #onResponse(contextId: number, command: CommandSet): Promise<void> | undefined {
    const isReportResponse = command.commandField === COMMAND_FIELD.eventReportRsp;
    if (isReportResponse && this.#association.commitment?.onResponse(contextId, command) === true) return undefined;
    return this.#fail(unexpected('response without a request'));
  }

  #beginAction(message: Message): void {
    const { commitment, contexts } = this.#association;
    const begun = commitment?.begin(contexts.get(message.contextId), message.command) ?? STATUS.unrecognizedOperation;
    if (typeof begun === 'number') message.status = begun;
    else message.reception = begun;
  }

  #beginReport(message: Message): void {
    const { callingAeTitle, contexts, provider } = this.#association;
    const { reports } = provider;
    if (reports === undefined) {
      message.status = STATUS.unrecognizedOperation;
      return;
    }
    const take = (report: CommitmentReport): number | Promise<number> => reports.take(callingAeTitle, report);
    const begun = beginCommitmentReport(contexts.get(message.contextId), message.command, take);
    if (typeof begun === 'number') message.status = begun;
    else message.reception = begun;
  }

  #checkEcho({ contextId, command }: Message): number {
    const abstractSyntax = this.#association.contexts.get(contextId)?.abstractSyntax;
    const isVerification =
      abstractSyntax === VERIFICATION_SOP_CLASS && command.affectedSopClassUid === VERIFICATION_SOP_CLASS;
    if (!isVerification) return STATUS.sopClassNotSupported;
    return command.hasDataSet ? STATUS.invalidAttributeValue : STATUS.success;
  }

  /** Opens the reception, or sets the failure that will be answered once the data set was passed over. */
  #beginStore(message: Message): void {
    const { callingAeTitle, calledAeTitle, peerAddress, contexts, provider } = this.#association;
    const context = contexts.get(message.contextId);
    const sopClassUid = asUid(message.command.affectedSopClassUid ?? '');
    const sopInstanceUid = asUid(message.command.affectedSopInstanceUid ?? '');
    if (context === undefined || sopClassUid === undefined) {
      message.status = STATUS.invalidAttributeValue;
    } else if (sopClassUid === VERIFICATION_SOP_CLASS || !this.#association.acceptsSopClass(sopClassUid)) {
      message.status = STATUS.sopClassNotSupported;
    } else if (sopClassUid !== context.abstractSyntax) {
      message.status = STATUS.classMismatch;
    } else if (sopInstanceUid === undefined) {
      message.status = STATUS.invalidSopInstance;
    } else if (!message.command.hasDataSet) {
      message.status = STATUS.cannotUnderstand;
    } else {
      const { transferSyntax: transferSyntaxUid } = context;
      const facts = { callingAeTitle, calledAeTitle, peerAddress, sopClassUid, sopInstanceUid, transferSyntaxUid };
      try {
        const begun = provider.begin(facts);
        if (typeof begun === 'number') message.status = asFailure(begun);
        else message.reception = begun;
      } catch (error) {
        this.#association.onProviderError(error);
        message.status = STATUS.processingFailure;
      }
    }
  }

  #onDataSetBytes(contextId: number, bytes: Buffer, isLast: boolean): Promise<void> | undefined {
    const message = this.#message;
    if (message === undefined) return this.#fail(unexpected('data set without a command'));
    if (message.contextId !== contextId) return this.#fail(unexpected('data set on another presentation context'));
    message.bytes += bytes.length;
    if (message.reception === undefined || bytes.length === 0) return isLast ? this.#finish(message) : undefined;
    let writing: void | Promise<void>;
    try {
      writing = message.reception.write(bytes);
    } catch (error) {
      writing = Promise.reject(asError(error));
    }
    if (writing === undefined) return isLast ? this.#finish(message) : undefined;
    return this.#settle(this.#finishAfter(writing, message, isLast));
  }

  async #finishAfter(writing: Promise<void>, message: Message, isLast: boolean): Promise<void> {
    try {
      await writing;
    } catch (error) {
      await this.#failReception(message, error);
    }
    if (isLast && !this.#hasEnded) await this.#finishNow(message);
  }

  #finish(message: Message): Promise<void> | undefined {
    if (message.reception !== undefined) return this.#settle(this.#finishNow(message));
    return this.#respond(message);
  }

  /** Ends the instance and answers. From here on the outcome is the provider's: an abort of the peer changes nothing. */
  async #finishNow(message: Message): Promise<void> {
    const { reception } = message;
    if (reception !== undefined) {
      const isStore = message.command.commandField === COMMAND_FIELD.storeRq;
      message.reception = undefined;
      if (message.bytes === 0 && isStore) {
        message.status = STATUS.cannotUnderstand;
        await this.#drop(reception);
      } else {
        message.status = await this.#commit(reception);
      }
      if (isStore) this.#association.onStored(message.status, message.bytes);
    }
    await this.#respond(message);
  }

  async #commit(reception: Reception): Promise<number> {
    this.#isCommitting = true;
    try {
      const status = await reception.commit();
      return Number.isInteger(status) && status >= 0 && status <= 0xffff ? status : STATUS.processingFailure;
    } catch (error) {
      this.#association.onProviderError(error);
      return STATUS.processingFailure;
    } finally {
      this.#isCommitting = false;
    }
  }

  async #failReception(message: Message, error: unknown): Promise<void> {
    this.#association.onProviderError(error);
    const { reception } = message;
    message.reception = undefined;
    message.status = STATUS.processingFailure;
    if (reception !== undefined) await this.#drop(reception);
  }

  async #drop(reception: Reception): Promise<void> {
    try {
      await reception.abort();
    } catch (error) {
      this.#association.onProviderError(error);
    }
  }

  /** Notes what is under way, so that the end of the association waits for it. */
  #settle(work: Promise<void>): Promise<void> {
    this.#settling = work;
    return work;
  }

  #respond(message: Message): Promise<void> | undefined {
    this.#message = undefined;
    if (this.#hasEnded) return undefined;
    const { contextId, command, status } = message;
    const pdu = encodeResponse(contextId, {
      commandField: command.commandField,
      messageId: command.messageId ?? 0,
      status,
      sopClassUid: asUid(command.affectedSopClassUid ?? command.requestedSopClassUid ?? ''),
      sopInstanceUid: asUid(command.affectedSopInstanceUid ?? command.requestedSopInstanceUid ?? ''),
      actionTypeId: command.commandField === COMMAND_FIELD.actionRq ? command.actionTypeId : undefined,
    });
    return this.#association.respond(pdu);
  }
}

/** A provider that turns an instance away never does so with success. */
function asFailure(status: number): number {
  const isFailure = Number.isInteger(status) && status > 0 && status <= 0xffff;
  return isFailure ? status : STATUS.processingFailure;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('provider threw what is no error', { cause: error });
}
