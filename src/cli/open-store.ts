// The database of a data directory: through the running gateway, or opened here while none runs.
import { callControl, NOT_RUNNING } from '../control/client.ts';
import { controlSocketOf } from '../control/socket-path.ts';
import type { ControlHandler } from '../control/server.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../store/database.ts';
import { lockDataDirectory } from '../store/lock.ts';
import { openDatabase } from '../store/open.ts';
import { databaseHandlers, type DatabaseMethod } from './database-handlers.ts';

export interface OpenStore {
  readonly database: Database;
  close(): Promise<void>;
}

/**
 * Opens the configured database, its schema up to date. The embedded one is locked first.
 * @throws LetheError `data-directory-locked` while a gateway or another command has it
 */
export async function openStore(config: Config): Promise<OpenStore> {
  const lock = config.database === 'embedded' ? await lockDataDirectory(config.data) : undefined;
  try {
    const database = await openDatabase(config.database, config.data);
    return {
      database,
      async close() {
        await database.close();
        await lock?.release();
      },
    };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/**
 * Asks the running gateway of the data directory, or, while none runs and with a Redis queue, does the same here.
 * @param onRow takes the rows of an answer, one after another
 */
export async function askDatabase(
  config: Config,
  method: DatabaseMethod,
  params: unknown,
  onRow?: (row: unknown) => void | Promise<void>,
): Promise<unknown> {
  // One process that does everything: it alone knows what waits for what.
  if (config.queue === 'embedded') {
    const answer = await callControl(controlSocketOf(config.data), method, params, onRow);
    if (answer !== NOT_RUNNING) return answer;
  }
  const store = await openStore(config);
  try {
    return await answerHere(databaseHandlers(store.database, config)[method], params, onRow);
  } finally {
    await store.close();
  }
}

/** The answer as it would have come over the socket. */
async function answerHere(
  handler: ControlHandler,
  params: unknown,
  onRow?: (row: unknown) => void | Promise<void>,
): Promise<unknown> {
  const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  const answer = handler(overTheWire(params));
  if (!(Symbol.asyncIterator in answer)) return overTheWire(await answer);
  for await (const row of answer) await onRow?.(overTheWire(row));
  return null;
}
