// What becomes of an instance whose UID came before. The instances that came before are those of the list in memory that stands for the ledger.
import { describe, expect, it } from 'vitest';
import { LetheError } from '../../../src/core/errors.ts';
import type { ArrivedInstance, EarlierInstance, EarlierInstances } from '../../../src/pipeline/earlier-instances.ts';
import type { Route } from '../../../src/pipeline/routes.ts';
import { createSite, ctSlices, MemoryReceipts, ScriptedDestination, startSite, type Received } from './fixtures.ts';

/** Tells of one earlier instance, whoever asks, as the test says. */
class ScriptedInstances implements EarlierInstances {
  earlier: EarlierInstance | undefined;
  asked: ArrivedInstance[] = [];
  failures = 0;
  /** Never answers. */
  isStuck = false;
  /** UIDs that memory tells to be new. */
  readonly fresh = new Set<string>();

  mayHave({ sopInstanceUid }: ArrivedInstance): boolean {
    return !this.fresh.has(sopInstanceUid);
  }

  find(arrived: ArrivedInstance): Promise<EarlierInstance | undefined> {
    this.asked.push(arrived);
    if (this.isStuck) return new Promise(() => undefined);
    if (this.failures-- > 0) return Promise.reject(new LetheError('database-unavailable', 'away'));
    return Promise.resolve(this.earlier);
  }
}

