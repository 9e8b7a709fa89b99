// The statements of one batch of the ledger. Each takes columns and is safe to run twice.
import { arrayLiteral } from './array-literal.ts';
import type { Queryable } from './database.ts';
import { columnsOf } from './columns.ts';
import type { FoldedDelivery, LedgerEntry } from './ledger-entry.ts';
import { storable } from './text.ts';
import { ALLOWED_PAIRS, LEAVES, STATE_BY_ID } from './transitions.ts';

/** Names to the numbers that stand for them in rows. */
export interface Numbers {
  project(name: string): number;
  profile(name: string, digest: string): number;
}

// The subject is found by its id in the project: what the pipeline knows of it.
const INSERT_INSTANCES = `
  with event as (
    select *
    from unnest(
      $1::uuid[], $2::int[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::text[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::float8[], $17::text[], $18::text[],
      $19::int[], $20::uuid[]
    ) as event (
      record_id, project_number, subject_id, profile_number, state, reason, message, calling_ae_title, called_ae_title,
      peer_address, sop_class_uid, sop_instance_uid, transfer_syntax_uid, length, checksum, received_ms, sha256, clean_sha256,
      revision, repeats
    )
  ),
  inserted as (
    insert into instance (
      record_id, project_number, subject_number, profile_number, state, reason, message, calling_ae_title, called_ae_title,
      peer_address, sop_class_uid, sop_instance_uid, transfer_syntax_uid, length, checksum, received_at, sha256,
      clean_sha256, revision, repeats
    )
    select
      record_id, event.project_number, subject.number, profile_number, state, reason, message, calling_ae_title, called_ae_title,
      peer_address, sop_class_uid, sop_instance_uid, transfer_syntax_uid, length, checksum,
      to_timestamp(received_ms / 1000), decode(sha256, 'hex'), decode(clean_sha256, 'hex'), revision, repeats
    from event
    left join subject on subject.project_number = event.project_number and subject.subject_id = event.subject_id
    on conflict (record_id) do nothing
    returning record_id
  ),
  expected as (
    insert into delivery (record_id, destination, state, status, attempts, next_attempt_at, error)
    select record_id, destination, state, status, attempts, to_timestamp(next_attempt_ms / 1000), error
    from unnest($21::uuid[], $22::text[], $23::text[], $24::int[], $25::int[], $26::float8[], $27::text[])
      as event (record_id, destination, state, status, attempts, next_attempt_ms, error)
    join inserted using (record_id)
    on conflict (record_id, destination) do nothing
  )
  select count(*) as count from inserted`;

const UPDATE_INSTANCES = `
  update instance
  set
    state = event.state,
    reason = event.reason,
    message = event.message,
    subject_number = case when event.profile_number is not null and instance.state in (${quoted(LEAVES.clean)})
      then event.subject_number else instance.subject_number end,
    profile_number = case when event.profile_number is not null and instance.state in (${quoted(LEAVES.clean)})
      then event.profile_number else instance.profile_number end,
    revision = case when event.profile_number is not null and instance.state in (${quoted(LEAVES.clean)})
      then event.revision else instance.revision end,
    sha256 = coalesce(decode(event.sha256, 'hex'), instance.sha256),
    clean_sha256 = coalesce(decode(event.clean_sha256, 'hex'), instance.clean_sha256),
    repeats = event.repeats,
    updated_at = now()
  from (
    select event.*, subject.number as subject_number
    from unnest(
      $1::uuid[], $2::int[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[],
      $11::uuid[]
    ) as event (
      record_id, project_number, subject_id, profile_number, state, reason, message, sha256, clean_sha256, revision, repeats
    )
    left join subject on subject.project_number = event.project_number and subject.subject_id = event.subject_id
  ) as event
  where instance.record_id = event.record_id and (${STATE_BY_ID}, event.state) in (${ALLOWED_PAIRS})`;

// A repeated "retrying" is told by its time of the next attempt, and is no attempt of its own.
const UPDATE_DELIVERIES = `
  update delivery
  set
    state = event.state,
    status = event.status,
    attempts = delivery.attempts + event.attempts - told.repeated,
    next_attempt_at = to_timestamp(event.next_attempt_ms / 1000),
    error = event.error,
    updated_at = now()
  from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::int[], $6::float8[], $7::text[], $8::float8[])
    as event (record_id, destination, state, status, attempts, next_attempt_ms, error, first_retry_ms)
  join delivery as before using (record_id, destination)
  cross join lateral (
    select (before.next_attempt_at is not distinct from to_timestamp(event.first_retry_ms / 1000)
      and event.first_retry_ms is not null)::int as repeated
  ) as told
  where delivery.record_id = event.record_id
    and delivery.destination = event.destination
    and delivery.state in ('pending', 'retrying')
    and event.attempts > told.repeated`;

