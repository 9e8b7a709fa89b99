// One association on one transport connection: carries out the actions that the state machine of PS3.8 9.2 orders, for
// requestor and acceptor alike. Takes any Duplex, so that nothing here knows whether it is TCP, TLS or a test.
import type { Duplex } from 'node:stream';
import { LetheError } from '../core/errors.ts';
import type { Rejection } from '../pipeline/ports.ts';
import { PduFramer } from './framing.ts';
import {
  ABORT_REASON,
  PDU,
  decodeAbort,
  decodeReject,
  encodeAbort,
  encodeReject,
  encodeReleaseRp,
  encodeReleaseRq,
} from './pdu.ts';
import type { PduFault } from './pdu.ts';
import { decodeAssociateAccept, decodeAssociateRequest } from './pdu-associate.ts';
import type { AssociateAccept, AssociateRequest } from './pdu-associate.ts';
import { actionFor, stateAfter } from './state-machine.ts';
import type { Action, Event, State } from './state-machine.ts';

/** How an association, or the attempt at one, ended. */
export type AssociationEnd =
  | { readonly kind: 'released' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'aborted-by-peer'; readonly source: number; readonly reason: number }
  /** We aborted: `fault` tells what the peer did, `text` why. */
  | { readonly kind: 'aborted'; readonly fault: PduFault | undefined; readonly text: string }
  | { readonly kind: 'connection-lost'; readonly cause: unknown };

/** The DICOM application above the upper layer (PS3.8 section 7). None of these may throw. */
export interface ServiceUser {
  /** Acceptor: answer with `accept` or `reject`. */
  onAssociateRequest?(request: AssociateRequest): void;
  /** Requestor: the association is established. */
  onAssociateAccept?(accept: AssociateAccept): void;
  /** See `FrameConsumer.onFragment`. Only ever called on an established association. */
  onFragment(contextId: number, control: number, bytes: Buffer, isEnd: boolean): Promise<void> | undefined;
  /** The peer wants to end it: answer with `confirmRelease` or `abort`. */
  onReleaseRequest(): void;
  /** Called exactly once; no fragment follows. The transport connection may take a moment longer to close. */
  onEnd(end: AssociationEnd): void;
}

/** What is read and thrown away after the end, so that the peer can read our last PDU, before the connection is cut. */
const MAX_DISCARDED_BYTES = 1024 * 1024;

const PDU_EVENTS: Readonly<Record<number, Event>> = {
  [PDU.associateRq]: 'pduAssociateRq',
  [PDU.associateAc]: 'pduAssociateAc',
  [PDU.associateRj]: 'pduAssociateRj',
  [PDU.data]: 'pduData',
  [PDU.releaseRq]: 'pduReleaseRq',
  [PDU.releaseRp]: 'pduReleaseRp',
  [PDU.abort]: 'pduAbort',
};

/** What an event brings with it. */
interface Payload {
  readonly request?: AssociateRequest;
  readonly accept?: AssociateAccept;
  readonly pdus?: readonly Buffer[];
  readonly end?: AssociationEnd;
  readonly fault?: PduFault;
}

const LOST: AssociationEnd = { kind: 'connection-lost', cause: undefined };
const UNEXPECTED: PduFault = { reason: ABORT_REASON.unexpectedPdu, text: 'PDU is not expected in this state' };

export class UpperLayer {
  readonly #stream: Duplex;
  readonly #role: 'requestor' | 'acceptor';
  readonly #user: ServiceUser;
  readonly #artimMs: number;
  readonly #framer: PduFramer;
  #state: State = 'Sta1';
  #artim: NodeJS.Timeout | undefined;
  #hasEnded = false;
  #discardedBytes = 0;
  #receivedBytes = 0;
  #streamError: unknown;

