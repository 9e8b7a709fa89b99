// The TLS server of the listener (PS3.15 B.9, B.12): handshakes under a limit, client certificates as configured, and new
// keys without a restart. Whether a certificate is good enough is decided here, so that every refusal can be told in words.
import { constants, X509Certificate } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { createSecureContext, createServer } from 'node:tls';
import type { SecureContextOptions, Server as TlsServer, TLSSocket } from 'node:tls';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { PeerCertificate } from '../pipeline/ports.ts';
import { certificateOf } from './peer-certificate.ts';
import { SECURE_TRANSPORT } from './transport.ts';
import type { RequestorTls } from './transport.ts';

export interface ListenerTls {
  /** PEM. */
  readonly key: string | Buffer;
  readonly certificate: string | Buffer;
  /** PEM of the authorities that sign client certificates; without it none is asked for. */
  readonly clientCa?: string | Buffer;
  /** PEM of client certificates that were revoked; with it, every authority of `clientCa` needs a list. */
  readonly clientCrl?: string | Buffer;
  /** With `clientCa`: `required` refuses a client without a valid certificate, `optional` one that shows an invalid one. Default required. */
  readonly clientCertificate?: 'required' | 'optional';
}

export interface SecureServerUser {
  onSecure(socket: TLSSocket, peerAddress: string, certificate: PeerCertificate | undefined): void;
  /** @param reason our own words */
  onRefused(peerAddress: string, reason: string): void;
}

export class SecureServer {
  readonly #server: TlsServer;
  readonly #user: SecureServerUser;
  #tls: ListenerTls;

  /** Throws `config-invalid` when key and certificate do not belong together or cannot be read. */
  constructor(tls: ListenerTls, handshakeMs: number, user: SecureServerUser) {
    this.#tls = tls;
    this.#user = user;
    const options = {
      ...contextOptions(tls),
      requestCert: tls.clientCa !== undefined,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      noDelay: true,
    };
    this.#server = createServer(options, (socket) => {
      this.#decide(socket);
    });
    this.#server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      const peerAddress = socket.remoteAddress ?? '';
      // A handshake that timed out is only reported: the connection is ours to cut.
      socket.destroy();
      this.#user.onRefused(peerAddress, describeHandshake(systemCodeOf(error)));
    });
  }

  get server(): Server {
    return this.#server;
  }

  /** Takes other keys for new connections. Throws `config-invalid` and changes nothing when they cannot be used. */
  use(tls: ListenerTls): void {
    this.#server.setSecureContext(contextOptions(tls));
    this.#tls = tls;
  }

  #decide(socket: TLSSocket): void {
    socket.disableRenegotiation();
    const peerAddress = socket.remoteAddress ?? '';
    const certificate = certificateOf(socket);
    const { clientCa, clientCertificate = 'required' } = this.#tls;
    const reason =
      certificate === 'invalid'
        ? describeCertificate(String(socket.authorizationError))
        : certificate === undefined && clientCa !== undefined && clientCertificate === 'required'
          ? 'the client shows no certificate'
          : undefined;
    if (reason === undefined && certificate !== 'invalid') {
      this.#user.onSecure(socket, peerAddress, certificate);
      return;
    }
    cut(socket);
    this.#user.onRefused(peerAddress, reason ?? 'the client shows an invalid certificate');
  }
}

function cut(socket: Socket): void {
  socket.on('error', () => undefined); // it is being thrown away
  socket.destroy();
}

function contextOptions(tls: ListenerTls): SecureContextOptions {
  const options: SecureContextOptions = {
    ...SECURE_TRANSPORT,
    honorCipherOrder: true,
    // A resumed session would not look at a list of revoked certificates again.
    secureOptions: constants.SSL_OP_NO_TICKET,
    key: tls.key,
    cert: tls.certificate,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
    ...(tls.clientCrl === undefined ? {} : { crl: tls.clientCrl }),
  };
  checkSecureContext({ key: tls.key, certificate: tls.certificate, ca: tls.clientCa, crl: tls.clientCrl });
  return options;
}

/** Throws `config-invalid`: names the one that is no PEM, or tells that key and certificate do not belong together. */
export function checkSecureContext(tls: Pick<RequestorTls, 'key' | 'certificate' | 'ca' | 'crl'>): void {
  const { key, certificate: cert, ca, crl } = tls;
  orInvalid('The TLS key is no private key in PEM that can be read without a passphrase', () =>
    createSecureContext({ key }),
  );
  orInvalid('The TLS certificate is none in PEM', () => createSecureContext({ cert }));
  // A context takes anything for an authority, and would then trust nobody.
  if (ca !== undefined) orInvalid('The TLS authorities are no certificates in PEM', () => new X509Certificate(ca));
  orInvalid('The TLS revocation list is none in PEM', () => createSecureContext({ crl }));
  orInvalid('The TLS key and certificates cannot be used together', () => createSecureContext({ key, cert, ca, crl }));
}

function orInvalid(fault: string, read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    throw new LetheError('config-invalid', `${fault} (${systemCodeOf(cause) ?? 'unknown'}).`, { cause });
  }
}

/** OpenSSL's codes of handshakes that failed on our side. */
const HANDSHAKE_FAULTS: Readonly<Record<string, string>> = {
  ERR_TLS_HANDSHAKE_TIMEOUT: 'the TLS handshake took too long',
  ERR_SSL_NO_SHARED_CIPHER: 'the client offers no cipher suite of BCP 195',
  ERR_SSL_NO_SHARED_GROUP: 'the client offers no key exchange of BCP 195',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'the client offers no key exchange of BCP 195',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the client offers TLS 1.1 or older',
  ERR_SSL_VERSION_TOO_LOW: 'the client offers TLS 1.1 or older',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the client does not speak TLS',
  ERR_SSL_HTTP_REQUEST: 'the client does not speak TLS',
  ERR_SSL_SSL_HANDSHAKE_FAILURE: 'the client ended the TLS handshake',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the client does not trust our certificate',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the client does not trust our certificate',
  ECONNRESET: 'the client closed the connection in the TLS handshake',
};

function describeHandshake(code: string | undefined): string {
  return HANDSHAKE_FAULTS[code ?? ''] ?? 'the TLS handshake failed';
}

const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the client certificate has expired',
  CERT_NOT_YET_VALID: 'the client certificate is not valid yet',
  CERT_REVOKED: 'the client certificate was revoked',
  CRL_HAS_EXPIRED: 'the list of revoked client certificates has expired',
  UNABLE_TO_GET_CRL: 'there is no list of revoked certificates for the authority of the client certificate',
};

function describeCertificate(code: string): string {
  const words = Object.entries(CERTIFICATE_FAULTS).find(([key]) => code.includes(key))?.[1];
  return words ?? 'no configured authority signed the client certificate';
}
