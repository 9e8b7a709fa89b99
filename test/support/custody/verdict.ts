// What became of everything that was sent: the one place that decides what counts as lost or doubled.
import type { SentInstance } from './senders.ts';
import type { Arrival } from './sink.ts';

/** A row of the ledger. */
export interface LedgerRow {
  readonly number: number;
  readonly recordId: string;
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
  /** Numbers of the instances behind each count that must be 0. */
  readonly suspects: Readonly<Record<string, readonly number[]>>;
}

const AT_REST = new Set(['delivered', 'quarantined', 'discarded']);

export function judge({ sent, arrivals, ledger }: Evidence): Verdict {
  const quarantined = ledger.filter(({ state }) => state === 'quarantined');
  const isInQuarantine = new Set(quarantined.map(({ number }) => number));
  const quarantinedBy: Record<string, number> = {};
  for (const { reason = 'unknown' } of quarantined) quarantinedBy[reason] = (quarantinedBy[reason] ?? 0) + 1;
  const acknowledged = [...sent].filter(([, { answer }]) => answer === 'success').map(([number]) => number);
  const arrivedAs = (isMeant: (instance: SentInstance) => boolean): number[] =>
    [...arrivals.keys()].filter((number) => {
      const instance = sent.get(number);
      return instance !== undefined && isMeant(instance);
    });
  const again = [...arrivals].flatMap(([number, list]) => list.slice(0, -1).map((arrival) => ({ number, arrival })));
  const doubledWithoutCause = again.filter(({ arrival }) => !arrival.wasAnswerLost()).map(({ number }) => number);
  const suspects = {
    lost: acknowledged.filter((number) => !arrivals.has(number) && !isInQuarantine.has(number)),
    damaged: [...arrivals.keys()].filter((number) =>
      arrivals.get(number)?.some(({ pixels }) => pixels !== sent.get(number)?.pixels),
    ),
    doubledWithoutCause,
    refusedYetDelivered: arrivedAs(({ kind, answer }) => kind === 'sound' && answer === 'failure'),
    neverWhole: arrivedAs(({ kind }) => kind !== 'sound'),
    unfinished: ledger.filter(({ state }) => !AT_REST.has(state)).map(({ number }) => number),
  };
  return {
    sent: sent.size,
    acknowledged: acknowledged.length,
    delivered: arrivals.size,
    quarantined: quarantined.length,
    quarantinedBy,
    doubled: again.length,
    answerLost: again.length - doubledWithoutCause.length,
    lost: suspects.lost.length,
    damaged: suspects.damaged.length,
    unanswered: arrivedAs(({ kind, answer }) => kind === 'sound' && (answer === 'unanswered' || answer === 'none-yet'))
      .length,
    refusedYetDelivered: suspects.refusedYetDelivered.length,
    neverWhole: suspects.neverWhole.length,
    unfinished: suspects.unfinished.length,
    suspects,
  };
}

/** What must be 0, by its name. */
export function faultsOf({ suspects }: Pick<Verdict, 'suspects'>): Readonly<Record<string, number>> {
  const counts = Object.entries(suspects).map(([name, numbers]) => [name, numbers.length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}
