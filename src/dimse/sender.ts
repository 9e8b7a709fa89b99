// A DICOM destination: keeps one association, or a few, open and sends clean instances over them. Never retries: whoever
// calls knows how long to wait and when to give up.
import { InstanceError, LetheError } from '../core/errors.ts';
import type { CleanInstance, DeliveryOutcome, Destination, Log } from '../pipeline/ports.ts';
import { describeStatus } from '../standard/statuses.ts';
import { ContextMemory, chooseContexts } from './context-plan.ts';
import type { ContextChoice } from './context-plan.ts';
import type { AcceptedContext } from './negotiation.ts';
import { RequestorAssociation } from './requestor.ts';
import type { RequestorTls } from './transport.ts';

export interface DicomDestinationOptions {
  /** Name in the configuration. */
  readonly name: string;
  /** Of the peer. */
  readonly aeTitle: string;
  readonly callingAeTitle: string;
  readonly host: string;
  readonly port: number;
  /** Associations that may be open at once. Default 1. */
  readonly concurrency?: number;
  /** Longest P-DATA-TF that is announced, and sent to a peer that takes any. Default 131,072. */
  readonly maxPduBytes?: number;
  /** To open an association. Default 10 s. */
  readonly connectMs?: number;
  /** Longest wait for a response. Default 300 s. */
  readonly responseMs?: number;
  /** An association that was not used for so long is released. Default 10 s. */
  readonly idleMs?: number;
  readonly tls?: RequestorTls;
}

/** An open association with what was asked for on it. */
interface OpenAssociation {
  readonly association: RequestorAssociation;
  readonly keys: ReadonlySet<string>;
}

interface Job {
  readonly instance: CleanInstance;
  readonly settle: (outcome: DeliveryOutcome) => void;
}

/** Statuses that tell of the peer's state, not of the instance: worth another try. 0xA7xx is out of resources. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([0x0110, 0x0213]);

/** What a status of a C-STORE-RSP means for the delivery. Only success and the standard's warnings count as sent. */
export function outcomeOf(status: number): DeliveryOutcome {
  const { category, text } = describeStatus(status);
  if (category === 'success' || category === 'warning') return { kind: 'sent', status };
  const words = `status 0x${status.toString(16).toUpperCase().padStart(4, '0')}: ${text}`;
  const isRetried = RETRIED_STATUSES.has(status) || status >> 8 === 0xa7;
  return isRetried ? { kind: 'unavailable', text: words, isAnswered: true } : { kind: 'refused', status, text: words };
}

class DicomDestination implements Destination {
  readonly name: string;
  readonly concurrency: number;
  readonly #options: DicomDestinationOptions;
  readonly #log: Log;
  readonly #memory = new ContextMemory();
  readonly #waiting: Job[] = [];
  readonly #idleLanes: Lane[];
  readonly #lanes: readonly Lane[];
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: DicomDestinationOptions, log: Log) {
    this.name = options.name;
    this.concurrency = options.concurrency ?? 1;
    this.#options = options;
    this.#log = log;
    this.#lanes = Array.from({ length: this.concurrency }, () => new Lane((first) => this.#open(first), options));
    this.#idleLanes = [...this.#lanes];
  }

  deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    if (this.#isClosed) return Promise.resolve({ kind: 'unavailable', text: 'the destination is closed' });
    this.#memory.remember(instance);
    return new Promise((settle) => {
      this.#waiting.push({ instance, settle });
      this.#startLane(instance);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running.size > 0) await Promise.all(this.#running);
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  /** Sets an idle lane to work: one whose association fits, else one that is open, else any. */
  #startLane(instance: CleanInstance): void {
    const lanes = this.#idleLanes;
    const lane =
      lanes.find((idle) => idle.choose(instance).kind === 'use') ?? lanes.find((idle) => idle.isOpen) ?? lanes.at(0);
    if (lane === undefined) return;
    lanes.splice(lanes.indexOf(lane), 1);
    const run = this.#run(lane).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(lane: Lane): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      job.settle(await lane.deliver(job.instance));
    }
    // In the same turn as the last look at what waits: a job that comes later finds the lane idle.
    this.#idleLanes.push(lane);
  }

  async #open(first: CleanInstance): Promise<OpenAssociation> {
    const { name, host, port, aeTitle, callingAeTitle, tls } = this.#options;
    const { contexts, keys } = this.#memory.propose([first, ...this.#waiting.map(({ instance }) => instance)]);
    const association = await RequestorAssociation.open(
      {
        host,
        port,
        tls,
        callingAeTitle,
        calledAeTitle: aeTitle,
        maxPduBytes: this.#options.maxPduBytes ?? 131_072,
        connectMs: this.#options.connectMs ?? 10_000,
        responseMs: this.#options.responseMs ?? 300_000,
      },
      contexts,
    );
    this.#log.debug('association opened', { destination: name, count: association.accepted.length });
    return { association, keys };
  }
}

