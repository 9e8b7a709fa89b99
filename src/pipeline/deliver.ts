// Delivery: a record goes to each of its destinations, each at its own pace, and is at rest when all of them have answered.
import type { RecordId } from '../core/brands.ts';
import { LetheError } from '../core/errors.ts';
import type { InstanceError } from '../core/errors.ts';
import type { Backoff } from './backoff.ts';
import type { ContentDigests } from './data-set-digest.ts';
import { Lane } from './lane.ts';
import type { SettledOutcome } from './lane.ts';
import type { RulesByDestination } from './delivery-rules.ts';
import type { Destination, DestinationCondition } from './ports.ts';
import type { PreparedRecord, PrepareRecord } from './prepared-record.ts';
import { quarantine } from './quarantine.ts';
import type { QuarantinePorts } from './quarantine.ts';
import { digestsOf, receiptFor } from './receipts.ts';
import type { InstanceReceipt, ReceiptLog } from './receipts.ts';
import type { Releaser } from './release.ts';

/** Memory for prepared instances that wait, over all destinations. */
const HELD_BYTES = 32 << 20;
/** Memory for instances that have left and wait for their digests; beyond it the lanes wait. */
const DIGESTED_BYTES = 32 << 20;

export interface DelivererOptions extends QuarantinePorts {
  readonly destinations: readonly Destination[];
  readonly rules: RulesByDestination;
  readonly prepareRecord: PrepareRecord;
  readonly releaser: Releaser;
  readonly receipts: ReceiptLog;
  readonly backoff: Backoff;
  readonly clock: () => number;
}

export interface Deliverer {
  /** Takes over a clean instance; what the spool's marks say is settled is not sent again. The caller lets go of `prepared` itself. */
  handOver(recordId: RecordId, destinations: readonly string[], prepared: PreparedRecord, revision: number): void;
  /** Whether the record is on its way. */
  has(recordId: RecordId): boolean;
  /** Records that wait for this destination, what is under way left out. */
  waitingFor(destination: string): number;
  /** Undefined for a destination that there is not. */
  conditionOf(destination: string): DestinationCondition | undefined;
  /** Tries everything that waits now, for one destination or for all; the number of records that waited. */
  retryNow(destination?: string): number;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
  /** Begins no more sends and closes the destinations, at the latest after `graceMs`. What was not sent stays in the spool. */
  stop(graceMs: number): Promise<void>;
}

export function createDeliverer(options: DelivererOptions): Deliverer {
  return new LaneDeliverer(options);
}

/** Destinations that have not answered yet, and what those that refused said. */
interface OnItsWay {
  open: number;
  refusedBy: string[] | undefined;
  readonly revision: number;
  /** Begun when the first destination had it. */
  receipt: Receipt | undefined;
}

interface Receipt {
  /** The instance is not needed any more. */
  readonly isMade: Promise<void>;
  /** What it says, once it is on the disk; undefined when it could not be written or made. */
  readonly written: Promise<ContentDigests | undefined>;
}

