// The spool of a data directory while no gateway has it.
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { openSharedSpool } from '../../spool/shared-spool.ts';
import { openSpool } from '../../spool/spool.ts';
import { lockDataDirectory } from '../../store/lock.ts';
import type { LentSpool } from './handlers.ts';

/**
 * Opens the spool. Rejects with `data-directory-locked` while a gateway has it.
 * @param isLocked the caller holds the lock of the data directory
 */
export async function openClosedSpool(config: Config, isLocked: boolean): Promise<LentSpool> {
  const options = { synced: config.spool.synced, diskReserveBytes: config.limits.diskReserve };
  if (config.queue !== 'embedded') {
    const spool = await openSharedSpool({ directory: join(config.data, 'shared-spool'), ...options });
    return { spool, giveBack: () => spool.close() };
  }
  const lock = isLocked ? undefined : await lockDataDirectory(config.data);
  try {
    const spool = await openSpool({ directory: join(config.data, 'spool'), ...options });
    const giveBack = async (): Promise<void> => {
      await spool.close().finally(() => lock?.release());
    };
    try {
      const records = spool.replay()[Symbol.asyncIterator]();
      while ((await records.next()).done !== true); // learns where everything is
    } catch (error) {
      await spool.close();
      throw error;
    }
    return { spool, giveBack };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}