  /** @param artimMs time for the A-ASSOCIATE-RQ to come, and for the peer to close the connection (ARTIM, PS3.8 9.1.5) */
  constructor(stream: Duplex, role: 'requestor' | 'acceptor', user: ServiceUser, artimMs: number) {
    this.#stream = stream;
    this.#role = role;
    this.#user = user;
    this.#artimMs = artimMs;
    this.#framer = new PduFramer({
      onHead: (type) => this.#onHead(type),
      onControl: (type, body) => {
        this.#onControl(type, body);
      },
      onFragment: (contextId, control, bytes, isEnd) => {
        if (this.#state !== 'Sta6' && this.#state !== 'Sta7') return undefined;
        return this.#user.onFragment(contextId, control, bytes, isEnd);
      },
      onFault: (fault) => {
        this.#apply('pduInvalid', { fault });
      },
      onReady: () => {
        stream.resume();
      },
    });
    stream.on('error', (error: unknown) => {
      this.#streamError ??= error;
    });
    stream.on('end', () => {
      this.#apply('transportClosed');
    });
    stream.on('close', () => {
      this.#apply('transportClosed');
      clearTimeout(this.#artim);
    });
    stream.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
  }

  get state(): State {
    return this.#state;
  }

  /** Bytes that came so far, for whoever watches the progress. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** True when no PDU has begun that is not whole. */
  get isBetweenPdus(): boolean {
    return this.#framer.isBetweenPdus;
  }

