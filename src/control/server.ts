// The running gateway answers commands of the same user through a socket in its data directory.
import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { LetheError } from '../core/errors.ts';
import { withSocketPath } from '../core/socket-path.ts';
import { readLines, writeLine, type Reply, type Request } from './protocol.ts';

/** Answers one method: a value, or rows one after another. */
export type ControlHandler = (params: unknown) => Promise<unknown> | AsyncIterable<unknown>;
export type ControlHandlers = Readonly<Record<string, ControlHandler>>;

export interface ControlServer {
  /** Stops listening, ends what is under way and removes the socket. */
  close(): Promise<void>;
}

/** Silence after which a client that has sent no request is dropped. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CLIENTS = 32;

/**
 * Listens on the unix socket `path`, which only its owner may open (mode 0600). A socket that an earlier process left
 * behind is replaced: the caller holds the lock of the data directory.
 * @throws what `listen` throws, for example EACCES
 */
export async function serveControl(path: string, handlers: ControlHandlers): Promise<ControlServer> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    void answer(socket, handlers);
  });
  server.maxConnections = MAX_CLIENTS;
  await rm(path, { force: true });
  await withSocketPath(dirname(path), basename(path), (short) => listenPrivately(server, short));
  try {
    await chmod(path, 0o600);
  } catch (error) {
    server.close();
    throw error;
  }
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of clients) socket.destroy();
      await closed;
      // Node removes the path that it was given, which may have been a detour.
      await rm(path, { force: true });
    },
  };
}

/** Binds with a umask that leaves no moment in which others could connect; `listen` binds before it returns. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

async function answer(socket: Socket, handlers: ControlHandlers): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(REQUEST_TIMEOUT_MS, () => socket.destroy());
  try {
    // Not a for-await: leaving one destroys the socket before the answer is out.
    const line = await readLines(socket).next();
    socket.setTimeout(0);
    if (line.done !== true) await reply(socket, line.value, handlers);
  } catch (error) {
    await writeLine(socket, { error: describe(error) });
  }
  socket.end();
}

async function reply(socket: Socket, line: string, handlers: ControlHandlers): Promise<void> {
  const { method, params } = parseRequest(line);
  if (!Object.hasOwn(handlers, method))
    throw new LetheError('command-invalid', 'the running gateway does not know this command; is it an older version?');
  const answered = handlers[method](params);
  if (Symbol.asyncIterator in answered) {
    for await (const row of answered) {
      if (socket.destroyed) return;
      await writeLine(socket, { row });
    }
    await writeLine(socket, { result: null });
  } else await writeLine(socket, { result: (await answered) ?? null });
}

function parseRequest(line: string): Request {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch (cause) {
    throw new LetheError('command-invalid', 'a control message is not JSON', { cause });
  }
  if (typeof message === 'object' && message !== null && 'method' in message && typeof message.method === 'string')
    return { method: message.method, params: 'params' in message ? message.params : undefined };
  throw new LetheError('command-invalid', 'a control message names no method');
}

/** Errors that we know keep code and message; of anything else only the fact is told. */
function describe(error: unknown): Extract<Reply, { error: unknown }>['error'] {
  return error instanceof LetheError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'the gateway failed at this command; its log says more' };
}
