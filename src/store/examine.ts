// What `lethe doctor` asks the database.
import type { Queryable } from './database.ts';

export interface DatabaseFacts {
  readonly version: string;
  /** Tables of ours that our user may not read and write. */
  readonly lockedTables: readonly string[];
  /** The last migration that was applied. */
  readonly migration: string;
}

const TABLES = `
  select relname as name
  from pg_class
  where relkind = 'r' and relnamespace = current_schema()::regnamespace
    and not has_table_privilege(oid, 'select, insert')`;

/** Of a database whose schema is up to date. Rejects as `Queryable.query` does. */
export async function examineDatabase(database: Queryable): Promise<DatabaseFacts> {
  const [{ version }] = await database.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  const locked = await database.query<{ name: string }>(TABLES);
  const [last] = await database.query<{ name: string }>('select name from migration order by number desc limit 1');
  return { version, lockedTables: locked.map(({ name }) => name), migration: last.name };
}
