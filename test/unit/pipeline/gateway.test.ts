import { describe, expect, it } from 'vitest';
import { LetheError } from '../../../src/core/errors.ts';
import type { DeliveryOutcome } from '../../../src/pipeline/ports.ts';
import { createSite, ctSlices, ScriptedDestination, startSite } from './fixtures.ts';

const UNAVAILABLE: DeliveryOutcome = { kind: 'unavailable', text: 'nobody answers' };
const OUT_OF_RESOURCES: DeliveryOutcome = { kind: 'unavailable', text: 'status 0xA700', isAnswered: true };
const REFUSED: DeliveryOutcome = { kind: 'refused', status: 0xc000, text: 'status 0xC000' };

describe('a gateway when something is wrong', () => {
  it('quarantines what cannot be read, and keeps its bytes', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    const { receive, gateway, spool } = await startSite(site, [research]);
    const [slice] = await ctSlices(1);
    const bytes = slice.bytes.subarray(0, slice.bytes.length - 500);
    expect(await receive({ ...slice, bytes })).toBe(0);
    await gateway.idle();
    const [[recordId, row]] = site.ledger.rows;
    expect(row).toMatchObject({ state: 'quarantined', reason: 'unparsable' });
    expect(spool.marksOf(recordId)).toMatchObject([{ kind: 'quarantined', reason: 'unparsable' }]);
    const source = await spool.open(recordId);
    expect((await source.read(0, source.size)).equals(bytes)).toBe(true);
    await source.close();
    expect(research.attempts).toBe(0);
  });

  it('quarantines on a thrown bug instead of forwarding', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    const subjects = {
      resolve: (): never => {
        throw new TypeError('a bug');
      },
    };
    const { receive, gateway } = await startSite(site, [research], { subjects });
    const [slice] = await ctSlices(1);
    expect(await receive(slice)).toBe(0);
    await gateway.idle();
    expect([...site.ledger.rows.values()]).toMatchObject([{ state: 'quarantined', reason: 'action-failed' }]);
    expect(research.attempts).toBe(0);
  });

  it('quarantines what a destination refuses once the others have it', async () => {
    const site = await createSite();
    const [research, archive] = [new ScriptedDestination('research'), new ScriptedDestination('archive')];
    research.answer = () => REFUSED;
    const { receive, gateway } = await startSite(site, [research, archive]);
    for (const slice of await ctSlices(3)) await receive(slice);
    await gateway.idle();
    expect([...site.ledger.rows.values()].map(({ state, reason }) => [state, reason])).toEqual(
      Array.from({ length: 3 }, () => ['quarantined', 'delivery-refused']),
    );
    expect(archive.taken).toHaveLength(3);
    expect(research.attempts).toBe(3);
  });

  it('retries a destination that does not answer, in order, and loses nothing', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research', 2);
    let failures = 6;
    research.answer = () => (failures-- > 0 ? UNAVAILABLE : { kind: 'sent', status: 0 });
    const { receive, gateway } = await startSite(site, [research]);
    const slices = await ctSlices(20);
    for (const slice of slices) expect(await receive(slice)).toBe(0);
    await gateway.idle();
    expect(research.taken).toHaveLength(20);
    expect(new Set(research.taken.map(({ recordId }) => recordId)).size).toBe(20);
    expect(await gateway.status()).toMatchObject({ received: 20, waiting: 0, delivered: 20, quarantined: 0 });
  });

  it('lets one instance that the peer cannot take step aside, and quarantines it when the peer goes on taking others', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    let poisoned: string | undefined;
    research.answer = ({ sopInstanceUid }) => {
      poisoned ??= sopInstanceUid;
      return sopInstanceUid === poisoned ? OUT_OF_RESOURCES : { kind: 'sent', status: 0 };
    };
    const { receive, gateway } = await startSite(site, [research], { backoff: { firstMs: 5, maxMs: 20 } });
    for (const slice of await ctSlices(20)) await receive(slice);
    await gateway.idle();
    expect(research.taken).toHaveLength(19);
    expect(await gateway.status()).toMatchObject({ received: 20, waiting: 0, delivered: 19, quarantined: 1 });
    expect([...site.ledger.rows.values()].filter(({ reason }) => reason === 'delivery-refused')).toHaveLength(1);
  });

  it('waits for a peer that is out of resources for all, and quarantines none', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research', 2);
    let failures = 30;
    research.answer = () => (failures-- > 0 ? OUT_OF_RESOURCES : { kind: 'sent', status: 0 });
    const { receive, gateway } = await startSite(site, [research], { backoff: { firstMs: 1, maxMs: 4 } });
    for (const slice of await ctSlices(10)) await receive(slice);
    await gateway.idle();
    expect(await gateway.status()).toMatchObject({ received: 10, waiting: 0, delivered: 10, quarantined: 0 });
  });

  it('waits longer after each attempt without an answer, and probes with one send', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research', 4);
    const times: number[] = [];
    research.answer = () => {
      times.push(performance.now());
      return times.length < 9 ? UNAVAILABLE : { kind: 'sent', status: 0 };
    };
    const backoff = { firstMs: 20, maxMs: 80, random: () => 1 };
    const { receive, gateway } = await startSite(site, [research], { backoff });
    for (const slice of await ctSlices(8)) await receive(slice);
    await gateway.idle();
    const pauses = times.slice(1).map((time, i) => time - times[i]);
    const waited = pauses.filter((pause) => pause > 15);
    expect(waited.length).toBeGreaterThanOrEqual(4);
    for (const [i, least] of [19, 38, 76, 76].entries()) expect(waited[i]).toBeGreaterThanOrEqual(least);
  });

  it('goes on receiving and delivering elsewhere while a destination has stopped', async () => {
    const site = await createSite();
    const [stuck, archive] = [new ScriptedDestination('stuck'), new ScriptedDestination('archive')];
    let free: (outcome: DeliveryOutcome) => void = () => undefined;
    stuck.answer = () => new Promise((resolve) => (free = resolve));
    const { receive, gateway } = await startSite(site, [stuck, archive]);
    const slices = await ctSlices(50);
    for (const slice of slices) expect(await receive(slice)).toBe(0);
    await expect.poll(() => archive.taken.length).toBe(50);
    expect(await gateway.status()).toMatchObject({ waiting: 50, delivered: 0 });
    stuck.answer = () => ({ kind: 'sent', status: 0 });
    free({ kind: 'sent', status: 0 });
    await gateway.idle();
    expect(stuck.taken.length).toBe(50);
    expect(stuck.taken.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(
      archive.taken.map(({ sopInstanceUid }) => sopInstanceUid),
    );
  });

  it('keeps delivered instances in the spool until the database has them, and receives meanwhile', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    const { receive, gateway, spool } = await startSite(site, [research]);
    site.ledger.isAway = true;
    for (const slice of await ctSlices(5)) expect(await receive(slice)).toBe(0);
    await expect.poll(() => research.taken.length).toBe(5);
    const ids = research.taken.map(({ recordId }) => recordId);
    for (const recordId of ids) expect((await spool.open(recordId)).size).toBeGreaterThan(0);
    site.ledger.isAway = false;
    await gateway.idle();
    for (const recordId of ids) await expect(spool.open(recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
  });

  it('tries again while the table of subjects is away', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    let failures = 3;
    const subjects = {
      resolve: () => {
        if (failures-- > 0) throw new LetheError('database-unavailable', 'away');
        return { subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 };
      },
    };
    const { receive, gateway } = await startSite(site, [research], { subjects });
    const [slice] = await ctSlices(1);
    await receive(slice);
    await gateway.idle();
    expect(research.taken).toHaveLength(1);
  });

  it('refuses an instance beyond the limit and leaves nothing of it', async () => {
    const site = await createSite();
    const { receive, gateway } = await startSite(site, [], { limits: { instanceBytes: 5_000, diskReserve: 0 } });
    const [slice] = await ctSlices(1);
    expect(await receive({ ...slice, bytes: Buffer.alloc(5_001) })).toBe(0xa700);
    await gateway.idle();
    expect(site.ledger.rows.size).toBe(0);
  });

  it('refuses everything when the disk is short', async () => {
    const [slice] = await ctSlices(1);
    const { gateway } = await startSite(await createSite(), [], {
      limits: { instanceBytes: 1 << 20, diskReserve: 2 ** 60 },
    });
    expect(gateway.provider.begin(slice.facts)).toBe(0xa700);
  });
});

