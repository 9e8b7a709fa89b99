// Records in a spool that the present composition does not use: with one process they are in `spool`, with roles of their own in `shared-spool`.
import { readdir } from 'node:fs/promises';
import type { RecordId } from '../core/brands.ts';
import { systemCodeOf } from '../core/errors.ts';
import type { Spool } from '../pipeline/ports.ts';
import { asDiskError } from './file-io.ts';
import { openSharedSpool } from './shared-spool.ts';
import { openSpool } from './spool.ts';

/**
 * The records of a spool that were acknowledged and neither released nor marked as quarantined. Nothing is made when there is no such directory.
 * Rejects with `disk-failed`.
 * @param directory of which no process makes use: of a spool of one process the caller holds the lock of the data directory
 */
export async function findLeftOver(directory: string, kind: 'one process' | 'shared'): Promise<RecordId[]> {
  if (!(await holdsAnything(directory))) return [];
  const options = { directory, synced: false, diskReserveBytes: 0 };
  const spool: Spool = await (kind === 'shared' ? openSharedSpool(options) : openSpool(options));
  try {
    const left: RecordId[] = [];
    for await (const { record, marks } of spool.replay())
      if (!marks.some((mark) => mark.kind === 'quarantined')) left.push(record.recordId);
    return left;
  } finally {
    await spool.close();
  }
}

async function holdsAnything(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length > 0;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw asDiskError(error, 'be looked through');
  }
}
