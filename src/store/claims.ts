// Who works on what, among the processes that share a ledger. Each claim is one statement that names the states it may leave; rows that
// another process is just taking are skipped, not waited for.
import { randomUUID } from 'node:crypto';
import type { RecordId } from '../core/brands.ts';
import type { InstanceState } from '../pipeline/ports.ts';
import type { Claims, DeliveryClaim, Outage, WorkClaim } from '../pipeline/roles/ports.ts';
import { arrayLiteral } from './array-literal.ts';
import type { Database, Row } from './database.ts';
import { retryDeliveries } from './deliveries.ts';
import { storable } from './text.ts';
import { STATE_BY_ID } from './transitions.ts';

export interface ClaimOptions {
  /** Seconds after which work that was not renewed may be taken by another process. */
  readonly leaseSeconds: number;
  /** Destinations that keep the order within a series. */
  readonly orderedDestinations?: readonly string[];
}

interface IdRow {
  readonly [column: string]: unknown;
  readonly record_id: RecordId;
}

const LEASE = `now() + $1 * interval '1 second'`;

const CLAIM_WORK = `
  with waiting as (
    select record_id from instance
    where state in ('received', 'deidentifying', 'released') and (state <> 'deidentifying' or lease_until < now())
    order by received_at limit $2 for update skip locked
  )
  update instance set state = 'deidentifying', lease_until = ${LEASE}, updated_at = now()
  from waiting where instance.record_id = waiting.record_id
  returning
    instance.record_id as "recordId",
    instance.review,
    exists (
      select from instance as other
      where other.sop_instance_uid = instance.sop_instance_uid and other.record_id <> instance.record_id
    ) as "isUidKnown"`;

const RENEW_WORK = `
  update instance set lease_until = ${LEASE} where record_id = any ($2::uuid[]) and ${STATE_BY_ID} = 'deidentifying'`;

const GIVE_BACK_WORK = `
  with back as (
    update instance set state = 'received', lease_until = null, updated_at = now()
    where record_id = any ($1::uuid[]) and ${STATE_BY_ID} in ('deidentifying', 'clean', 'delivering')
    returning record_id
  )
  update delivery set due_at = null from back
  where delivery.record_id = back.record_id and delivery.state in ('pending', 'retrying')`;

const NOTE_SERIES = `
  update delivery set series = told.series, received_at = instance.received_at
  from unnest($1::uuid[], $2::text[]) as told (record_id, series) join instance using (record_id)
  where delivery.record_id = told.record_id and delivery.destination = any ($3::text[])
    and delivery.state in ('pending', 'retrying')`;

const OPEN_DELIVERIES = `
  update delivery set due_at = now(), sender = null, waits_since = coalesce(waits_since, now())
  where record_id = any ($1::uuid[]) and state in ('pending', 'retrying') and due_at is null`;

const OPEN_FORGOTTEN_DELIVERIES = `
  with forgotten as (
    select delivery.record_id, delivery.destination
    from instance join delivery using (record_id)
    where instance.state in ('clean', 'delivering') and instance.updated_at < now() - $1 * interval '1 second'
      and delivery.state in ('pending', 'retrying') and delivery.due_at is null
    limit 1000
  )
  update delivery set due_at = now(), sender = null, waits_since = coalesce(waits_since, now())
  from forgotten
  where delivery.record_id = forgotten.record_id and delivery.destination = forgotten.destination
    and delivery.due_at is null
  returning delivery.record_id`;

/**
 * Seconds from the end of a sender's lease until another one may take the delivery over. Longer than the longest pause of a ledger that tries to
 * write again: after an outage of the database a sender that lives can first tell what was sent meanwhile.
 */
const TAKE_OVER_SECONDS = 6;

/** @param condition what a delivery has to fulfil beyond being due */
const claimDeliveries = (condition: string): string => `
  with ended as (
    select record_id from delivery
    where destination = $2 and state in ('pending', 'retrying') and due_at <= now() and sender is not null
    for update skip locked
  ),
  freed as (
    update delivery set due_at = now() + interval '${TAKE_OVER_SECONDS} seconds', sender = null
    from ended
    where delivery.record_id = ended.record_id and delivery.destination = $2
  ),
  due as (
    select record_id from delivery
    where destination = $2 and state in ('pending', 'retrying') and due_at <= now() and sender is null ${condition}
    order by due_at limit $3 for update skip locked
  )
  update delivery set due_at = ${LEASE}, sender = $4::uuid
  from due
  where delivery.record_id = due.record_id and delivery.destination = $2
  returning delivery.record_id, delivery.attempts, delivery.waits_since as "waitsSince"`;

