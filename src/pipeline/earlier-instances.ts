// What came before under the same SOP Instance UID, and what follows from it for an instance that comes now.
//
// One UID names one instance, for ever (PS3.5 9, PS3.4 B.2.3): the same content under the same UID is a repeat, which a sender may make as often as
// it likes. Other content under a UID breaks the rule, and yet it comes: a patient's name was corrected, a device began to count anew. Which of the
// two is right nobody but a person can tell, and another UID for the second one would break every reference to it. So it is sent as it came, under the
// same replacement UID, and told as a new revision by ledger, receipt and log: a destination overwrites or refuses it, but never in silence.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordId } from '../core/brands.ts';
import { retryTransient } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { digestInstance } from './data-set-digest.ts';
import type { ContentDigests } from './data-set-digest.ts';
import type { Log } from './ports.ts';
import type { PreparedRecord } from './prepared-record.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Which instance came, by what is known without reading it. */
export interface ArrivedInstance {
  readonly recordId: RecordId;
  readonly project: string;
  /** Original UID. */
  readonly sopInstanceUid: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** The newest instance that was sent, or is on its way, under the same original UID in the same project; none in quarantine. */
export interface EarlierInstance {
  readonly recordId: RecordId;
  readonly isDelivered: boolean;
  /** From 1. */
  readonly revision: number;
  /** As in the spool. */
  readonly length: number;
  readonly checksum: number;
  readonly transferSyntaxUid: string;
  /** Undefined while it was not delivered, and for what was delivered before digests were kept. */
  readonly digests: ContentDigests | undefined;
  readonly profileDigest: string | undefined;
  /** Destinations that took it. */
  readonly sentTo: readonly string[];
}

export interface EarlierInstances {
  /**
   * Whether one may have come before under its UID, told at once and for nearly every instance by false; when it cannot be told, true. What
   * was asked about counts as come from then on.
   */
  mayHave(arrived: ArrivedInstance): boolean;
  /** Rejects with a transient error while the database is away, or waits for it. */
  find(arrived: ArrivedInstance): Promise<EarlierInstance | undefined>;
}

/** What an instance is to those before it. */
export interface Novelty {
  /** 1 for the first content under its UID. */
  readonly revision: number;
  /** The delivered instance that it is the same as: it need not be sent. */
  readonly repeats: RecordId | undefined;
}

/** Waits for a database that is away when something is known of the UID. Rejects with `shutting-down` when the gateway stops meanwhile. */
export type JudgeNovelty = (prepared: PreparedRecord) => Novelty | Promise<Novelty>;

const FIRST_OF_ITS_UID: Novelty = { revision: 1, repeats: undefined };

export interface JudgeOptions {
  /** Without it everything is the first of its UID. */
  readonly earlierInstances: EarlierInstances | undefined;
  readonly log: Log;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

/**
 * Of one UID, instances are judged one after another, each once the ledger was told of the one before — by whoever tells it in the same turn. Across
 * processes, and where telling takes longer, two revisions that come at the same moment may get the same number.
 */
export function createJudgeNovelty({ earlierInstances, log, backoff, signal }: JudgeOptions): JudgeNovelty {
  /** By project and UID: when the next one may be judged. */
  const turns = new Map<string, Promise<unknown>>();

  async function judge(
    prepared: PreparedRecord,
    arrived: ArrivedInstance,
    instances: EarlierInstances,
  ): Promise<Novelty> {
    const { recordId } = arrived;
    const earlier = await retryTransient(
      () => unlessAborted(instances.find(arrived), signal),
      backoff,
      signal,
      (error, attempt) => {
        log.warn('Work on an instance waits.', { recordId, code: error.code, attempt });
      },
    );
    if (earlier === undefined) return FIRST_OF_ITS_UID;
    const novelty = await compareWithEarlier(prepared, earlier);
    if (novelty.revision > earlier.revision)
      log.warn('An instance came with other content under a UID that was used before: a new revision.', {
        recordId,
        count: novelty.revision,
      });
    return novelty;
  }

  return (prepared) => {
    const { recordId, sopInstanceUid, receivedAt } = prepared.record;
    const arrived = { recordId, project: prepared.route.project, sopInstanceUid, receivedAt };
    if (earlierInstances?.mayHave(arrived) !== true) return FIRST_OF_ITS_UID;
    const key = `${arrived.project}\n${sopInstanceUid}`;
    const before = turns.get(key);
    const judging =
      before === undefined
        ? judge(prepared, arrived, earlierInstances)
        : before.then(() => judge(prepared, arrived, earlierInstances));
    const turn = judging.then(
      () => nextTurn(),
      () => undefined, // told to the caller
    );
    turns.set(key, turn);
    void turn.then(() => turns.get(key) === turn && turns.delete(key));
    return judging;
  };
}

/**
 * An instance repeats an earlier one only when sending it would send the same bytes to the same places again: equal content and encoding, made clean with
 * the same profile to the same result, and every destination of its route has taken it. In doubt it is sent: a destination has to bear seeing a UID
 * twice. A changed profile, or a program that cleans better, is how people have instances processed anew.
 */
export async function compareWithEarlier(prepared: PreparedRecord, earlier: EarlierInstance): Promise<Novelty> {
  const { record, route } = prepared;
  const other = { revision: earlier.revision + 1, repeats: undefined };
  const again = { revision: earlier.revision, repeats: undefined };
  const isOther =
    record.length !== earlier.length ||
    record.checksum !== earlier.checksum ||
    record.transferSyntaxUid !== earlier.transferSyntaxUid;
  if (isOther) return other;
  if (!earlier.isDelivered || earlier.digests === undefined) return again;
  const { outcome, dataSet, plan } = prepared.prepared;
  const { before, after } = await digestInstance(dataSet, outcome.output, plan);
  if (before.sha256 !== earlier.digests.received) return other;
  const isRepeat =
    route.repeats !== 'send' &&
    after.sha256 === earlier.digests.clean &&
    outcome.receipt.profile.digest === earlier.profileDigest &&
    route.destinations.every((name) => earlier.sentTo.includes(name));
  return isRepeat ? { revision: earlier.revision, repeats: earlier.recordId } : again;
}

/** As the ledger words it. */
export function repeatMessage(repeats: RecordId): string {
  return `Repeats record ${repeats}, which was delivered; not sent again.`;
}
