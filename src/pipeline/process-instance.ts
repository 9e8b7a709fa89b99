// The work behind the queue: one received record becomes a clean instance and is handed to its destinations, or is quarantined.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import { retryTransient } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Deliverer } from './deliver.ts';
import type { CleanFacts } from './ports.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';
import { asInstanceError, quarantine } from './quarantine.ts';
import type { QuarantinePorts } from './quarantine.ts';

export interface ProcessorOptions extends QuarantinePorts {
  readonly prepareRecord: PrepareRecord;
  readonly deliverer: Deliverer;
  /** For a database that is away. */
  readonly backoff: Backoff;
  /** Ends the waiting when the gateway stops. */
  readonly signal: AbortSignal;
  /** Records are handed over in the order in which the queue gave them. */
  readonly keepsOrder?: boolean;
}

/** The handler of the queue. Idempotent: a record that is on its way already is left alone. Rejects only on a bug. */
export function createProcessor(options: ProcessorOptions): (recordId: RecordId) => Promise<void> {
  const { deliverer, ledger, log, spool } = options;
  const underWay = new Set<RecordId>();

  /** Ends when every record that the queue gave so far was handed over or held back. */
  let handedOver: Promise<void> = Promise.resolve();

  async function process(recordId: RecordId, isMyTurn: Promise<void>): Promise<void> {
    let prepared: PreparedRecord;
    try {
      prepared = await retryTransient(
        () => options.prepareRecord(recordId),
        options.backoff,
        options.signal,
        (error, attempt) => {
          log.warn('Work on an instance waits.', { recordId, code: error.code, attempt });
        },
      );
    } catch (error) {
      if (error instanceof LetheError && error.code === 'shutting-down') return; // the next start finds it in the spool
      const { reason, message } = asInstanceError(error);
      quarantine(options, recordId, reason, message);
      return;
    }
    await isMyTurn;
    ledger.clean(recordId, cleanFacts(prepared));
    const marks = spool.marksOf(recordId);
    for (const mark of marks) {
      // What an earlier process sent: the ledger may not have heard of it.
      if (mark.kind === 'sent') ledger.delivery(recordId, mark.destination, { kind: 'sent', status: mark.status });
      if (mark.kind === 'refused') ledger.delivery(recordId, mark.destination, { kind: 'dead', error: mark.text });
    }
    deliverer.handOver(recordId, prepared.route.destinations, prepared);
    await prepared.letGo();
  }

  return async (recordId) => {
    if (underWay.has(recordId) || deliverer.has(recordId)) return;
    underWay.add(recordId);
    // One series comes from one sender after another: who is quick must not overtake who came before.
    const before = options.keepsOrder === true ? handedOver : Promise.resolve();
    const working = process(recordId, before);
    if (options.keepsOrder === true) handedOver = Promise.allSettled([before, working]).then(() => undefined);
    try {
      await working;
    } finally {
      underWay.delete(recordId);
    }
  };
}

/** What the ledger keeps of an instance that was de-identified. */
export function cleanFacts({ route, prepared: { outcome, subject } }: PreparedRecord): CleanFacts {
  const { uids, accessions, studies, receipt } = outcome;
  return {
    project: route.project,
    subject,
    profile: receipt.profile.name,
    profileDigest: receipt.profile.digest,
    mappings: { uids, accessions, studies },
  };
}
