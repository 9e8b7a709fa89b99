// Builders of bytes as a peer would send them, made by hand so that they do not lean on the code under test; and a raw peer
// that talks to an acceptor over a pair of streams, without sockets.
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createListener } from '../../../src/dimse/listener.ts';
import type { Listener, ListenerOptions } from '../../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../../src/dimse/negotiation.ts';
import type { Log, Reception, ReceptionFacts, StoreProvider } from '../../../src/pipeline/ports.ts';
import { isStorageSopClass } from '../../../src/standard/sop-classes.ts';

export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const MR = '1.2.840.10008.5.1.4.1.1.4';
export const VERIFICATION = '1.2.840.10008.1.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
export const INSTANCE = '1.2.3.4.5';

export function pdu(type: number, body: Buffer, length = body.length): Buffer {
  const head = Buffer.alloc(6);
  head[0] = type;
  head.writeUInt32BE(length, 2);
  return Buffer.concat([head, body]);
}

export function item(type: number, body: Buffer | string, length?: number): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  const head = Buffer.alloc(4);
  head[0] = type;
  head.writeUInt16BE(length ?? bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

export function context(id: number, abstractSyntax: string, transferSyntaxes: readonly string[]): Buffer {
  const syntaxes = transferSyntaxes.map((uid) => item(0x40, uid));
  return item(0x20, Buffer.concat([Buffer.from([id, 0, 0, 0]), item(0x30, abstractSyntax), ...syntaxes]));
}

export interface RequestParts {
  called?: string;
  calling?: string;
  version?: number;
  applicationContext?: Buffer;
  contexts?: readonly Buffer[];
  userInformation?: Buffer;
  extra?: Buffer;
}

export const MAX_LENGTH_ITEM = Buffer.from([0x51, 0, 0, 4, 0, 0, 0x40, 0]);

export function requestBody(parts: RequestParts = {}): Buffer {
  const fixed = Buffer.alloc(68);
  fixed.writeUInt16BE(parts.version ?? 1, 0);
  fixed.write((parts.called ?? 'LETHE').padEnd(16), 4, 'latin1');
  fixed.write((parts.calling ?? 'MODALITY').padEnd(16), 20, 'latin1');
  return Buffer.concat([
    fixed,
    parts.applicationContext ?? item(0x10, '1.2.840.10008.3.1.1.1'),
    ...(parts.contexts ?? [context(1, CT, [EXPLICIT, IMPLICIT]), context(3, VERIFICATION, [IMPLICIT])]),
    parts.userInformation ?? item(0x50, MAX_LENGTH_ITEM),
    parts.extra ?? Buffer.alloc(0),
  ]);
}

export const request = (parts: RequestParts = {}): Buffer => pdu(1, requestBody(parts));

export function pdv(contextId: number, control: number, bytes: Buffer, length = bytes.length + 2): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(length, 0);
  head[4] = contextId;
  head[5] = control;
  return Buffer.concat([head, bytes]);
}

export const data = (...pdvs: readonly Buffer[]): Buffer => pdu(4, Buffer.concat(pdvs));

