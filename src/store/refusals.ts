// Who was turned away at the door, kept as one row per who and why. A flood of refusals costs one statement per second.
import type { Refusal } from '../pipeline/ports.ts';
import { columnsOf } from './columns.ts';
import type { Queryable } from './database.ts';
import { storable } from './text.ts';

const WRITE_AFTER_MS = 1_000;
/** Different refusals that are kept between two writes; what comes beyond is counted together. */
const MAX_WAITING = 1_000;
const MAX_ROWS = 10_000;

const WRITE = `
  insert into refused_association (calling_ae_title, called_ae_title, peer_address, reason, times, first_at, last_at)
  select calling, called, address, reason, times, to_timestamp(first_ms / 1000), to_timestamp(last_ms / 1000)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::float8[])
    as event (calling, called, address, reason, times, first_ms, last_ms)
  on conflict (calling_ae_title, called_ae_title, peer_address, reason) do update
  set times = refused_association.times + excluded.times, last_at = greatest(refused_association.last_at, excluded.last_at)`;

const FORGET = `
  delete from refused_association
  where ctid in (select ctid from refused_association order by last_at desc offset ${MAX_ROWS})`;

interface Counted {
  readonly refusal: Refusal;
  times: number;
  readonly firstAt: number;
  lastAt: number;
}

export class RefusalRecord {
  readonly #database: Queryable;
  readonly #onError: (error: unknown) => void;
  #waiting = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param onError told of what could not be written: it is lost, the log has it */
  constructor(database: Queryable, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** Never waits. */
  add(refusal: Refusal, at = Date.now()): void {
    const isCrowded = this.#waiting.size >= MAX_WAITING;
    const kept = isCrowded ? { ...refusal, callingAeTitle: '', calledAeTitle: '', peerAddress: '' } : refusal;
    const key = JSON.stringify([kept.callingAeTitle, kept.calledAeTitle, kept.peerAddress, kept.reason]);
    const counted = this.#waiting.get(key);
    if (counted === undefined) this.#waiting.set(key, { refusal: kept, times: 1, firstAt: at, lastAt: at });
    else {
      counted.times++;
      counted.lastAt = at;
    }
    this.#timer ??= setTimeout(() => {
      void this.flush();
    }, WRITE_AFTER_MS);
  }

  /** Writes what waits. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const rows = [...this.#waiting.values()];
    if (rows.length === 0) return;
    this.#waiting = new Map();
    const columns = columnsOf(rows, ({ refusal, times, firstAt, lastAt }) => [
      storable(refusal.callingAeTitle),
      storable(refusal.calledAeTitle),
      storable(refusal.peerAddress),
      storable(refusal.reason),
      times,
      firstAt,
      lastAt,
    ]);
    try {
      await this.#database.query(WRITE, columns);
      await this.#database.query(FORGET);
    } catch (error) {
      this.#onError(error);
    }
  }
}
