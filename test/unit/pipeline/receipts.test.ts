import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import { LetheError } from '../../../src/core/errors.ts';
import { readReceived } from '../../../src/dicom/received.ts';
import { digestDataSet } from '../../../src/pipeline/data-set-digest.ts';
import type { InstanceReceipt, ReceiptLog } from '../../../src/pipeline/receipts.ts';
import { createSite, ctSlices, MemoryReceipts, ScriptedDestination, startSite } from './fixtures.ts';

describe('receipts of the gateway', () => {
  it('tell of each instance that left what was done to it, with the digests of what came and what left', async () => {
    const [site, receipts] = [await createSite(), new MemoryReceipts()];
    const destinations = [new ScriptedDestination('a'), new ScriptedDestination('b')];
    const { gateway, receive } = await startSite(site, destinations, { receipts });
    const slices = await ctSlices(3);
    for (const slice of slices) await receive(slice);
    await gateway.idle();
    expect(receipts.receipts).toHaveLength(3);
    for (const receipt of receipts.receipts) {
      const left = destinations[0].taken.find(({ recordId }) => recordId === receipt.record);
      const arrived = await readReceived(new BufferSource(left?.bytes ?? Buffer.alloc(0)), receipt.transferSyntaxUid);
      expect(receipt.after).toEqual(await digestDataSet(arrived));
      expect(receipt).toMatchObject({ project: 'default', subject: 'S-1', sopInstanceUid: left?.sopInstanceUid });
      expect(receipt.receipt.actions.length).toBeGreaterThan(10);
    }
    const [{ bytes, facts }] = slices;
    const came = await readReceived(new BufferSource(bytes), facts.transferSyntaxUid);
    expect(receipts.receipts.map(({ before }) => before)).toContainEqual(await digestDataSet(came));
  });

  it('hold nothing that identified the patient', async () => {
    const [site, receipts] = [await createSite(), new MemoryReceipts()];
    const { gateway, receive } = await startSite(site, [new ScriptedDestination('a')], { receipts });
    const [slice] = await ctSlices(1);
    await receive(slice);
    await gateway.idle();
    const told = JSON.stringify(receipts.receipts);
    const dataSet = await readReceived(new BufferSource(slice.bytes), slice.facts.transferSyntaxUid);
    const identifying = dataSet.elements.filter(({ tag, vr }) => tag >>> 16 === 0x0010 || vr === 'PN' || vr === 'UI');
    const originals = identifying
      .map(({ valueStart, valueLength }) => slice.bytes.toString('latin1', valueStart, valueStart + valueLength))
      .map((text) => text.replace(/[\0 ]+$/, ''))
      .filter((text) => text.length > 3 && !text.startsWith('1.2.840.10008.'));
    expect(originals.length).toBeGreaterThan(5);
    expect(originals.filter((text) => told.includes(text))).toEqual([]);
  });

  it('are on the disk before the ledger has an instance at rest, and an instance without one stays in the spool', async () => {
    const site = await createSite();
    const failing: ReceiptLog = {
      add: () => Promise.reject(new LetheError('shutting-down', 'closed')),
      flush: () => Promise.resolve(),
    };
    const destination = new ScriptedDestination('a');
    const first = await startSite(site, [destination], { receipts: failing });
    for (const slice of await ctSlices(2)) await first.receive(slice);
    await first.gateway.idle();
    expect(destination.taken).toHaveLength(2);
    expect([...site.ledger.rows.values()].map(({ state }) => state)).not.toContain('delivered');
    await first.stop();

    const receipts = new MemoryReceipts();
    const second = await startSite(site, [destination], { receipts });
    await second.gateway.idle();
    expect(receipts.receipts).toHaveLength(2);
    expect(destination.taken).toHaveLength(2);
    expect([...site.ledger.rows.values()].map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });

  it('are waited for before an instance is at rest', async () => {
    const site = await createSite();
    const waiting: (() => void)[] = [];
    const added: InstanceReceipt[] = [];
    const slow: ReceiptLog = {
      add: (receipt) => {
        added.push(receipt);
        return new Promise((resolve) => waiting.push(resolve));
      },
      flush: () => Promise.resolve(),
    };
    const { gateway, receive } = await startSite(site, [new ScriptedDestination('a')], { receipts: slow });
    await receive((await ctSlices(1))[0]);
    await expect.poll(() => added.length).toBe(1);
    expect([...site.ledger.rows.values()][0].state).toBe('clean');
    for (const resolve of waiting) resolve();
    await gateway.idle();
    expect([...site.ledger.rows.values()][0].state).toBe('delivered');
  });
});
