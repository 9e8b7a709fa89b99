// What became of everything that was sent: the one place that decides what counts as lost or doubled.
import type { SentInstance } from './senders.ts';
import type { Arrival } from './sink.ts';

/** A row of the ledger. */
export interface LedgerRow {
  readonly number: number;
  readonly state: string;
  readonly reason: string | undefined;
}

export interface Evidence {
  readonly sent: ReadonlyMap<number, SentInstance>;
  /** Each arrival also tells whether its answer got lost before the next one came. */
  readonly arrivals: ReadonlyMap<number, readonly Arrival[]>;
  readonly ledger: readonly LedgerRow[];
}

export interface Verdict {
  readonly sent: number;
  /** Answered with success. */
  readonly acknowledged: number;
  /** Distinct instances at the destination. */
  readonly delivered: number;
  /** In quarantine, whether acknowledged or not. */
  readonly quarantined: number;
  readonly quarantinedBy: Readonly<Record<string, number>>;
  /** Times that the destination got an instance again. */
  readonly doubled: number;
  /** Of these: the answer to the time before got lost, or whoever waited for it was killed. */
  readonly answerLost: number;
  /** Acknowledged, and neither at the destination nor in quarantine. */
  readonly lost: number;
  /** Arrived with other pixels than were sent. */
  readonly damaged: number;
  /** Arrived though the sender got no answer: it was sent whole, and the gateway had it when the association ended. */
  readonly unanswered: number;
  /** Arrived though the sender was told a failure. */
  readonly refusedYetDelivered: number;
  /** Arrived though it never was sent whole. */
  readonly neverWhole: number;
  /** Acknowledged, in the ledger, and not at rest after everything was given time to drain. */
  readonly unfinished: number;
}

const AT_REST = new Set(['delivered', 'quarantined', 'discarded']);

export function judge({ sent, arrivals, ledger }: Evidence): Verdict {
  const quarantined = ledger.filter(({ state }) => state === 'quarantined');
  const isInQuarantine = new Set(quarantined.map(({ number }) => number));
  const quarantinedBy: Record<string, number> = {};
  for (const { reason = 'unknown' } of quarantined) quarantinedBy[reason] = (quarantinedBy[reason] ?? 0) + 1;
  const acknowledged = [...sent].filter(([, { answer }]) => answer === 'success');
  const arrivedAs = (isMeant: (instance: SentInstance) => boolean): number =>
    [...arrivals.keys()].filter((number) => {
      const instance = sent.get(number);
      return instance !== undefined && isMeant(instance);
    }).length;
  const again = [...arrivals.values()].flatMap((list) => list.slice(0, -1));
  return {
    sent: sent.size,
    acknowledged: acknowledged.length,
    delivered: arrivals.size,
    quarantined: quarantined.length,
    quarantinedBy,
    doubled: again.length,
    answerLost: again.filter((arrival) => arrival.wasAnswerLost()).length,
    lost: acknowledged.filter(([number]) => !arrivals.has(number) && !isInQuarantine.has(number)).length,
    damaged: [...arrivals].filter(([number, list]) => list.some(({ pixels }) => pixels !== sent.get(number)?.pixels))
      .length,
    unanswered: arrivedAs(({ kind, answer }) => kind === 'sound' && (answer === 'unanswered' || answer === 'none-yet')),
    refusedYetDelivered: arrivedAs(({ kind, answer }) => kind === 'sound' && answer === 'failure'),
    neverWhole: arrivedAs(({ kind }) => kind !== 'sound'),
    unfinished: ledger.filter(({ state }) => !AT_REST.has(state)).length,
  };
}

/** What must be 0, by its name. */
export function faultsOf(verdict: Verdict): Readonly<Record<string, number>> {
  const { lost, damaged, doubled, answerLost, refusedYetDelivered, neverWhole, unfinished } = verdict;
  const all = { lost, damaged, doubledWithoutCause: doubled - answerLost, refusedYetDelivered, neverWhole, unfinished };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}
