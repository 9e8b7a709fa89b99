// C-ECHO as SCU (PS3.4 Annex A), by the client of dcmjs-dimse. That client has no timer that can be trusted and tells nothing
// of an abort, so that the whole exchange stands under one timer of ours, which cuts the connection.
import { Socket } from 'node:net';
import dimse from 'dcmjs-dimse';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { describeRejection } from './pdu.ts';
import { SECURE_TRANSPORT } from './transport.ts';
import type { RequestorTls } from './transport.ts';

const { Client, requests, log } = dimse;
// It would write peers' text to the console.
log.setLevel('silent');

export interface EchoOptions {
  /** Of the peer. */
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  readonly host: string;
  readonly port: number;
  /** For everything together: connection, association, answer, release. */
  readonly timeoutMs: number;
  readonly tls?: Omit<RequestorTls, 'serverName'>;
}

/**
 * Asks a peer for a C-ECHO. Resolves with the time until its answer.
 * Rejects with `peer-unreachable`, `peer-timeout`, `association-rejected` (the reason in words), `context-not-accepted`,
 * `status-refused` or `connection-lost`. No connection is left open.
 */
export async function echo(options: EchoOptions): Promise<{ durationMs: number }> {
  const startedAt = performance.now();
  const client = new Client();
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<{ durationMs: number }>((resolve, reject) => {
      let answer: { durationMs: number } | undefined;
      let isConnected = false;
      let transportCode: string | undefined;
      const fail = (error: LetheError): void => {
        reject(error);
      };
      timer = setTimeout(() => {
        if (answer !== undefined) resolve(answer);
        else if (isConnected) fail(new LetheError('peer-timeout', 'the peer did not answer in time'));
        else fail(new LetheError('peer-unreachable', 'the connection could not be opened in time'));
      }, options.timeoutMs);
      const request = new requests.CEchoRequest();
      request.on('response', (response: { getStatus(): number }) => {
        const status = response.getStatus();
        if (status === 0) answer = { durationMs: performance.now() - startedAt };
        else
          fail(new LetheError('status-refused', `the peer answered status 0x${status.toString(16).padStart(4, '0')}`));
      });
      client.on('connected', () => {
        isConnected = true;
      });
      client.on('associationRejected', ({ source, reason }: { source: number; reason: number }) => {
        const words = describeRejection(source, reason);
        fail(new LetheError('association-rejected', `the peer rejected the association: ${words}`));
      });
      client.on('associationReleased', () => {
        if (answer !== undefined) return;
        fail(new LetheError('context-not-accepted', 'the peer does not accept the verification service'));
      });
      client.on('networkError', (error: unknown) => {
        const suffix = transportCode ?? 'protocol error';
        if (answer !== undefined) resolve(answer);
        else if (isConnected)
          fail(new LetheError('connection-lost', `the exchange broke off (${suffix})`, { cause: error }));
        else
          fail(new LetheError('peer-unreachable', `the connection could not be opened (${suffix})`, { cause: error }));
      });
      client.on('closed', () => {
        if (answer !== undefined) resolve(answer);
        else fail(new LetheError('connection-lost', 'the peer closed the connection without an answer'));
      });
      client.addRequest(request);
      client.send(options.host, options.port, options.callingAeTitle, options.aeTitle, clientOptions(options));
      socket = socketOf(client);
      // Before the client's own listener, which passes on the message alone.
      socket?.prependListener('error', (error) => (transportCode = systemCodeOf(error)));
    });
  } finally {
    clearTimeout(timer);
    socket?.destroy();
  }
}

function clientOptions({ timeoutMs, tls }: EchoOptions): Parameters<InstanceType<typeof Client>['send']>[4] {
  const timeouts = { connectTimeout: timeoutMs, associationTimeout: timeoutMs, pduTimeout: timeoutMs };
  if (tls === undefined) return timeouts;
  const { minVersion = 'TLSv1.2', ciphers = '' } = SECURE_TRANSPORT;
  return {
    ...timeouts,
    securityOptions: {
      rejectUnauthorized: true,
      minVersion,
      ciphers,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    },
  };
}

/** The socket that the client opened; it keeps it to itself, and offers no way to close it. */
function socketOf(client: object): Socket | undefined {
  const network: unknown = Reflect.get(client, 'network');
  const socket: unknown = typeof network === 'object' && network !== null ? Reflect.get(network, 'socket') : undefined;
  return socket instanceof Socket ? socket : undefined;
}
