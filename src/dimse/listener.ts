// The listening side: owns the TCP or TLS server, counts associations, and gives each connection to an AcceptorAssociation.
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { Log, StoreProvider } from '../pipeline/ports.ts';
import { AcceptorAssociation } from './acceptor.ts';
import type { AcceptorHost, AcceptorOptions } from './acceptor.ts';
import type { PreferenceRow } from './negotiation.ts';
import { SECURE_TRANSPORT } from './transport.ts';

export interface ListenerTls {
  /** PEM. */
  readonly key: string | Buffer;
  readonly certificate: string | Buffer;
  /** PEM of the authorities that sign client certificates; with it, a client without a valid one is refused. */
  readonly clientCa?: string | Buffer;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Associations open at once; one more is rejected as transient, "local limit exceeded". Default 64. */
  readonly maxAssociations?: number;
  /** The same for one peer address. Default: no limit of its own. */
  readonly maxAssociationsPerPeer?: number;
  /** Longest P-DATA-TF that is announced, in bytes. Default 131,072. */
  readonly maxPduBytes?: number;
  /** Longest pause between messages. Default 60 s. */
  readonly idleMs?: number;
  /** Time for the A-ASSOCIATE-RQ, and for the peer to close after the end. Default 10 s. */
  readonly artimMs?: number;
  /** A message under way must bring 4 KiB or end in this time. Default 60 s. */
  readonly pduMs?: number;
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

/** Connections that have not become an association are held for ARTIM at most; this many beyond the associations are borne. */
const MAX_WAITING_CONNECTIONS = 2048;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #acceptorOptions: AcceptorOptions;
  readonly #provider: StoreProvider;
  readonly #log: Log;
  readonly #associations = new Set<AcceptorAssociation>();
  readonly #sockets = new Set<Socket>();
  readonly #openPerPeer = new Map<string, number>();
  readonly #counters = { open: 0, accepted: 0, rejected: 0, aborted: 0, stored: 0, failed: 0, bytes: 0 };
  #server: Server | undefined;
  #isClosing = false;

  constructor(options: ListenerOptions, acceptorOptions: AcceptorOptions, provider: StoreProvider, log: Log) {
    this.#options = options;
    this.#acceptorOptions = acceptorOptions;
    this.#provider = provider;
    this.#log = log;
  }

  counters(): ListenerCounters {
    return { ...this.#counters };
  }

  /** Binds and listens. Rejects with `port-taken` when the address is in use or may not be bound. */
  async listen(): Promise<{ port: number }> {
    const server = this.#createServer();
    this.#server = server;
    server.maxConnections = (this.#options.maxAssociations ?? 64) + MAX_WAITING_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#options.port, this.#options.host, resolve);
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

  #createServer(): Server {
    const { tls } = this.#options;
    const server =
      tls === undefined
        ? createTcpServer({ noDelay: true }, (socket) => {
            this.#serveSocket(socket);
          })
        : createTlsServer(
            {
              ...SECURE_TRANSPORT,
              key: tls.key,
              cert: tls.certificate,
              ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
              handshakeTimeout: this.#acceptorOptions.artimMs,
              noDelay: true,
            },
            (socket) => {
              this.#serveSocket(socket);
            },
          );
    // For TLS these are the plain sockets, so that a handshake that hangs is cut with the rest.
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (error: Error, socket: Socket) => {
      // A handshake that timed out is only reported: the connection is ours to cut.
      socket.destroy();
      this.#log.warn('TLS handshake failed', { code: systemCodeOf(error) ?? 'unknown' });
    });
    return server;
  }

  #serveSocket(socket: Socket): void {
    this.serveAssociation(socket, socket.remoteAddress ?? '');
  }

  /** Serves one connection. Public for transports other than the listener's own server; it is not closed by `close` then, only aborted. */
  serveAssociation(stream: Duplex, peerAddress: string): AcceptorAssociation {
    const host: AcceptorHost = {
      provider: this.#provider,
      log: this.#log,
      claim: (peer) => this.#claim(peer),
      onEnd: (hadPlace, end) => {
        this.#associations.delete(association);
        if (hadPlace) this.#free(peerAddress);
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
    if (this.#isClosing) association.abort('the listener is closing');
    return association;
  }

  #claim(peerAddress: string): boolean {
    const { maxAssociations = 64, maxAssociationsPerPeer = Infinity } = this.#options;
    const ofPeer = this.#openPerPeer.get(peerAddress) ?? 0;
    if (this.#isClosing || this.#counters.open >= maxAssociations || ofPeer >= maxAssociationsPerPeer) return false;
    this.#openPerPeer.set(peerAddress, ofPeer + 1);
    this.#counters.open++;
    this.#counters.accepted++;
    return true;
  }

  #free(peerAddress: string): void {
    const ofPeer = (this.#openPerPeer.get(peerAddress) ?? 1) - 1;
    if (ofPeer === 0) this.#openPerPeer.delete(peerAddress);
    else this.#openPerPeer.set(peerAddress, ofPeer);
    this.#counters.open--;
  }

  /**
   * Takes no more associations, lets every message that is under way be answered, and cuts what is left after `graceMs`.
   * Resolves when the port is free and no reception is under way any more.
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
    await Promise.all(ended);
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
