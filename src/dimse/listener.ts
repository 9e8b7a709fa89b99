// The listening side: owns the TCP or TLS server, counts associations, and gives each connection to an AcceptorAssociation.
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { Log, PeerCertificate, StoreProvider } from '../pipeline/ports.ts';
import { AcceptorAssociation } from './acceptor.ts';
import type { AcceptorHost, AcceptorOptions } from './acceptor.ts';
import { AssociationPlaces } from './association-places.ts';
import type { PlaceLimits } from './association-places.ts';
import type { PreferenceRow } from './negotiation.ts';
import { SecureServer } from './secure-server.ts';
import type { ListenerTls } from './secure-server.ts';
import { withSharedReads } from './shared-reads.ts';

export interface ListenerOptions extends PlaceLimits {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Places that are shared with another listener, in place of the limits above; one more is rejected as transient, "local limit exceeded". */
  readonly places?: AssociationPlaces;
  /** Longest P-DATA-TF that is announced, in bytes. Default 131,072. */
  readonly maxPduBytes?: number;
  /** Longest pause between messages. Default 60 s. */
  readonly idleMs?: number;
  /** Time for the A-ASSOCIATE-RQ, and for the peer to close after the end. Default 10 s. */
  readonly artimMs?: number;
  /** A message under way must bring 4 KiB, or what `minBytesPerSecond` asks for, or end in this time. Default 60 s. */
  readonly pduMs?: number;
  /** Slower senders are aborted. Default 0: the 4 KiB of `pduMs` are enough. */
  readonly minBytesPerSecond?: number;
  /** Time for a TLS handshake. Default 10 s. */
  readonly handshakeMs?: number;
  readonly tls?: ListenerTls;
}

export interface ListenerCounters {
  /** Associations open now. */
  readonly open: number;
  /** Since the start: */
  readonly accepted: number;
  readonly rejected: number;
  /** Ended otherwise than by a release or a rejection. */
  readonly aborted: number;
  /** Instances answered with success. */
  readonly stored: number;
  /** Instances that arrived whole and were answered with a failure. */
  readonly failed: number;
  /** Bytes of data sets that arrived whole. */
  readonly bytes: number;
}