  /** The next bytes that the peer sent, from a stream that does not emit them itself; the caller may use the buffer again afterwards. */
  take(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#state === 'Sta13') {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > MAX_DISCARDED_BYTES) {
        this.destroy();
        return;
      }
    }
    this.#framer.push(chunk);
    if (this.#framer.hasWaiting) this.#stream.pause();
  }

  /** Acceptor: the transport connection is there, the A-ASSOCIATE-RQ is awaited. */
  awaitRequest(): void {
    this.#apply('transportIndicated');
  }

  /** Requestor: the transport connection is being opened. */
  beginRequest(): void {
    this.#apply('askAssociate');
  }

  /** Requestor: the transport connection is open. @param pdu the A-ASSOCIATE-RQ */
  sendRequest(pdu: Buffer): void {
    this.#apply('transportOpened', { pdus: [pdu] });
  }

  /** @param pdu the A-ASSOCIATE-AC */
  accept(pdu: Buffer): void {
    this.#apply('answerAccept', { pdus: [pdu] });
  }

  reject(rejection: Rejection): void {
    this.#apply('answerReject', { pdus: [encodeReject(rejection)], end: { kind: 'rejected', rejection } });
  }

  /** Writes whole P-DATA-TF PDUs, which may be cut into several buffers, at once. */
  send(pdus: readonly Buffer[]): void {
    this.#apply('askData', { pdus });
  }

  /** A promise for the moment when the peer has taken what was written, or the connection is gone; undefined when nothing is pending. */
  drained(): Promise<void> | undefined {
    if (!this.#stream.writableNeedDrain || this.#stream.destroyed) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        this.#stream.off('drain', done).off('close', done);
        resolve();
      };
      this.#stream.on('drain', done).on('close', done);
    });
  }

  /** Bytes written that the peer's host has not taken yet. */
  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  release(): void {
    this.#apply('askRelease');
  }

  confirmRelease(): void {
    this.#apply('answerRelease');
  }

  /** Ends the association for a reason of ours. */
  abort(text: string): void {
    this.#apply('askAbort', { end: { kind: 'aborted', fault: undefined, text } });
  }

  /** Ends the association because what came in breaks a rule above the framing. */
  abortFor(fault: PduFault): void {
    this.#apply('pduInvalid', { fault });
  }

  /** Cuts the transport connection. */
  destroy(): void {
    this.#stream.destroy();
  }

  /** Whatever can be decided by the head alone is decided before the body is kept. */
  #onHead(type: number): 'take' | 'skip' {
    const event = PDU_EVENTS[type];
    const isAwaited =
      (event !== 'pduAssociateRq' || this.#state === 'Sta2') && (event !== 'pduAssociateAc' || this.#state === 'Sta5');
    if (event !== 'pduData' && isAwaited) return 'take';
    const action = this.#apply(event, { fault: UNEXPECTED });
    return action === 'DT-2' || action === 'AR-6' ? 'take' : 'skip';
  }

  #onControl(type: number, body: Buffer): void {
    let payload: Payload;
    try {
      payload = decodePayload(type, body);
    } catch (error) {
      const text = error instanceof LetheError ? error.message : 'PDU cannot be decoded';
      this.#apply('pduInvalid', { fault: { reason: ABORT_REASON.invalidParameter, text } });
      return;
    }
    this.#apply(PDU_EVENTS[type], payload);
  }

  #apply(event: Event, payload: Payload = {}): Action {
    const action = actionFor(this.#state, event);
    this.#state = stateAfter(this.#state, action, this.#role);
    this.#act(action, payload);
    return action;
  }

  /** The actions of PS3.8 tables 9-6 to 9-9. The state is already the next one. */
  #act(action: Action, payload: Payload): void {
    switch (action) {
      case 'AE-2':
      case 'AE-7':
      case 'DT-1':
      case 'AR-7':
        this.#write(payload.pdus ?? []);
        break;
      case 'AE-3':
        if (payload.accept !== undefined) this.#user.onAssociateAccept?.(payload.accept);
        break;
      case 'AE-5':
        this.#startArtim();
        break;
      case 'AE-6':
        clearTimeout(this.#artim);
        if (payload.request !== undefined) this.#user.onAssociateRequest?.(payload.request);
        break;
      case 'AE-8':
        this.#part(payload.pdus ?? [], payload.end ?? LOST);
        break;
      case 'AR-1':
        this.#write([encodeReleaseRq()]);
        break;
      case 'AR-2':
      case 'AR-10':
        this.#user.onReleaseRequest();
        break;
      case 'AR-8':
        if (this.#state === 'Sta9') this.#user.onReleaseRequest();
        break;
      case 'AR-3':
        this.#end({ kind: 'released' });
        this.#close();
        break;
      case 'AR-4':
        this.#part([encodeReleaseRp()], { kind: 'released' });
        break;
      case 'AR-9':
        this.#write([encodeReleaseRp()]);
        break;
      case 'AA-1':
        this.#part([encodeAbort(0, ABORT_REASON.notSpecified)], this.#endOfAbort(payload));
        break;
      case 'AA-7':
      case 'AA-8':
        this.#part([encodeAbort(2, (payload.fault ?? UNEXPECTED).reason)], this.#endOfAbort(payload));
        break;
      case 'AE-4':
      case 'AA-2':
      case 'AA-3':
      case 'AA-4':
      case 'AA-5':
      case 'AR-5':
        this.#end(payload.end ?? { kind: 'connection-lost', cause: this.#streamError });
        this.#close();
        break;
      case 'AE-1':
      case 'DT-2':
      case 'AR-6':
      case 'AA-6':
      case 'none':
        break;
    }
  }

  #endOfAbort(payload: Payload): AssociationEnd {
    if (payload.end !== undefined) return payload.end;
    const fault = payload.fault ?? UNEXPECTED;
    return { kind: 'aborted', fault, text: fault.text };
  }

  #write(pdus: readonly Buffer[]): void {
    const stream = this.#stream;
    if (!stream.writable) return;
    if (pdus.length === 1) {
      stream.write(pdus[0]);
      return;
    }
    stream.cork();
    for (const pdu of pdus) stream.write(pdu);
    stream.uncork();
  }

  /** Sends the last PDU, half-closes, and leaves the peer the time of ARTIM to close. */
  #part(lastPdu: readonly Buffer[], end: AssociationEnd): void {
    this.#write(lastPdu);
    this.#stream.end();
    this.#startArtim();
    this.#stream.resume();
    this.#end(end);
  }

  #close(): void {
    clearTimeout(this.#artim);
    this.#framer.stop();
    this.#stream.destroy();
  }

  #startArtim(): void {
    clearTimeout(this.#artim);
    if (this.#stream.destroyed) return;
    this.#artim = setTimeout(() => {
      const end: AssociationEnd = { kind: 'aborted', fault: undefined, text: 'ARTIM timer expired' };
      this.#apply('artimExpired', { end });
    }, this.#artimMs);
  }

  #end(end: AssociationEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#user.onEnd(end);
  }
}

/** Throws `pdu-invalid`. */
function decodePayload(type: number, body: Buffer): Payload {
  switch (type) {
    case PDU.associateRq:
      return { request: decodeAssociateRequest(body) };
    case PDU.associateAc:
      return { accept: decodeAssociateAccept(body) };
    case PDU.associateRj:
      return { end: { kind: 'rejected', rejection: decodeReject(body) } };
    case PDU.abort:
      return { end: { kind: 'aborted-by-peer', ...decodeAbort(body) } };
    default:
      return {};
  }
}
