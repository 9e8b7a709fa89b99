// The role `listener`: takes custody, tells the ledger, wakes the workers. The receiver of the gateway does the work; here is what differs
// when the work is done elsewhere.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { Batches } from '../batches.ts';
import type { JobQueue, Ledger, Log, Spool, SpoolRecord } from '../ports.ts';
import type { Routes } from '../routes.ts';
import type { Claims, WakeQueue } from './ports.ts';

/** Records that are compared with the ledger at once. */
const BATCH_RECORDS = 1_000;

/** A queue that wakes other processes once the ledger knows the record: before that they would find nothing to claim. */
export class WakeAfterLedger implements JobQueue {
  readonly #log: Log;
  readonly #telling: Batches<RecordId>;
  readonly #waiting = new Set<Promise<void>>();

  constructor(ledger: Ledger, work: WakeQueue, log: Log) {
    this.#log = log;
    this.#telling = new Batches(async (recordIds) => {
      await ledger.flush();
      work.enqueue(recordIds.slice(0, 1)); // whoever wakes takes all that waits, and calls for help when that is much
    });
  }

  enqueue(recordId: RecordId): void {
    const telling = this.#telling
      .add(recordId)
      .catch((error: unknown) => {
        // The spool has them: the next look through it tells the ledger again.
        const code = error instanceof LetheError ? error.code : 'unexpected';
        if (code !== 'shutting-down') this.#log.error('The ledger did not take what was received.', { code });
      })
      .finally(() => this.#waiting.delete(telling));
    this.#waiting.add(telling);
  }

  process(): void {
    throw new TypeError('a listener processes nothing');
  }

  async idle(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  close(): Promise<void> {
    return this.idle();
  }
}

/** A clock that never tells the same millisecond twice: what is received one after another is told apart by its time. */
export function strictlyIncreasing(clock: () => number): () => number {
  let last = -Infinity;
  return () => (last = Math.max(clock(), last + 1));
}

export interface SpoolCheckPorts {
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly claims: Claims;
  readonly queue: JobQueue;
  readonly routes: Routes;
}

/**
 * Brings spool and ledger together: records that the ledger does not know are told to it, those at rest are given back. At start, and now and
 * then for listeners that died. What another listener received this very moment may be told twice, which changes nothing.
 */
export async function checkSpool(
  ports: SpoolCheckPorts,
): Promise<{ readonly told: number; readonly released: number }> {
  const totals = { told: 0, released: 0 };
  let batch: SpoolRecord[] = [];
  const settle = async (): Promise<void> => {
    const { told, released } = await checkBatch(ports, batch);
    totals.told += told;
    totals.released += released;
    batch = [];
  };
  for await (const { record } of ports.spool.replay()) {
    batch.push(record);
    if (batch.length >= BATCH_RECORDS) await settle();
  }
  if (batch.length > 0) await settle();
  return totals;
}

async function checkBatch(
  { spool, ledger, claims, queue, routes }: SpoolCheckPorts,
  batch: readonly SpoolRecord[],
): Promise<{ told: number; released: number }> {
  const ids = batch.map(({ recordId }) => recordId);
  const unknown = new Set(await claims.findUnknown(ids));
  for (const record of batch) {
    if (!unknown.has(record.recordId)) continue;
    const route = routes.get(record.calledAeTitle);
    ledger.received(record, route?.project ?? '', route?.destinations ?? []);
    queue.enqueue(record.recordId);
  }
  let released = 0;
  for (const [recordId, state] of await ledger.findAtRest(ids.filter((id) => !unknown.has(id)))) {
    if (state === 'quarantined') continue;
    spool.release(recordId);
    released++;
  }
  await ledger.flush();
  return { told: unknown.size, released };
}
