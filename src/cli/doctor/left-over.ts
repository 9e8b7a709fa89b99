// Instances that wait where nobody looks: the installation was changed from one process to roles, or back, before its spool was empty.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { LetheError } from '../../core/errors.ts';
import { findLeftOver } from '../../spool/left-over.ts';
import type { Database } from '../../store/database.ts';
import { findAtRest } from '../../store/ledger-queries.ts';
import { lockDataDirectory, type DataDirectoryLock } from '../../store/lock.ts';
import { fail, ok, type Finding } from './finding.ts';

export interface LeftOver {
  readonly directory: string;
  /** Acknowledged, and at rest for no ledger that we know. */
  readonly waiting: number;
}

const LOCK_TRIES = 20;
const LOCK_RETRY_MS = 250;

/**
 * Looks into the spool of the other composition.
 * @throws LetheError `data-directory-locked` while a gateway of one process runs here and roles are to be started beside it
 */
export async function lookForLeftOver(config: Config, database: Database): Promise<LeftOver> {
  if (config.queue === 'embedded') {
    const directory = join(config.data, 'shared-spool');
    return { directory, waiting: await countWaiting(await findLeftOver(directory, 'shared'), database) };
  }
  const directory = join(config.data, 'spool');
  if (!existsSync(directory)) return { directory, waiting: 0 };
  const lock = await lockWithPatience(config.data);
  try {
    return { directory, waiting: await countWaiting(await findLeftOver(directory, 'one process'), database) };
  } finally {
    await lock.release();
  }
}

/** Roles that start at the same time look one after another. */
async function lockWithPatience(directory: string): Promise<DataDirectoryLock> {
  for (let tries = 1; ; tries++) {
    try {
      return await lockDataDirectory(directory);
    } catch (error) {
      const isLocked = error instanceof LetheError && error.code === 'data-directory-locked';
      if (!isLocked || tries === LOCK_TRIES) throw error;
      await sleep(LOCK_RETRY_MS);
    }
  }
}

async function countWaiting(recordIds: Parameters<typeof findAtRest>[1], database: Database): Promise<number> {
  return recordIds.length - (await findAtRest(database, recordIds)).size;
}

/** Rejects with `data-directory-unusable` when instances wait that this composition would never send. */
export async function requireNothingLeftOver(config: Config, database: Database): Promise<void> {
  const left = await lookForLeftOver(config, database);
  if (left.waiting > 0) throw new LetheError('data-directory-unusable', describe(config, left));
}

export async function checkLeftOver(config: Config, database: Database): Promise<Finding> {
  const left = await lookForLeftOver(config, database);
  return left.waiting > 0
    ? fail('left over', describe(config, left))
    : ok('left over', 'nothing waits in the spool of another composition');
}

function describe(config: Config, { directory, waiting }: LeftOver): string {
  const before =
    config.queue === 'embedded' ? 'the roles that share it (queue: redis://…)' : 'one process (queue: embedded)';
  return `${waiting} acknowledged instances wait in ${directory}, which was filled by ${before}: nobody would send them; start that once more with its database until lethe status says waiting 0`;
}
