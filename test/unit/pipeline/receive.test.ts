import { describe, expect, it } from 'vitest';
import { createReceiver } from '../../../src/pipeline/receive.ts';
import type { Receiver } from '../../../src/pipeline/receive.ts';
import type { Source } from '../../../src/pipeline/sources.ts';
import type { Rejection, Spool, SpoolWriter } from '../../../src/pipeline/ports.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded.ts';
import { ctSlices, MemoryLedger, SILENT } from './fixtures.ts';

function receiverOver(spool: Partial<Spool>, sources: readonly Source[], ledger = new MemoryLedger()): Receiver {
  return createReceiver({
    routes: new Map([['LETHE', { calledAeTitle: 'LETHE', project: 'p', profile: 'basic', destinations: [] }]]),
    sources,
    spool: spool as Spool,
    ledger,
    queue: createEmbeddedQueue(),
    clock: Date.now,
    limits: { instanceBytes: 1, diskReserve: 0 },
    log: SILENT,
  });
}

function admit(
  sources: readonly Source[],
  callingAeTitle: string,
  peerAddress: string,
  calledAeTitle = 'LETHE',
): Rejection | undefined {
  return receiverOver({}, sources).admit({ callingAeTitle, calledAeTitle, peerAddress });
}

const CALLED = { result: 1, source: 1, reason: 7 };
const CALLING = { result: 1, source: 1, reason: 3 };

describe('who may send (PS3.8 table 9-21)', () => {
  it('rejects an unknown called AE title for good, with reason 7', () => {
    expect(admit([], 'CT01', '127.0.0.1', 'OTHER')).toMatchObject(CALLED);
  });

  it('admits only this machine without sources', () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
      expect(admit([], 'ANY', address)).toBeUndefined();
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '128.0.0.1', ''])
      expect(admit([], 'ANY', address)).toMatchObject(CALLING);
  });

  it('wants both the AE title and the address of a source', () => {
    const sources = [
      { aeTitle: 'CT01', address: '10.1.2.0/24' },
      { aeTitle: 'MR01', address: '2001:db8::/32' },
      { aeTitle: 'US01', address: '10.9.9.9' },
    ];
    expect(admit(sources, 'CT01', '10.1.2.3')).toBeUndefined();
    expect(admit(sources, ' CT01 ', '::ffff:10.1.2.255')).toBeUndefined();
    expect(admit(sources, 'MR01', '2001:db8:1::5')).toBeUndefined();
    expect(admit(sources, 'US01', '10.9.9.9')).toBeUndefined();
    expect(admit(sources, 'CT01', '10.1.3.3')).toMatchObject(CALLING);
    expect(admit(sources, 'MR01', '10.1.2.3')).toMatchObject(CALLING);
    expect(admit(sources, 'ct01', '10.1.2.3')).toMatchObject(CALLING);
    expect(admit(sources, 'CT01', '127.0.0.1')).toMatchObject(CALLING);
    expect(admit(sources, 'XX', '10.1.2.3')).toMatchObject(CALLING);
  });

  it('says what was wrong in words, with what the peer sent escaped', () => {
    const text = admit([{ aeTitle: 'CT01', address: '10.0.0.0/8' }], 'A\x1b[2J\n', '10.0.0.1')?.text;
    expect(text).toContain('calling AE title A\\x1b[2J\\x0a ');
    expect(text).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('the space on the disk', () => {
  it('refuses instances as long as it is unknown', async () => {
    const [{ facts }] = await ctSlices(1);
    const receiver = receiverOver({ freeBytes: () => Promise.reject(new Error('no such file system')) }, []);
    expect(receiver.begin(facts)).toBe(0xa700);
    await receiver.checkSpace();
    expect(receiver.begin(facts)).toBe(0xa700);
  });
});

describe('a database that is away', () => {
  it('makes it refuse instances once a hundred thousand records wait for the ledger', async () => {
    const ledger = new MemoryLedger();
    const [{ facts }] = await ctSlices(1);
    const begun: unknown[] = [];
    const writer = {} as SpoolWriter;
    const spool = {
      freeBytes: () => Promise.resolve(1 << 30),
      begin: (...told: unknown[]) => {
        begun.push(told);
        return writer;
      },
    };
    const receiver = receiverOver(spool, [], ledger);
    await receiver.checkSpace();
    ledger.waiting = 99_999;
    expect(receiver.begin(facts)).not.toBe(0xa700);
    expect(receiver.readiness().isReady).toBe(true);
    ledger.waiting = 100_000;
    expect(receiver.begin(facts)).toBe(0xa700);
    expect(receiver.readiness()).toEqual({ isReady: false, reasons: ['the database is away for too long'] });
    expect(begun).toHaveLength(1);
  });
});
