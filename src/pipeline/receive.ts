// Receiving: who may send, and the order in which custody is taken — record synced, ledger told, work queued, then the answer.
import { LetheError } from '../core/errors.ts';
import { escapeForLog } from '../core/text.ts';
import type { HeadStart } from './head-start.ts';
import type { CommitmentProvider } from './commitment-ports.ts';
import type {
  AssociationRequest,
  JobQueue,
  Ledger,
  Log,
  Readiness,
  Reception,
  ReceptionFacts,
  Refusal,
  Rejection,
  Spool,
  SpoolWriter,
  StoreProvider,
} from './ports.ts';
import type { Route, Routes } from './routes.ts';
import { SourceList } from './sources.ts';
import type { Source } from './sources.ts';

export interface ReceiveLimits {
  /** Longest data set in bytes. */
  readonly instanceBytes: number;
  /** Bytes that must stay free on the file system of the spool. */
  readonly diskReserve: number;
}

export interface ReceiverOptions {
  readonly routes: Routes;
  /** With none only this machine may send. */
  readonly sources: readonly Source[];
  readonly spool: Spool;
  readonly ledger: Ledger;
  readonly queue: JobQueue;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly limits: ReceiveLimits;
  readonly log: Log;
  /** Who was turned away is told to it. */
  readonly onRefused?: ((refusal: Refusal) => void) | undefined;
  /** Storage commitment; without it the service is not offered. */
  readonly commitment?: CommitmentProvider | undefined;
  /** Works on an instance while its record is made durable. */
  readonly headStart?: HeadStart | undefined;
}

export interface Receiver extends StoreProvider {
  /** Whether instances are taken now, by what is known of the disk; asks for the space anew when that is old. */
  readiness(): Readiness;
  /** Asks for the free space; nothing is taken before the first answer. */
  checkSpace(): Promise<void>;
}

// PS3.4 table B.2-1 and PS3.7 Annex C.
const SUCCESS = 0x0000;
const OUT_OF_RESOURCES = 0xa700;
const NOT_AUTHORIZED = 0x0124;

// PS3.8 table 9-21: rejected-permanent by the service user.
const CALLING_AE_NOT_RECOGNIZED = 3;
const CALLED_AE_NOT_RECOGNIZED = 7;
/** Rejected-transient by the service provider (presentation): what is wrong will pass. */
const LOCAL_LIMIT_EXCEEDED: Rejection = {
  result: 2,
  source: 3,
  reason: 2,
  text: 'the disk of the spool is short of space',
};

/** Free space is asked for again after this time, or after so many bytes were taken. */
const CHECK_SPACE_AFTER_MS = 1_000;
const CHECK_SPACE_AFTER_BYTES = 256 << 20;
/**
 * Records that the ledger may hold in memory while the database is away, about 150 MB of it and two minutes of the fastest
 * sender; beyond it instances are refused with 0xA700, so that the modality keeps them.
 */
const MAX_UNWRITTEN_RECORDS = 100_000;

export function createReceiver(options: ReceiverOptions): Receiver {
  return new SpoolReceiver(options);
}

class SpoolReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #sources: SourceList;
  #freeBytes: number | undefined;
  #takenBytes = 0;
  #checkedAt = 0;
  #isChecking = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#sources = new SourceList(options.sources);
  }

  get commitment(): CommitmentProvider | undefined {
    return this.#options.commitment;
  }

  onRefused(refusal: Refusal): void {
    this.#options.onRefused?.(refusal);
  }

  admit({ calledAeTitle, callingAeTitle, peerAddress, certificate }: AssociationRequest): Rejection | undefined {
    const called = withoutPadding(calledAeTitle);
    if (!this.#options.routes.has(called))
      return rejection(CALLED_AE_NOT_RECOGNIZED, `no route for the called AE title ${escapeForLog(called)}`);
    const objection = this.#sources.objectionTo(withoutPadding(callingAeTitle), peerAddress, certificate);
    if (objection !== undefined) return rejection(CALLING_AE_NOT_RECOGNIZED, objection);
    // While nothing is known of the disk, an association may be had: each instance is refused on its own.
    return this.#hasSpace() || this.#freeBytes === undefined ? undefined : LOCAL_LIMIT_EXCEEDED;
  }

  begin(facts: ReceptionFacts): Reception | number {
    const route = this.#options.routes.get(facts.calledAeTitle);
    if (route === undefined) return NOT_AUTHORIZED;
    if (!this.#hasSpace() || this.#options.ledger.waiting >= MAX_UNWRITTEN_RECORDS) return OUT_OF_RESOURCES;
    const writer = this.#options.spool.begin(facts, this.#options.clock());
    return new SpoolReception(this.#options, route, writer, (bytes) => {
      this.#takenBytes += bytes;
    });
  }

  readiness(): Readiness {
    const reasons: string[] = [];
    if (!this.#hasSpace())
      reasons.push('the free space of the spool is below limits.diskReserve: make room or lower it');
    if (this.#options.ledger.waiting >= MAX_UNWRITTEN_RECORDS) reasons.push('the database is away for too long');
    return { isReady: reasons.length === 0, reasons };
  }

  async checkSpace(): Promise<void> {
    this.#isChecking = true;
    try {
      this.#freeBytes = await this.#options.spool.freeBytes();
      this.#takenBytes = 0;
    } catch (error) {
      this.#freeBytes = undefined;
      this.#options.log.error('The free space of the spool cannot be told: instances are refused.', codeOf(error));
    } finally {
      this.#checkedAt = this.#options.clock();
      this.#isChecking = false;
    }
  }

  #hasSpace(): boolean {
    // A clock that was set back makes it old, too.
    const isOld = Math.abs(this.#options.clock() - this.#checkedAt) >= CHECK_SPACE_AFTER_MS;
    if (!this.#isChecking && (isOld || this.#takenBytes >= CHECK_SPACE_AFTER_BYTES)) void this.checkSpace();
    return this.#freeBytes !== undefined && this.#freeBytes - this.#takenBytes >= this.#options.limits.diskReserve;
  }
}

class SpoolReception implements Reception {
  readonly #options: ReceiverOptions;
  readonly #route: Route;
  readonly #writer: SpoolWriter;
  readonly #onTaken: (bytes: number) => void;
  #bytes = 0;
  #isTooLong = false;

  constructor(options: ReceiverOptions, route: Route, writer: SpoolWriter, onTaken: (bytes: number) => void) {
    this.#options = options;
    this.#route = route;
    this.#writer = writer;
    this.#onTaken = onTaken;
  }

  write(chunk: Buffer): void | Promise<void> {
    if (this.#isTooLong) return;
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#options.limits.instanceBytes) return this.#writer.write(chunk);
    this.#isTooLong = true;
    return this.#writer.abort();
  }

  async commit(): Promise<number> {
    const { ledger, queue, log, headStart } = this.#options;
    if (this.#isTooLong) {
      log.warn('An instance was refused: it is longer than limits.instanceBytes.', { bytes: this.#bytes });
      return OUT_OF_RESOURCES;
    }
    try {
      const committing = this.#writer.commit();
      headStart?.begin(this.#writer.recordId);
      const record = await committing;
      this.#onTaken(record.length);
      ledger.received(record, this.#route.project, this.#route.destinations);
      queue.enqueue(record.recordId);
      return SUCCESS;
    } catch (error) {
      await headStart?.drop(this.#writer.recordId);
      log.error('An instance was refused: it could not be stored.', codeOf(error));
      return OUT_OF_RESOURCES;
    }
  }

  abort(): Promise<void> {
    return this.#isTooLong ? Promise.resolve() : this.#writer.abort();
  }
}

/** Leading and trailing spaces do not count (PS3.8 table 9-11); other white space does. */
function withoutPadding(aeTitle: string): string {
  return aeTitle.replace(/^ +| +$/g, '');
}

function rejection(reason: number, text: string): Rejection {
  return { result: 1, source: 1, reason, text };
}

function codeOf(error: unknown): { readonly code: string } {
  return { code: error instanceof LetheError ? error.code : 'unexpected' };
}
