// What Postgres does in the background and PGlite does not: checkpoints and vacuum. Without them the log grows without
// bound (32 MB per 100,000 small rows measured, none recycled) and dead rows stay.
import type { Database } from './database.ts';

/** Bytes of log after which a checkpoint lets it be recycled. */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;

/** The thresholds of autovacuum: a fifth of the rows dead, or a tenth changed since the last ANALYZE. */
const NEEDY_TABLES = `
  select relname as name, n_dead_tup > 1000 + 0.2 * n_live_tup as is_bloated
  from pg_stat_user_tables
  where n_dead_tup > 1000 + 0.2 * n_live_tup or n_mod_since_analyze > 1000 + 0.1 * n_live_tup
  order by relname`;

const LOG_SINCE_CHECKPOINT = `
  select (pg_current_wal_insert_lsn() - redo_lsn)::bigint as bytes from pg_control_checkpoint()`;

/**
 * Does what is due. Statements run one at a time, so that others get their turn in between.
 * @param checkpoint writes and syncs all changed pages
 */
export async function keepUp(database: Database, checkpoint: () => Promise<void>): Promise<void> {
  // A session hands its counts on once a second at most.
  await database.query('select pg_stat_force_next_flush()');
  const tables = await database.query<{ name: string; is_bloated: boolean }>(NEEDY_TABLES);
  for (const { name, is_bloated } of tables) {
    await database.script(is_bloated ? `vacuum (analyze) "${name}"` : `analyze "${name}"`);
  }
  const [log] = await database.query<{ bytes: number }>(LOG_SINCE_CHECKPOINT);
  if (log.bytes > CHECKPOINT_BYTES) await checkpoint();
}
