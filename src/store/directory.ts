// Directories that only our user may enter.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';

/**
 * Makes the directory with mode 0700, and those above it that are missing; leaves an existing one as it is. Rejects with the system's error.
 * Node's own recursive mkdir never returns where a file system refuses new names with ENOENT, as /proc does.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await tryMake(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeDirectory(parent);
  // The parent is there now, whoever made it: what still is not found is the file system's refusal.
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => rejectUnlessDirectory(path, error));
}

/** False when a directory above is missing. */
async function tryMake(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    await rejectUnlessDirectory(path, error);
  }
  return true;
}

async function rejectUnlessDirectory(path: string, error: unknown): Promise<void> {
  if (systemCodeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error;
}
