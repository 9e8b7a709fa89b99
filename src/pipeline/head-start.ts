// Work on an instance that begins while its record is being made durable: a sync takes about as long as de-identifying does.
// What was made ahead waits until the queue asks for the record; nothing leaves before, and nothing is told to the ledger.
import type { RecordId } from '../core/brands.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';

/** With a backlog nothing is gained: what was made ahead would only wait. */
const MAX_AHEAD = 4;

export class HeadStart {
  readonly #prepareRecord: PrepareRecord;
  /** Undefined when it failed, for whatever reason: it is done again once the record is durable. */
  readonly #ahead = new Map<RecordId, Promise<PreparedRecord | undefined>>();

  constructor(prepareRecord: PrepareRecord) {
    this.#prepareRecord = prepareRecord;
  }

  /** What was made ahead, else made now. */
  readonly prepareRecord: PrepareRecord = async (recordId) =>
    (await this.#take(recordId)) ?? (await this.#prepareRecord(recordId));

  /** Call once the spool can open the record. Never waits, never throws. */
  begin(recordId: RecordId): void {
    if (this.#ahead.size >= MAX_AHEAD) return;
    this.#ahead.set(
      recordId,
      this.#prepareRecord(recordId).catch(() => undefined),
    );
  }

  /** The record was not made durable: there is none. */
  async drop(recordId: RecordId): Promise<void> {
    const prepared = await this.#take(recordId);
    await prepared?.letGo();
  }

  /** Gives back what nobody will ask for any more. */
  async close(): Promise<void> {
    for (const recordId of [...this.#ahead.keys()]) await this.drop(recordId);
  }

  #take(recordId: RecordId): Promise<PreparedRecord | undefined> {
    const ahead = this.#ahead.get(recordId);
    this.#ahead.delete(recordId);
    return ahead ?? Promise.resolve(undefined);
  }
}
