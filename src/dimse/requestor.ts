// One association that we ask for: opens the connection, negotiates, sends C-STORE requests one after another, releases.
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { SplicePlan } from '../dicom/element.ts';
import type { AcceptedContext } from './negotiation.ts';
import { ABORT_REASON, MAX_DATA_BYTES, PDV_HEAD_BYTES } from './pdu.ts';
import type { PduFault } from './pdu.ts';
import { CONTEXT_RESULT, encodeAssociateRequest } from './pdu-associate.ts';
import type { AssociateAccept, ProposedContext } from './pdu-associate.ts';
import { StoreScu } from './store-scu.ts';
import type { ScuAssociation } from './store-scu.ts';
import { openTransport } from './transport.ts';
import type { RequestorTls } from './transport.ts';
import { UpperLayer } from './upper-layer.ts';
import type { AssociationEnd } from './upper-layer.ts';

export interface RequestorOptions {
  readonly host: string;
  readonly port: number;
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  /** Longest P-DATA-TF that is announced, and sent to a peer that takes any; at most 1 MiB. */
  readonly maxPduBytes: number;
  /** For the connection, the TLS handshake and the answer to the A-ASSOCIATE-RQ together. */
  readonly connectMs: number;
  /** Longest wait for a response, and for the peer to take what was written. */
  readonly responseMs: number;
  readonly tls?: RequestorTls | undefined;
}

/** Peers that take less than this per P-DATA-TF are refused: the heads would outweigh the data. */
const MIN_PEER_PDU_BYTES = 128;
const RELEASE_MS = 5000;
const ARTIM_MS = 2000;

