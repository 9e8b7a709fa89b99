// What a person asks of deliveries as a whole: why they wait, and to try them now.
import type { Queryable, Row } from './database.ts';

/** A destination that did not answer the senders. */
export interface KnownOutage {
  readonly destination: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly nextAttemptAt: number;
  readonly error: string;
}

const LIST_OUTAGES = 'select destination, since, next_attempt_at as "nextAttemptAt", error from destination_outage';

// What a sender has in hand is left to it.
const RETRY = `
  with ended as (delete from destination_outage where $1::text is null or destination = $1)
  update delivery set due_at = now(), sender = null
  where ($1::text is null or destination = $1) and state in ('pending', 'retrying')
    and due_at > now() and sender is null
  returning record_id`;

export async function listOutages(database: Queryable): Promise<KnownOutage[]> {
  const rows = await database.query<Row & { destination: string; since: Date; nextAttemptAt: Date; error: string }>(
    LIST_OUTAGES,
  );
  return rows.map(({ since, nextAttemptAt, ...row }) => {
    return { ...row, since: since.getTime(), nextAttemptAt: nextAttemptAt.getTime() };
  });
}

/**
 * Makes everything due that waits for its next attempt, at one destination or all, and ends the pauses of senders (which they see within
 * seconds); how many deliveries waited.
 */
export async function retryDeliveries(database: Queryable, destination: string | undefined): Promise<number> {
  const rows = await database.query(RETRY, [destination ?? null]);
  return rows.length;
}
