// The control protocol: newline-delimited JSON over a unix socket. One request a connection; rows, then one result or error.
import type { Socket } from 'node:net';
import { LetheError } from '../core/errors.ts';

/** Longest line that either side accepts, in bytes. */
export const MAX_LINE_BYTES = 4 * 2 ** 20;

/** What the client writes. */
export interface Request {
  readonly method: string;
  readonly params: unknown;
}

/** A line that the server writes. `row` may stand many times; `result` or `error` ends the answer. */
export type Reply =
  | { readonly row: unknown }
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } };

/** Lines of a socket as they arrive. Ends at the end of the stream; a last line without its newline is dropped. */
export async function* readLines(socket: Socket, maxBytes = MAX_LINE_BYTES): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      held.push(chunk.subarray(start, end));
      yield Buffer.concat(held).toString('utf8');
      held = [];
      heldBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      held.push(chunk.subarray(start));
      heldBytes += chunk.length - start;
    }
    if (heldBytes > maxBytes)
      throw new LetheError('command-invalid', `a control message is longer than ${maxBytes} bytes`);
  }
}

/** Writes one line; waits while the peer reads slower than we write. Resolves early when the socket is closed. */
export async function writeLine(socket: Socket, message: Request | Reply): Promise<void> {
  if (socket.destroyed || socket.write(`${JSON.stringify(message)}\n`)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.once('drain', done).once('close', done);
  });
}
