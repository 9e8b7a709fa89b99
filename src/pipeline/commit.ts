// Storage commitment (PS3.4 Annex J): requests are kept until they can be answered, by what the ledger knows of the original
// UIDs, and answered on the association they came on or, when that is gone, on one of our own.
import { setTimeout as sleep } from 'node:timers/promises';
import { LetheError } from '../core/errors.ts';
import { delayAfter } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { judgeCommitment } from './commitment-judgement.ts';
import type {
  CommitmentChannel,
  CommitmentPeer,
  CommitmentProvider,
  CommitmentReport,
  CommitmentRequest,
  CommitmentStore,
  PendingCommitment,
} from './commitment-ports.ts';
import type { Ledger, Log } from './ports.ts';
import type { Routes } from './routes.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface CommitmentOptions {
  readonly store: CommitmentStore;
  readonly routes: Routes;
  readonly ledger: Pick<Ledger, 'flush'>;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Between reports that did not get through. */
  readonly backoff: Backoff;
  /** Where a requestor takes reports on an association of ours; undefined when the configuration tells nothing of it. */
  readonly peerOf: (callingAeTitle: string, peerAddress: string) => CommitmentPeer | undefined;
  /** Reports on a new association. Rejects with a `peer` or `transient` error unless the peer confirmed. */
  readonly reportTo: (peer: CommitmentPeer, report: CommitmentReport, callingAeTitle: string) => Promise<void>;
  /** Time in which the requestor may close its association, before a report is sent on it. Default 300 ms. */
  readonly hereAfterMs?: number;
  /** Between two looks at what is due. Default 1 s while anything waits, else 15 s. */
  readonly pollMs?: number;
}

// PS3.7 Annex C, statuses of the N-ACTION-RSP.
const SUCCESS = 0x0000;
const PROCESSING_FAILURE = 0x0110;
const RESOURCE_LIMITATION = 0x0213;

const HERE_AFTER_MS = 300;
const POLL_MS = 1_000;
const IDLE_POLL_MS = 15_000;
/** A process that dies with a request in hand leaves it to the others after this time. */
const LEASE_MS = 60_000;
const BATCH_REQUESTS = 20;
/** Between two looks at whether the clean twins were delivered. */
const RECHECK = { firstMs: 1_000, maxMs: 60_000 };
/** A requestor that cannot be reached for so long is given up. */
const ABANDON_AFTER_MS = 7 * 24 * 3_600_000;

export class Commitments implements CommitmentProvider {
  readonly #options: CommitmentOptions;
  /** Open associations whose requests are not answered yet. */
  readonly #channels = new Map<number, CommitmentChannel>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #inHand = new Set<number>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #hasPending = true;
  #running: Promise<void> | undefined;

