// What a person decides on instances in quarantine, and all that may be told of one. Each decision is one transaction that names the state it leaves.
import type { RecordId } from '../core/brands.ts';
import type { PixelReview } from '../core/pixel-review.ts';
import { arrayLiteral } from './array-literal.ts';
import { noteLookUp, type Asker } from './audit.ts';
import { columnsOf } from './columns.ts';
import type { Database, Queryable, Row } from './database.ts';
import type { QuarantinedInstance } from './quarantine.ts';
import { STATE_BY_ID } from './transitions.ts';

/** Where instances for a called AE title go now. */
export interface ReleaseRoute {
  readonly calledAeTitle: string;
  readonly destinations: readonly string[];
}

export interface ReleaseResult {
  readonly released: readonly RecordId[];
  /** Left in quarantine: no route is configured any more for the AE title that was called. */
  readonly withoutRoute: readonly RecordId[];
  /** Not in quarantine. */
  readonly notFound: readonly RecordId[];
}

export interface DiscardResult {
  readonly discarded: readonly RecordId[];
  /** Not in quarantine. */
  readonly notFound: readonly RecordId[];
}

interface IdRow extends Row {
  readonly record_id: RecordId;
}

const FIND_ROUTED = `
  select record_id, trim(called_ae_title) = any ($2::text[]) as "hasRoute"
  from instance where record_id = any ($1::uuid[]) and ${STATE_BY_ID} = 'quarantined' for update`;

const RELEASE = `
  update instance set state = 'released', lease_until = null, updated_at = now(), review = $2::jsonb
  where record_id = any ($1::uuid[]) and ${STATE_BY_ID} = 'quarantined'`;

// What was sent stays sent; the rest begins anew, at the destinations that the route has now.
const FORGET_DELIVERIES = `delete from delivery where record_id = any ($1::uuid[]) and state <> 'sent'`;
const EXPECT_DELIVERIES = `
  insert into delivery (record_id, destination, state)
  select record_id, route.destination, 'pending'
  from instance join unnest($2::text[], $3::text[]) as route (called_ae_title, destination)
    on route.called_ae_title = trim(instance.called_ae_title)
  where record_id = any ($1::uuid[])
  on conflict (record_id, destination) do nothing`;

const DISCARD = `
  update instance set state = 'discarded', updated_at = now()
  where record_id = any ($1::uuid[]) and ${STATE_BY_ID} = 'quarantined'
  returning record_id`;

/**
 * Puts instances on their way again: they are de-identified anew, with the profile and the route that are configured now. Noted in the audit.
 * @param review what the person decided on their pixels; an earlier decision is void
 */
export async function releaseQuarantined(
  database: Database,
  recordIds: readonly RecordId[],
  routes: readonly ReleaseRoute[],
  asker: Asker,
  review?: PixelReview,
): Promise<ReleaseResult> {
  const ends = routes.flatMap(({ calledAeTitle, destinations }) =>
    destinations.map((destination) => ({ calledAeTitle: calledAeTitle.trim(), destination })),
  );
  const [calledAeTitles = '{}', destinations = '{}'] = columnsOf(ends, (end) => [end.calledAeTitle, end.destination]);
  return database.transaction(async (transaction) => {
    const found = await transaction.query<IdRow & { hasRoute: boolean }>(FIND_ROUTED, [
      arrayLiteral(recordIds),
      calledAeTitles,
    ]);
    const released = found.filter(({ hasRoute }) => hasRoute).map(({ record_id }) => record_id);
    const withoutRoute = found.filter(({ hasRoute }) => !hasRoute).map(({ record_id }) => record_id);
    if (released.length > 0) {
      await note(transaction, asker, 'release', released.length);
      const ids = arrayLiteral(released);
      await transaction.query(RELEASE, [ids, review === undefined ? null : JSON.stringify(review)]);
      await transaction.query(FORGET_DELIVERIES, [ids]);
      await transaction.query(EXPECT_DELIVERIES, [ids, calledAeTitles, destinations]);
    }
    return { released, withoutRoute, notFound: without(recordIds, found) };
  });
}

/** Gives instances up for good; their bytes go. Noted in the audit. */
export async function discardQuarantined(
  database: Database,
  recordIds: readonly RecordId[],
  asker: Asker,
): Promise<DiscardResult> {
  return database.transaction(async (transaction) => {
    const rows = await transaction.query<IdRow>(DISCARD, [arrayLiteral(recordIds)]);
    if (rows.length > 0) await note(transaction, asker, 'discard', rows.length);
    return { discarded: rows.map(({ record_id }) => record_id), notFound: without(recordIds, rows) };
  });
}

function note(transaction: Queryable, asker: Asker, action: 'release' | 'discard', asked: number): Promise<void> {
  return noteLookUp(transaction, asker, { action, criterion: undefined, asked, project: undefined });
}

function without(asked: readonly RecordId[], found: readonly IdRow[]): RecordId[] {
  const known = new Set(found.map(({ record_id }) => record_id));
  return asked.filter((recordId) => !known.has(recordId));
}

/** A delivery of an instance in quarantine. */
export interface QuarantinedDelivery {
  readonly destination: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** Holds no identifying value. */
export interface QuarantinedDetails extends QuarantinedInstance {
  readonly deliveries: readonly QuarantinedDelivery[];
}

const FIND = `
  select
    record_id as "recordId", project, reason, message, calling_ae_title as "callingAeTitle",
    called_ae_title as "calledAeTitle", peer_address as "peerAddress", sop_class_uid as "sopClassUid",
    transfer_syntax_uid as "transferSyntaxUid", length, received_at as "receivedAt", quarantined_at as "quarantinedAt"
  from quarantine where record_id = $1::uuid`;

const DELIVERIES = `
  select destination, state, attempts, status, error from delivery where record_id = $1::uuid order by destination`;

/** Undefined when it is not in quarantine. */
export async function findQuarantined(
  database: Queryable,
  recordId: RecordId,
): Promise<QuarantinedDetails | undefined> {
  const found = (await database.query<QuarantinedInstance & Row>(FIND, [recordId])).at(0);
  if (found === undefined) return undefined;
  return { ...found, deliveries: await database.query<QuarantinedDelivery & Row>(DELIVERIES, [recordId]) };
}
