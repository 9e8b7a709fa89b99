// Fresh databases for tests, of both adapters. A PGlite cluster takes seconds to create, so each is copied from a template.
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/store/database.ts';
import { openPglite, type PgliteOptions } from '../../src/store/pglite.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from './postgres.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/lethe-test/', import.meta.url));

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
  const template = await clusterTemplate();
  const directory = await mkdtemp(join(tmpdir(), 'lethe-pglite-'));
  await cp(template, join(directory, 'postgres'), { recursive: true });
  return join(directory, 'postgres');
}

async function clusterTemplate(): Promise<string> {
  const manifest = createRequire(import.meta.url)
    .resolve('@electric-sql/pglite')
    .replace(/dist.*$/, 'package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const template = join(CACHE, `pglite-${version}`);
  if (existsSync(template)) return template;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  await (await openPglite(join(draft, 'postgres'), { upkeepMs: 0 })).close();
  try {
    await rename(join(draft, 'postgres'), template);
  } catch (error) {
    // Another test file was quicker.
    if (!existsSync(template)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return template;
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
