// Requests for storage commitment in the database, and how far the instances came that they name.
import { createHash } from 'node:crypto';
import type {
  CommitmentRequest,
  CommitmentState,
  CommitmentStore,
  InstanceReference,
  PendingCommitment,
} from '../pipeline/commitment-ports.ts';
import type { InstanceState } from '../pipeline/ports.ts';
import { arrayLiteral } from './array-literal.ts';
import type { Database, Queryable, Row } from './database.ts';

/** Before this a request is not given to `takeDue`: its association comes first. */
const FIRST_LOOK_MS = 2_000;

/** Nobody postpones for longer: what is due later was postponed by a clock that has been set back since. */
const LONGEST_WAIT_MS = 60 * 60_000;

const ADD = `
  insert into commitment_request (
    calling_ae_title, called_ae_title, peer_address, transaction_uid, digest, instances, is_duplicate, requested_at, next_attempt_at
  )
  select $1, $2, $3, $4, $5, $6,
    exists (
      select from commitment_request
      where calling_ae_title = $1 and called_ae_title = $2 and transaction_uid = $4 and digest <> $5
    ),
    to_timestamp($7::float8 / 1000), to_timestamp(($7::float8 + ${FIRST_LOOK_MS}) / 1000)
  on conflict (calling_ae_title, called_ae_title, transaction_uid, digest) do update
  set
    state = 'pending', attempts = 0, settled_at = null, peer_address = excluded.peer_address,
    requested_at = excluded.requested_at, next_attempt_at = excluded.next_attempt_at
  returning number, is_duplicate`;

const TAKE_DUE = `
  update commitment_request
  set next_attempt_at = to_timestamp($2::float8 / 1000)
  where number in (
    select number
    from commitment_request
    where state = 'pending' and (
      next_attempt_at <= to_timestamp($1::float8 / 1000)
      or next_attempt_at > to_timestamp(($1::float8 + ${LONGEST_WAIT_MS}) / 1000)
    )
    order by next_attempt_at
    limit $3
    for update skip locked
  )
  returning
    number, calling_ae_title, called_ae_title, peer_address, transaction_uid, instances, is_duplicate, attempts,
    (extract(epoch from requested_at) * 1000)::float8 as requested_ms`;

const POSTPONE = `
  update commitment_request
  set next_attempt_at = to_timestamp($2::float8 / 1000), attempts = attempts + $3
  where number = $1 and state = 'pending'`;

const SETTLE = `
  update commitment_request set state = $2, settled_at = to_timestamp($3::float8 / 1000)
  where number = $1 and state = 'pending'`;

const FORGET = `
  delete from commitment_request
  where state <> 'pending' and settled_at < to_timestamp($1::float8 / 1000) - interval '30 days'`;

// The newest under a UID counts; what a person discarded only when there is nothing else.
const FIND = `
  select distinct on (sop_instance_uid) sop_instance_uid, sop_class_uid, state
  from instance
  where sop_instance_uid = any ($2::text[]) and called_ae_title = $1
  order by sop_instance_uid, (state = 'discarded'), received_at desc`;

/** UIDs per statement: a request may name a hundred thousand instances. */
const FIND_AT_ONCE = 5_000;

interface RequestRow extends Row {
  readonly number: number;
  readonly calling_ae_title: string;
  readonly called_ae_title: string;
  readonly peer_address: string;
  readonly transaction_uid: string;
  readonly instances: string;
  readonly is_duplicate: boolean;
  readonly attempts: number;
  readonly requested_ms: number;
}

export class PostgresCommitments implements CommitmentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(request: CommitmentRequest, requestedAt: number): Promise<PendingCommitment> {
    const instances = writeReferences(request.references);
    const digest = createHash('sha256').update(instances).digest('hex');
    const { callingAeTitle, calledAeTitle, peerAddress, transactionUid } = request;
    const parameters = [callingAeTitle, calledAeTitle, peerAddress, transactionUid, digest, instances, requestedAt];
    const [row] = await this.#database.transaction(
      (transaction: Queryable) => transaction.query<{ number: number; is_duplicate: boolean }>(ADD, parameters),
      { isDurable: true },
    );
    return { ...request, id: row.number, isDuplicate: row.is_duplicate, requestedAt, attempts: 0 };
  }

  async takeDue(now: number, leaseMs: number, limit: number): Promise<readonly PendingCommitment[]> {
    const rows = await this.#database.query<RequestRow>(TAKE_DUE, [now, now + leaseMs, limit]);
    return rows.map((row) => ({
      id: row.number,
      callingAeTitle: row.calling_ae_title,
      calledAeTitle: row.called_ae_title,
      peerAddress: row.peer_address,
      transactionUid: row.transaction_uid,
      references: readReferences(row.instances),
      isDuplicate: row.is_duplicate,
      requestedAt: row.requested_ms,
      attempts: row.attempts,
    }));
  }

  async postpone(id: number, until: number, hasTried: boolean): Promise<void> {
    await this.#database.query(POSTPONE, [id, until, hasTried ? 1 : 0]);
  }

  async settle(id: number, outcome: 'reported' | 'abandoned', at: number): Promise<void> {
    await this.#database.query(SETTLE, [id, outcome, at]);
    await this.#database.query(FORGET, [at]);
  }

  async find(calledAeTitle: string, sopInstanceUids: readonly string[]): Promise<readonly CommitmentState[]> {
    const found: CommitmentState[] = [];
    for (let start = 0; start < sopInstanceUids.length; start += FIND_AT_ONCE) {
      const uids = arrayLiteral(sopInstanceUids.slice(start, start + FIND_AT_ONCE));
      const rows = await this.#database.query<{
        sop_instance_uid: string;
        sop_class_uid: string;
        state: InstanceState;
      }>(FIND, [calledAeTitle, uids]);
      for (const row of rows)
        found.push({ sopInstanceUid: row.sop_instance_uid, sopClassUid: row.sop_class_uid, state: row.state });
    }
    return found;
  }
}

/** UIDs are digits and dots: nothing in them needs escaping. */
function writeReferences(references: readonly InstanceReference[]): string {
  return references.map(({ sopClassUid, sopInstanceUid }) => `${sopClassUid}/${sopInstanceUid}`).join('\n');
}

function readReferences(text: string): InstanceReference[] {
  return text.split('\n').map((line) => {
    const [sopClassUid, sopInstanceUid] = line.split('/');
    return { sopClassUid, sopInstanceUid };
  });
}
