// Unix sockets in directories with long names: a socket address holds 108 bytes (104 on BSD), a path may hold 4,096.
import { randomUUID } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const MAX_BYTES = 103;

/**
 * Calls `use` with a path of the socket `name` in `directory` that is short enough for a socket address: the plain one, or one through a
 * symbolic link that exists only for the call. The socket itself is in `directory` either way, so that all who look there find it.
 */
export async function withSocketPath<T>(
  directory: string,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(resolve(directory), name);
  if (Buffer.byteLength(path) <= MAX_BYTES) return use(path);
  const detour = join(tmpdir(), `lethe-${randomUUID()}`);
  await symlink(resolve(directory), detour);
  try {
    return await use(join(detour, name));
  } finally {
    await rm(detour, { force: true });
  }
}
