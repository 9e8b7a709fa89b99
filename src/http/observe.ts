// The ports of the pipeline with an eye on them: what passes is counted and timed, nothing else changes.
import { performance } from 'node:perf_hooks';
import type { RecordId } from '../core/brands.ts';
import { InstanceError } from '../core/errors.ts';
import type { Deidentifier } from '../pipeline/deidentify-instance.ts';
import type { Destination, JobQueue, Reception, ReceptionFacts, StoreProvider } from '../pipeline/ports.ts';
import type { Metrics } from './metrics.ts';

const OUT_OF_RESOURCES = 0xa700;
/** Ids whose waiting is measured at once; further ones are not. */
const MAX_TIMED = 100_000;

/** Counts what comes in at the door. */
export function observeDoor(provider: StoreProvider, metrics: Metrics): StoreProvider {
  return {
    admit: (request) => provider.admit(request),
    begin(facts) {
      const reception = provider.begin(facts);
      if (typeof reception !== 'number') return new ObservedReception(reception, facts, metrics);
      metrics.notReceived.inc({ why: whyOf(reception) });
      return reception;
    },
    onRefused(refusal) {
      metrics.refusedAssociations.inc();
      provider.onRefused?.(refusal);
    },
    get commitment() {
      return provider.commitment;
    },
  };
}

class ObservedReception implements Reception {
  readonly #inner: Reception;
  readonly #metrics: Metrics;
  /** An AE title of our own configuration: the door let nothing else in. */
  readonly #route: string;
  readonly #beganAt = performance.now();
  #bytes = 0;

  constructor(inner: Reception, facts: ReceptionFacts, metrics: Metrics) {
    this.#inner = inner;
    this.#metrics = metrics;
    this.#route = facts.calledAeTitle;
  }

  write(chunk: Buffer): void | Promise<void> {
    this.#bytes += chunk.length;
    return this.#inner.write(chunk);
  }

  async commit(): Promise<number> {
    const status = await this.#inner.commit();
    if (status === 0) {
      this.#metrics.received.inc({ route: this.#route });
      this.#metrics.receivedBytes.inc({ route: this.#route }, this.#bytes);
      this.#metrics.receiveSeconds.observe(secondsSince(this.#beganAt));
    } else this.#metrics.notReceived.inc({ why: whyOf(status) });
    return status;
  }

  abort(): Promise<void> {
    this.#metrics.notReceived.inc({ why: 'aborted' });
    return this.#inner.abort();
  }
}

function whyOf(status: number): string {
  return status === OUT_OF_RESOURCES ? 'out-of-resources' : 'refused';
}

/** Times how long ids wait for the handler. */
export function observeQueue(queue: JobQueue, metrics: Metrics): JobQueue {
  const since = new Map<RecordId, number>();
  return {
    enqueue(recordId) {
      if (since.size < MAX_TIMED) since.set(recordId, performance.now());
      queue.enqueue(recordId);
    },
    process(handler, concurrency) {
      queue.process((recordId) => {
        const enqueuedAt = since.get(recordId);
        since.delete(recordId);
        if (enqueuedAt !== undefined) metrics.queueSeconds.observe(secondsSince(enqueuedAt));
        return handler(recordId);
      }, concurrency);
    },
    idle: () => queue.idle(),
    close: () => queue.close(),
  };
}

/** Times each run; one instance may be run again, for example after a restart. */
export function observeDeidentifier(deidentifier: Deidentifier, metrics: Metrics): Deidentifier {
  return {
    async prepare(...job) {
      const beganAt = performance.now();
      let result = 'clean';
      try {
        return await deidentifier.prepare(...job);
      } catch (error) {
        result = error instanceof InstanceError ? 'quarantined' : 'postponed';
        if (error instanceof InstanceError) metrics.quarantinedTotal.inc({ reason: error.reason });
        throw error;
      } finally {
        metrics.deidentifySeconds.observe({ result }, secondsSince(beganAt));
      }
    },
  };
}

/** Counts and times attempts by what came of them. */
export function observeDestination(destination: Destination, metrics: Metrics): Destination {
  return {
    name: destination.name,
    concurrency: destination.concurrency,
    async deliver(instance) {
      const beganAt = performance.now();
      const outcome = await destination.deliver(instance);
      metrics.deliverySeconds.observe({ destination: destination.name, outcome: outcome.kind }, secondsSince(beganAt));
      if (outcome.kind === 'sent') metrics.deliveredBytes.inc({ destination: destination.name }, instance.length);
      return outcome;
    },
    close: () => destination.close(),
  };
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
