// A research PACS for tests of custody: counts what arrives, on which association, and behaves as badly as it is told.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createListener, type Listener } from '../../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../../src/dimse/negotiation.ts';
import type { Log, Reception, Rejection, StoreProvider } from '../../../src/pipeline/ports.ts';
import { isStorageSopClass } from '../../../src/standard/sop-classes.ts';
import { freePort } from '../programs.ts';
import { numberOf, pixelsOf, SILENT } from './senders.ts';

/**
 * `rejects` associations; answers `out-of-resources` (0xA700) or, to one instance in ten for good, `refuses-some` (0xC000); is `slow`; `cuts` the
 * connection inside a data set; `swallows-answers` of what it stored; stores and is `silent`; is `away`.
 */
export type Mood =
  'normal' | 'rejects' | 'out-of-resources' | 'refuses-some' | 'slow' | 'cuts' | 'swallows-answers' | 'silent' | 'away';

/** An instance that was stored. */
export interface Arrival {
  readonly pixels: number;
  /** Tells, by what is known now, whether the answer may have got lost. */
  wasAnswerLost(): boolean;
}

interface Peer {
  readonly socket: Socket;
  /** Instances begun on the association. */
  begun: number;
  isReleased: boolean;
}

const SUCCESS = 0x0000;
const OUT_OF_RESOURCES = 0xa700;
const CANNOT_UNDERSTAND = 0xc000;
const REFUSE_EVERY = 10;
const SLOW_MS = { chunk: 10, answer: 150 };
const REJECTION: Rejection = { result: 2, source: 3, reason: 1, text: 'busy' };

export async function startSink(): Promise<Sink> {
  const sink = new Sink(await freePort());
  await sink.become('normal');
  return sink;
}

export class Sink {
  readonly port: number;
  /** Number of the instance → each time that it was stored. */
  readonly arrivals = new Map<number, Arrival[]>();
  /** Instances that were answered with 0xC000. */
  readonly refused = new Set<number>();
  readonly #peers = new Map<string, Peer>();
  readonly #listener: Listener;
  #mood: Mood = 'away';
  #server: Server | undefined;
  #connections = 0;

  constructor(port: number) {
    this.port = port;
    const provider: StoreProvider = {
      admit: () => (this.#mood === 'rejects' ? REJECTION : undefined),
      begin: ({ peerAddress }) => this.#begin(peerAddress),
    };
    const log: Log = {
      ...SILENT,
      info: (message, fields) => {
        const peer = this.#peers.get(fields?.address ?? '');
        if (message === 'association released' && peer !== undefined) peer.isReleased = true;
      },
    };
    const options = { host: '127.0.0.1', port, maxAssociations: 1000 };
    this.#listener = createListener(options, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, log);
  }

  /** Distinct instances that were stored. */
  get received(): number {
    return this.arrivals.size;
  }

  /** Changes its behaviour. Associations that do not suit it are cut. */
  async become(mood: Mood): Promise<void> {
    const before = this.#mood;
    this.#mood = mood;
    if (mood === 'away' || mood === 'rejects' || before === 'silent') this.#cutAll();
    if (mood === 'away') {
      const server = this.#server;
      this.#server = undefined;
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    } else if (this.#server === undefined) {
      const server = createServer({ noDelay: true }, (socket) => {
        this.#serve(socket);
      });
      this.#server = server;
      await once(server.listen(this.port, '127.0.0.1'), 'listening');
    }
  }

  async close(): Promise<void> {
    await this.become('away');
    await this.#listener.close(100);
  }

  /** Each association has an address of its own, by which what comes on it is told apart. */
  #serve(socket: Socket): void {
    const id = ++this.#connections;
    const address = `10.${(id >> 16) & 255}.${(id >> 8) & 255}.${id & 255}`;
    this.#peers.set(address, { socket, begun: 0, isReleased: false });
    socket.on('error', () => undefined);
    this.#listener.serveAssociation(socket, address);
  }

  #cutAll(): void {
    for (const { socket } of this.#peers.values()) socket.destroy();
  }

  #begin(address: string): Reception {
    const peer = this.#peers.get(address);
    if (peer === undefined) throw new Error('an association without a connection');
    const place = ++peer.begun;
    const chunks: Buffer[] = [];
    return {
      write: (chunk) => {
        if (this.#mood === 'cuts') peer.socket.destroy();
        chunks.push(Buffer.from(chunk));
        return this.#mood === 'slow' ? sleep(SLOW_MS.chunk) : undefined;
      },
      commit: () => this.#commit(peer, place, Buffer.concat(chunks)),
      abort: () => Promise.resolve(),
    };
  }

  async #commit(peer: Peer, place: number, bytes: Buffer): Promise<number> {
    const number = numberOf(bytes);
    if (this.#mood === 'out-of-resources') return OUT_OF_RESOURCES;
    if (this.refused.has(number) || (this.#mood === 'refuses-some' && number % REFUSE_EVERY === 0)) {
      this.refused.add(number);
      return CANNOT_UNDERSTAND;
    }
    let isWithheld = this.#mood === 'silent' || this.#mood === 'swallows-answers';
    const arrival: Arrival = {
      pixels: pixelsOf(bytes),
      // Whoever began the next one had read the answer; whoever released had, too.
      wasAnswerLost: () => isWithheld || (peer.begun === place && peer.socket.destroyed && !peer.isReleased),
    };
    this.arrivals.set(number, [...(this.arrivals.get(number) ?? []), arrival]);
    if (this.#mood === 'swallows-answers') peer.socket.destroy();
    if (this.#mood === 'slow') await sleep(SLOW_MS.answer);
    while (this.#mood === 'silent' && !peer.socket.destroyed) await sleep(50);
    isWithheld ||= peer.socket.destroyed;
    return SUCCESS;
  }
}
