// One association that a peer asked for: admission, presentation contexts, the storage SCP, and the clock that ends it when
// the peer goes silent or only drips.
import type { Duplex } from 'node:stream';
import { asAeTitle } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import { escapeForLog } from '../core/text.ts';
import type { AssociationRequest, Log, PeerCertificate, Rejection, StoreProvider } from '../pipeline/ports.ts';
import {
  CALLED_AE_NOT_RECOGNIZED,
  CALLING_AE_NOT_RECOGNIZED,
  LOCAL_LIMIT_EXCEEDED,
  TEMPORARY_CONGESTION,
  negotiate,
  rejectionOf,
  STORAGE_COMMITMENT_PUSH_MODEL,
} from './negotiation.ts';
import type { NegotiationRules } from './negotiation.ts';
import { CommitmentScp } from './commitment-scp.ts';
import type { CommitmentAssociation } from './commitment-scp.ts';
import { ABORT_REASON, MAX_DATA_BYTES, PDV_HEAD_BYTES, PDV_LAST } from './pdu.ts';
import { encodeAssociateAccept } from './pdu-associate.ts';
import type { AssociateRequest } from './pdu-associate.ts';
import { StoreScp } from './store-scp.ts';
import { UpperLayer } from './upper-layer.ts';
import type { AssociationEnd } from './upper-layer.ts';

export interface AcceptorOptions extends NegotiationRules {
  /** Longest silence between messages. */
  readonly idleMs: number;
  /** ARTIM: time for the A-ASSOCIATE-RQ to arrive, and for the peer to close after the end. */
  readonly artimMs: number;
  /** While a message is under way, each span of this length must bring at least 4 KiB or the message's end. */
  readonly pduMs: number;
  /** The same bound as a rate; the larger one counts. */
  readonly minBytesPerSecond: number;
}

/** What the listener keeps about all its associations. */
export interface AcceptorHost {
  readonly provider: StoreProvider;
  readonly log: Log;
  /** What the peer showed over TLS. */
  readonly certificate: PeerCertificate | undefined;
  /** Claims a place among the associations that may be open at once; else tells why there is none. */
  claim(): keyof typeof NO_PLACE | undefined;
  /** The association is over and nothing of it is under way. Called once, claimed or not. */
  onEnd(hadPlace: boolean, end: AssociationEnd): void;
  onStored(status: number, bytes: number): void;
}

const NO_PLACE = {
  all: 'local limit exceeded: all associations are taken',
  peer: 'local limit exceeded: this address has its share of associations',
  closing: 'local limit exceeded: the gateway is stopping',
} as const;

/** Less than this in one span of `pduMs` is a peer that only keeps the connection occupied. */
const MIN_PROGRESS_BYTES = 4096;

/** Written but unread answers, above which the peer's next requests wait. */
const MAX_PENDING_BYTES = 64 * 1024;

export class AcceptorAssociation {
  readonly #layer: UpperLayer;
  readonly #peerAddress: string;
  readonly #options: AcceptorOptions;
  readonly #host: AcceptorHost;
  #scp: StoreScp | undefined;
  #commitment: CommitmentScp | undefined;
  #aeTitle = '';
  #calledAeTitle = '';
  #hasPlace = false;
  #watch: NodeJS.Timeout | undefined;
  #isWatchingMessage = false;
  #bytesAtWatch = 0;
  #isClosing = false;
  readonly #ended: Promise<void>;
  #resolveEnded: () => void = () => undefined;