  constructor(options: CommitmentOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Begins nothing more; what is under way is cut off by the end of its association. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async request(request: CommitmentRequest, channel: CommitmentChannel): Promise<number> {
    const { store, clock, log } = this.#options;
    if (this.#stopping.signal.aborted) return RESOURCE_LIMITATION;
    try {
      const pending = await store.add(request, clock());
      this.#channels.set(pending.id, channel);
      void channel.ended.then(() => {
        if (this.#channels.get(pending.id) === channel) this.#channels.delete(pending.id);
      });
      this.#kick();
      this.#track(this.#answerHere(pending, channel));
      return SUCCESS;
    } catch (error) {
      log.error('A request for storage commitment could not be kept.', { code: codeOf(error) });
      const isTransient = error instanceof LetheError && error.kind === 'transient';
      return isTransient ? RESOURCE_LIMITATION : PROCESSING_FAILURE;
    }
  }

  /** A requestor that waits on its association gets the answer there; one that has closed it meanwhile, on a new one. */
  async #answerHere(pending: PendingCommitment, channel: CommitmentChannel): Promise<void> {
    const { hereAfterMs = HERE_AFTER_MS } = this.#options;
    if (!(await this.#pause(hereAfterMs))) return;
    await this.#answer(pending, channel);
  }

  async #run(): Promise<void> {
    const { store, clock, log, pollMs } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        const due = await store.takeDue(clock(), LEASE_MS, BATCH_REQUESTS);
        this.#hasPending = due.length > 0 || this.#channels.size > 0;
        await Promise.all(due.map((pending) => this.#answer(pending, this.#channels.get(pending.id))));
        if (due.length === BATCH_REQUESTS) continue;
      } catch (error) {
        log.warn('Storage commitment waits.', { code: codeOf(error) });
      }
      await this.#pause(pollMs ?? (this.#hasPending ? POLL_MS : IDLE_POLL_MS), this.#wake.signal);
    }
  }

  /** Never rejects: what goes wrong is tried again when the lease is over. */
  async #answer(pending: PendingCommitment, channel: CommitmentChannel | undefined): Promise<void> {
    if (this.#inHand.has(pending.id)) return;
    this.#inHand.add(pending.id);
    try {
      const report = await this.#decide(pending);
      if (report === undefined) await this.#recheck(pending);
      else await this.#report(pending, report, channel);
    } catch (error) {
      this.#options.log.warn('A request for storage commitment waits.', { code: codeOf(error) });
    } finally {
      this.#inHand.delete(pending.id);
    }
  }

  async #decide(pending: PendingCommitment): Promise<CommitmentReport | undefined> {
    const { store, ledger, routes, clock } = this.#options;
    // What was acknowledged a moment ago may still be on its way into the ledger.
    await unlessAborted(ledger.flush(), this.#stopping.signal);
    const uids = pending.references.map(({ sopInstanceUid }) => sopInstanceUid);
    const states = pending.isDuplicate ? [] : await store.find(pending.calledAeTitle, uids);
    const promise = routes.get(pending.calledAeTitle)?.commitment ?? 'custody';
    return judgeCommitment(pending, states, promise, clock());
  }

  async #recheck({ id, requestedAt }: PendingCommitment): Promise<void> {
    const { store, clock } = this.#options;
    const waited = clock() - requestedAt;
    await store.postpone(id, clock() + Math.min(RECHECK.maxMs, Math.max(RECHECK.firstMs, waited / 10)), false);
    this.#kick();
  }

  async #report(
    pending: PendingCommitment,
    report: CommitmentReport,
    channel: CommitmentChannel | undefined,
  ): Promise<void> {
    const { store, clock, log } = this.#options;
    this.#channels.delete(pending.id);
    const aeTitle = pending.callingAeTitle;
    const code = (await channel?.report(report)) === true ? undefined : await this.#reportAnew(pending, report);
    if (code === undefined) {
      await store.settle(pending.id, 'reported', clock());
      log.info('Storage commitment reported.', { aeTitle, count: report.committed.length });
      return;
    }
    log.warn('A report of storage commitment did not get through.', { aeTitle, code, attempt: pending.attempts + 1 });
    if (clock() - pending.requestedAt > ABANDON_AFTER_MS) await store.settle(pending.id, 'abandoned', clock());
    else await store.postpone(pending.id, clock() + delayAfter(pending.attempts + 1, this.#options.backoff), true);
  }

  /** Undefined when the requestor confirmed; else the code of what went wrong. */
  async #reportAnew(pending: PendingCommitment, report: CommitmentReport): Promise<string | undefined> {
    const { peerOf, reportTo } = this.#options;
    const peer = peerOf(pending.callingAeTitle, pending.peerAddress);
    if (peer === undefined) return 'no-commitment-port';
    try {
      await unlessAborted(reportTo(peer, report, pending.calledAeTitle), this.#stopping.signal);
      return undefined;
    } catch (error) {
      return codeOf(error);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  #kick(): void {
    if (this.#hasPending) return;
    this.#hasPending = true;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** False when the gateway stops meanwhile. */
  async #pause(durationMs: number, wake?: AbortSignal): Promise<boolean> {
    const { signal } = this.#stopping;
    const signals = wake === undefined ? [signal] : [signal, wake];
    await sleep(durationMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
    return !signal.aborted;
  }
}

function codeOf(error: unknown): string {
  return error instanceof LetheError ? error.code : 'unexpected';
}
