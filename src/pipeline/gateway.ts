// The gateway: the use cases put together over their ports.
import { setMaxListeners } from 'node:events';
import type { RecordId } from '../core/brands.ts';
import { DEFAULT_BACKOFF } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Deidentifier } from './deidentify-instance.ts';
import { Commitments } from './commit.ts';
import type { CommitmentOptions } from './commit.ts';
import { createDeliverer } from './deliver.ts';
import type { RulesByDestination } from './delivery-rules.ts';
import { withConditions } from './destination-status.ts';
import { createJudgeNovelty } from './earlier-instances.ts';
import type { EarlierInstances } from './earlier-instances.ts';
import type {
  Destination,
  DestinationStatus,
  JobQueue,
  Ledger,
  LedgerCounts,
  Log,
  Readiness,
  Refusal,
  Spool,
  StoreProvider,
} from './ports.ts';
import { HeadStart } from './head-start.ts';
import { createPrepareRecord } from './prepared-record.ts';
import type { PrepareRecord } from './prepared-record.ts';
import { createProcessor } from './process-instance.ts';
import type { ReceiptLog } from './receipts.ts';
import { createReceiver } from './receive.ts';
import type { ReceiveLimits } from './receive.ts';
import { reconcile } from './reconcile.ts';
import { Releaser } from './release.ts';
import { routesByAeTitle } from './routes.ts';
import type { Route } from './routes.ts';
import type { Source } from './sources.ts';

/** Instances that are prepared at once; most need no waiting at all. */
const CONCURRENCY = 4;
/** Prepared instances that may wait to hear from the ledger what came before them, so that many are looked up together. */
const MAX_LOOKED_UP = 64;

export interface GatewayOptions {
  readonly routes: readonly Route[];
  readonly sources: readonly Source[];
  readonly limits: ReceiveLimits;
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  readonly deidentifier: Deidentifier;
  /** Of every project that routes name. */
  readonly receipts: ReceiptLog;
  /** Tells what repeats an instance that was delivered; without it nothing is taken for a repeat. */
  readonly earlierInstances?: EarlierInstances;
  /** All that routes name. */
  readonly destinations: readonly Destination[];
  /** How they are sent to; default: at any time, without order, for as long as it takes. */
  readonly rules?: RulesByDestination;
  readonly log: Log;
  /** Milliseconds since the epoch; default Date.now. */
  readonly clock?: () => number;
  /** Default 1 s to 15 min. */
  readonly backoff?: Backoff;
  /** Put around the first work on each instance, once it is in our custody. */
  readonly observePrepare?: (prepareRecord: PrepareRecord) => PrepareRecord;
  /** Runs an instance made in code through the hot path, so that the first real one meets compiled code. */
  readonly warmUp?: () => Promise<void>;
  /** Told of everybody who was turned away at the door. */
  readonly onRefused?: (refusal: Refusal) => void;
  /** Durable requests for storage commitment, and how to report to who asked; without it the service is not offered. */
  readonly commitment?: Pick<CommitmentOptions, 'store' | 'peerOf' | 'reportTo'>;
}

export interface GatewayStatus extends LedgerCounts {
  readonly destinations: readonly DestinationStatus[];
}

export interface Gateway {
  /** For the listener. Refuses everything before `start` has resolved. */
  readonly provider: StoreProvider;
  /** Brings spool and ledger together and takes up the work. Rejects with a transient error when the database does not answer. */
  start(): Promise<void>;
  status(): Promise<GatewayStatus>;
  /** Whether it takes instances now. Answers at once. */
  readiness(): Readiness;
  /** Tries everything that waits for a destination, or for all, at once; the number of records that waited. */
  retryNow(destination?: string): number;
  /** Takes up records that a person released; the ledger has them as such. */
  reopen(recordIds: readonly RecordId[]): void;
  /** Gives back what a person discarded; the ledger has it as such. */
  discard(recordIds: readonly RecordId[]): void;
  /** Resolves when everything acknowledged so far is at rest. */
  idle(): Promise<void>;
  /** Lets what is under way finish for at most `graceMs`. Close the listener first, the spool and the ledger afterwards. */
  stop(graceMs: number): Promise<void>;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { spool, ledger, queue, log, destinations, clock = Date.now, backoff = DEFAULT_BACKOFF } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal); // whatever waits for the ledger listens: more than ten is no leak
  const routes = routesByAeTitle(options.routes);
  const prepareRecord = createPrepareRecord({ spool, routes, deidentifier: options.deidentifier });
  const releaser = new Releaser({ spool, ledger, log, backoff, signal });
  const { receipts, rules = {} } = options;
  const deliverer = createDeliverer({
    ...{ destinations, rules, prepareRecord, releaser, receipts, spool, ledger, log, backoff, clock },
  });
  const headStart = new HeadStart(prepareRecord);
  const { observePrepare = (prepare: PrepareRecord) => prepare } = options;
  const handler = createProcessor({
    ...{
      prepareRecord: observePrepare(headStart.prepareRecord),
      deliverer,
      releaser,
      spool,
      ledger,
      log,
      backoff,
      signal,
    },
    judgeNovelty: createJudgeNovelty({ earlierInstances: options.earlierInstances, log, backoff, signal }),
    concurrency: CONCURRENCY,
    keepsOrder: Object.values(rules).some(({ isOrdered }) => isOrdered === true),
  });
  const { sources, limits } = options;
  const commitments =
    options.commitment && new Commitments({ ...options.commitment, routes, ledger, log, clock, backoff });
  const receiver = createReceiver({
    ...{ routes, sources, spool, ledger, queue, clock, limits, log },
    ...{ onRefused: options.onRefused, commitment: commitments, headStart },
  });
  let isStarted = false;

  return {
    provider: receiver,
    async start() {
      const { requeued, quarantined } = await reconcile({ spool, ledger, queue, routes, releaser, log });
      if (requeued > 0) log.info('Instances from before are on their way again.', { count: requeued });
      if (quarantined > 0) log.info('Instances wait in quarantine.', { count: quarantined });
      await options.warmUp?.();
      await receiver.checkSpace();
      queue.process(handler, CONCURRENCY + MAX_LOOKED_UP);
      commitments?.start();
      isStarted = true;
    },
    async status() {
      await ledger.flush();
      const [counts, perDestination] = await Promise.all([ledger.counts(), ledger.destinationCounts()]);
      return {
        ...counts,
        destinations: withConditions(destinations, perDestination, ({ destination }) =>
          deliverer.conditionOf(destination),
        ),
      };
    },
    readiness() {
      if (!isStarted) return { isReady: false, reasons: ['the gateway is starting'] };
      if (signal.aborted) return { isReady: false, reasons: ['the gateway is stopping'] };
      return receiver.readiness();
    },
    retryNow: (destination) => deliverer.retryNow(destination),
    reopen(recordIds) {
      for (const recordId of recordIds) {
        spool.mark(recordId, { kind: 'reopened', at: clock() });
        queue.enqueue(recordId);
      }
    },
    discard(recordIds) {
      for (const recordId of recordIds) spool.release(recordId);
    },
    async idle() {
      await queue.idle();
      await deliverer.idle();
      await receipts.flush();
      await releaser.idle();
      await ledger.flush();
    },
    async stop(graceMs) {
      stopping.abort();
      await commitments?.stop();
      await queue.close();
      await headStart.close();
      await deliverer.stop(graceMs);
      await releaser.idle();
    },
  };
}
