// One request of STOW-RS (PS3.18 10.5, 2026d): a Part 10 file as the only part of multipart/related, streamed; the answer bounded in time and size.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import type { SplicePlan } from '../dicom/element.ts';
import { buildFileHeader } from '../dicom/part10.ts';
import { readPlan } from '../dicom/plan-io.ts';

/** What the peer shows and asks for over TLS; PEM. Read at each connection, so that renewed files are used. */
export interface StowTls {
  readonly ca?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly certificate?: string | Buffer | undefined;
  readonly crl?: string | Buffer | undefined;
  readonly serverName?: string | undefined;
}

export interface StowClientOptions {
  /** Base address of the service; `/studies` follows it (PS3.18 10.5.1). */
  readonly url: string;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: StowTls | undefined;
  /** Connections at the same time. */
  readonly connections: number;
  /** To open a connection. Default 10 s. */
  readonly connectMs?: number | undefined;
  /** Longest time without a byte in either direction, and for the answer. Default 300 s. */
  readonly responseMs?: number | undefined;
}

export interface StowInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly plan: SplicePlan;
}

export interface StowAnswer {
  readonly status: number;
  /** Media type without parameters, in lower case; empty when none was named. */
  readonly mediaType: string;
  /** Cut to nothing when it is longer than is read. */
  readonly body: string | undefined;
  /** Milliseconds that the peer asks to wait (RFC 9110 10.2.3). */
  readonly retryAfterMs: number | undefined;
}

/** An answer for one instance is some hundred bytes. */
const MAX_ANSWER_BYTES = 1 << 20;
const ACCEPT = 'application/dicom+json, application/dicom+xml;q=0.8';

export class StowClient {
  readonly #options: StowClientOptions;
  readonly #target: URL;
  readonly #agent: HttpAgent;

  constructor(options: StowClientOptions) {
    this.#options = options;
    this.#target = new URL(`${options.url.replace(/\/+$/, '')}/studies`);
    const Agent = this.#isSecure ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.connections, scheduling: 'lifo' });
  }

