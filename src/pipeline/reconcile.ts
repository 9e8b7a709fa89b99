// At start: what the spool holds against what the ledger knows. Everything acknowledged ends up at rest or back on its way.
import type { RecordId } from '../core/brands.ts';
import type { JobQueue, Ledger, Log, ReplayedRecord, Spool, SpoolMark } from './ports.ts';
import type { Releaser } from './release.ts';
import type { Routes } from './routes.ts';

/** Records that are asked for at once; the ledger catches up after each batch, so that memory stays bounded. */
const BATCH_RECORDS = 1_000;

export interface ReconcilePorts {
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  readonly routes: Routes;
  readonly releaser: Releaser;
  readonly log: Log;
}

export interface Reconciled {
  /** Put back on their way. */
  readonly requeued: number;
  /** At rest already: given back. */
  readonly released: number;
  /** Held for review. */
  readonly quarantined: number;
}

/** Rejects with a transient error when the database does not answer. */
export async function reconcile(ports: ReconcilePorts): Promise<Reconciled> {
  const totals = { requeued: 0, released: 0, quarantined: 0 };
  let batch: ReplayedRecord[] = [];
  for await (const replayed of ports.spool.replay()) {
    batch.push(replayed);
    if (batch.length < BATCH_RECORDS) continue;
    await reconcileBatch(ports, batch, totals);
    batch = [];
  }
  if (batch.length > 0) await reconcileBatch(ports, batch, totals);
  const unreadable = ports.spool.unreadableRecords;
  if (unreadable > 0)
    ports.log.error('The spool holds acknowledged records that cannot be read. Their files are kept.', {
      count: unreadable,
    });
  return totals;
}

async function reconcileBatch(
  ports: ReconcilePorts,
  batch: readonly ReplayedRecord[],
  totals: { requeued: number; released: number; quarantined: number },
): Promise<void> {
  const { spool, ledger, queue, routes } = ports;
  const atRest = await ledger.findAtRest(batch.map(({ record }) => record.recordId));
  const held = batch.filter(({ record, marks }) => !atRest.has(record.recordId) && isHeld(marks));
  // A person released them while the gateway did not run, or it ended before its spool was told.
  const released = await ledger.findReleased(held.map(({ record }) => record.recordId));
  for (const recordId of released) spool.mark(recordId, { kind: 'reopened', at: Date.now() });
  const requeued: RecordId[] = [];
  for (const { record, marks } of batch) {
    const { recordId } = record;
    const state = atRest.get(recordId);
    if (state === 'quarantined') totals.quarantined++;
    else if (state !== undefined) {
      spool.release(recordId);
      totals.released++;
    } else {
      const route = routes.get(record.calledAeTitle);
      ledger.received(record, route?.project ?? '', route?.destinations ?? []);
      const why = released.has(recordId) ? undefined : marks.find((mark) => mark.kind === 'quarantined');
      if (why === undefined) requeued.push(recordId);
      else {
        ledger.quarantined(recordId, why.reason, why.message);
        totals.quarantined++;
      }
    }
  }
  await ledger.flush();
  for (const recordId of requeued) queue.enqueue(recordId);
  totals.requeued += requeued.length;
}

function isHeld(marks: readonly SpoolMark[]): boolean {
  return marks.some((mark) => mark.kind === 'quarantined');
}
