// A directory of its own for each process of a role, on a disk that machines share: receipts have one writer each.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LetheError } from '../core/errors.ts';
import { lockDataDirectory, type DataDirectoryLock } from './lock.ts';

export interface NodeDirectory extends DataDirectoryLock {
  readonly path: string;
}

/** Processes of one role on one machine. */
const MAX_NODES = 1_000;

/** The folder that the directories of all processes are in. */
export function nodesOf(dataDirectory: string): string {
  return join(dataDirectory, 'nodes');
}

/**
 * Takes the first directory `nodes/<machine>-<role>-<n>` that no other process has, so that a process that is started again goes on where one
 * before it ended. Rejects with `data-directory-unusable`.
 */
export async function takeNodeDirectory(dataDirectory: string, role: string): Promise<NodeDirectory> {
  const machine = hostname().replace(/[^a-zA-Z0-9-]/g, '-');
  for (let number = 1; number <= MAX_NODES; number++) {
    const path = join(nodesOf(dataDirectory), `${machine}-${role}-${number}`);
    try {
      const lock = await lockDataDirectory(path);
      return { path, release: () => lock.release() };
    } catch (error) {
      if (!(error instanceof LetheError) || error.code !== 'data-directory-locked') throw error;
    }
  }
  throw new LetheError('data-directory-locked', `More than ${MAX_NODES} processes of role ${role} run here.`);
}