/** One association at a time, used by one delivery at a time. */
class Lane {
  readonly #open: (first: CleanInstance) => Promise<OpenAssociation>;
  readonly #idleMs: number;
  #current: OpenAssociation | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(open: (first: CleanInstance) => Promise<OpenAssociation>, options: DicomDestinationOptions) {
    this.#open = open;
    this.#idleMs = options.idleMs ?? 10_000;
  }

  get isOpen(): boolean {
    return this.#current?.association.isOpen === true;
  }

  choose(instance: CleanInstance): ContextChoice {
    if (this.#current === undefined || !this.isOpen) return { kind: 'renegotiate' };
    const { association, keys } = this.#current;
    return chooseContexts(instance, { keys, accepted: association.accepted, answers: association.answers });
  }

  /** Never rejects. */
  async deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    clearTimeout(this.#idle);
    try {
      let choice = this.choose(instance);
      if (choice.kind === 'renegotiate') {
        await this.close();
        this.#current = await this.#open(instance);
        choice = this.choose(instance);
      }
      switch (choice.kind) {
        case 'use':
          return await this.#send(instance, choice.contexts);
        case 'refused':
          return { kind: 'refused', status: undefined, text: choice.text };
        case 'renegotiate':
          return { kind: 'unavailable', text: 'the association ended as soon as it was open' };
      }
    } catch (error) {
      return outcomeOfError(error);
    } finally {
      this.#restOrForget();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const current = this.#current;
    this.#current = undefined;
    await current?.association.release();
  }

  /** Tries the contexts in turn until the instance could be encoded for one; sends it once. */
  async #send(instance: CleanInstance, contexts: readonly AcceptedContext[]): Promise<DeliveryOutcome> {
    let failure: unknown;
    for (const context of contexts) {
      let plan;
      try {
        plan = await instance.encode(context.transferSyntax);
      } catch (error) {
        failure ??= error;
        continue;
      }
      const association = this.#current?.association;
      if (association?.isOpen !== true) return { kind: 'unavailable', text: 'the peer closed the association' };
      return outcomeOf(await association.store(context, instance.sopInstanceUid, plan));
    }
    return outcomeOfError(failure);
  }

  #restOrForget(): void {
    if (!this.isOpen) {
      this.#current = undefined;
      return;
    }
    this.#idle = setTimeout(() => {
      void this.close();
    }, this.#idleMs);
  }
}

/** Our own words for what went wrong. An instance that cannot be encoded or read is refused, everything else may pass. */
function outcomeOfError(error: unknown): DeliveryOutcome {
  if (error instanceof InstanceError) {
    return { kind: 'refused', status: undefined, text: `${error.code}: ${error.message}` };
  }
  if (error instanceof LetheError) return { kind: 'unavailable', text: `${error.code}: ${error.message}` };
  return { kind: 'unavailable', text: 'the instance could not be sent' };
}

/** A destination that instances are sent to by C-STORE. Associations are opened when there is something to send. */
export function createDicomDestination(options: DicomDestinationOptions, log: Log): Destination {
  return new DicomDestination(options, log);
}
