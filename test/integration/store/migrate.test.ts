import { readdirSync } from 'node:fs';
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { POSTGRES_PROGRAMS, startPostgres } from '../../support/postgres.ts';

const SQL = fileURLToPath(new URL('../../../sql/', import.meta.url));
/** The file that would come next. */
const LATER = `${String(readdirSync(SQL).length + 1).padStart(4, '0')}-later.sql`;

describe.each(ADAPTERS)('migrations in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('', () => {
    let databases: TestDatabases;
    let database: Database;
    let directory: string;

    beforeAll(async () => {
      databases = await start();
    });
    beforeEach(async () => {
      database = await databases.open();
      directory = await mkdtemp(join(tmpdir(), 'lethe-sql-'));
      await cp(SQL, directory, { recursive: true });
      return () => rm(directory, { recursive: true, force: true });
    });
    afterAll(async () => {
      await databases.close();
    });

    it('applies every file once, in order', async () => {
      const { applied } = await migrate(database, directory);
      expect(applied.length).toBeGreaterThanOrEqual(5);
      expect(applied).toEqual([...applied].sort());
      expect(await migrate(database, directory)).toEqual({ applied: [] });
      expect(await database.query('select count(*) as count from migration')).toEqual([{ count: applied.length }]);
    });

    it('describes every table and every view', async () => {
      await migrate(database);
      const silent = await database.query(`
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and obj_description(oid, 'pg_class') is null`);
      expect(silent).toEqual([]);
    });

    it('refuses an applied file that was edited, and changes nothing', async () => {
      await migrate(database, directory);
      await appendFile(join(directory, '0003-ledger.sql'), '\n-- a harmless comment\n');
      await writeFile(join(directory, LATER), 'create table later (number integer);');
      await expect(migrate(database, directory)).rejects.toMatchObject({
        code: 'migration-edited',
        kind: 'config',
        message: expect.stringContaining('0003-ledger.sql') as string,
      });
      await expect(database.query('select * from later')).rejects.toThrow('42P01');
    });

    it('refuses a database that a newer program made', async () => {
      await writeFile(join(directory, LATER), 'create table later (number integer);');
      await migrate(database, directory);
      await expect(migrate(database)).rejects.toMatchObject({ code: 'schema-newer' });
    });

    it('refuses a hole in the numbers', async () => {
      await rm(join(directory, '0002-mappings.sql'));
      await expect(migrate(database, directory)).rejects.toMatchObject({ code: 'migration-edited' });
    });

    it('leaves nothing of a file that fails half way', async () => {
      await writeFile(join(directory, LATER), 'create table later (number integer); select bogus;');
      await expect(migrate(database, directory)).rejects.toThrow('42703');
      await expect(database.query('select * from later')).rejects.toThrow('42P01');
      await writeFile(join(directory, LATER), 'create table later (number integer);');
      expect(await migrate(database, directory)).toEqual({ applied: [LATER] });
    });
  });
});

describe.skipIf(POSTGRES_PROGRAMS === undefined)('migrations on a server', () => {
  it('let runners that start at once wait for each other: each file is applied by exactly one', async () => {
    const server = await startPostgres();
    try {
      const url = await server.createDatabase();
      const runners = await Promise.all(Array.from({ length: 5 }, () => openPostgres(url)));
      const results = await Promise.all(runners.map((runner) => migrate(runner)));
      const applied = results.flatMap((result) => result.applied).sort();
      expect(applied).toEqual([...new Set(applied)]);
      expect(applied.length).toBeGreaterThanOrEqual(5);
      await Promise.all(runners.map((runner) => runner.close()));
    } finally {
      await server.stop();
    }
  });
});
