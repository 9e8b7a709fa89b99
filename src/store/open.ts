// Opens the database that the configuration names, with its schema up to date.
import { join } from 'node:path';
import type { Database } from './database.ts';
import { importJournals } from './mapping-journal.ts';
import { migrate } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';

/**
 * Brings in what `lethe deid` noted while the embedded database was closed.
 * @param location `embedded`, or a `postgres://` URL
 * @param dataDirectory of which this process holds the lock (lock.ts); the embedded database lives in its `postgres`
 */
export async function openDatabase(location: string, dataDirectory: string): Promise<Database> {
  const database =
    location === 'embedded' ? await openPglite(join(dataDirectory, 'postgres')) : await openPostgres(location);
  try {
    await migrate(database);
    if (location === 'embedded') await importJournals(database, dataDirectory);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
