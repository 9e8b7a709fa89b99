// At the door: the watermark of the disk, places, slow and silent peers, a stop that ends, and the record of who was turned away.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newRecordId } from '../../src/core/brands.ts';
import { createReceiver, type Receiver } from '../../src/pipeline/receive.ts';
import type { Ledger, ReceptionFacts, Refusal, Spool, SpoolWriter } from '../../src/pipeline/ports.ts';
import { migrate } from '../../src/store/migrate.ts';
import { RefusalRecord } from '../../src/store/refusals.ts';
import { ADAPTERS, type TestDatabases } from '../support/databases.ts';
import { until } from '../support/programs.ts';
import {
  MemoryProvider,
  RawPeer,
  RELEASE,
  associate,
  dataSet,
  makeListener,
  quiet,
  request,
  store,
} from '../unit/dimse/wire.ts';

const BYTES = Buffer.from('0800160012000000', 'hex');
const RESERVE = 1000;
const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** A receiver over a disk whose free space the test sets. */
function receiverOn(disk: { free: number }, clock = { now: 0 }): { receiver: Receiver; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const begin = (facts: ReceptionFacts, receivedAt: number): SpoolWriter => {
    const recordId = newRecordId();
    let length = 0;
    return {
      recordId,
      write: (chunk) => {
        length += chunk.length;
      },
      commit: () => Promise.resolve({ ...facts, recordId, receivedAt, length, checksum: 0 }),
      abort: () => Promise.resolve(),
    };
  };
  const spool: Pick<Spool, 'begin' | 'freeBytes'> = { begin, freeBytes: () => Promise.resolve(disk.free) };
  const ledger: Pick<Ledger, 'received'> = { received: () => undefined };
  const receiver = createReceiver({
    routes: new Map([['LETHE', { calledAeTitle: 'LETHE', project: 'p', profile: 'basic', destinations: [] }]]),
    sources: [{ aeTitle: 'MODALITY' }],
    spool: spool as Spool,
    ledger: ledger as Ledger,
    queue: {
      enqueue: () => undefined,
      process: () => undefined,
      idle: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    clock: () => clock.now,
    limits: { instanceBytes: 64, diskReserve: RESERVE },
    log: quiet,
    onRefused: (refusal) => refusals.push(refusal),
  });
  return { receiver, refusals };
}

describe('a disk that fills', () => {
  it('turns new associations away as transient and instances with 0xA700, and readiness false; all comes back by itself', async () => {
    const disk = { free: RESERVE + 1 };
    const clock = { now: 0 };
    const { receiver, refusals } = receiverOn(disk, clock);
    expect(receiver.readiness().isReady).toBe(false);
    await receiver.checkSpace();
    const listener = makeListener(receiver);
    const open = await associate(listener);
    expect((await open.send(Buffer.concat([store(), dataSet(BYTES)]), 2))[1].status).toBe(0);
    expect(receiver.readiness()).toMatchObject({ isReady: false }); // 8 bytes were taken of the one that was left
    expect((await open.send(Buffer.concat([store(), dataSet(BYTES)]), 3))[2].status).toBe(0xa700);
    const late = new RawPeer(listener);
    expect([...(await late.send(request(), 1))[0].body]).toEqual([0, 2, 3, 2]);
    expect(refusals).toMatchObject([{ callingAeTitle: 'MODALITY', reason: 'the disk of the spool is short of space' }]);
    disk.free = 2 * RESERVE;
    clock.now += 1000;
    receiver.readiness();
    expect(await until(() => receiver.readiness().isReady)).toBe(true);
    expect((await open.send(Buffer.concat([store(), dataSet(BYTES)]), 4))[3].status).toBe(0);
    const again = new RawPeer(listener);
    expect((await again.send(request(), 1))[0].type).toBe(2);
    for (const peer of [open, late, again]) peer.stream.destroy();
  });

  it('refuses an instance that is longer than it may be, whole, and takes the next', async () => {
    const { receiver } = receiverOn({ free: 1e9 });
    await receiver.checkSpace();
    const peer = await associate(makeListener(receiver));
    const answers = await peer.send(
      Buffer.concat([store(), dataSet(Buffer.alloc(65)), store(), dataSet(Buffer.alloc(64))]),
      3,
    );
    expect(answers.slice(1).map(({ status }) => status)).toEqual([0xa700, 0]);
    await peer.send(RELEASE, 4);
  });
});

describe('places and pace', () => {
  it('tells which limit stands against an association', async () => {
    const refusals: Refusal[] = [];
    const provider = Object.assign(new MemoryProvider(), { onRefused: (refusal: Refusal) => refusals.push(refusal) });
    const listener = makeListener(provider, { maxAssociations: 2, maxAssociationsPerPeer: 1 });
    const peers = ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => new RawPeer(listener, address));
    for (const peer of peers) await peer.send(request(), 1);
    expect(peers.map(({ answers }) => answers[0].type)).toEqual([2, 3, 2, 3]);
    expect(refusals.map(({ peerAddress, reason }) => `${peerAddress} ${reason}`)).toEqual([
      '10.0.0.1 local limit exceeded: this address has its share of associations',
      '10.0.0.3 local limit exceeded: all associations are taken',
    ]);
    for (const peer of peers) peer.stream.destroy();
  });

  it('cuts the connection that waits longest when too many wait, so that a new one gets in', async () => {
    const listener = makeListener(new MemoryProvider(), { artimMs: 60_000 });
    const waiting = Array.from({ length: 2048 }, () => new RawPeer(listener));
    const peer = new RawPeer(listener);
    expect((await peer.send(request(), 1))[0].type).toBe(2);
    expect(await waiting[0].untilClosed(20_000)).toBe(true);
    expect(waiting[1].isClosed).toBe(false);
    for (const one of [...waiting, peer]) one.stream.destroy();
  }, 60_000);

  it('aborts a sender that is slower than it must be', async () => {
    const listener = makeListener(new MemoryProvider(), { pduMs: 50, minBytesPerSecond: 10_000_000 });
    const peer = await associate(listener);
    await peer.send(store());
    // 8 KiB in each span would pass the 4 KiB that are asked for without a rate.
    const drip = setInterval(() => peer.stream.writable && peer.stream.write(dataSetPart()), 25);
    expect(await peer.untilClosed(20_000)).toBe(true);
    clearInterval(drip);
    expect(peer.answers.at(-1)?.type).toBe(7);
  }, 60_000);

  it('is closed in its time though an instance never comes to rest', async () => {
    const provider = new MemoryProvider();
    provider.commitWith = () => new Promise(() => undefined);
    const listener = makeListener(provider);
    const peer = await associate(listener);
    await peer.send(Buffer.concat([store(), dataSet(BYTES)]));
    expect(await until(() => provider.committed === 1)).toBe(true);
    await listener.close(20);
    expect(peer.answers.filter(({ status }) => status === 0)).toEqual([]);
  }, 60_000);
});