async function start(names: readonly string[] = ['research'], route: Partial<Route> = {}) {
  const site = await createSite();
  const destinations = names.map((name) => new ScriptedDestination(name));
  const [instances, receipts] = [new ScriptedInstances(), new MemoryReceipts()];
  const routes = [{ calledAeTitle: 'LETHE', project: 'default', profile: 'basic', destinations: names, ...route }];
  const running = await startSite(site, destinations, { routes, earlierInstances: instances, receipts });
  return { ...running, site, destinations, instances, receipts, rows: () => [...site.ledger.rows] };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Sends an instance for the first time; what the ledger would tell of it later. */
async function deliver({ gateway, receive, rows }: Started, slice: Received): Promise<EarlierInstance> {
  await receive(slice);
  await gateway.idle();
  const [recordId, { digests, facts, destinations }] = rows()[rows().length - 1];
  return {
    recordId,
    isDelivered: true,
    revision: 1,
    length: slice.bytes.length,
    checksum: 0,
    transferSyntaxUid: slice.facts.transferSyntaxUid,
    digests,
    profileDigest: facts?.profileDigest,
    sentTo: destinations,
  };
}

/** The checksum of the spool, by which content is told apart before anything is hashed. */
async function withChecksum({ spool }: Started, slice: Received, earlier: EarlierInstance): Promise<EarlierInstance> {
  const writer = spool.begin(slice.facts, 1);
  await writer.write(slice.bytes);
  const { checksum, recordId } = await writer.commit();
  spool.release(recordId);
  return { ...earlier, checksum };
}

async function delivered(started: Started): Promise<{ slice: Received; earlier: EarlierInstance }> {
  const [slice] = await ctSlices(1);
  return { slice, earlier: await withChecksum(started, slice, await deliver(started, slice)) };
}

describe('an instance whose UID came before', () => {
  it('is acknowledged and at rest without being sent when it is the same', async () => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = earlier;
    expect(await started.receive(slice)).toBe(0);
    await started.gateway.idle();
    expect(started.destinations[0].taken).toHaveLength(1);
    const [recordId, row] = started.rows()[1];
    expect(row).toMatchObject({ state: 'delivered', repeats: earlier.recordId });
    expect(row.deliveries.size).toBe(0);
    expect(started.receipts.receipts).toHaveLength(1);
    await expect(started.spool.open(recordId)).rejects.toThrow(); // its place is given back
    expect(await started.gateway.status()).toMatchObject({ received: 2, waiting: 0, delivered: 2, quarantined: 0 });
  });

  it('is sent again when its route says so, for a research PACS that lost its data', async () => {
    const started = await start(['research'], { repeats: 'send' });
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = earlier;
    await started.receive(slice);
    await started.gateway.idle();
    expect(started.destinations[0].taken).toHaveLength(2);
  });

  it('is sent as a new revision when its content differs, and ledger and receipt say so', async () => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = { ...earlier, revision: 4 };
    const bytes = Buffer.from(slice.bytes);
    bytes[bytes.length - 1] ^= 1;
    await started.receive({ ...slice, bytes });
    await started.gateway.idle();
    const { taken } = started.destinations[0];
    expect(taken).toHaveLength(2);
    expect(taken[1].sopInstanceUid).toBe(taken[0].sopInstanceUid);
    expect(started.rows()[1][1]).toMatchObject({ state: 'delivered', facts: { revision: 5 } });
    expect(started.receipts.receipts.map(({ revision }) => revision)).toEqual([undefined, 5]);
  });

  it('is a new revision when only its digest tells it from the earlier one', async () => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = { ...earlier, digests: { received: '00'.repeat(32), clean: '00'.repeat(32) } };
    await started.receive(slice);
    await started.gateway.idle();
    expect(started.destinations[0].taken).toHaveLength(2);
    expect(started.rows()[1][1]).toMatchObject({ state: 'delivered', facts: { revision: 2 } });
  });

  it.each<[string, (earlier: EarlierInstance) => Partial<EarlierInstance>]>([
    ['the profile was changed since', () => ({ profileDigest: 'another' })],
    ['it would come out otherwise now', ({ digests }) => ({ digests: { received: '', ...digests, clean: 'another' } })],
    ['a destination has not got it', () => ({ sentTo: ['another'] })],
    ['the earlier one is not delivered yet', () => ({ isDelivered: false })],
    ['no digest was kept of the earlier one', () => ({ digests: undefined })],
  ])('is sent again under the same revision when %s', async (_, changes) => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = { ...earlier, ...changes(earlier) };
    await started.receive(slice);
    await started.gateway.idle();
    expect(started.destinations[0].taken).toHaveLength(2);
    expect(started.rows()[1][1].facts).not.toHaveProperty('revision');
    expect(started.rows()[1][1]).not.toHaveProperty('repeats');
  });

  it('is sent to all destinations when one of them has not got the earlier one', async () => {
    const started = await start(['research', 'archive']);
    const { slice, earlier } = await delivered(started);
    started.instances.earlier = { ...earlier, sentTo: ['archive'] };
    await started.receive(slice);
    await started.gateway.idle();
    expect(started.destinations.map(({ taken }) => taken.length)).toEqual([2, 2]);
  });

  it('waits for a ledger that is away', async () => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    Object.assign(started.instances, { earlier, failures: 3 });
    await started.receive(slice);
    await started.gateway.idle();
    expect(started.instances.asked).toHaveLength(5);
    expect(started.rows()[1][1]).toMatchObject({ state: 'delivered', repeats: earlier.recordId });
  });

  it('does not keep the gateway from stopping while the ledger does not answer, and goes on after the next start', async () => {
    const started = await start();
    const { slice, earlier } = await delivered(started);
    started.instances.isStuck = true;
    await started.receive(slice);
    while (started.instances.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await started.stop();
    expect(started.rows()[1][1].state).toBe('received');

    const instances = Object.assign(new ScriptedInstances(), { earlier });
    const again = await startSite(started.site, started.destinations, { earlierInstances: instances });
    await again.gateway.idle();
    expect(started.destinations[0].taken).toHaveLength(1);
    expect(started.rows()[1][1]).toMatchObject({ state: 'delivered', repeats: earlier.recordId });
  });

  it('keeps what comes behind it waiting neither for a place nor for the ledger', async () => {
    const started = await start();
    const slices = await ctSlices(12);
    const last = slices[slices.length - 1];
    Object.assign(started.instances, { isStuck: true });
    started.instances.fresh.add(last.facts.sopInstanceUid);
    for (const slice of slices) await started.receive(slice);
    while (started.destinations[0].taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(started.instances.asked).toHaveLength(slices.length - 1);
    await started.stop();
  });

  it('goes on to where it was sent when a process ended after its first destination took it', async () => {
    const started = await start(['research', 'archive']);
    const { slice, earlier } = await delivered(started);
    let isHeld: () => void = () => undefined;
    const holding = new Promise<void>((resolve) => (isHeld = resolve));
    started.destinations[1].answer = () => {
      isHeld();
      return { kind: 'unavailable', text: 'nobody answers' };
    };
    await started.receive(slice);
    await holding;
    while (started.destinations[0].taken.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await started.stop();

    // Meanwhile the same instance was delivered by another way: what was begun is brought to its end all the same.
    started.destinations[1].answer = () => ({ kind: 'sent', status: 0 });
    const instances = Object.assign(new ScriptedInstances(), { earlier });
    const again = await startSite(started.site, started.destinations, { earlierInstances: instances });
    await again.gateway.idle();
    expect(started.destinations.map(({ taken }) => taken.length)).toEqual([2, 2]);
    expect(started.rows()[1][1]).toMatchObject({ state: 'delivered' });
    expect(started.rows()[1][1]).not.toHaveProperty('repeats');
  });
});
