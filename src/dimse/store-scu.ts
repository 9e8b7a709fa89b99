// The storage service as SCU on one association (PS3.4 Annex B, PS3.7 9.1.1): streams one instance at a time and waits for its
// response. Success is nothing but a valid C-STORE-RSP to the request that was sent whole.
import type { ByteSource } from '../core/bytes.ts';
import type { LetheError } from '../core/errors.ts';
import type { SourceRange, SplicePlan } from '../dicom/element.ts';
import { readPlan } from '../dicom/plan-io.ts';
import { describeStatus } from '../standard/statuses.ts';
import { COMMAND_FIELD, MAX_COMMAND_BYTES, decodeCommand, encodeStoreRequest } from './command-set.ts';
import { BATCH_BYTES, FragmentWriter } from './fragment-writer.ts';
import type { AcceptedContext } from './negotiation.ts';
import { ABORT_REASON, PDV_COMMAND, PDV_LAST } from './pdu.ts';
import type { PduFault } from './pdu.ts';

/** Written but not yet taken by the peer's host, above which sending waits. */
const MAX_PENDING_BYTES = 512 * 1024;

/** What the service needs of its association. */
export interface ScuAssociation {
  /** Why the association is over; undefined while it is not. */
  readonly failure: LetheError | undefined;
  /** Bytes written that the peer's host has not taken yet. */
  readonly pendingBytes: number;
  send(pdus: readonly Buffer[]): void;
  drained(): Promise<void> | undefined;
  /** The peer broke a rule: ends the association. */
  fail(fault: PduFault): void;
  /** The peer made progress. */
  onProgress(): void;
}

interface PendingResponse {
  readonly messageId: number;
  readonly resolve: (status: number) => void;
  readonly reject: (error: LetheError) => void;
  isWholeRequestSent: boolean;
  /** A failure that came before the whole request was sent. */
  earlyStatus: number | undefined;
}

export class StoreScu {
  readonly #association: ScuAssociation;
  #lastMessageId = 0;
  #pending: PendingResponse | undefined;
  #responseParts: Buffer[] = [];
  #responseBytes = 0;

  constructor(association: ScuAssociation) {
    this.#association = association;
  }

  /**
   * Sends one instance and resolves with the status of its C-STORE-RSP. Rejects with the association's failure, or with what
   * the source of the plan threw; then the request may be half sent.
   * @param maxFragmentBytes even, at least 2
   */
  async store(
    context: AcceptedContext,
    sopInstanceUid: string,
    plan: SplicePlan,
    maxFragmentBytes: number,
  ): Promise<number> {
    if (this.#pending !== undefined) throw new Error('one C-STORE at a time');
    this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    const messageId = this.#lastMessageId;
    const response = new Promise<number>((resolve, reject) => {
      this.#pending = { messageId, resolve, reject, isWholeRequestSent: false, earlyStatus: undefined };
    });
    // A failure while the request is still being written is told by `#write`; this keeps it from being unhandled meanwhile.
    response.catch(() => undefined);
    try {
      const writer = new FragmentWriter(context.id, plan.length, maxFragmentBytes);
      const { id, abstractSyntax: sopClassUid } = context;
      writer.addPdu(encodeStoreRequest(id, { messageId, sopClassUid, sopInstanceUid }));
      await this.#writePlan(writer, plan);
      return await response;
    } finally {
      this.#pending = undefined;
    }
  }

  /** The association is over. */
  end(failure: LetheError): void {
    this.#pending?.reject(failure);
  }

  async #writePlan(writer: FragmentWriter, plan: SplicePlan): Promise<void> {
    for (const piece of plan.pieces) {
      if (Buffer.isBuffer(piece)) {
        writer.push(piece);
        if (writer.isFull) await this.#write(writer);
      } else if (piece.swapBytes === undefined) {
        await this.#writeRange(writer, plan.source, piece);
      } else {
        const { source } = plan;
        for await (const chunk of readPlan({ source, pieces: [piece], length: piece.length }, BATCH_BYTES)) {
          writer.push(chunk);
          if (writer.isFull) await this.#write(writer);
        }
      }
    }
    if (writer.missingBytes > 0) throw new RangeError('fewer bytes than the data set was said to have');
    if (plan.length === 0) writer.addEmptyFragment();
    await this.#write(writer);
  }

  async #writeRange(writer: FragmentWriter, source: ByteSource, range: SourceRange): Promise<void> {
    const end = range.offset + range.length;
    for (let offset = range.offset; offset < end; offset += BATCH_BYTES) {
      const length = Math.min(BATCH_BYTES, end - offset);
      writer.push(source.view(offset, length) ?? (await source.read(offset, length)));
      if (writer.isFull) await this.#write(writer);
    }
  }

  /** Hands on what was gathered; waits while the peer lags behind. */
  async #write(writer: FragmentWriter): Promise<void> {
    const association = this.#association;
    if (association.failure !== undefined) throw association.failure;
    // Once the last bytes are handed on, the response may come at any moment.
    if (writer.missingBytes === 0) this.#onWholeRequestSent();
    association.send(writer.take());
    if (association.pendingBytes > MAX_PENDING_BYTES) await association.drained();
    association.onProgress();
  }

  /** Takes the next bytes that the peer sends; see `FrameConsumer.onFragment`. */
  onFragment(control: number, bytes: Buffer, isEnd: boolean): void {
    const pending = this.#pending;
    if (pending === undefined || (control & PDV_COMMAND) === 0) {
      this.#fail('the peer sent what was not asked for');
      return;
    }
    this.#responseBytes += bytes.length;
    if (this.#responseBytes > MAX_COMMAND_BYTES) {
      this.#fail('the response is longer than 64 KiB');
      return;
    }
    const isLast = isEnd && (control & PDV_LAST) !== 0;
    // What is kept is copied: the bytes are lent for this call.
    this.#responseParts.push(isLast ? bytes : Buffer.from(bytes));
    if (!isLast) return;
    const whole = this.#responseParts.length === 1 ? this.#responseParts[0] : Buffer.concat(this.#responseParts);
    this.#responseParts = [];
    this.#responseBytes = 0;
    this.#onResponse(pending, whole);
  }

  #onResponse(pending: PendingResponse, bytes: Buffer): void {
    const status = statusOf(bytes, pending.messageId);
    if (status === undefined || pending.earlyStatus !== undefined) {
      this.#fail('the response does not answer the request');
    } else if (pending.isWholeRequestSent) {
      pending.resolve(status);
    } else if (describeStatus(status).category === 'failure') {
      pending.earlyStatus = status;
    } else {
      this.#fail('success was answered before the instance was sent');
    }
  }

  #onWholeRequestSent(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    pending.isWholeRequestSent = true;
    if (pending.earlyStatus !== undefined) pending.resolve(pending.earlyStatus);
  }

  #fail(text: string): void {
    this.#association.fail({ reason: ABORT_REASON.invalidParameter, text });
  }
}

/** The status of a C-STORE-RSP to the given request; undefined when it is anything else. */
function statusOf(bytes: Buffer, messageId: number): number | undefined {
  try {
    const command = decodeCommand(bytes);
    const isAnswer =
      command.commandField === COMMAND_FIELD.storeRsp &&
      command.messageIdBeingRespondedTo === messageId &&
      !command.hasDataSet;
    return isAnswer ? command.status : undefined;
  } catch {
    return undefined;
  }
}
