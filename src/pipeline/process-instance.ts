// The work behind the queue: one received record becomes a clean instance and is handed to its destinations, or is quarantined.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import { retryTransient } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Deliverer } from './deliver.ts';
import { repeatMessage } from './earlier-instances.ts';
import type { JudgeNovelty, Novelty } from './earlier-instances.ts';
import type { CleanFacts } from './ports.ts';
import { Places } from './places.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';
import { asInstanceError, quarantine } from './quarantine.ts';
import type { QuarantinePorts } from './quarantine.ts';
import type { Releaser } from './release.ts';

export interface ProcessorOptions extends QuarantinePorts {
  readonly prepareRecord: PrepareRecord;
  readonly judgeNovelty: JudgeNovelty;
  readonly deliverer: Deliverer;
  readonly releaser: Releaser;
  /** For a database that is away. */
  readonly backoff: Backoff;
  /** Ends the waiting when the gateway stops. */
  readonly signal: AbortSignal;
  /** Instances that are prepared at once; default without a limit. */
  readonly concurrency?: number;
  /** Records are handed over in the order in which the queue gave them. */
  readonly keepsOrder?: boolean;
}

/** The handler of the queue. Idempotent: a record that is on its way already is left alone. Rejects only on a bug. */
export function createProcessor(options: ProcessorOptions): (recordId: RecordId) => Promise<void> {
  const { deliverer, ledger, log, spool } = options;
  const underWay = new Set<RecordId>();
  const places = new Places(options.concurrency ?? Infinity);

  /** Ends when every record that the queue gave so far was handed over or held back. */
  let handedOver: Promise<void> = Promise.resolve();

  async function process(recordId: RecordId, isMyTurn: Promise<void>): Promise<void> {
    let prepared: PreparedRecord | undefined;
    let novelty: Novelty;
    await places.take();
    if (options.signal.aborted) {
      places.giveBack();
      return; // the next start finds it in the spool
    }
    let hasPlace = true;
    const leavePlace = (): void => {
      if (hasPlace) places.giveBack();
      hasPlace = false;
    };
    try {
      prepared = await retryTransient(
        () => options.prepareRecord(recordId),
        options.backoff,
        options.signal,
        (error, attempt) => {
          log.warn('Work on an instance waits.', { recordId, code: error.code, attempt });
        },
      );
      // What only waits for the ledger now keeps nobody from being prepared; the spool bounds the memory of such instances.
      if (prepared.isInMemory) leavePlace();
      await isMyTurn;
      const judged = options.judgeNovelty(prepared);
      novelty = judged instanceof Promise ? await judged : judged;
    } catch (error) {
      await prepared?.letGo();
      if (error instanceof LetheError && error.code === 'shutting-down') return; // the next start finds it in the spool
      const { reason, message } = asInstanceError(error);
      quarantine(options, recordId, reason, message);
      return;
    } finally {
      leavePlace();
    }
    ledger.clean(recordId, cleanFacts(prepared, novelty.revision));
    const marks = spool.marksOf(recordId);
    // What was sent once, or is put on its way by a person, goes on.
    if (novelty.repeats !== undefined && marks.length === 0) {
      ledger.repeated(recordId, novelty.repeats, repeatMessage(novelty.repeats));
      options.releaser.add(recordId);
      await prepared.letGo();
      return;
    }
    for (const mark of marks) {
      // What an earlier process sent: the ledger may not have heard of it.
      if (mark.kind === 'sent') ledger.delivery(recordId, mark.destination, { kind: 'sent', status: mark.status });
      if (mark.kind === 'refused') ledger.delivery(recordId, mark.destination, { kind: 'dead', error: mark.text });
    }
    deliverer.handOver(recordId, prepared.route.destinations, prepared, novelty.revision);
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
export function cleanFacts({ route, prepared: { outcome, subject } }: PreparedRecord, revision = 1): CleanFacts {
  const { uids, accessions, studies, receipt } = outcome;
  return {
    project: route.project,
    subject,
    profile: receipt.profile.name,
    profileDigest: receipt.profile.digest,
    mappings: { uids, accessions, studies },
    ...(revision > 1 ? { revision } : {}),
  };
}
