import { describe, expect, it } from 'vitest';
import type { AeTitle, RecordId } from '../../../src/core/brands.ts';
import { InstanceError, LetheError } from '../../../src/core/errors.ts';
import { observeDeidentifier, observeDestination, observeDoor, observeQueue } from '../../../src/http/observe.ts';
import type { CleanInstance, DeliveryOutcome, Reception, StoreProvider } from '../../../src/pipeline/ports.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded.ts';
import { startRig, type Rig } from './rig.ts';

async function scrape(rig: Rig): Promise<ReadonlyMap<string, number>> {
  const { status, headers, text } = await rig.get('/metrics');
  expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').pop())]));
}

const FACTS = {
  callingAeTitle: 'DOE^JANE' as AeTitle,
  calledAeTitle: 'LUNG' as AeTitle,
  peerAddress: '10.9.8.7',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.826.0.1.3680043.2.1143.77',
  transferSyntaxUid: '1.2.840.10008.1.2',
};

describe('a scrape', () => {
  it('tells the figures of the ledger, the disk and the process', async () => {
    const figures = await scrape(await startRig());
    expect(figures.get('lethe_instances{state="delivered"}')).toBe(7);
    expect(figures.get('lethe_quarantine_instances{reason="unparsable"}')).toBe(1);
    expect(figures.get('lethe_deliveries{destination="research",state="dead"}')).toBe(4);
    expect(figures.get('lethe_oldest_waiting_seconds')).toBe(12);
    expect(figures.get('lethe_ledger_up')).toBe(1);
    expect(figures.get('lethe_spool_free_bytes')).toBe(1_000);
    expect(figures.get('lethe_ready')).toBe(1);
    expect(figures.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(figures.has('lethe_event_loop_delay_seconds{quantile="0.99"}')).toBe(true);
  });

  it('leaves out what the ledger does not tell, and says that it is away', async () => {
    const rig = await startRig();
    await scrape(rig);
    if (rig.backend === undefined) throw new Error('no backend');
    rig.backend = { ...rig.backend, figures: () => Promise.reject(new LetheError('database-unavailable', 'away')) };
    const figures = await scrape(rig);
    expect(figures.get('lethe_ledger_up')).toBe(0);
    expect([...figures.keys()].filter((name) => name.startsWith('lethe_instances'))).toEqual([]);
  });

  it('counts what comes in by route, and names neither the peer nor the instance', async () => {
    const rig = await startRig();
    const reception = (status: number): Reception => ({
      write: () => undefined,
      commit: () => Promise.resolve(status),
      abort: () => Promise.resolve(),
    });
    const answers: (Reception | number)[] = [reception(0), reception(0xa700), reception(0), 0xa700, 0x0124];
    const provider: StoreProvider = { admit: () => undefined, begin: () => answers.shift() ?? 0x0124 };
    const door = observeDoor(provider, rig.metrics);
    for (let i = 0; i < 5; i++) {
      const begun = door.begin(FACTS);
      if (typeof begun === 'number') continue;
      await begun.write(Buffer.alloc(100));
      if (i === 2) await begun.abort();
      else await begun.commit();
    }
    door.onRefused?.({ callingAeTitle: 'EVIL', calledAeTitle: 'X', peerAddress: '10.9.8.7', reason: 'r' });
    const figures = await scrape(rig);
    expect(figures.get('lethe_received_total{route="LUNG"}')).toBe(1);
    expect(figures.get('lethe_received_bytes_total{route="LUNG"}')).toBe(100);
    expect(figures.get('lethe_not_received_total{why="out-of-resources"}')).toBe(2);
    expect(figures.get('lethe_not_received_total{why="refused"}')).toBe(1);
    expect(figures.get('lethe_not_received_total{why="aborted"}')).toBe(1);
    expect(figures.get('lethe_refused_associations_total')).toBe(1);
    expect([...figures.keys()].join()).not.toMatch(/DOE|EVIL|10\.9\.8\.7|1\.2\.8/);
  });

  it('counts what is quarantined by reason, and times work, waiting and deliveries', async () => {
    const rig = await startRig();
    const outcomes = [new InstanceError('unparsable', 'x'), new LetheError('database-unavailable', 'x')];
    const deidentifier = observeDeidentifier(
      { prepare: () => Promise.reject(outcomes.shift() ?? new Error('x')) },
      rig.metrics,
    );
    const call = (): Promise<unknown> => deidentifier.prepare(undefined as never, { file: true }, 'p', 'basic');
    await expect(call()).rejects.toThrow();
    await expect(call()).rejects.toThrow();
    const answers: DeliveryOutcome[] = [
      { kind: 'sent', status: 0 },
      { kind: 'unavailable', text: 't' },
    ];
    const destination = observeDestination(
      {
        name: 'research',
        concurrency: 3,
        deliver: () => Promise.resolve(answers.shift() ?? { kind: 'sent', status: 0 }),
        close: () => Promise.resolve(),
      },
      rig.metrics,
    );
    expect(destination.concurrency).toBe(3);
    await destination.deliver({ length: 50 } as CleanInstance);
    await destination.deliver({ length: 50 } as CleanInstance);
    const queue = observeQueue(createEmbeddedQueue(), rig.metrics);
    queue.process(() => Promise.resolve(), 1);
    queue.enqueue('a' as RecordId);
    await queue.idle();
    const figures = await scrape(rig);
    expect(figures.get('lethe_quarantined_total{reason="unparsable"}')).toBe(1);
    expect(figures.get('lethe_deidentify_seconds_count{result="quarantined"}')).toBe(1);
    expect(figures.get('lethe_deidentify_seconds_count{result="postponed"}')).toBe(1);
    expect(figures.get('lethe_delivery_seconds_count{destination="research",outcome="sent"}')).toBe(1);
    expect(figures.get('lethe_delivery_seconds_count{destination="research",outcome="unavailable"}')).toBe(1);
    expect(figures.get('lethe_delivered_bytes_total{destination="research"}')).toBe(50);
    expect(figures.get('lethe_queue_wait_seconds_count')).toBe(1);
  });
});
