// Commands talk to the running gateway of a data directory.
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { ERROR_CODES, LetheError, QUARANTINE_REASONS, systemCodeOf, type ErrorCode } from '../core/errors.ts';
import { withSocketPath } from '../core/socket-path.ts';
import { readLines, writeLine, type Reply } from './protocol.ts';

/** Nobody answers on this socket: the gateway is not running. */
export const NOT_RUNNING = Symbol('not running');

/**
 * Asks the gateway for `method` and resolves with its result, or with NOT_RUNNING. Rows, if any, go to `onRow` in order.
 * @throws LetheError with the code and message of the gateway; `connection-lost` when it went away in between
 */
export async function callControl(
  path: string,
  method: string,
  params?: unknown,
  onRow?: (row: unknown) => void | Promise<void>,
): Promise<unknown> {
  const socket = await withSocketPath(dirname(path), basename(path), openSocket);
  if (socket === undefined) return NOT_RUNNING;
  try {
    await writeLine(socket, { method, params });
    return await readAnswer(socket, onRow);
  } finally {
    socket.destroy();
  }
}

function openSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', (error) => {
      const code = systemCodeOf(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(undefined);
      else
        reject(
          new LetheError('connection-lost', `cannot talk to the running gateway (${code ?? 'unknown'})`, {
            cause: error,
          }),
        );
    });
  });
}

async function readAnswer(socket: Socket, onRow?: (row: unknown) => void | Promise<void>): Promise<unknown> {
  try {
    for await (const line of readLines(socket)) {
      const reply = JSON.parse(line) as Reply;
      if ('row' in reply) await onRow?.(reply.row);
      else if ('error' in reply) throw toError(reply.error);
      else return reply.result;
    }
  } catch (error) {
    if (error instanceof LetheError || systemCodeOf(error) === undefined) throw error;
    throw new LetheError('connection-lost', 'the running gateway went away before it answered', { cause: error });
  }
  throw new LetheError('connection-lost', 'the running gateway went away before it answered');
}

function toError(error: { readonly code: string; readonly message: string }): LetheError {
  const isKnown = Object.hasOwn(ERROR_CODES, error.code) || Object.hasOwn(QUARANTINE_REASONS, error.code);
  return new LetheError(isKnown ? (error.code as ErrorCode) : 'connection-lost', error.message);
}