class LaneDeliverer implements Deliverer {
  readonly #options: DelivererOptions;
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly #onItsWay = new Map<RecordId, OnItsWay>();
  readonly #comingToRest = new Set<Promise<void>>();
  #digestedBytes = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#lanes = new Map(options.destinations.map((destination) => [destination.name, this.#laneTo(destination)]));
  }

  handOver(recordId: RecordId, destinations: readonly string[], prepared: PreparedRecord, revision: number): void {
    const marks = this.#options.spool.marksOf(recordId);
    const settled = new Set(marks.flatMap((mark) => ('destination' in mark ? [mark.destination] : [])));
    const refused = marks.flatMap((mark) => (mark.kind === 'refused' ? [refusalBy(mark.destination, mark.text)] : []));
    const reopenedAt = marks.flatMap((mark) => (mark.kind === 'reopened' ? [mark.at] : []));
    const open = destinations.filter((name) => !settled.has(name));
    const missing = open.find((name) => !this.#lanes.has(name));
    if (missing !== undefined) {
      quarantine(this.#options, recordId, 'action-failed', `There is no destination ${missing}.`);
      return;
    }
    const refusedBy = refused.length > 0 ? refused : undefined;
    const state: OnItsWay = { open: open.length, refusedBy, revision, receipt: undefined };
    // What an earlier process sent may have no receipt yet; a second one of the same is not written.
    if (settled.size > 0) state.receipt = this.#makeReceipt(recordId, prepared, revision);
    this.#onItsWay.set(recordId, state);
    if (open.length === 0) this.#comeToRest(recordId, state);
    const waitsSince = Math.max(prepared.record.receivedAt, ...reopenedAt);
    for (const name of open) this.#lanes.get(name)?.add(recordId, prepared, waitsSince);
  }

  has(recordId: RecordId): boolean {
    return this.#onItsWay.has(recordId);
  }

  waitingFor(destination: string): number {
    return this.#lanes.get(destination)?.waiting ?? 0;
  }

  conditionOf(destination: string): DestinationCondition | undefined {
    return this.#lanes.get(destination)?.condition;
  }

  retryNow(destination?: string): number {
    let waiting = 0;
    for (const [name, lane] of this.#lanes) {
      if (destination !== undefined && name !== destination) continue;
      waiting += lane.waiting;
      lane.retryNow();
    }
    return waiting;
  }

  idle(): Promise<void> {
    if (this.#onItsWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  async stop(graceMs: number): Promise<void> {
    const stopped = Promise.all(Array.from(this.#lanes.values(), (lane) => lane.stop()));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([stopped.then(() => Promise.all(this.#comingToRest)), grace]);
    clearTimeout(timer);
    await Promise.all(this.#options.destinations.map((destination) => destination.close()));
  }

  #laneTo(destination: Destination): Lane {
    const { prepareRecord, clock, ledger, log, destinations } = this.#options;
    const rules = this.#options.rules[destination.name] ?? {};
    return new Lane({
      destination,
      rules,
      prepareRecord,
      backoff: rules.backoff ?? this.#options.backoff,
      clock,
      heldBytes: HELD_BYTES / destinations.length,
      isWanted: (recordId) => this.#onItsWay.has(recordId),
      onSettled: (recordId, outcome, prepared) => this.#settle(recordId, destination.name, outcome, prepared),
      onUnavailable: (recordId, { text, isAnswered, nextAttemptAt, attempt }) => {
        ledger.delivery(recordId, destination.name, { kind: 'retrying', nextAttemptAt, error: text });
        if (isAnswered)
          log.warn('A destination did not take an instance for now.', {
            recordId,
            destination: destination.name,
            attempt,
          });
        else log.warn('A destination does not answer.', { destination: destination.name, attempt });
      },
      onBroken: (recordId, error) => {
        this.#breakOff(recordId, error);
      },
    });
  }

  #settle(
    recordId: RecordId,
    destination: string,
    outcome: SettledOutcome,
    prepared: PreparedRecord | undefined,
  ): Promise<void> | undefined {
    const { spool, ledger } = this.#options;
    // The mark comes first: whatever ends the process after it, the instance is not sent a second time.
    if (outcome.kind === 'sent') {
      spool.mark(recordId, { kind: 'sent', destination, status: outcome.status });
      ledger.delivery(recordId, destination, { kind: 'sent', status: outcome.status });
    } else {
      spool.mark(recordId, { kind: 'refused', destination, text: outcome.text });
      ledger.delivery(recordId, destination, { kind: 'dead', error: outcome.text });
    }
    const state = this.#onItsWay.get(recordId);
    if (state === undefined) return undefined;
    if (prepared !== undefined) state.receipt ??= this.#makeReceipt(recordId, prepared, state.revision);
    if (outcome.kind === 'refused') (state.refusedBy ??= []).push(refusalBy(destination, outcome.text));
    state.open--;
    if (state.open === 0) this.#comeToRest(recordId, state);
    return this.#digestedBytes > DIGESTED_BYTES ? state.receipt?.isMade : undefined;
  }

  #comeToRest(recordId: RecordId, state: OnItsWay): void {
    const resting = this.#rest(recordId, state).finally(() => this.#comingToRest.delete(resting));
    this.#comingToRest.add(resting);
  }

  /** The receipt comes first: of what the ledger has at rest there is one, whatever ends the process. */
  async #rest(recordId: RecordId, { refusedBy, receipt }: OnItsWay): Promise<void> {
    const digests = await receipt?.written;
    if (refusedBy !== undefined)
      quarantine(this.#options, recordId, 'delivery-refused', `Refused by ${refusedBy.join('; ')}`);
    else if (receipt === undefined || digests !== undefined) {
      if (digests !== undefined) this.#options.ledger.digested(recordId, digests);
      this.#options.ledger.delivered(recordId);
      this.#options.releaser.add(recordId);
    }
    this.#forget(recordId);
  }

  #makeReceipt(recordId: RecordId, prepared: PreparedRecord, revision: number): Receipt {
    const made = this.#digest(recordId, prepared.retain(), revision);
    const isMade = made.then(
      () => undefined,
      () => undefined, // told by written
    );
    return { isMade, written: this.#write(recordId, made) };
  }

  /** Lets go of the instance: in a scope of its own, so that nothing that waits for the disk keeps its bytes alive. */
  async #digest(recordId: RecordId, prepared: PreparedRecord, revision: number): Promise<InstanceReceipt> {
    const { heldBytes, route } = prepared;
    this.#digestedBytes += heldBytes;
    try {
      return await receiptFor(recordId, route.project, prepared.prepared, this.#options.clock(), revision);
    } finally {
      this.#digestedBytes -= heldBytes;
      await prepared.letGo();
    }
  }

  /** Without a receipt the record stays in the spool: the next start makes it again. */
  async #write(recordId: RecordId, made: Promise<InstanceReceipt>): Promise<ContentDigests | undefined> {
    const { receipts, log } = this.#options;
    try {
      const receipt = await made;
      await receipts.add(receipt);
      return digestsOf(receipt);
    } catch (error) {
      const code = error instanceof LetheError ? error.code : 'unexpected';
      if (code !== 'shutting-down') log.error('The receipt of an instance could not be written.', { recordId, code });
      return undefined;
    }
  }

  #breakOff(recordId: RecordId, { reason, message }: InstanceError): void {
    if (!this.#onItsWay.has(recordId)) return;
    quarantine(this.#options, recordId, reason, message);
    this.#forget(recordId);
  }

  #forget(recordId: RecordId): void {
    this.#onItsWay.delete(recordId);
    if (this.#onItsWay.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** Name of the destination, and the peer's status in our words. */
function refusalBy(destination: string, text: string): string {
  return `${destination}: ${text}`;
}
