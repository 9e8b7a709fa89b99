// Instances that came before under the same original UID, as the ledger has them.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import { DEFAULT_BACKOFF, retryTransient } from '../pipeline/backoff.ts';
import { Batches } from '../pipeline/batches.ts';
import type { ArrivedInstance, EarlierInstance, EarlierInstances } from '../pipeline/earlier-instances.ts';
import type { Ledger, Log } from '../pipeline/ports.ts';
import { columnsOf } from './columns.ts';
import type { Database, Queryable, Row } from './database.ts';
import { InstanceFilter, KEY_BYTES, KEY_OF_INSTANCE, keyOfInstance } from './instance-filter.ts';
import { storable } from './text.ts';

// What was made clean counts whenever it came; what is not so far only when it came before. A repeat stands for another row.
const findAmong = (asked: string): string => `
  select
    asked.record_id as "askedId", earlier.record_id as "recordId", earlier.state = 'delivered' as "isDelivered",
    coalesce(earlier.revision, 1) as revision, earlier.length, earlier.checksum,
    earlier.transfer_syntax_uid as "transferSyntaxUid",
    encode(earlier.sha256, 'hex') as received, encode(earlier.clean_sha256, 'hex') as clean,
    profile_version.digest as "profileDigest",
    array_to_json(array(
      select destination from delivery where delivery.record_id = earlier.record_id and delivery.state = 'sent'
    ))::text as "sentTo"
  from ${asked}
  join project on project.name = asked.project
  cross join lateral (
    select *
    from instance
    where instance.sop_instance_uid = asked.sop_instance_uid
      and instance.project_number = project.number
      and instance.record_id <> asked.record_id
      and instance.repeats is null
      and (
        instance.state in ('clean', 'delivering', 'delivered')
        or instance.state in ('received', 'deidentifying', 'released')
          and (instance.received_at, instance.record_id)
            < (to_timestamp(asked.received_ms / 1000), asked.record_id)
      )
    order by coalesce(instance.revision, 1) desc, instance.received_at desc, instance.record_id desc
    limit 1
  ) as earlier
  left join profile_version on profile_version.number = earlier.profile_number`;

// Of one alone the database keeps the plan, which takes longer to make than to carry out.
const FIND_ONE = findAmong(
  '(select $1::uuid as record_id, $2::text as project, $3::text as sop_instance_uid, $4::float8 as received_ms) as asked',
);
const FIND_MANY = findAmong(
  `unnest($1::uuid[], $2::text[], $3::text[], $4::float8[]) as asked (record_id, project, sop_instance_uid, received_ms)`,
);

interface EarlierRow extends Row {
  readonly askedId: RecordId;
  readonly recordId: RecordId;
  readonly isDelivered: boolean;
  readonly revision: number;
  readonly length: number;
  readonly checksum: number;
  readonly transferSyntaxUid: string;
  readonly received: string | null;
  readonly clean: string | null;
  readonly profileDigest: string | null;
  readonly sentTo: string;
}

/** By the record that was asked for. Nothing for those without an earlier one. */
async function findEarlier(
  database: Queryable,
  arrived: readonly ArrivedInstance[],
): Promise<ReadonlyMap<RecordId, EarlierInstance>> {
  const cells = arrived.map(({ recordId, project, sopInstanceUid, receivedAt }) => {
    return [recordId, project, storable(sopInstanceUid), receivedAt];
  });
  const rows = await (cells.length === 1
    ? database.query<EarlierRow>(FIND_ONE, cells[0])
    : database.query<EarlierRow>(
        FIND_MANY,
        columnsOf(cells, (row) => row),
      ));
  return new Map(rows.map((row) => [row.askedId, earlierOf(row)]));
}

function earlierOf(row: EarlierRow): EarlierInstance {
  const { recordId, isDelivered, revision, length, checksum, transferSyntaxUid, received, clean } = row;
  return {
    ...{ recordId, isDelivered, revision, length, checksum, transferSyntaxUid },
    digests: received === null || clean === null ? undefined : { received, clean },
    profileDigest: row.profileDigest ?? undefined,
    sentTo: JSON.parse(row.sentTo) as string[],
  };
}

// The inner query alone follows the index, however many rows there are.
const NEWEST = `
  select encode(string_agg(${KEY_OF_INSTANCE}, ''::bytea), 'hex') as keys, count(*) as count, min(received_at)::text as oldest
  from (
    select project.name as project, sop_instance_uid, received_at
    from (
      select project_number, sop_instance_uid, received_at
      from instance
      where state = 'delivered' and received_at <= $1::timestamptz
      order by received_at desc
      limit $2
    ) as newest
    join project on project.number = newest.project_number
  ) as keyed`;