const DELETE_DELIVERIES_OF_REPEATS = `
  delete from delivery
  using instance
  where delivery.record_id = any ($1::uuid[])
    and delivery.state in ('pending', 'retrying')
    and instance.record_id = delivery.record_id
    and instance.repeats is not null`;

interface DeliveryRow {
  readonly entry: LedgerEntry;
  readonly delivery: FoldedDelivery;
}

/** Inserts what was received, then moves the rest forward. No record is twice among the entries. */
export async function writeEntries(
  transaction: Queryable,
  entries: readonly LedgerEntry[],
  numbers: Numbers,
): Promise<void> {
  const received = entries.filter((entry) => entry.reception !== undefined);
  let known = entries.filter((entry) => entry.reception === undefined);
  if (received.length > 0) {
    const [inserted] = await transaction.query<{ count: number }>(INSERT_INSTANCES, [
      ...columnsOf(received, (entry) => receivedCells(entry, numbers)),
      ...deliveryColumns(deliveriesOf(received)),
    ]);
    // Some were there before (a replay, or a batch whose answer was lost): the updates apply to them, and to the new rows change nothing.
    if (inserted.count < received.length) known = [...entries];
  }
  const moved = known.filter((entry) => entry.target !== undefined);
  if (moved.length > 0)
    await transaction.query(
      UPDATE_INSTANCES,
      columnsOf(moved, (entry) => [...stateCells(entry, numbers)]),
    );
  const tried = deliveriesOf(known).filter(({ delivery }) => delivery.state !== 'pending');
  if (tried.length > 0) {
    const firstRetries = columnsOf(tried, ({ delivery }) => [delivery.firstRetryAt]);
    await transaction.query(UPDATE_DELIVERIES, [...deliveryColumns(tried), ...firstRetries]);
  }
  const repeats = known.filter((entry) => entry.repeats !== undefined);
  if (repeats.length > 0)
    await transaction.query(DELETE_DELIVERIES_OF_REPEATS, [arrayLiteral(repeats.map(({ recordId }) => recordId))]);
}

function receivedCells(entry: LedgerEntry, numbers: Numbers): (string | number | null | undefined)[] {
  const { record, project } = entry.reception ?? missingReception();
  const cleanedAs = entry.cleanedAs;
  return [
    entry.recordId,
    numbers.project(project),
    cleanedAs?.subject.subjectId,
    cleanedAs && numbers.profile(cleanedAs.profile, cleanedAs.profileDigest),
    entry.target ?? 'received',
    entry.reason,
    entry.message && storable(entry.message),
    record.callingAeTitle,
    record.calledAeTitle,
    record.peerAddress,
    storable(record.sopClassUid),
    storable(record.sopInstanceUid),
    storable(record.transferSyntaxUid),
    record.length,
    record.checksum,
    record.receivedAt,
    ...contentCells(entry),
  ];
}

function stateCells(entry: LedgerEntry, numbers: Numbers): (string | number | null | undefined)[] {
  const cleanedAs = entry.cleanedAs;
  return [
    entry.recordId,
    cleanedAs && numbers.project(cleanedAs.project),
    cleanedAs?.subject.subjectId,
    cleanedAs && numbers.profile(cleanedAs.profile, cleanedAs.profileDigest),
    entry.target,
    entry.reason,
    entry.message && storable(entry.message),
    ...contentCells(entry),
  ];
}

function contentCells({ digests, cleanedAs, repeats }: LedgerEntry): (string | number | null | undefined)[] {
  return [digests?.received, digests?.clean, cleanedAs?.revision, repeats];
}

function deliveriesOf(entries: readonly LedgerEntry[]): DeliveryRow[] {
  const rows: DeliveryRow[] = [];
  for (const entry of entries) for (const delivery of entry.deliveries) rows.push({ entry, delivery });
  return rows;
}

/** Seven columns, also when there is no row. */
function deliveryColumns(rows: readonly DeliveryRow[]): string[] {
  if (rows.length === 0) return Array.from({ length: 7 }, () => '{}');
  return columnsOf(rows, ({ entry, delivery }) => [
    entry.recordId,
    delivery.destination,
    delivery.state,
    delivery.status,
    delivery.attempts,
    delivery.nextAttemptAt,
    delivery.error && storable(delivery.error),
  ]);
}

function missingReception(): never {
  throw new TypeError('an entry without reception cannot be inserted');
}

function quoted(states: readonly string[]): string {
  return states.map((state) => `'${state}'`).join(', ');
}
