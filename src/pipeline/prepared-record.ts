// A record of the spool, opened and de-identified, shared by the destinations that it goes to.
import type { RecordId } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import type { Deidentifier, PreparedInstance } from './deidentify-instance.ts';
import type { CleanInstance, Spool, SpooledInstance, SpoolRecord } from './ports.ts';
import type { Route, Routes } from './routes.ts';

/** What an instance that is read from the disk keeps in memory: its header, roughly. */
const DISK_INSTANCE_BYTES = 64 << 10;

/** Counts its users: the record is closed when the last one lets go. */
export class PreparedRecord {
  readonly record: SpoolRecord;
  readonly route: Route;
  readonly prepared: PreparedInstance;
  readonly #source: SpooledInstance;
  #users = 1;

  constructor(source: SpooledInstance, route: Route, prepared: PreparedInstance) {
    this.record = source.record;
    this.route = route;
    this.prepared = prepared;
    this.#source = source;
  }

  get instance(): CleanInstance {
    return this.prepared.instance;
  }

  /** All of it is in the memory of the spool, which bounds that; nothing is read from the disk. */
  get isInMemory(): boolean {
    return this.#source.size > 0 && this.#source.view(0, 1) !== undefined;
  }

  /** Bytes of memory that it keeps alive, roughly. */
  get heldBytes(): number {
    return DISK_INSTANCE_BYTES + (this.isInMemory ? this.#source.size : 0);
  }

  retain(): this {
    this.#users++;
    return this;
  }

  async letGo(): Promise<void> {
    if (--this.#users > 0) return;
    await this.prepared.close();
    await this.#source.close();
  }
}

/** Opens a record and de-identifies it. Rejects as `Spool.open` and `Deidentifier.prepare` do. */
export type PrepareRecord = (recordId: RecordId) => Promise<PreparedRecord>;

export function createPrepareRecord(ports: {
  readonly spool: Spool;
  readonly routes: Routes;
  readonly deidentifier: Deidentifier;
}): PrepareRecord {
  return async (recordId) => {
    const source = await ports.spool.open(recordId);
    try {
      const { record } = source;
      const route = ports.routes.get(record.calledAeTitle);
      if (route === undefined)
        throw new InstanceError('action-failed', 'No route is configured any more for the AE title that was called.');
      const form = { transferSyntaxUid: record.transferSyntaxUid };
      const prepared = await ports.deidentifier.prepare(source, form, route.project, route.profile, record, recordId);
      return new PreparedRecord(source, route, prepared);
    } catch (error) {
      await source.close();
      throw error;
    }
  };
}