/** 4 KiB of a data set that goes on. */
function dataSetPart(): Buffer {
  const part = dataSet(Buffer.alloc(4096));
  part[11] = 0;
  return part;
}

describe('the record of refusals', () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await ADAPTERS[0].start();
  }, 60_000);
  afterAll(() => databases.close());

  it('has a row for each who and why, with what a peer called itself escaped, and stays small in a flood', async () => {
    const database = await databases.open();
    await migrate(database);
    const errors: unknown[] = [];
    const record = new RefusalRecord(database, (error) => errors.push(error));
    const provider = Object.assign(new MemoryProvider(), {
      onRefused: (refusal: Refusal) => {
        record.add(refusal);
      },
    });
    const listener = makeListener(provider, { maxAssociations: 1 });
    const holder = await associate(listener);
    const calling = 'A\x1b[2J\n\xff\0B';
    for (let i = 0; i < 3; i++) await new RawPeer(listener, '10.0.0.9').send(request({ calling }), 1);
    for (let i = 0; i < 3000; i++)
      record.add({ callingAeTitle: `X${i}`, calledAeTitle: 'LETHE', peerAddress: '10.0.0.8', reason: 'flood' });
    await record.flush();
    const rows = await database.query<{ calling: string; reason: string; times: number }>(
      'select calling_ae_title as calling, reason, times from refused_association order by times desc',
    );
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(1001);
    expect(rows[0]).toMatchObject({ calling: '', reason: 'flood', times: 3000 - 999 });
    expect(rows[1]).toEqual({
      calling: 'A\\x1b[2J\\x0a\\xff\\x00B',
      reason: 'calling AE title not recognized',
      times: 3,
    });
    holder.stream.destroy();
  }, 60_000);
});
