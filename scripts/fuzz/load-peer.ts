// A peer of the load script: one connection, bytes sent and bytes counted.
import { connect, type Socket } from 'node:net';
import { context, CT, data, dataSet, EXPLICIT, pdv, request, store } from '../../test/unit/dimse/wire.ts';

/** For CT Image Storage and Verification. */
export const REQUEST = request({
  contexts: [context(1, CT, [EXPLICIT]), context(3, '1.2.840.10008.1.1', ['1.2.840.10008.1.2'])],
});

const PIECE = data(pdv(1, 0, Buffer.alloc(65_000)));
/** A C-STORE of half a megabyte. */
export const INSTANCE = Buffer.concat([
  store(),
  ...Array.from({ length: 8 }, () => PIECE),
  dataSet(Buffer.alloc(4_000)),
]);

export class Peer {
  readonly socket: Socket;
  bytes = 0;
  isClosed = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.#wake();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  /** Sends, and resolves once at least `more` bytes came. */
  async ask(bytes: Buffer, more = 1): Promise<boolean> {
    const wanted = this.bytes + more;
    this.socket.write(bytes);
    while (this.bytes < wanted && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.bytes >= wanted;
  }
}