  /**
   * Rejects with `peer-unreachable`, `connection-lost` or `peer-timeout` when there is no whole answer, and as the plan does when
   * it cannot be read. Never follows a redirect.
   */
  async store(instance: StowInstance): Promise<StowAnswer> {
    const first = await this.#store(instance, true);
    // The peer had closed a connection that was idle, before it read anything of ours.
    return first ?? (await this.#store(instance, false)) ?? Promise.reject(new TypeError('a request ended in nothing'));
  }

  /** Undefined when a connection that was used before turned out to be closed. */
  async #store(instance: StowInstance, mayBeStale: boolean): Promise<StowAnswer | undefined> {
    const boundary = randomBytes(18).toString('hex');
    const { sopClassUid, sopInstanceUid, transferSyntaxUid, plan } = instance;
    const opening = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Type: application/dicom; transfer-syntax=${transferSyntaxUid}\r\n\r\n`,
        'latin1',
      ),
      buildFileHeader({ sopClassUid, sopInstanceUid, transferSyntaxUid }),
    ]);
    const closing = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
    const request = this.#open('POST', this.#target, {
      'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      'Content-Length': opening.length + plan.length + closing.length,
      Accept: ACCEPT,
    });
    try {
      return await this.#exchange(request, async (isAnswered) => {
        request.write(opening);
        for await (const chunk of readPlan(plan)) {
          if (request.destroyed || isAnswered()) return;
          if (!request.write(chunk)) await drained(request);
        }
        request.end(closing);
      });
    } catch (error) {
      const isStale = error instanceof LetheError && error.code === 'connection-lost' && request.reusedSocket;
      if (mayBeStale && isStale) return undefined;
      throw error;
    }
  }

  /** Asks for nothing but whether somebody answers (PS3.18 8.9 is optional: any status is an answer). */
  async ask(): Promise<StowAnswer> {
    const request = this.#open('OPTIONS', this.#target, {});
    return this.#exchange(request, () => {
      request.end();
      return Promise.resolve();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  get #isSecure(): boolean {
    return this.#target.protocol === 'https:';
  }

  #open(method: string, target: URL, headers: Readonly<Record<string, string | number>>): ClientRequest {
    const { tls, token, user, password = '', connectMs = 10_000, responseMs = 300_000 } = this.#options;
    const authorization =
      token === undefined
        ? user && `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`
        : `Bearer ${token}`;
    const serverName = tls?.serverName ?? (isIP(hostOf(target)) === 0 ? hostOf(target) : undefined);
    const options: RequestOptions & Record<string, unknown> = {
      method,
      agent: this.#agent,
      headers: { ...headers, ...(authorization === undefined ? {} : { Authorization: authorization }) },
      ...(this.#isSecure
        ? {
            minVersion: 'TLSv1.2',
            ...present({ ca: tls?.ca, key: tls?.key, cert: tls?.certificate, crl: tls?.crl, servername: serverName }),
          }
        : {}),
    };
    const request = (this.#isSecure ? requestHttps : requestHttp)(target, options);
    request.setNoDelay(true);
    request.setTimeout(responseMs, () => request.destroy(new LetheError('peer-timeout', 'the peer is silent')));
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => {
        request.destroy(new LetheError('peer-timeout', 'no connection to the peer in time'));
      }, connectMs);
      const done = (): void => {
        clearTimeout(timer);
      };
      socket.once(this.#isSecure ? 'secureConnect' : 'connect', done).once('close', done);
    });
    return request;
  }

  /** The answer may come before the whole body has left: then the rest does not leave. */
  async #exchange(request: ClientRequest, send: (isAnswered: () => boolean) => Promise<void>): Promise<StowAnswer> {
    let isAnswered = false;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', (response) => {
        isAnswered = true;
        resolve(response);
      });
      request.once('error', reject);
    });
    const sent = send(() => isAnswered);
    try {
      // What cannot be read ends the request; what the peer does not want ends in its answer.
      const response = await Promise.race([answered, sent.then(() => answered)]);
      const answer = await readAnswer(response);
      if (!request.writableFinished) {
        request.destroy();
        if (answer.status < 300)
          throw new LetheError('connection-lost', 'the peer answered before it had the whole instance');
      }
      return answer;
    } catch (error) {
      request.destroy();
      throw asTransient(error);
    } finally {
      request.on('error', () => undefined); // after its end nobody waits for it
      await sent.catch(() => undefined); // told by the race
    }
  }
}

async function readAnswer(response: IncomingMessage): Promise<StowAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) {
      response.destroy();
      break;
    }
    chunks.push(chunk);
  }
  const isWhole = length <= MAX_ANSWER_BYTES;
  return {
    status: response.statusCode ?? 0,
    mediaType: (response.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase(),
    body: isWhole ? Buffer.concat(chunks).toString('utf8') : undefined,
    retryAfterMs: parseRetryAfter(response.headers['retry-after'], Date.now()),
  };
}

/** Seconds, or a date. Undefined for anything else. */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

async function drained(request: ClientRequest): Promise<void> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  request.once('close', end).once('response', end);
  try {
    await once(request, 'drain', { signal: ended.signal });
  } catch (error) {
    // Closed, or answered before it took everything: whoever writes looks at that.
    if (!ended.signal.aborted) throw error;
  } finally {
    request.off('close', end).off('response', end);
  }
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT']);

/** Our own words: what Node says of a certificate or an address may hold what the peer wrote. */
function asTransient(error: unknown): unknown {
  if (error instanceof LetheError) return error;
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  const options = { cause: error };
  if (UNREACHABLE.has(code)) return new LetheError('peer-unreachable', `nobody answers (${code})`, options);
  if (/^(?:CERT|ERR_TLS|UNABLE|SELF_SIGNED|DEPTH_ZERO|ERR_SSL|CRL|HOSTNAME)/.test(code))
    return new LetheError('peer-unreachable', `the TLS connection was not made (${code})`, options);
  return new LetheError('connection-lost', `the connection ended before the answer (${code})`, options);
}

function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '');
}

function present(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