/** Connections that have not become an association are held for ARTIM at most; beyond so many the oldest is cut for a new one. */
const MAX_WAITING_CONNECTIONS = 2048;
/** What the system may hand over at once; beyond it connections are closed unseen. */
const MAX_CONNECTIONS = 2 * MAX_WAITING_CONNECTIONS;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #acceptorOptions: AcceptorOptions;
  readonly #provider: StoreProvider;
  readonly #log: Log;
  readonly #associations = new Set<AcceptorAssociation>();
  /** Those without a place, oldest first. */
  readonly #waiting = new Set<AcceptorAssociation>();
  readonly #sockets = new Set<Socket>();
  readonly #places: AssociationPlaces;
  #secureServer: SecureServer | undefined;
  readonly #counters = { open: 0, accepted: 0, rejected: 0, aborted: 0, stored: 0, failed: 0, bytes: 0 };
  #server: Server | undefined;
  #isClosing = false;

  constructor(options: ListenerOptions, acceptorOptions: AcceptorOptions, provider: StoreProvider, log: Log) {
    this.#options = options;
    this.#acceptorOptions = acceptorOptions;
    this.#provider = provider;
    this.#log = log;
    this.#places = options.places ?? new AssociationPlaces(options);
  }

  counters(): ListenerCounters {
    return { ...this.#counters };
  }

  /** Binds and listens. Rejects with `port-taken` when the address is in use or may not be bound. */
  async listen(): Promise<{ port: number }> {
    const server = this.#createServer();
    this.#server = server;
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      const { host, port } = this.#options;
      // Who comes in a crowd must not be dropped by the kernel: they would try again after one second, then after two more.
      server.once('error', reject).listen({ host, port, backlog: MAX_WAITING_CONNECTIONS }, resolve);
    }).catch((error: unknown) => {
      throw asListenError(error, this.#options);
    });
    server.on('error', (error) => {
      this.#log.error('the listener failed', { code: systemCodeOf(error) ?? 'unknown' });
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    return { port: address.port };
  }

  /**
   * New connections are served with these from now on; those that are open stay. Throws `config-invalid`, and changes nothing, when they are
   * no key and certificate that belong together. Only for a listener that was made with `tls`.
   */
  useTls(tls: ListenerTls): void {
    this.#secureServer?.use(tls);
  }

  #createServer(): Server {
    if (this.#options.tls === undefined) return this.#createPlainServer();
    const server = this.#createTlsServer(this.#options.tls);
    // The plain sockets, so that a handshake that hangs is cut with the rest.
    server.on('connection', (socket: Socket) => {
      this.#track(socket);
    });
    return server;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => this.#sockets.delete(socket));
  }

  #createPlainServer(): Server {
    return createTcpServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      const socket = withSharedReads(accepted, (bytes) => {
        association.take(bytes);
      });
      this.#track(socket);
      const association = this.serveAssociation(socket, socket.remoteAddress ?? '');
    });
  }

  #createTlsServer(tls: ListenerTls): Server {
    this.#secureServer = new SecureServer(tls, this.#options.handshakeMs ?? HANDSHAKE_MS, {
      onSecure: (socket, peerAddress, certificate) => {
        this.serveAssociation(socket, peerAddress, certificate);
      },
      onRefused: (peerAddress, reason) => {
        this.#counters.rejected++;
        this.#log.warn(`connection refused: ${reason}`, { code: 'tls-refused', address: peerAddress });
        this.#provider.onRefused?.({ callingAeTitle: '', calledAeTitle: '', peerAddress, reason });
      },
    });
    return this.#secureServer.server;
  }

  /** Serves one connection. Public for transports other than the listener's own server; it is not closed by `close` then, only aborted. */
  serveAssociation(stream: Duplex, peerAddress: string, certificate?: PeerCertificate): AcceptorAssociation {
    const host: AcceptorHost = {
      provider: this.#provider,
      log: this.#log,
      certificate,
      claim: () => {
        if (this.#isClosing) return 'closing';
        const limit = this.#places.claim(peerAddress);
        if (limit !== undefined) return limit;
        this.#waiting.delete(association);
        this.#counters.open++;
        this.#counters.accepted++;
        return undefined;
      },
      onEnd: (hadPlace, end) => {
        this.#associations.delete(association);
        this.#waiting.delete(association);
        if (hadPlace) {
          this.#places.free(peerAddress);
          this.#counters.open--;
        }
        if (end.kind === 'rejected') this.#counters.rejected++;
        else if (end.kind !== 'released') this.#counters.aborted++;
      },
      onStored: (status, bytes) => {
        this.#counters.bytes += bytes;
        if (status === 0) this.#counters.stored++;
        else this.#counters.failed++;
      },
    };
    const association = new AcceptorAssociation(stream, peerAddress, this.#acceptorOptions, host);
    this.#associations.add(association);
    this.#waiting.add(association);
    if (this.#waiting.size > MAX_WAITING_CONNECTIONS) {
      const [oldest] = this.#waiting;
      oldest.abort('too many connections wait for their association');
    }
    if (this.#isClosing) association.abort('the listener is closing');
    return association;
  }

  /**
   * Takes no more associations, lets every message that is under way be answered, and cuts what is left after `graceMs`.
   * Resolves when the port is free and no reception is under way any more, or when a provider did not finish in LAST_COMMIT_MS more: what it
   * holds was not acknowledged.
   */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const server = this.#server;
    const closed = new Promise<void>((resolve) => {
      if (server?.listening === true) {
        server.close(() => {
          resolve();
        });
      } else resolve();
    });
    const ended = [...this.#associations].map((association) => association.ended);
    for (const association of this.#associations) association.closeWhenIdle();
    const grace = setTimeout(() => {
      for (const association of this.#associations) association.abort('the listener is closing');
    }, graceMs);
    let giveUp: NodeJS.Timeout | undefined;
    const limit = new Promise<'limit'>((resolve) => {
      giveUp = setTimeout(resolve, graceMs + LAST_COMMIT_MS, 'limit');
    });
    if ((await Promise.race([Promise.all(ended), limit])) === 'limit')
      this.#log.error('instances were still being stored when the listener closed; they were not acknowledged', {
        count: this.#associations.size,
      });
    clearTimeout(giveUp);
    clearTimeout(grace);
    for (const socket of this.#sockets) socket.destroySoon();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, LAST_WORDS_MS);
    await closed;
    clearTimeout(cut);
  }
}

/** Time for the last PDU to leave before a socket is cut. */
const LAST_WORDS_MS = 200;
/** Time for what is being made durable, beyond the grace. */
const LAST_COMMIT_MS = 1000;
const HANDSHAKE_MS = 10_000;

/**
 * A storage SCP for C-ECHO and C-STORE.
 * @param acceptsSopClass the storage SOP classes that are taken
 * @param transferSyntaxPreference how a transfer syntax is chosen, usually `TRANSFER_SYNTAX_PREFERENCE`
 */
export function createListener(
  options: ListenerOptions,
  provider: StoreProvider,
  acceptsSopClass: (uid: string) => boolean,
  transferSyntaxPreference: readonly PreferenceRow[],
  log: Log,
): Listener {
  const acceptorOptions: AcceptorOptions = {
    acceptsSopClass,
    transferSyntaxPreference,
    maxPduBytes: options.maxPduBytes ?? 131_072,
    idleMs: options.idleMs ?? 60_000,
    artimMs: options.artimMs ?? 10_000,
    pduMs: options.pduMs ?? 60_000,
    minBytesPerSecond: options.minBytesPerSecond ?? 0,
    acceptsCommitment: provider.commitment !== undefined,
    acceptsReports: provider.reports !== undefined,
  };
  return new Listener(options, acceptorOptions, provider, log);
}

function asListenError(error: unknown, { host, port }: ListenerOptions): unknown {
  const code = systemCodeOf(error);
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there already',
    EACCES: 'this user may not open it',
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'this machine does not have that address',
  };
  const reason = code === undefined ? undefined : reasons[code];
  if (reason === undefined) return error;
  return new LetheError('port-taken', `cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}
