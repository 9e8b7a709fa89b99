// The transport connection of a requestor: TCP, or TLS by the profiles of PS3.15 B.12 (BCP 195).
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';

/** TLS 1.2 with forward secrecy and AEAD, or 1.3 (PS3.15 B.9 and B.12; RFC 9325, RFC 8996). */
export const SECURE_TRANSPORT: SecureContextOptions = {
  // X25519 and the NIST curves (RFC 9325 4.2.1); a named list, so that no weaker one of a future default slips in.
  ecdhCurve: 'X25519:P-256:P-384:P-521',
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
};

export interface RequestorTls {
  /** PEM of the authorities that sign the peer's certificate; default: those that Node knows. */
  readonly ca?: string | Buffer | undefined;
  /** PEM of our own certificate and key, for a peer that asks for one. */
  readonly key?: string | Buffer | undefined;
  readonly certificate?: string | Buffer | undefined;
  /** PEM of certificates that were revoked; with it, every authority needs a list. */
  readonly crl?: string | Buffer | undefined;
  /** Name that the peer's certificate must hold; default: the host. */
  readonly serverName?: string | undefined;
}

/** Opens a connection. `onOpen` is called once it can carry PDUs; failures show as the socket's `error` and `close`. */
export function openTransport(host: string, port: number, tls: RequestorTls | undefined, onOpen: () => void): Socket {
  if (tls === undefined) return connectTcp({ host, port, noDelay: true }, onOpen);
  const serverName = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  const socket = connectTls(
    {
      ...SECURE_TRANSPORT,
      host,
      port,
      // A certificate is checked against `host` all the same; an address must not be sent as a server name (RFC 6066 3).
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.crl === undefined ? {} : { crl: tls.crl }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    },
    onOpen,
  );
  return socket.setNoDelay(true);
}
