// What Prometheus may know of a gateway: counts and durations, by names of the configuration and words of ours. No value, UID or foreign AE title is
// ever a label.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];
const NANOSECONDS = 1e9;

/** What the scrape asks the ledger for. */
export interface LedgerFigures {
  /** Instances by state. */
  readonly states: ReadonlyMap<string, number>;
  /** Instances in quarantine by reason. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly deliveries: readonly {
    readonly destination: string;
    readonly pending: number;
    readonly retrying: number;
    readonly sent: number;
    readonly dead: number;
  }[];
  /** Age of the oldest instance that is not at rest, in seconds; 0 when there is none. */
  readonly oldestWaitingSeconds: number;
}

/** What is asked at each scrape. What rejects is left out of the answer, and the gauge `lethe_ledger_up` says so. */
export interface MetricSources {
  /** Undefined in roles that leave the ledger's figures to others. */
  readonly ledger?: (() => Promise<LedgerFigures>) | undefined;
  /** Bytes free in the data directory. */
  readonly freeBytes: () => Promise<number>;
  readonly isReady: () => boolean;
}

const DELIVERY_STATES = ['pending', 'retrying', 'sent', 'dead'] as const;

/** The metrics of one process. Several may live in one process: each has a registry of its own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  // Of this process, since its start.
  readonly received = this.#counter('lethe_received_total', 'Instances that were acknowledged.', ['route']);
  readonly receivedBytes = this.#counter('lethe_received_bytes_total', 'Bytes of acknowledged instances.', ['route']);
  readonly notReceived = this.#counter('lethe_not_received_total', 'Instances that were answered with a failure.', [
    'why',
  ]);
  readonly refusedAssociations = this.#counter(
    'lethe_refused_associations_total',
    'Peers turned away at the door.',
    [],
  );
  readonly receiveSeconds = this.#histogram('lethe_receive_seconds', 'From the command to the acknowledgement.', []);
  readonly queueSeconds = this.#histogram(
    'lethe_queue_wait_seconds',
    'From the acknowledgement to the first work.',
    [],
  );
  readonly deidentifySeconds = this.#histogram('lethe_deidentify_seconds', 'De-identifying one instance.', ['result']);
  readonly quarantinedTotal = this.#counter('lethe_quarantined_total', 'Instances that could not be de-identified.', [
    'reason',
  ]);
  readonly deliverySeconds = this.#histogram('lethe_delivery_seconds', 'One attempt to deliver an instance.', [
    'destination',
    'outcome',
  ]);
  readonly deliveredBytes = this.#counter('lethe_delivered_bytes_total', 'Bytes of instances that were delivered.', [
    'destination',
  ]);

  readonly auditMessages = this.#counter('lethe_audit_messages_total', 'Messages that the audit repository took.', []);
  readonly auditEventsLost = this.#counter('lethe_audit_events_lost_total', 'Audit events that found no place.', []);
  readonly auditBytesWaiting = this.#gauge(
    'lethe_audit_waiting_bytes',
    'Audit events that wait for the repository.',
    [],
  );

  // Of the whole installation, as the ledger has it now.
  readonly #ledgerUp = this.#gauge('lethe_ledger_up', 'Whether the ledger answered this scrape.', []);
  readonly #instances = this.#gauge('lethe_instances', 'Instances in the ledger.', ['state']);
  readonly #quarantine = this.#gauge('lethe_quarantine_instances', 'Instances that wait for a person.', ['reason']);
  readonly #deliveries = this.#gauge('lethe_deliveries', 'Deliveries in the ledger.', ['destination', 'state']);
  readonly #oldest = this.#gauge('lethe_oldest_waiting_seconds', 'Age of the oldest instance not at rest.', []);

  // Of the machine.
  readonly #ready = this.#gauge('lethe_ready', 'Whether instances are taken now.', []);
  readonly #free = this.#gauge('lethe_spool_free_bytes', 'Bytes free on the file system of the data directory.', []);
  readonly #loop = this.#gauge('lethe_event_loop_delay_seconds', 'Delay since the last scrape.', ['quantile']);
  readonly #memory = this.#gauge('process_resident_memory_bytes', 'Resident memory.', []);
  readonly #cpu = this.#gauge('process_cpu_seconds_total', 'CPU time, user and system.', []);

  constructor() {
    this.#delay.enable();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of one scrape. Rejects never. */
  async scrape({ ledger, freeBytes, isReady }: MetricSources): Promise<string> {
    const [figures, free] = await Promise.allSettled([ledger?.(), freeBytes()]);
    this.#showLedger(figures.status === 'fulfilled' ? figures.value : undefined, ledger !== undefined);
    this.#free.reset();
    if (free.status === 'fulfilled') this.#free.set(free.value);
    this.#ready.set(isReady() ? 1 : 0);
    for (const [quantile, percentile] of Object.entries({ '0.5': 50, '0.99': 99, '1': 100 }))
      this.#loop.set({ quantile }, this.#delay.percentile(percentile) / NANOSECONDS);
    this.#delay.reset();
    this.#memory.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    this.#cpu.set((user + system) / 1e6);
    return this.#registry.metrics();
  }

  close(): void {
    this.#delay.disable();
    this.#registry.clear();
  }

  #showLedger(figures: LedgerFigures | undefined, isAsked: boolean): void {
    for (const gauge of [this.#instances, this.#quarantine, this.#deliveries, this.#oldest, this.#ledgerUp])
      gauge.reset();
    if (!isAsked) return;
    this.#ledgerUp.set(figures === undefined ? 0 : 1);
    if (figures === undefined) return;
    for (const [state, count] of figures.states) this.#instances.set({ state }, count);
    for (const [reason, count] of figures.reasons) this.#quarantine.set({ reason }, count);
    for (const counts of figures.deliveries)
      for (const state of DELIVERY_STATES)
        this.#deliveries.set({ destination: counts.destination, state }, counts[state]);
    this.#oldest.set(figures.oldestWaitingSeconds);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }
}
