// What is asked of the ledger. Counts are sums of the tally: a few rows, whatever the number of instances.
import type { RecordId } from '../core/brands.ts';
import { INSTANCE_STATES, type DestinationCounts, type InstanceState, type LedgerCounts } from '../pipeline/ports.ts';
import { arrayLiteral } from './array-literal.ts';
import type { Queryable, Row } from './database.ts';
import { AT_REST, STATE_BY_ID } from './transitions.ts';

const COUNT_STATES = 'select state, sum(change)::bigint as count from instance_tally group by state';

const COUNT_DELIVERIES = `
  with counted as (
    select destination, state, sum(change)::bigint as count from delivery_tally group by destination, state
  ),
  place as (select distinct destination from counted)
  select
    place.destination,
    coalesce((select count from counted where destination = place.destination and state = 'pending'), 0) as pending,
    coalesce((select count from counted where destination = place.destination and state = 'retrying'), 0) as retrying,
    coalesce((select count from counted where destination = place.destination and state = 'sent'), 0) as sent,
    coalesce((select count from counted where destination = place.destination and state = 'dead'), 0) as dead,
    (
      select error
      from delivery
      where delivery.destination = place.destination and delivery.state in ('retrying', 'dead')
      order by updated_at desc
      limit 1
    ) as last_error
  from place
  order by place.destination`;

const FIND_AT_REST = `
  select record_id, state from instance where record_id = any ($1::uuid[]) and state = any ($2::text[])`;

const FIND_RELEASED = `select record_id from instance where record_id = any ($1::uuid[]) and ${STATE_BY_ID} = 'released'`;

const FOLD_TALLIES = [
  `with gone as (
     delete from instance_tally
     where ctid in (select ctid from instance_tally for update skip locked)
     returning state, change
   )
   insert into instance_tally select state, sum(change) from gone group by state`,
  `with gone as (
     delete from delivery_tally
     where ctid in (select ctid from delivery_tally for update skip locked)
     returning destination, state, change
   )
   insert into delivery_tally select destination, state, sum(change) from gone group by destination, state`,
];

const OLDEST_WAITING = `
  select extract(epoch from now() - received_at)::float8 as seconds
  from instance
  where state in ('received', 'deidentifying', 'clean', 'delivering', 'released')
  order by received_at
  limit 1`;

/** Instances by state. */
export async function countStates(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<{ state: string; count: number }>(COUNT_STATES);
  return new Map(rows.map((row) => [row.state, row.count]));
}

/** Age in seconds of the oldest instance that is not at rest; 0 when there is none. */
export async function findOldestWaiting(database: Queryable): Promise<number> {
  const [oldest] = await database.query<{ seconds: number }>(OLDEST_WAITING);
  return Math.max(0, (oldest as { seconds: number } | undefined)?.seconds ?? 0);
}

export async function countInstances(database: Queryable): Promise<LedgerCounts> {
  const counts = await countStates(database);
  const of = (state: InstanceState): number => counts.get(state) ?? 0;
  const received = INSTANCE_STATES.reduce((sum, state) => sum + of(state), 0);
  const atRest = AT_REST.reduce((sum, state) => sum + of(state), 0);
  return { received, waiting: received - atRest, delivered: of('delivered'), quarantined: of('quarantined') };
}

interface DestinationRow extends Row {
  readonly destination: string;
  readonly pending: number;
  readonly retrying: number;
  readonly sent: number;
  readonly dead: number;
  readonly last_error: string | null;
}

export async function countDestinations(database: Queryable): Promise<DestinationCounts[]> {
  const rows = await database.query<DestinationRow>(COUNT_DELIVERIES);
  return rows.map(({ last_error, ...counts }) => ({ ...counts, lastError: last_error ?? undefined }));
}

export async function findAtRest(
  database: Queryable,
  recordIds: readonly RecordId[],
): Promise<Map<RecordId, InstanceState>> {
  if (recordIds.length === 0) return new Map();
  const rows = await database.query<{ record_id: RecordId; state: InstanceState }>(FIND_AT_REST, [
    arrayLiteral(recordIds),
    arrayLiteral(AT_REST),
  ]);
  return new Map(rows.map((row) => [row.record_id, row.state]));
}

export async function findReleased(database: Queryable, recordIds: readonly RecordId[]): Promise<Set<RecordId>> {
  if (recordIds.length === 0) return new Set();
  const rows = await database.query<{ record_id: RecordId }>(FIND_RELEASED, [arrayLiteral(recordIds)]);
  return new Set(rows.map((row) => row.record_id));
}

/** Folds the rows of each tally into one per state. Rows that another writer is folding are left to it. */
export async function foldTallies(database: Queryable): Promise<void> {
  for (const statement of FOLD_TALLIES) await database.query(statement);
}
