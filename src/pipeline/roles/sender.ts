// The role `sender`: takes deliveries that are due, sends the clean copies, and brings records to rest. Any number of processes; all of
// them together keep to the places that a destination has.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { retryTransient } from '../backoff.ts';
import type { Backoff } from '../backoff.ts';
import { Batches } from '../batches.ts';
import type { DeliveryRules } from '../delivery-rules.ts';
import type { Destination, Ledger, Log, Spool } from '../ports.ts';
import { DestinationSender } from './destination-sender.ts';
import { Every } from './every.ts';
import type { Claims, CleanCopies, WakeQueue } from './ports.ts';
import type { RunningRole } from './worker.ts';

export interface SenderOptions {
  readonly claims: Claims;
  /** Wakes this sender. */
  readonly deliveries: WakeQueue;
  /** Wakes the workers, when a copy has to be made again. */
  readonly work: WakeQueue;
  readonly destinations: readonly SharedDestination[];
  readonly copies: CleanCopies;
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: () => number;
  readonly backoff: Backoff;
  /** The lease of `claims`, in milliseconds. */
  readonly leaseMs: number;
  /** How often a sender that nobody woke looks for deliveries; default 5 s. */
  readonly sweepMs?: number;
  /** Where pixel data are decompressed to for a destination that asks for it. */
  readonly scratchDirectory: string;
}

export interface SharedDestination {
  readonly destination: Destination;
  readonly rules: DeliveryRules;
}

export function startSender(options: SenderOptions): RunningRole {
  const { claims, copies, deliveries, ledger, log, spool, work } = options;

  /** Records of which a delivery ended come to rest together, in one statement. */
  const settle = async (recordIds: readonly RecordId[]): Promise<void> => {
    await ledger.flush();
    for (const [recordId, state] of await claims.settle([...new Set(recordIds)])) {
      await copies.remove(recordId);
      if (state !== 'quarantined') spool.release(recordId); // a person may want to send it again
    }
  };
  // A ledger that goes away in between is waited for: what is at rest gives its files back.
  const stopping = new AbortController();
  const settling = new Batches<RecordId>((recordIds) =>
    retryTransient(
      () => settle(recordIds),
      options.backoff,
      stopping.signal,
      (error, attempt) => {
        log.warn('What was sent comes to rest later.', { code: error.code, attempt });
      },
    ),
  );

  /** A copy that is gone, or was torn by a power cut, is made again from the spool. */
  const giveBack = async (recordId: RecordId): Promise<void> => {
    log.warn('The clean copy of an instance is gone: it is made again.', { recordId });
    await claims.giveBackWork([recordId]);
    work.enqueue([recordId]);
  };

  const senders = options.destinations.map(
    (shared) =>
      new DestinationSender({
        ...options,
        ...shared,
        backoff: shared.rules.backoff ?? options.backoff,
        settle: (recordId) => settling.add(recordId),
        giveBack,
      }),
  );
  // The ids say that something is due; which sender takes what is decided by claims.
  deliveries.process(() => {
    for (const sender of senders) sender.wake();
    return Promise.resolve();
  }, 1);
  const sweeping = new Every(
    () => options.leaseMs,
    async () => {
      try {
        if ((await claims.openForgottenDeliveries()) > 0) for (const sender of senders) sender.wake();
        await Promise.all((await claims.findUnsettled()).map((recordId) => settling.add(recordId)));
      } catch (error) {
        log.warn('The ledger could not be looked through for what others left.', { code: codeOf(error) });
      }
    },
  );
  sweeping.start();
  return {
    async stop(graceMs) {
      await deliveries.close();
      await sweeping.stop();
      await Promise.all(senders.map((sender) => sender.stop(graceMs)));
      stopping.abort();
    },
  };
}

export function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}