  constructor(stream: Duplex, peerAddress: string, options: AcceptorOptions, host: AcceptorHost) {
    this.#peerAddress = peerAddress;
    this.#options = options;
    this.#host = host;
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#layer = new UpperLayer(
      stream,
      'acceptor',
      {
        onAssociateRequest: (request) => {
          this.#onRequest(request);
        },
        onFragment: (contextId, control, bytes, isEnd) => this.#onFragment(contextId, control, bytes, isEnd),
        onReleaseRequest: () => {
          this.#onRelease();
        },
        onEnd: (end) => {
          void this.#onEnd(end);
        },
      },
      options.artimMs,
    );
    this.#layer.awaitRequest();
  }

  /** Resolves when the association is over and nothing of it is under way. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** See `UpperLayer.take`. */
  take(bytes: Buffer): void {
    this.#layer.take(bytes);
  }

  /** Ends the association as soon as the message that is under way was answered; at once when there is none. */
  closeWhenIdle(): void {
    this.#isClosing = true;
    if (this.#scp?.isIdle !== false) this.#layer.abort('the listener is closing');
  }

  /** Ends the association now. An instance that is not whole is dropped. */
  abort(text: string): void {
    this.#layer.abort(text);
    this.#layer.destroy();
  }

  #onRequest(request: AssociateRequest): void {
    this.#aeTitle = escapeForLog(request.callingAeTitle);
    this.#calledAeTitle = escapeForLog(request.calledAeTitle);
    const callingAeTitle = asAeTitle(request.callingAeTitle);
    const calledAeTitle = asAeTitle(request.calledAeTitle);
    if (callingAeTitle === undefined || calledAeTitle === undefined) {
      this.#reject(callingAeTitle === undefined ? CALLING_AE_NOT_RECOGNIZED : CALLED_AE_NOT_RECOGNIZED);
      return;
    }
    const peerAddress = this.#peerAddress;
    const { certificate } = this.#host;
    const rejection =
      rejectionOf(request) ??
      this.#admit({ callingAeTitle, calledAeTitle, peerAddress, certificate }) ??
      this.#claimPlace();
    if (rejection !== undefined) {
      this.#reject(rejection);
      return;
    }
    const { accept, contexts } = negotiate(request, this.#options);
    const onProviderError = (error: unknown): void => {
      const code = systemCodeOf(error) ?? 'unknown';
      this.#host.log.error('a request could not be carried out', { code, aeTitle: this.#aeTitle });
    };
    this.#commitment = this.#offerCommitment(request, { callingAeTitle, calledAeTitle, onProviderError });
    this.#scp = new StoreScp({
      callingAeTitle,
      calledAeTitle,
      peerAddress,
      contexts,
      provider: this.#host.provider,
      commitment: this.#commitment,
      acceptsSopClass: (uid) => this.#options.acceptsSopClass(uid),
      respond: (pdu) => this.#respond(pdu),
      abortFor: (fault) => {
        this.#layer.abortFor(fault);
      },
      onStored: (status, bytes) => {
        this.#host.onStored(status, bytes);
      },
      onProviderError,
    });
    this.#layer.accept(encodeAssociateAccept(accept));
    this.#host.log.info('association accepted', {
      aeTitle: this.#aeTitle,
      address: peerAddress,
      count: contexts.size,
    });
    this.#arm(false);
  }

  /** The requestor is SCU of it unless it asked for another role (PS3.4 J.3.1). */
  #offerCommitment(
    { userInformation }: AssociateRequest,
    own: Pick<CommitmentAssociation, 'callingAeTitle' | 'calledAeTitle' | 'onProviderError'>,
  ): CommitmentScp | undefined {
    const provider = this.#host.provider.commitment;
    const role = userInformation.roles.find(({ sopClassUid }) => sopClassUid === STORAGE_COMMITMENT_PUSH_MODEL);
    if (provider === undefined || role?.isScu === false) return undefined;
    const { maxLength } = userInformation;
    const limit = Math.min(maxLength === 0 ? MAX_DATA_BYTES : maxLength, this.#options.maxPduBytes);
    return new CommitmentScp({
      ...own,
      provider,
      peerAddress: this.#peerAddress,
      maxFragmentBytes: (limit - PDV_HEAD_BYTES) & ~1,
      ended: this.#ended,
      isFree: () => this.#layer.state === 'Sta6' && this.#scp?.isIdle === true,
      send: (pdus) => {
        this.#layer.send(pdus);
      },
    });
  }

  #admit(request: AssociationRequest): Rejection | undefined {
    try {
      return this.#host.provider.admit(request);
    } catch {
      this.#host.log.error('the provider could not decide on an association', { aeTitle: this.#aeTitle });
      return TEMPORARY_CONGESTION;
    }
  }

  #claimPlace(): Rejection | undefined {
    const limit = this.#isClosing ? 'closing' : this.#host.claim();
    if (limit !== undefined) return { ...LOCAL_LIMIT_EXCEEDED, text: NO_PLACE[limit] };
    this.#hasPlace = true;
    return undefined;
  }

  #reject(rejection: Rejection): void {
    this.#host.log.warn(`association rejected: ${rejection.text}`, {
      code: 'association-rejected',
      aeTitle: this.#aeTitle,
      address: this.#peerAddress,
    });
    this.#tellRefused(rejection.text);
    this.#layer.reject(rejection);
  }

  #tellRefused(reason: string): void {
    const [callingAeTitle, calledAeTitle, peerAddress] = [this.#aeTitle, this.#calledAeTitle, this.#peerAddress];
    this.#host.provider.onRefused?.({ callingAeTitle, calledAeTitle, peerAddress, reason });
  }

  #onFragment(contextId: number, control: number, bytes: Buffer, isEnd: boolean): Promise<void> | undefined {
    const scp = this.#scp;
    if (scp === undefined) return undefined;
    const waiting = scp.onFragment(contextId, control, bytes, isEnd);
    const isLast = isEnd && (control & PDV_LAST) !== 0;
    if (waiting === undefined) {
      this.#afterFragment(scp, isLast);
      return undefined;
    }
    return waiting.then(() => {
      this.#afterFragment(scp, isLast);
    });
  }

  #afterFragment(scp: StoreScp, isLast: boolean): void {
    if (this.#layer.state !== 'Sta6') return;
    if (isLast || scp.isIdle === this.#isWatchingMessage) this.#arm(!scp.isIdle);
    if (this.#isClosing && scp.isIdle) this.#layer.abort('the listener is closing');
    else if (scp.isIdle) this.#commitment?.sendNext();
  }

  #respond(pdu: Buffer): Promise<void> | undefined {
    this.#layer.send([pdu]);
    return this.#layer.pendingBytes > MAX_PENDING_BYTES ? this.#layer.drained() : undefined;
  }

  #onRelease(): void {
    if (this.#scp?.isIdle === false) {
      this.#layer.abortFor({ reason: ABORT_REASON.unexpectedPdu, text: 'release inside a message' });
    } else {
      this.#layer.confirmRelease();
    }
  }

  /** Starts the clock anew: for a message that is under way, or for the pause between messages. */
  #arm(isMessage: boolean): void {
    const isSameSpan = this.#options.pduMs === this.#options.idleMs;
    this.#isWatchingMessage = isMessage;
    this.#bytesAtWatch = this.#layer.receivedBytes;
    if (this.#watch !== undefined && isSameSpan) {
      this.#watch.refresh();
      return;
    }
    clearTimeout(this.#watch);
    this.#watch = setTimeout(
      () => {
        this.#onWatch();
      },
      isMessage ? this.#options.pduMs : this.#options.idleMs,
    );
  }

  #onWatch(): void {
    this.#watch = undefined;
    const isMessage = this.#isWatchingMessage || !this.#layer.isBetweenPdus;
    const isOurTurn = this.#scp?.isCommitting === true;
    const { pduMs, minBytesPerSecond } = this.#options;
    const minBytes = Math.max(MIN_PROGRESS_BYTES, (minBytesPerSecond * pduMs) / 1000);
    const hasProgress = this.#layer.receivedBytes - this.#bytesAtWatch >= minBytes;
    // A PDU that began in the pause gets one span of its own before its progress counts.
    const hasJustBegun = isMessage && !this.#isWatchingMessage;
    if (isOurTurn || (isMessage && (hasProgress || hasJustBegun))) {
      this.#arm(true);
      return;
    }
    this.#layer.abort(isMessage ? 'the peer stopped inside a message' : 'the peer was idle for too long');
  }

  async #onEnd(end: AssociationEnd): Promise<void> {
    clearTimeout(this.#watch);
    // A connection that never became an association; one that was rejected was told of already.
    if (this.#scp === undefined && end.kind === 'aborted') this.#tellRefused(end.text);
    this.#commitment?.end();
    await this.#scp?.end();
    this.#logEnd(end);
    this.#host.onEnd(this.#hasPlace, end);
    this.#resolveEnded();
  }

  #logEnd(end: AssociationEnd): void {
    const fields = { aeTitle: this.#aeTitle, address: this.#peerAddress };
    switch (end.kind) {
      case 'released':
        this.#host.log.info('association released', fields);
        break;
      case 'aborted-by-peer':
        this.#host.log.warn('association aborted by the peer', { ...fields, code: 'association-aborted' });
        break;
      case 'aborted':
        this.#host.log.warn(`association aborted: ${end.text}`, {
          ...fields,
          code: end.fault === undefined ? 'association-aborted' : 'pdu-invalid',
        });
        break;
      case 'connection-lost':
        this.#host.log.warn('connection closed without a release', { ...fields, code: 'connection-lost' });
        break;
      case 'rejected':
        break;
    }
  }
}