const CLAIM_DELIVERIES = claimDeliveries('');

// The series of an instance is known once it is clean. What came before it from the same sender and is not yet clean may be of the same one.
const CLAIM_ORDERED_DELIVERIES = claimDeliveries(`
      and not exists (
        select from delivery as earlier
        where earlier.destination = delivery.destination and earlier.series = delivery.series
          and earlier.state in ('pending', 'retrying')
          and (earlier.received_at, earlier.record_id) < (delivery.received_at, delivery.record_id)
      )
      and not exists (
        select from instance as mine
        join instance as ahead on ahead.received_at < mine.received_at
          and ahead.state in ('received', 'deidentifying', 'released')
          and ahead.calling_ae_title = mine.calling_ae_title and ahead.called_ae_title = mine.called_ae_title
          and ahead.peer_address = mine.peer_address
        where mine.record_id = delivery.record_id
      )`);

const RENEW_DELIVERIES = `
  update delivery set due_at = ${LEASE}, sender = $4::uuid
  where record_id = any ($2::uuid[]) and destination = $3 and state in ('pending', 'retrying')
    and (sender is null or sender = $4::uuid)
  returning record_id`;

// A span, not a time: the clock of this host may be ahead of the server's, and claims go by the server's.
const POSTPONE_DELIVERIES = `
  update delivery set due_at = now() + $1::float8 * interval '1 millisecond', sender = null
  where record_id = any ($2::uuid[]) and destination = $3 and state in ('pending', 'retrying')
    and (sender is null or sender = $4::uuid)`;

// Those that were at rest before are told too: the statement sees the table as it was.
const SETTLE = `
  with settled as (
    update instance
    set
      state = case when told.refused is null then 'delivered' else 'quarantined' end,
      reason = case when told.refused is null then null else 'delivery-refused' end,
      message = 'Refused by ' || told.refused,
      lease_until = null,
      updated_at = now()
    from (
      select
        record_id,
        string_agg(destination || ': ' || coalesce(error, ''), '; ' order by destination)
          filter (where state = 'dead') as refused
      from delivery where record_id = any ($1::uuid[])
      group by record_id
      having bool_and(state in ('sent', 'dead'))
    ) as told
    where instance.record_id = told.record_id and ${STATE_BY_ID} in ('clean', 'delivering')
    returning instance.record_id, instance.state
  )
  select record_id as "recordId", state from settled
  union all
  select record_id, state from instance
  where record_id = any ($1::uuid[]) and ${STATE_BY_ID} in ('delivered', 'quarantined', 'discarded')`;

const FIND_UNSETTLED = `
  select record_id from instance
  where state in ('clean', 'delivering')
    and updated_at < now() - $1 * interval '1 second'
    and exists (select from delivery where delivery.record_id = instance.record_id)
    and not exists (
      select from delivery where delivery.record_id = instance.record_id and delivery.state in ('pending', 'retrying')
    )
  order by received_at limit 1000`;

const FIND_UNKNOWN = `
  select record_id from unnest($1::uuid[]) as asked (record_id)
  where not exists (select from instance where instance.record_id = asked.record_id)`;

const NOTE_OUTAGE = `
  insert into destination_outage as known (destination, since, next_attempt_at, error)
  values ($1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4)
  on conflict (destination) do update
  set next_attempt_at = greatest(known.next_attempt_at, excluded.next_attempt_at), error = excluded.error`;

const TAKE_PLACES = `
  insert into destination_place as taken (destination, place, owner, until)
  select $2, wanted.place, $3::uuid, ${LEASE}
  from generate_series(1, $4::int) as wanted (place)
  left join destination_place as held on held.destination = $2 and held.place = wanted.place
  where held.place is null or held.until < now() or held.owner = $3::uuid
  order by held.owner is not distinct from $3::uuid desc, wanted.place
  limit $5
  on conflict (destination, place) do update set owner = excluded.owner, until = excluded.until
  where taken.until < now() or taken.owner = excluded.owner
  returning place`;

const GIVE_PLACES_BACK = 'delete from destination_place where destination = $1 and owner = $2::uuid';

export class PostgresClaims implements Claims {
  readonly #database: Database;
  readonly #leaseSeconds: number;
  readonly #ordered: readonly string[];
  /** This process, among those that hold places. */
  readonly #owner = randomUUID();

