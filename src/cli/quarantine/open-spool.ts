// The spool of a data directory while no gateway has it.
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Spool } from '../../pipeline/ports.ts';
import { openSharedSpool } from '../../spool/shared-spool.ts';
import { openSpool } from '../../spool/spool.ts';
import { lockDataDirectory } from '../../store/lock.ts';

/**
 * Opens the spool for `work` and closes it. Rejects with `data-directory-locked` while a gateway has it.
 * @param isLocked the caller holds the lock of the data directory
 */
export async function useClosedSpool<T>(
  config: Config,
  isLocked: boolean,
  work: (spool: Spool) => Promise<T>,
): Promise<T> {
  const options = { synced: config.spool.synced, diskReserveBytes: config.limits.diskReserve };
  if (config.queue !== 'embedded') {
    const spool = await openSharedSpool({ directory: join(config.data, 'shared-spool'), ...options });
    return work(spool).finally(() => spool.close());
  }
  const lock = isLocked ? undefined : await lockDataDirectory(config.data);
  try {
    const spool = await openSpool({ directory: join(config.data, 'spool'), ...options });
    try {
      const records = spool.replay()[Symbol.asyncIterator]();
      while ((await records.next()).done !== true); // learns where everything is
      return await work(spool);
    } finally {
      await spool.close();
    }
  } finally {
    await lock?.release();
  }
}