describe('a gateway', () => {
  it('delivers de-identified instances to every destination and gives their space back', async () => {
    const site = await createSite();
    const [research, archive] = [new ScriptedDestination('research', 3), new ScriptedDestination('archive')];
    const { receive, gateway, spool } = await startSite(site, [research, archive]);
    const slices = await ctSlices(30);
    for (const slice of slices) expect(await receive(slice)).toBe(0);
    await gateway.idle();
    for (const { taken } of [research, archive]) {
      expect(taken).toHaveLength(30);
      for (const { bytes, recordId } of taken) {
        for (const { facts } of slices) expect(bytes.includes(facts.sopInstanceUid)).toBe(false);
        await expect(spool.open(recordId)).rejects.toMatchObject({ code: 'spool-damaged' });
      }
    }
    const [row] = site.ledger.rows.values();
    expect(row.facts).toMatchObject({ project: 'default', profile: 'basic', subject: { subjectId: 'S-1' } });
    expect(row.facts?.mappings.uids.length).toBeGreaterThan(0);
    expect(await gateway.status()).toMatchObject({ received: 30, waiting: 0, delivered: 30, quarantined: 0 });
  });

  it('never has more sends under way than the destination allows', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research', 3);
    research.answer = () => new Promise((resolve) => setTimeout(resolve, 2, { kind: 'sent', status: 0 }));
    const { receive, gateway } = await startSite(site, [research]);
    for (const slice of await ctSlices(40)) await receive(slice);
    await gateway.idle();
    expect(research.mostAtOnce).toBe(3);
  });

  it('takes up after a restart what was waiting, and sends nothing twice', async () => {
    const site = await createSite();
    const archive = new ScriptedDestination('archive');
    const stuck = new ScriptedDestination('stuck');
    stuck.answer = () => UNAVAILABLE;
    const first = await startSite(site, [archive, stuck]);
    const slices = await ctSlices(12);
    for (const slice of slices) await first.receive(slice);
    const broken = { ...slices[0], bytes: Buffer.alloc(100, 7) };
    await first.receive(broken);
    await expect.poll(() => archive.taken.length).toBe(12);
    await first.stop();
    // The ledger forgets the last transitions, as it would when the process had been killed before a batch.
    for (const row of site.ledger.rows.values()) if (row.state !== 'quarantined') row.state = 'received';
    stuck.answer = () => ({ kind: 'sent', status: 0 });
    const second = await startSite(site, [archive, stuck]);
    await second.gateway.idle();
    expect(archive.taken).toHaveLength(12);
    expect(stuck.taken).toHaveLength(12);
    expect(await second.gateway.status()).toMatchObject({ waiting: 0, delivered: 12, quarantined: 1 });
    await second.stop();
    const third = await startSite(site, [archive, stuck]);
    await third.gateway.idle();
    expect(archive.taken).toHaveLength(12);
    expect(
      third.spool.marksOf([...site.ledger.rows].find(([, row]) => row.state === 'quarantined')?.[0] as never),
    ).toHaveLength(1);
  });

  it('fills an empty ledger from the spool', async () => {
    const site = await createSite();
    const research = new ScriptedDestination('research');
    research.answer = () => UNAVAILABLE;
    const first = await startSite(site, [research]);
    for (const slice of await ctSlices(5)) await first.receive(slice);
    await first.receive({ ...(await ctSlices(1))[0], bytes: Buffer.alloc(64, 1) });
    await expect.poll(async () => (await first.gateway.status()).quarantined).toBe(1);
    await first.stop();
    site.ledger.rows.clear();
    research.answer = () => ({ kind: 'sent', status: 0 });
    const second = await startSite(site, [research]);
    await second.gateway.idle();
    expect(await second.gateway.status()).toMatchObject({ received: 6, delivered: 5, quarantined: 1, waiting: 0 });
  });

  it('prepares an instance again, to the same bytes, when its turn comes late', async () => {
    const site = await createSite();
    const [slow, quick] = [new ScriptedDestination('slow'), new ScriptedDestination('quick')];
    slow.answer = () => UNAVAILABLE;
    const { receive, gateway } = await startSite(site, [slow, quick]);
    for (const slice of await ctSlices(6)) await receive(slice);
    await expect.poll(() => quick.taken.length).toBe(6);
    slow.answer = () => ({ kind: 'sent', status: 0 });
    await gateway.idle();
    for (const [i, { bytes }] of slow.taken.entries()) expect(bytes.equals(quick.taken[i].bytes)).toBe(true);
  });

  it('ends while a destination hangs', async () => {
    const site = await createSite();
    const hanging = new ScriptedDestination('hanging');
    hanging.answer = () => new Promise(() => undefined);
    const { receive, stop } = await startSite(site, [hanging]);
    for (const slice of await ctSlices(2)) await receive(slice);
    await expect.poll(() => hanging.attempts).toBe(1);
    await stop();
    expect(hanging.isClosed).toBe(true);
  });
});
