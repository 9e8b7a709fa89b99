// An audit repository for tests: a syslog receiver over TLS (RFC 5425) that keeps what it read, and may go away.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

export interface SyslogMessage {
  readonly head: string;
  /** Without the byte order mark. */
  readonly xml: string;
}

const MESSAGE = /^(<\d+>1 \S+ \S+ \S+ \S+ \S+ -) \uFEFF(<\?xml[\s\S]*)$/;

export class AuditRepository {
  readonly messages: SyslogMessage[] = [];
  /** Connections that were read to their end. */
  finished = 0;
  /** What was no syslog message, or no frame. */
  readonly faults: string[] = [];
  /** Cuts a connection after so many bytes, with what it has in hand unread. */
  cutAfterBytes = Infinity;
  port = 0;
  readonly #tls: TlsOptions;
  readonly #sockets = new Set<Socket>();
  #server: ReturnType<typeof createServer> | undefined;

  constructor(tls: TlsOptions) {
    this.#tls = tls;
  }

  async listen(port = 0): Promise<void> {
    this.#server = createServer(this.#tls, (socket) => {
      this.#serve(socket);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.on('error', () => undefined));
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }

  #serve(socket: Socket): void {
    let received = Buffer.alloc(0);
    let bytes = 0;
    socket
      .on('error', () => undefined)
      .on('end', () => {
        if (received.length === 0) this.finished++;
        else this.faults.push(`a torn frame of ${received.length} bytes`);
      })
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > this.cutAfterBytes) {
          this.cutAfterBytes = Infinity;
          for (const below of this.#sockets) below.resetAndDestroy();
          return;
        }
        received = Buffer.concat([received, chunk]);
        for (;;) {
          const space = received.indexOf(0x20);
          const length = Number(received.subarray(0, Math.max(space, 0)).toString());
          if (space === -1 || received.length < space + 1 + length) return;
          this.#take(received.toString('utf8', space + 1, space + 1 + length));
          received = received.subarray(space + 1 + length);
        }
      });
  }

  #take(text: string): void {
    const found = MESSAGE.exec(text);
    if (found === null) this.faults.push(text.slice(0, 100));
    else this.messages.push({ head: found[1], xml: found[2] });
  }
}
