// The pipeline over a real spool, a real queue and the real de-identification; the ledger is a list in memory, peers are scripts.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AeTitle, RecordId } from '../../../src/core/brands.ts';
import { BufferSource } from '../../../src/core/bytes.ts';
import { LetheError } from '../../../src/core/errors.ts';
import type { QuarantineReason } from '../../../src/core/errors.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import type { ContentDigests } from '../../../src/pipeline/data-set-digest.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import { createGateway } from '../../../src/pipeline/gateway.ts';
import type { Gateway, GatewayOptions } from '../../../src/pipeline/gateway.ts';
import type {
  CleanFacts,
  CleanInstance,
  DeliveryEvent,
  DeliveryOutcome,
  Destination,
  DestinationCounts,
  InstanceState,
  Ledger,
  LedgerCounts,
  Log,
  ReceptionFacts,
  Spool,
  SpoolRecord,
  Subjects,
} from '../../../src/pipeline/ports.ts';
import type { InstanceReceipt, ReceiptLog } from '../../../src/pipeline/receipts.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded.ts';
import { openSpool } from '../../../src/spool/spool.ts';
import { buildCtSeries } from '../../../src/synthetic/clinic.ts';

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Row {
  state: InstanceState;
  project: string;
  destinations: readonly string[];
  reason?: QuarantineReason;
  facts?: CleanFacts;
  digests?: ContentDigests;
  repeats?: RecordId;
  readonly deliveries: Map<string, DeliveryEvent>;
}

/** Keeps transitions as the real one does: each guarded by the states that it may leave. `isAway` makes flushes reject. */
export class MemoryLedger implements Ledger {
  readonly rows = new Map<RecordId, Row>();
  isAway = false;
  waiting = 0;

  received(record: SpoolRecord, project: string, destinations: readonly string[]): void {
    if (!this.rows.has(record.recordId))
      this.rows.set(record.recordId, { state: 'received', project, destinations, deliveries: new Map() });
  }

  clean(recordId: RecordId, facts: CleanFacts): void {
    const row = this.#open(recordId);
    if (row !== undefined) Object.assign(row, { state: 'clean', facts });
  }

  delivery(recordId: RecordId, destination: string, event: DeliveryEvent): void {
    this.#open(recordId)?.deliveries.set(destination, event);
  }

  delivered(recordId: RecordId): void {
    const row = this.#open(recordId);
    if (row !== undefined) row.state = 'delivered';
  }

  digested(recordId: RecordId, digests: ContentDigests): void {
    const row = this.#open(recordId);
    if (row !== undefined) row.digests = digests;
  }

  repeated(recordId: RecordId, repeats: RecordId): void {
    const row = this.#open(recordId);
    if (row !== undefined) Object.assign(row, { state: 'delivered', repeats, destinations: [] });
  }

  quarantined(recordId: RecordId, reason: QuarantineReason): void {
    const row = this.#open(recordId);
    if (row !== undefined) Object.assign(row, { state: 'quarantined', reason });
  }

  #open(recordId: RecordId): Row | undefined {
    const row = this.rows.get(recordId);
    return row?.state === 'delivered' || row?.state === 'quarantined' ? undefined : row;
  }

  flush(): Promise<void> {
    return this.isAway ? Promise.reject(new LetheError('database-unavailable', 'away')) : Promise.resolve();
  }

  findAtRest(recordIds: readonly RecordId[]): Promise<ReadonlyMap<RecordId, InstanceState>> {
    const found = new Map<RecordId, InstanceState>();
    for (const recordId of recordIds) {
      const state = this.rows.get(recordId)?.state;
      if (state === 'delivered' || state === 'quarantined') found.set(recordId, state);
    }
    return Promise.resolve(found);
  }

  findReleased(recordIds: readonly RecordId[]): Promise<ReadonlySet<RecordId>> {
    return Promise.resolve(new Set(recordIds.filter((recordId) => this.rows.get(recordId)?.state === 'released')));
  }

  counts(): Promise<LedgerCounts> {
    const of = (state: InstanceState): number => [...this.rows.values()].filter((row) => row.state === state).length;
    const [delivered, quarantined] = [of('delivered'), of('quarantined')];
    const received = this.rows.size;
    return Promise.resolve({ received, waiting: received - delivered - quarantined, delivered, quarantined });
  }

  destinationCounts(): Promise<readonly DestinationCounts[]> {
    return Promise.resolve([]);
  }
}