/** Instances that are remembered from before, newest first. */
const REMEMBERED = 500_000;
/** The database does other work in between. */
const PAGE_ROWS = 10_000;
// Without these a database that has no statistics yet sorts all rows for each page.
const ALONG_THE_INDEX = ['set local enable_sort = off', 'set local enable_bitmapscan = off'];

export interface RecentInstancesOptions {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'flush'>;
  readonly log: Log;
  /** Default 500,000. */
  readonly remembered?: number;
}

/**
 * For one process that sees every instance: the database is asked only about UIDs that came lately, which memory tells. An instance that came
 * earlier than the last 500,000 is not recognised: what repeats it is sent again. Until the newest are read after the start, the
 * database is asked about each instance. When a sender sends much again, many are looked up in one statement.
 */
export class RecentInstances implements EarlierInstances {
  readonly #options: RecentInstancesOptions;
  readonly #filter: InstanceFilter;
  /** Records under work whose UID came before in the memory of this process. */
  readonly #known = new Set<RecordId>();
  readonly #found = new Map<RecordId, EarlierInstance>();
  readonly #asking = new Batches<ArrivedInstance>((arrived) => this.#ask(arrived));
  readonly #stopping = new AbortController();
  #isLoaded = false;
  #loading: Promise<void> | undefined;

  constructor(options: RecentInstancesOptions) {
    this.#options = options;
    this.#filter = new InstanceFilter(options.remembered);
  }

  mayHave({ recordId, project, sopInstanceUid }: ArrivedInstance): boolean {
    const isKnown = this.#filter.add(keyOfInstance(project, storable(sopInstanceUid)));
    if (isKnown) this.#known.add(recordId);
    return isKnown || !this.#isLoaded;
  }

  async find(arrived: ArrivedInstance): Promise<EarlierInstance | undefined> {
    await this.#asking.add(arrived);
    return takeFrom(this.#found, arrived.recordId);
  }

  /** Reads the newest instances, a page at a time. Never rejects: without them the database goes on being asked about each. */
  load(): Promise<void> {
    const { log } = this.#options;
    this.#loading ??= retryTransient(
      () => this.#read(),
      DEFAULT_BACKOFF,
      this.#stopping.signal,
      (error, attempt) => {
        log.warn('What was delivered before cannot be read yet.', { code: error.code, attempt });
      },
    ).catch((error: unknown) => {
      const code = error instanceof LetheError ? error.code : 'unexpected';
      if (code !== 'shutting-down') log.error('What was delivered before cannot be read.', { code });
    });
    return this.#loading;
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loading;
  }

  async #ask(arrived: readonly ArrivedInstance[]): Promise<void> {
    const { database, ledger } = this.#options;
    // What this process knows of the earlier ones may still be on its way into the ledger.
    if (arrived.some(({ recordId }) => this.#known.has(recordId))) await ledger.flush();
    for (const { recordId } of arrived) this.#known.delete(recordId);
    for (const [recordId, earlier] of await findEarlier(database, arrived)) this.#found.set(recordId, earlier);
  }

  async #read(): Promise<void> {
    const { database, remembered = REMEMBERED } = this.#options;
    let [left, upTo] = [remembered, 'infinity'];
    while (left > 0 && !this.#stopping.signal.aborted) {
      const page = await readPage(database, upTo, Math.min(left, PAGE_ROWS));
      const keys = Buffer.from(page.keys ?? '', 'hex');
      for (let at = 0; at < keys.length; at += KEY_BYTES) this.#filter.add(keys, at);
      left -= page.count;
      if (page.count < PAGE_ROWS || page.oldest === null || page.oldest === upTo) break;
      upTo = page.oldest;
    }
    this.#isLoaded = true;
  }
}

interface Page extends Row {
  readonly keys: string | null;
  readonly count: number;
  readonly oldest: string | null;
}

function readPage(database: Database, upTo: string, limit: number): Promise<Page> {
  return database.transaction(async (transaction) => {
    for (const setting of ALONG_THE_INDEX) await transaction.query(setting);
    return (await transaction.query<Page>(NEWEST, [upTo, limit]))[0];
  });
}

/** For many processes that share a ledger: it is asked about every instance, about those of the same moment in one statement. */
export class SharedInstances implements EarlierInstances {
  readonly #found = new Map<RecordId, EarlierInstance>();
  readonly #asking: Batches<ArrivedInstance>;

  constructor(database: Queryable) {
    this.#asking = new Batches(async (arrived) => {
      for (const [recordId, earlier] of await findEarlier(database, arrived)) this.#found.set(recordId, earlier);
    });
  }

  mayHave(): boolean {
    return true;
  }

  async find(arrived: ArrivedInstance): Promise<EarlierInstance | undefined> {
    await this.#asking.add(arrived);
    return takeFrom(this.#found, arrived.recordId);
  }
}

function takeFrom<Key, Value>(map: Map<Key, Value>, key: Key): Value | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}
