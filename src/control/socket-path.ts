// Where the control socket is bound. The kernel takes at most 107 bytes of path (sockaddr_un), a data directory may be deeper.
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LetheError } from '../core/errors.ts';

const MAX_SOCKET_PATH_BYTES = 103;

export interface SocketPath {
  /** What to hand to listen or connect. */
  readonly path: string;
  /** Call when the socket is closed. */
  release(): Promise<void>;
}

/** The control socket of a data directory. */
export function controlSocketOf(dataDirectory: string): string {
  return join(dataDirectory, 'control.sock');
}

/**
 * A name for `path` that is short enough. A long one goes through the open directory, `/proc/self/fd/N/control.sock`,
 * which only Linux has.
 */
export async function shortenSocketPath(path: string): Promise<SocketPath> {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return { path, release: () => Promise.resolve() };
  if (process.platform !== 'linux')
    throw new LetheError(
      'data-directory-unusable',
      'the path of the data directory is too long for a socket; use one below 90 characters',
    );
  const directory = await open(dirname(path), 'r');
  return { path: `/proc/self/fd/${directory.fd}/${basename(path)}`, release: () => directory.close() };
}
