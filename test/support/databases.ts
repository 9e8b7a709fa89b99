// Fresh databases for tests, of both adapters. A PGlite cluster is a copy of the template that the build made.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClusterTemplate, copyClusterTemplate } from '../../src/store/cluster-template.ts';
import type { Database } from '../../src/store/database.ts';
import { initialiseCluster, openPglite, type PgliteOptions } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from './postgres.ts';

/** A source of empty databases. */
export interface TestDatabases {
  open(): Promise<Database>;
  /** Closes and removes every database that was opened. */
  close(): Promise<void>;
}

/** Adapters to run a suite against: `describe.each(ADAPTERS)`. */
export const ADAPTERS: readonly { name: string; isInstalled: boolean; start: () => Promise<TestDatabases> }[] = [
  { name: 'PGlite', isInstalled: true, start: pgliteDatabases },
  { name: 'Postgres', isInstalled: POSTGRES_PROGRAMS !== undefined, start: postgresDatabases },
];

/** A directory that holds a copy of an empty cluster. The caller removes it. */
export async function copyCluster(): Promise<string> {
  await buildClusterTemplate(initialiseCluster);
  const directory = join(await mkdtemp(join(tmpdir(), 'lethe-pglite-')), 'postgres');
  await mkdir(directory, { mode: 0o700 });
  await copyClusterTemplate(directory);
  return directory;
}

function pgliteDatabases(): Promise<TestDatabases> {
  const opened: { database: Database; directory: string }[] = [];
  const options: PgliteOptions = { upkeepMs: 0 };
  return Promise.resolve({
    async open() {
      const directory = await copyCluster();
      const database = await openPglite(directory, options);
      opened.push({ database, directory });
      return database;
    },
    async close() {
      for (const { database, directory } of opened) {
        await database.close();
        await rm(join(directory, '..'), { recursive: true, force: true });
      }
    },
  });
}

async function postgresDatabases(): Promise<TestDatabases> {
  const server: TestServer = await startPostgres();
  const opened: Database[] = [];
  return {
    async open() {
      const database = await openPostgres(await server.createDatabase());
      opened.push(database);
      return database;
    },
    async close() {
      for (const database of opened) await database.close();
      await server.stop();
    },
  };
}