/** Receipts in the order they came. */
export class MemoryReceipts implements ReceiptLog {
  readonly receipts: InstanceReceipt[] = [];

  add(receipt: InstanceReceipt): Promise<void> {
    this.receipts.push(receipt);
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }
}

/** A peer whose answers the test decides; it keeps what it took. */
export class ScriptedDestination implements Destination {
  readonly name: string;
  readonly concurrency: number;
  readonly taken: { readonly recordId: RecordId; readonly sopInstanceUid: string; readonly bytes: Buffer }[] = [];
  attempts = 0;
  mostAtOnce = 0;
  isClosed = false;
  answer: (instance: CleanInstance) => DeliveryOutcome | Promise<DeliveryOutcome> = () => ({ kind: 'sent', status: 0 });
  #atOnce = 0;

  constructor(name: string, concurrency = 1) {
    this.name = name;
    this.concurrency = concurrency;
  }

  async deliver(instance: CleanInstance): Promise<DeliveryOutcome> {
    this.attempts++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    const outcome = await this.answer(instance);
    if (outcome.kind === 'sent') {
      const { recordId, sopInstanceUid } = instance;
      this.taken.push({
        recordId,
        sopInstanceUid,
        bytes: await collectPlan(await instance.encode(instance.transferSyntaxUid)),
      });
    }
    this.#atOnce--;
    return outcome;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export interface Received {
  readonly facts: ReceptionFacts;
  /** The bare data set. */
  readonly bytes: Buffer;
}

/** Small CT slices as they come off the network. */
export async function ctSlices(count: number, seed = 1): Promise<Received[]> {
  const slices: Received[] = [];
  for (const instance of buildCtSeries({ slices: count, rows: 32, columns: 32, seed })) {
    const { dataSetStart, transferSyntax } = await readFile10(new BufferSource(instance.bytes));
    const { sopClassUid, sopInstanceUid } = instance;
    const facts = { ...PEER, sopClassUid, sopInstanceUid, transferSyntaxUid: transferSyntax.uid };
    slices.push({ facts, bytes: instance.bytes.subarray(dataSetStart) });
  }
  return slices;
}

const PEER = { callingAeTitle: 'CT01' as AeTitle, calledAeTitle: 'LETHE' as AeTitle, peerAddress: '127.0.0.1' };

/** What outlives a process: the spool's directory, the ledger, the keys. */
export interface Site {
  readonly directory: string;
  readonly ledger: MemoryLedger;
  readonly keys: ProjectKeys;
}

export async function createSite(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-pipeline-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return { directory, ledger: new MemoryLedger(), keys: new ProjectKeys(randomBytes(32)) };
}

export interface RunningSite {
  readonly gateway: Gateway;
  readonly spool: Spool;
  /** Sends an instance in; resolves with the status. */
  readonly receive: (instance: Received) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export async function startSite(
  site: Site,
  destinations: readonly Destination[],
  options: Partial<GatewayOptions> & { readonly subjects?: Subjects } = {},
): Promise<RunningSite> {
  const spool = await openSpool({
    directory: site.directory,
    segmentBytes: 256 << 10,
    largeInstanceBytes: 48 << 10,
    synced: false,
    diskReserveBytes: 0,
  });
  const profile = basicProfile();
  const deidentifier = createDeidentifier({
    subjects: options.subjects ?? { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 }) },
    keysFor: () => site.keys,
    profileOf: () => profile,
  });
  const names = destinations.map(({ name }) => name);
  const gateway = createGateway({
    routes: [{ calledAeTitle: 'LETHE', project: 'default', profile: 'basic', destinations: names }],
    sources: [],
    limits: { instanceBytes: 1 << 20, diskReserve: 0 },
    spool,
    ledger: site.ledger,
    queue: createEmbeddedQueue((_, error) => {
      throw error;
    }),
    deidentifier,
    receipts: new MemoryReceipts(),
    destinations,
    log: SILENT,
    backoff: { firstMs: 10, maxMs: 40 },
    ...options,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await gateway.stop(200);
    await spool.close();
  };
  onTestFinished(stop);
  await gateway.start();
  return {
    gateway,
    spool,
    stop,
    async receive({ facts, bytes }) {
      const reception = gateway.provider.begin(facts);
      if (typeof reception === 'number') return reception;
      await reception.write(bytes);
      return reception.commit();
    },
  };
}
