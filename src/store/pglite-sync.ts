// Syncs the files of a PGlite cluster to the disk, which PGlite itself never does. A sync of a file covers what any handle wrote to it.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';

const AT_ONCE = 16;
const LOG_SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Syncs the write-ahead log: every commit so far can be replayed after a loss of power, given the pages as of the last checkpoint, which
 * syncCluster puts on the disk. Between a checkpoint and the end of its sync (well under a second per 64 MB of log) that is not given.
 */
export async function syncLog(cluster: string): Promise<void> {
  await rethrowAsDiskFailure(async () => {
    const log = join(cluster, 'pg_wal');
    const segments = (await readdir(log)).filter((name) => LOG_SEGMENT.test(name));
    // Only what was written since the last time is there to write: an old segment costs next to nothing.
    for (const name of segments) await sync(join(log, name));
    await sync(log);
  });
}

/** Syncs every file and directory of the cluster. */
export async function syncCluster(cluster: string): Promise<void> {
  await rethrowAsDiskFailure(async () => {
    const entries = await readdir(cluster, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    // About a thousand files. Some at a time share a commit of the file system's journal.
    for (let start = 0; start < paths.length; start += AT_ONCE)
      await Promise.all(paths.slice(start, start + AT_ONCE).map(sync));
    await sync(cluster);
  });
}

async function sync(path: string): Promise<void> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    // Dropped or recycled meanwhile: there is nothing to keep.
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function rethrowAsDiskFailure(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new LetheError('disk-failed', 'The files of the embedded database cannot be synced.', { cause: error });
  }
}
