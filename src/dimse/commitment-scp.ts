// Storage commitment as SCP on one association (PS3.4 Annex J): takes N-ACTION requests, and sends the reports that can be
// told while the association is open, one at a time and only between messages.
import type { AeTitle } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import type { CommitmentChannel, CommitmentProvider, CommitmentReport } from '../pipeline/commitment-ports.ts';
import type { Reception } from '../pipeline/ports.ts';
import { describeStatus } from '../standard/statuses.ts';
import type { CommandSet } from './command-set.ts';
import { MAX_REQUEST_BYTES, decodeCommitmentRequest } from './commitment-data-set.ts';
import { encodeEventReport } from './event-report.ts';
import { STORAGE_COMMITMENT_INSTANCE, STORAGE_COMMITMENT_PUSH_MODEL } from './negotiation.ts';
import type { AcceptedContext } from './negotiation.ts';

/** Statuses of an N-ACTION-RSP (PS3.7 10.1.4.1.10 and Annex C). */
const STATUS = {
  processingFailure: 0x0110,
  noSuchSopInstance: 0x0112,
  invalidArgument: 0x0115,
  noSuchSopClass: 0x0118,
  noSuchAction: 0x0123,
  resourceLimitation: 0x0213,
} as const;

/** Action Type ID of "request storage commitment" (PS3.4 table J.3-1). */
const REQUEST_STORAGE_COMMITMENT = 1;
const RESPONSE_MS = 10_000;

/** What the service needs of its association. */
export interface CommitmentAssociation {
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
  readonly peerAddress: string;
  readonly provider: CommitmentProvider;
  /** Longest fragment that the peer takes; even. */
  readonly maxFragmentBytes: number;
  readonly ended: Promise<void>;
  /** The association is established and no message is under way. */
  isFree(): boolean;
  send(pdus: readonly Buffer[]): void;
  /** The provider broke its word. */
  onProviderError(error: unknown): void;
}

interface WaitingReport {
  readonly contextId: number;
  readonly pdus: (messageId: number) => readonly Buffer[];
  readonly settle: (isConfirmed: boolean) => void;
}

export class CommitmentScp {
  readonly #association: CommitmentAssociation;
  readonly #waiting: WaitingReport[] = [];
  #sent: { readonly report: WaitingReport; readonly messageId: number; readonly timer: NodeJS.Timeout } | undefined;
  #lastMessageId = 0;
  #hasEnded = false;

  constructor(association: CommitmentAssociation) {
    this.#association = association;
  }

  /** Takes the data set of an N-ACTION-RQ, or tells the failure status to answer. `commit` resolves with the status. */
  begin(context: AcceptedContext | undefined, command: CommandSet): Reception | number {
    if (context?.abstractSyntax !== STORAGE_COMMITMENT_PUSH_MODEL) return STATUS.noSuchSopClass;
    if (command.requestedSopClassUid !== STORAGE_COMMITMENT_PUSH_MODEL) return STATUS.noSuchSopClass;
    if (command.requestedSopInstanceUid !== STORAGE_COMMITMENT_INSTANCE) return STATUS.noSuchSopInstance;
    if (command.actionTypeId !== REQUEST_STORAGE_COMMITMENT) return STATUS.noSuchAction;
    if (!command.hasDataSet) return STATUS.invalidArgument;
    const chunks: Buffer[] = [];
    let bytes = 0;
    return {
      write(chunk) {
        bytes += chunk.length;
        if (bytes <= MAX_REQUEST_BYTES) chunks.push(Buffer.from(chunk));
        else chunks.length = 0;
      },
      commit: () =>
        bytes > MAX_REQUEST_BYTES
          ? Promise.resolve(STATUS.resourceLimitation)
          : this.#request(context, Buffer.concat(chunks)),
      abort: () => Promise.resolve(),
    };
  }

  /** Sends the next report, when the association is free for it. To be called after every message. */
  sendNext(): void {
    if (this.#sent !== undefined || this.#hasEnded || !this.#association.isFree()) return;
    const report = this.#waiting.shift();
    if (report === undefined) return;
    this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    const messageId = this.#lastMessageId;
    const timer = setTimeout(() => {
      this.#settle(false);
    }, RESPONSE_MS);
    this.#sent = { report, messageId, timer };
    this.#association.send(report.pdus(messageId));
  }

  /** An N-EVENT-REPORT-RSP. False when nothing was asked that it could answer. */
  onResponse(contextId: number, command: CommandSet): boolean {
    const sent = this.#sent;
    const { status } = command;
    if (sent === undefined || status === undefined || command.hasDataSet) return false;
    if (sent.messageId !== command.messageIdBeingRespondedTo || sent.report.contextId !== contextId) return false;
    const { category } = describeStatus(status);
    this.#settle(category === 'success' || category === 'warning');
    return true;
  }

  /** The association is over: nothing more can be reported on it. */
  end(): void {
    this.#hasEnded = true;
    this.#settle(false);
    for (const report of this.#waiting.splice(0)) report.settle(false);
  }

  async #request(context: AcceptedContext, bytes: Buffer): Promise<number> {
    const { callingAeTitle, calledAeTitle, peerAddress, provider } = this.#association;
    let asked;
    try {
      asked = decodeCommitmentRequest(bytes, context.transferSyntax);
    } catch (error) {
      if (error instanceof LetheError) return STATUS.invalidArgument;
      this.#association.onProviderError(error);
      return STATUS.processingFailure;
    }
    return provider.request({ callingAeTitle, calledAeTitle, peerAddress, ...asked }, this.#channelOn(context));
  }

  #channelOn(context: AcceptedContext): CommitmentChannel {
    return { ended: this.#association.ended, report: (report) => this.#report(context, report) };
  }

  #report(context: AcceptedContext, report: CommitmentReport): Promise<boolean> {
    if (this.#hasEnded || this.#association.maxFragmentBytes < MIN_FRAGMENT_BYTES) return Promise.resolve(false);
    const { maxFragmentBytes } = this.#association;
    return new Promise((settle) => {
      const pdus = (messageId: number): readonly Buffer[] =>
        encodeEventReport(context, messageId, report, maxFragmentBytes);
      this.#waiting.push({ contextId: context.id, pdus, settle });
      this.sendNext();
    });
  }

  #settle(isConfirmed: boolean): void {
    const sent = this.#sent;
    if (sent === undefined) return;
    clearTimeout(sent.timer);
    this.#sent = undefined;
    sent.report.settle(isConfirmed);
    this.sendNext();
  }
}

/** A peer that takes less per PDU gets no report on its association. */
const MIN_FRAGMENT_BYTES = 122;