export class RequestorAssociation {
  readonly #options: RequestorOptions;
  readonly #proposed: readonly ProposedContext[];
  readonly #layer: UpperLayer;
  readonly #scu: StoreScu;
  readonly #accepted: AcceptedContext[] = [];
  readonly #results = new Map<number, number>();
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;
  #resolveOpened: () => void = () => undefined;
  #rejectOpened: (error: LetheError) => void = () => undefined;
  #isTransportOpen = false;
  /** Why the association is over. */
  #failure: LetheError | undefined;
  #maxFragmentBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RequestorOptions, proposed: readonly ProposedContext[]) {
    this.#options = options;
    this.#proposed = proposed;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const socket = openTransport(options.host, options.port, options.tls, () => {
      this.#isTransportOpen = true;
      this.#layer.sendRequest(this.#encodeRequest());
    });
    const user = {
      onAssociateAccept: (accept: AssociateAccept) => {
        this.#onAccept(accept);
      },
      onFragment: (_contextId: number, control: number, bytes: Buffer, isEnd: boolean) => {
        this.#scu.onFragment(control, bytes, isEnd);
        return undefined;
      },
      onReleaseRequest: () => {
        this.#layer.confirmRelease();
      },
      onEnd: (end: AssociationEnd) => {
        this.#onEnd(end);
      },
    };
    this.#layer = new UpperLayer(socket, 'requestor', user, ARTIM_MS);
    this.#scu = new StoreScu(this.#scuAssociation());
    this.#layer.beginRequest();
  }

  /**
   * Opens an association. Rejects with `peer-unreachable`, `peer-timeout`, `association-rejected`, `association-aborted`,
   * `connection-lost` or `pdu-invalid`; nothing is left open then.
   */
  static async open(options: RequestorOptions, proposed: readonly ProposedContext[]): Promise<RequestorAssociation> {
    const association = new RequestorAssociation(options, proposed);
    const timer = setTimeout(() => {
      const isConnected = association.#isTransportOpen;
      const error = isConnected
        ? new LetheError('peer-timeout', 'the peer did not answer the association request in time')
        : new LetheError('peer-unreachable', 'the connection could not be opened in time');
      association.#cut(error);
    }, options.connectMs);
    try {
      await new Promise<void>((resolve, reject) => {
        association.#resolveOpened = resolve;
        association.#rejectOpened = reject;
      });
      return association;
    } finally {
      clearTimeout(timer);
    }
  }

  get isOpen(): boolean {
    return this.#layer.state === 'Sta6';
  }

  get accepted(): readonly AcceptedContext[] {
    return this.#accepted;
  }

  /** What was proposed with the result that the peer gave; `noReason` for a context that it left out. */
  get answers(): readonly { readonly context: ProposedContext; readonly result: number }[] {
    return this.#proposed.map((context) => ({
      context,
      result: this.#results.get(context.id) ?? CONTEXT_RESULT.noReason,
    }));
  }

  /** Resolves when the association is over, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Sends one instance and resolves with the status of its C-STORE-RSP. Call again only after it settled.
   * Rejects with a `peer` or `transient` error when no valid response came, or with what the source of the plan threw; the
   * association is over in both cases.
   */
  async store(context: AcceptedContext, sopInstanceUid: string, plan: SplicePlan): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#timer = setTimeout(() => {
      this.#cut(new LetheError('peer-timeout', 'the peer did not take or answer the instance in time'));
    }, this.#options.responseMs);
    try {
      return await this.#scu.store(context, sopInstanceUid, plan, this.#maxFragmentBytes);
    } catch (error) {
      this.#cut(new LetheError('association-aborted', 'the instance could not be read to its end', { cause: error }));
      throw error;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Releases the association; aborts it when the peer does not answer in 5 s. Never rejects. */
  async release(): Promise<void> {
    if (!this.isOpen) return;
    this.#layer.release();
    const timer = setTimeout(() => {
      this.#cut(new LetheError('peer-timeout', 'the peer did not answer the release request'));
    }, RELEASE_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #scuAssociation(): ScuAssociation {
    const layer = this.#layer;
    const failure = () => this.#failure;
    return {
      get failure() {
        return failure();
      },
      get pendingBytes() {
        return layer.pendingBytes;
      },
      send: (pdus) => {
        layer.send(pdus);
      },
      drained: () => layer.drained(),
      fail: (fault) => {
        this.#fail(fault);
      },
      onProgress: () => {
        this.#timer?.refresh();
      },
    };
  }

  #encodeRequest(): Buffer {
    return encodeAssociateRequest({
      calledAeTitle: this.#options.calledAeTitle,
      callingAeTitle: this.#options.callingAeTitle,
      contexts: this.#proposed,
      userInformation: { maxLength: this.#options.maxPduBytes, asyncOperations: undefined, roles: [] },
    });
  }

  #onAccept(accept: AssociateAccept): void {
    const { maxLength } = accept.userInformation;
    if (maxLength !== 0 && maxLength < MIN_PEER_PDU_BYTES) {
      this.#refuse('the peer takes no PDU of a usable length');
      return;
    }
    const limit = Math.min(maxLength === 0 ? MAX_DATA_BYTES : maxLength, this.#options.maxPduBytes, MAX_DATA_BYTES);
    this.#maxFragmentBytes = (limit - PDV_HEAD_BYTES) & ~1;
    for (const { id, result, transferSyntax } of accept.contexts) {
      const proposed = this.#proposed.find((context) => context.id === id);
      const isAccepted = result === CONTEXT_RESULT.accepted;
      if (proposed === undefined || (isAccepted && !proposed.transferSyntaxes.includes(transferSyntax))) {
        this.#refuse('the peer accepted what was not proposed');
        return;
      }
      this.#results.set(id, result);
      if (isAccepted) this.#accepted.push({ id, abstractSyntax: proposed.abstractSyntax, transferSyntax });
    }
    this.#resolveOpened();
  }

  #refuse(text: string): void {
    this.#fail({ reason: ABORT_REASON.invalidParameter, text });
  }

  #fail(fault: PduFault): void {
    this.#failure ??= new LetheError('pdu-invalid', fault.text);
    this.#layer.abortFor(fault);
  }

  /**
   * Gives the association up. What is queued but not yet sent is dropped with the connection: its memory may be used anew
   * as soon as the caller knows of the failure.
   */
  #cut(error: LetheError): void {
    this.#failure ??= error;
    const hasQueued = this.#layer.pendingBytes > 0;
    this.#layer.abort(error.message);
    if (hasQueued || !this.#isTransportOpen) this.#layer.destroy();
  }

  #onEnd(end: AssociationEnd): void {
    this.#failure ??= this.#failureOf(end);
    if (this.#layer.pendingBytes > 0 && end.kind !== 'aborted') this.#layer.destroy();
    this.#rejectOpened(this.#failure);
    this.#scu.end(this.#failure);
    this.#resolveEnded();
  }

  #failureOf(end: AssociationEnd): LetheError {
    switch (end.kind) {
      case 'released':
        return new LetheError('connection-lost', 'the association was released');
      case 'rejected':
        return new LetheError('association-rejected', `the peer rejected the association: ${end.rejection.text}`);
      case 'aborted-by-peer':
        return new LetheError('association-aborted', 'the peer aborted the association');
      case 'aborted':
        return new LetheError('pdu-invalid', `the association was aborted: ${end.text}`);
      case 'connection-lost': {
        const code = systemCodeOf(end.cause);
        const suffix = code === undefined ? '' : ` (${code})`;
        return this.#isTransportOpen
          ? new LetheError('connection-lost', `the peer closed the connection${suffix}`, { cause: end.cause })
          : new LetheError('peer-unreachable', `the connection could not be opened${suffix}`, { cause: end.cause });
      }
    }
  }
}