export function element(number: number, value: number | string | Buffer, length?: number, group = 0): Buffer {
  let bytes: Buffer;
  if (typeof value === 'number') {
    bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value);
  } else bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.length % 2 === 0 ? value : `${value}\0`, 'latin1');
  const head = Buffer.alloc(8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(length ?? bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

export interface CommandParts {
  field?: number;
  sopClass?: string | undefined;
  instance?: string | undefined;
  messageId?: number | undefined;
  dataSetType?: number;
  status?: number;
  respondsTo?: number;
}

export function command(parts: CommandParts = {}): Buffer {
  const { field = 1, dataSetType = 1 } = parts;
  const sopClass = 'sopClass' in parts ? parts.sopClass : CT;
  const instance = 'instance' in parts ? parts.instance : INSTANCE;
  const messageId = 'messageId' in parts ? parts.messageId : 7;
  const elements = Buffer.concat([
    ...(sopClass === undefined ? [] : [element(0x0002, sopClass)]),
    element(0x0100, field),
    ...(messageId === undefined ? [] : [element(0x0110, messageId)]),
    ...(parts.respondsTo === undefined ? [] : [element(0x0120, parts.respondsTo)]),
    element(0x0700, 0),
    element(0x0800, dataSetType),
    ...(parts.status === undefined ? [] : [element(0x0900, parts.status)]),
    ...(instance === undefined ? [] : [element(0x1000, instance)]),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  return Buffer.concat([element(0x0000, length), elements]);
}

export const store = (parts: CommandParts = {}, contextId = 1): Buffer => data(pdv(contextId, 3, command(parts)));
export const echoRequest = (contextId = 3): Buffer =>
  data(pdv(contextId, 3, command({ field: 0x30, sopClass: VERIFICATION, instance: undefined, dataSetType: 0x101 })));
export const dataSet = (bytes: Buffer, contextId = 1): Buffer => data(pdv(contextId, 2, bytes));
export const RELEASE = pdu(5, Buffer.alloc(4));
export const ABORT = pdu(7, Buffer.alloc(4));

/** What came back, PDU by PDU; a status for each response. */
export interface Answer {
  readonly type: number;
  readonly body: Buffer;
  readonly status: number | undefined;
}

export function readAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const type = bytes[offset];
    const body = bytes.subarray(offset + 6, offset + 6 + bytes.readUInt32BE(offset + 2));
    const statusAt = type === 4 ? body.indexOf(Buffer.from([0, 0, 0, 9, 2, 0, 0, 0])) : -1;
    answers.push({ type, body, status: statusAt < 0 ? undefined : body.readUInt16LE(statusAt + 8) });
    offset += 6 + body.length;
  }
  return answers;
}

export const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A provider that keeps everything in memory and notes how each reception ended. */
export class MemoryProvider implements StoreProvider {
  readonly stored: { facts: ReceptionFacts; bytes: Buffer }[] = [];
  begun = 0;
  aborted = 0;
  committed = 0;
  admit: StoreProvider['admit'] = () => undefined;
  refuseWith: number | undefined;
  commitWith: () => Promise<number> = () => Promise.resolve(0);
  writeWith: () => void | Promise<void> = () => undefined;

  begin(facts: ReceptionFacts): Reception | number {
    this.begun++;
    if (this.refuseWith !== undefined) return this.refuseWith;
    const chunks: Buffer[] = [];
    let isEnded = false;
    const end = (): void => {
      if (isEnded) throw new Error('reception ended twice');
      isEnded = true;
    };
    return {
      write: (chunk) => {
        if (isEnded) throw new Error('write after the end');
        chunks.push(Buffer.from(chunk));
        return this.writeWith();
      },
      commit: async () => {
        end();
        this.committed++;
        const status = await this.commitWith();
        if (status === 0) this.stored.push({ facts, bytes: Buffer.concat(chunks) });
        return status;
      },
      abort: () => {
        end();
        this.aborted++;
        return Promise.resolve();
      },
    };
  }
}

export type ListenerSettings = Omit<ListenerOptions, 'host' | 'port'>;

export function makeListener(provider: StoreProvider, settings: ListenerSettings = {}, log = quiet): Listener {
  const options = { artimMs: 500, idleMs: 5000, pduMs: 5000, ...settings, host: '127.0.0.1', port: 0 };
  return createListener(options, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, log);
}

/** The peer's end of an association with a listener. */
export class RawPeer {
  readonly stream: Duplex;
  readonly ended: Promise<void>;
  #received: Buffer[] = [];
  isClosed = false;

  constructor(listener: Listener, peerAddress = '10.0.0.1') {
    const [ours, theirs] = duplexPair();
    this.stream = ours;
    ours.on('error', () => undefined);
    ours.on('data', (chunk: Buffer) => this.#received.push(chunk));
    ours.on('end', () => {
      this.isClosed = true;
      ours.end();
    });
    // A pair does not pass a destroyed end on, as a connection does that is reset.
    ours.on('close', () => theirs.destroy());
    theirs.on('close', () => {
      this.isClosed = true;
      ours.destroy();
    });
    this.ended = listener.serveAssociation(theirs, peerAddress).ended;
  }

  get answers(): Answer[] {
    return readAnswers(Buffer.concat(this.#received));
  }

  /** Sends, then waits until `count` PDUs came back in all, or the connection is closed. */
  async send(bytes: Buffer, count = 0): Promise<Answer[]> {
    if (this.stream.writable) this.stream.write(bytes);
    return this.until(count);
  }

  async until(count: number, limitMs = 2000): Promise<Answer[]> {
    const deadline = Date.now() + limitMs;
    await sleep(0);
    while (this.answers.length < count && !this.isClosed && Date.now() < deadline) await sleep(1);
    return this.answers;
  }

  async untilClosed(limitMs = 2000): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    while (!this.isClosed && Date.now() < deadline) await sleep(1);
    return this.isClosed;
  }
}

/** An association that is established. */
export async function associate(listener: Listener, parts: RequestParts = {}): Promise<RawPeer> {
  const peer = new RawPeer(listener);
  const [answer] = await peer.send(request(parts), 1);
  if (answer.type !== 2) throw new Error(`no A-ASSOCIATE-AC but PDU type ${answer.type}`);
  return peer;
}
