// Brings the schema up to date: the numbered files of sql/, each applied once, whole, and never edited afterwards.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LetheError } from '../core/errors.ts';
import type { Database, Queryable } from './database.ts';

/** From src/store as from dist/store. */
const SQL_DIRECTORY = fileURLToPath(new URL('../../sql/', import.meta.url));
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

/** Any fixed number: runners on all machines take the same lock. */
const LOCK = 'select pg_advisory_xact_lock(5108114)';

const MIGRATION_TABLE = `
  create table if not exists migration (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  );
  comment on table migration is 'The files of sql/ that made this schema, with the digest each had when it was applied.'`;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

/**
 * Applies what is missing, each file in a transaction of its own, and tells the names of the files applied. Runners that start at
 * once wait for each other. Rejects with `migration-edited` when an applied file differs from what was applied, `schema-newer` when the
 * database was made by a later program; nothing is changed then.
 * @param directory holds the numbered files
 */
export async function migrate(database: Database, directory = SQL_DIRECTORY): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(directory);
  const applied: string[] = [];
  for (const migration of migrations) {
    await database.transaction(async (transaction) => {
      // The lock is held until the commit, so that what is read under it stays true.
      await transaction.query(LOCK);
      await transaction.script(MIGRATION_TABLE);
      if ((await checkApplied(transaction, migrations)) >= migration.number) return;
      // The row goes first: a file that ends the transaction itself cannot leave itself unrecorded.
      await transaction.query('insert into migration (number, name, sha256) values ($1, $2, $3)', [
        migration.number,
        migration.name,
        migration.sha256,
      ]);
      await transaction.script('set local statement_timeout = 0');
      await transaction.script(migration.text);
      applied.push(migration.name);
    });
  }
  return { applied };
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const match = FILE_NAME.exec(name);
    if (match === null) continue;
    const number = Number(match[1]);
    if (number !== migrations.length + 1)
      throw new LetheError(
        'migration-edited',
        `${directory} should hold migration ${migrations.length + 1}, not ${name}.`,
      );
    const text = await readFile(`${directory}/${name}`, 'utf8');
    migrations.push({ number, name, sha256: createHash('sha256').update(text).digest('hex'), text });
  }
  return migrations;
}

/** The number of the last applied migration, 0 for none; throws when the applied ones are not the first of ours. */
async function checkApplied(transaction: Queryable, migrations: readonly Migration[]): Promise<number> {
  const rows = await transaction.query<{ number: number; name: string; sha256: string }>(
    'select number, name, sha256 from migration order by number',
  );
  for (const row of rows) {
    const known = migrations.find((migration) => migration.number === row.number);
    if (known === undefined)
      throw new LetheError(
        'schema-newer',
        `The database has migration ${row.number}, this program knows ${migrations.length}: start the newer program that made it.`,
      );
    if (known.sha256 !== row.sha256)
      throw new LetheError(
        'migration-edited',
        `sql/${known.name} differs from the file that made this database: restore it and put the change into a new file.`,
      );
  }
  return rows.length;
}