  constructor(database: Database, options: ClaimOptions) {
    this.#database = database;
    this.#leaseSeconds = options.leaseSeconds;
    this.#ordered = options.orderedDestinations ?? [];
  }

  claimWork(limit: number): Promise<WorkClaim[]> {
    return this.#database.query<WorkClaim & Row>(CLAIM_WORK, [this.#leaseSeconds, limit]);
  }

  async renewWork(recordIds: readonly RecordId[]): Promise<void> {
    await this.#database.query(RENEW_WORK, [this.#leaseSeconds, arrayLiteral(recordIds)]);
  }

  async giveBackWork(recordIds: readonly RecordId[]): Promise<void> {
    await this.#database.query(GIVE_BACK_WORK, [arrayLiteral(recordIds)]);
  }

  async noteSeries(recordIds: readonly RecordId[], series: readonly string[]): Promise<void> {
    if (this.#ordered.length === 0) return;
    await this.#database.query(NOTE_SERIES, [recordIds, series, this.#ordered].map(arrayLiteral));
  }

  async openDeliveries(recordIds: readonly RecordId[]): Promise<void> {
    await this.#database.query(OPEN_DELIVERIES, [arrayLiteral(recordIds)]);
  }

  async openForgottenDeliveries(): Promise<number> {
    return (await this.#database.query(OPEN_FORGOTTEN_DELIVERIES, [this.#leaseSeconds])).length;
  }

  async claimDeliveries(destination: string, limit: number): Promise<DeliveryClaim[]> {
    const statement = this.#ordered.includes(destination) ? CLAIM_ORDERED_DELIVERIES : CLAIM_DELIVERIES;
    const rows = await this.#database.query<IdRow & { attempts: number; waitsSince: Date | null }>(statement, [
      this.#leaseSeconds,
      destination,
      limit,
      this.#owner,
    ]);
    return rows.map(({ record_id, attempts, waitsSince }) => {
      return { recordId: record_id, attempts, waitsSince: waitsSince?.getTime() ?? Date.now() };
    });
  }

  async renewDeliveries(destination: string, recordIds: readonly RecordId[]): Promise<RecordId[]> {
    const ids = arrayLiteral(recordIds);
    return idsOf(
      await this.#database.query<IdRow>(RENEW_DELIVERIES, [this.#leaseSeconds, ids, destination, this.#owner]),
    );
  }

  async postponeDeliveries(destination: string, recordIds: readonly RecordId[], delayMs: number): Promise<void> {
    const ids = arrayLiteral(recordIds);
    await this.#database.query(POSTPONE_DELIVERIES, [delayMs, ids, destination, this.#owner]);
  }

  async settle(recordIds: readonly RecordId[]): Promise<ReadonlyMap<RecordId, InstanceState>> {
    const rows = await this.#database.query<Row & { recordId: RecordId; state: InstanceState }>(SETTLE, [
      arrayLiteral(recordIds),
    ]);
    return new Map(rows.map(({ recordId, state }) => [recordId, state]));
  }

  async findUnsettled(): Promise<RecordId[]> {
    return idsOf(await this.#database.query<IdRow>(FIND_UNSETTLED, [this.#leaseSeconds]));
  }

  async noteOutage(destination: string, { since, nextAttemptAt, error }: Outage): Promise<void> {
    await this.#database.query(NOTE_OUTAGE, [destination, since, nextAttemptAt, storable(error)]);
  }

  async hasOutage(destination: string): Promise<boolean> {
    const rows = await this.#database.query('select from destination_outage where destination = $1', [destination]);
    return rows.length > 0;
  }

  async endOutage(destination: string): Promise<void> {
    await retryDeliveries(this.#database, destination);
  }

  async findUnknown(recordIds: readonly RecordId[]): Promise<RecordId[]> {
    return idsOf(await this.#database.query<IdRow>(FIND_UNKNOWN, [arrayLiteral(recordIds)]));
  }

  async takePlaces(destination: string, limit: number, wanted: number): Promise<number> {
    const rows = await this.#database.query(TAKE_PLACES, [this.#leaseSeconds, destination, this.#owner, limit, wanted]);
    return rows.length;
  }

  async givePlacesBack(destination: string): Promise<void> {
    await this.#database.query(GIVE_PLACES_BACK, [destination, this.#owner]);
  }
}

function idsOf(rows: readonly IdRow[]): RecordId[] {
  return rows.map((row) => row.record_id);
}
