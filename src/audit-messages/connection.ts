// One connection to the audit repository. Syslog knows no answer: what was written counts as taken once the repository has read to our end
// and closed its own side (RFC 5425 4.4). A peer that dies with something unread resets the connection instead; only one that dies, having read
// everything so far, in the very moment in which the end is on its way looks the same.
import type { Socket } from 'node:net';
import { LetheError, systemCodeOf } from '../core/errors.ts';

/** Opens a transport; `onOpen` is called once bytes can be written. Failures show as the socket's `error` and `close`. */
export type OpenTransport = (onOpen: () => void) => Socket;

export interface ConnectionTiming {
  /** For the connection with its TLS handshake. Default 10 s. */
  readonly connectMs?: number;
  /** Longest time in which the repository takes nothing, or does not close after us. Default 15 s. */
  readonly silenceMs?: number;
}

export class SyslogConnection {
  readonly #socket: Socket;
  readonly #silenceMs: number;
  #failure: LetheError | undefined;
  /** Our end left for the network: what comes back from now on may answer it. */
  #hasEnded = false;
  #isRead = false;
  #isClosed = false;
  #onChange: (() => void)[] = [];

  private constructor(open: OpenTransport, silenceMs: number, onOpen: () => void) {
    this.#silenceMs = silenceMs;
    this.#socket = open(onOpen);
    this.#socket
      .on('error', (error) => {
        this.#fail(systemCodeOf(error) ?? 'failed', error);
      })
      .on('end', () => {
        this.#isRead = this.#hasEnded;
        if (!this.#hasEnded) this.#fail('closed by the repository');
      })
      .on('drain', () => {
        this.#changed();
      })
      .on('close', () => {
        this.#isClosed = true;
        if (!this.#isRead) this.#fail('closed');
        this.#changed();
      })
      .resume();
  }

  /** Rejects with `peer-unreachable`. */
  static async open(
    open: OpenTransport,
    { connectMs = 10_000, silenceMs = 15_000 }: ConnectionTiming = {},
  ): Promise<SyslogConnection> {
    let isOpen = false;
    const connection: SyslogConnection = new SyslogConnection(open, silenceMs, () => {
      isOpen = true;
      connection.#changed();
    });
    try {
      await connection.#until(() => isOpen, connectMs);
    } catch (cause) {
      throw new LetheError('peer-unreachable', 'The audit repository cannot be reached.', { cause });
    }
    return connection;
  }

  /** Resolves when the connection can take more. Rejects with `connection-lost` or `peer-timeout`. */
  async write(frame: Buffer): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#socket.write(frame)) await this.#until(() => !this.#socket.writableNeedDrain, this.#silenceMs);
  }

  /** Resolves once the repository has read all that was written. Rejects as `write`. */
  async finish(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#socket.end(() => {
      this.#hasEnded = true;
    });
    await this.#until(() => this.#isClosed && this.#isRead, this.#silenceMs);
  }

  /** Cuts it. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #until(condition: () => boolean, withinMs: number): Promise<void> {
    const limit = { isOver: false };
    const timer = setTimeout(() => {
      limit.isOver = true;
      this.#changed();
    }, withinMs);
    try {
      while (!condition()) {
        if (this.#failure !== undefined) throw this.#failure;
        if (limit.isOver) throw new LetheError('peer-timeout', 'The audit repository does not answer in time.');
        await new Promise<void>((resolve) => this.#onChange.push(resolve));
      }
    } catch (error) {
      this.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(what: string, cause?: unknown): void {
    this.#failure ??= new LetheError('connection-lost', `The connection to the audit repository was lost (${what}).`, {
      cause,
    });
    this.#changed();
  }

  #changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }
}
