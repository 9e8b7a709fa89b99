// Delivery in both compositions: peers that refuse, are slow, cut, are full or away, each beside one that takes everything; and what a person does
// with what was held back.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listNotes } from '../../src/cli/audit/list.ts';
import { decide } from '../../src/cli/quarantine/decide.ts';
import { listRows } from '../../src/cli/quarantine/list.ts';
import { saveRecord } from '../../src/cli/quarantine/save.ts';
import { showRecord } from '../../src/cli/quarantine/show.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import type { DestinationStatus } from '../../src/pipeline/ports.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import {
  startCutter,
  startDeliveryRig,
  startPeer,
  type DeliveryRig,
  type Peer,
  type Topology,
} from '../support/delivery-rig.ts';
import { POSTGRES_PROGRAMS } from '../support/postgres.ts';
import { freePort, runLethe } from '../support/programs.ts';
import { HAS_REDIS } from '../support/redis.ts';

const SOON = { timeout: 60_000, interval: 50 };
const TOPOLOGIES: readonly (readonly [Topology, boolean])[] = [
  ['one process', true],
  ['a process per role', HAS_REDIS && POSTGRES_PROGRAMS !== undefined],
];

/** The data set of a Part 10 file, as it stands there. */
async function dataSetOf(file: Buffer): Promise<Buffer> {
  const { dataSetStart } = await readFile10(new BufferSource(file));
  return file.subarray(dataSetStart);
}

describe.each(TOPOLOGIES)('delivery with %s', (topology, isInstalled) => {
  describe.skipIf(!isInstalled)('to several destinations', { timeout: 180_000 }, () => {
    const NAMES = ['picky', 'cut', 'full', 'slow', 'ordered', 'good'] as const;
    const peers = {} as Record<(typeof NAMES)[number], Peer>;
    const closers: (() => unknown)[] = [];
    let late: Peer | undefined;
    let latePort = 0;
    let rig: DeliveryRig;
    let cutter: Awaited<ReturnType<typeof startCutter>>;

    beforeAll(async () => {
      for (const name of NAMES) {
        peers[name] = await startPeer();
        closers.push(() => peers[name].close());
      }
      cutter = await startCutter(peers.cut, 3, 12_000);
      closers.push(() => {
        cutter.close();
      });
      latePort = await freePort();
      const at = (port: number, rules = ''): string =>
        `{ aeTitle: PEER, host: 127.0.0.1, port: ${port}, retry: { first: 40ms, longest: 200ms }${rules} }`;
      // Closed now, whatever the time is, for more than an hour.
      const hour = (new Date().getHours() + 3) % 24;
      const closed = `, sendWindows: ["${hour}:00-${hour}:30"]`;
      rig = await startDeliveryRig(
        topology,
        {
          picky: at(peers.picky.port),
          cut: at(cutter.port),
          full: at(peers.full.port),
          slow: at(peers.slow.port),
          ordered: at(peers.ordered.port, ', order: series, associations: 3'),
          good: at(peers.good.port, ', associations: 2'),
          late: `{ aeTitle: PEER, host: 127.0.0.1, port: ${latePort}, retry: { first: 1h, longest: 1h } }`,
          night: at(peers.good.port, closed),
          hopeless: `{ aeTitle: PEER, host: 127.0.0.1, port: 1, giveUpAfter: 300ms, retry: { first: 40ms, longest: 80ms } }`,
        },
        {
          PICKY: ['picky', 'good'],
          CUT: ['cut', 'good'],
          FULL: ['full', 'good'],
          SLOW: ['slow', 'good'],
          ORDERED: ['ordered'],
          LATE: ['late', 'good'],
          NIGHT: ['night'],
          HOPELESS: ['hopeless', 'good'],
        },
      );
    }, 120_000);
    afterAll(async () => {
      await rig.close();
      await late?.close();
      for (const close of closers) await close();
    }, 60_000);

    const goodCount = (): number => peers.good.taken.length;
    const statusOf = async (name: string): Promise<DestinationStatus | undefined> =>
      (await rig.gateway.status()).destinations.find(({ destination }) => destination === name);
    const quarantined = async (): Promise<number> => (await rig.gateway.status()).quarantined;
    const question = (): { config: string; note: string } => ({ config: rig.configFile, note: 'a test' });

    it('holds back what a peer refuses, with its status in words; a person releases or discards it', async () => {
      peers.picky.answer = () => 0xc001;
      const before = goodCount();
      await rig.send('PICKY', 3, 1);
      await expect.poll(quarantined, SOON).toBe(3);
      await expect.poll(() => goodCount() - before, SOON).toBe(3);
      const { rows } = await listRows({ config: rig.configFile, limit: 10 });
      expect(rows).toHaveLength(3);
      for (const row of rows)
        expect(row).toMatchObject({
          reason: 'delivery-refused',
          message: 'Refused by picky: status 0xC001: Error: cannot understand',
          calledAeTitle: 'PICKY',
        });
      peers.picky.answer = () => 0;
      const [first, second, third] = rows.map(({ recordId }) => recordId);
      expect(await decide('release', [first], question())).toEqual({ done: [first], withoutRoute: [], notFound: [] });
      await expect.poll(() => peers.picky.taken.length, SOON).toBe(1);
      await expect.poll(quarantined, SOON).toBe(2);
      expect(await decide('discard', [second], question())).toMatchObject({ done: [second] });
      expect(await decide('release', [second], question())).toMatchObject({ done: [], notFound: [second] });
      expect(await decide('release', [], { ...question(), reason: 'delivery-refused', yes: true })).toMatchObject({
        done: [third],
      });
      await expect.poll(() => peers.picky.taken.length, SOON).toBe(2);
      await expect.poll(async () => (await rig.gateway.status()).waiting, SOON).toBe(0);
      expect(await quarantined()).toBe(0);
      // The other destination had each of them once, and was left alone.
      expect(goodCount() - before).toBe(3);
      expect(new Set(peers.good.taken).size).toBe(goodCount());
    });

    it('delivers over a line that is cut in the middle of a PDU', async () => {
      await rig.send('CUT', 5, 2);
      await expect.poll(() => new Set(peers.cut.taken).size, SOON).toBe(5);
      expect(cutter.cuts).toBe(0);
    });

    it('waits for a peer that is out of resources, and quarantines nothing', async () => {
      let refusals = 12;
      peers.full.answer = () => (refusals-- > 0 ? 0xa700 : 0);
      await rig.send('FULL', 6, 3);
      await expect.poll(() => peers.full.taken.length, SOON).toBe(6);
      expect(await quarantined()).toBe(0);
    });

    it('lets no destination wait for another one that is slow', async () => {
      let answer = (): void => undefined;
      const held = new Promise<number>((resolve) => {
        answer = () => {
          resolve(0);
        };
      });
      peers.slow.answer = () => held;
      const before = goodCount();
      await rig.send('SLOW', 4, 4);
      await expect.poll(() => goodCount() - before, SOON).toBe(4);
      expect(peers.slow.taken).toHaveLength(0);
      answer();
      await expect.poll(() => peers.slow.taken.length, SOON).toBe(4);
    });

    it('keeps the order within a series over several associations', async () => {
      let tries = 0;
      peers.ordered.answer = () => (++tries % 4 === 2 ? 0xa700 : 0);
      await rig.send('ORDERED', 8, 5);
      await expect.poll(() => peers.ordered.taken.length, SOON).toBe(8);
      const status = await rig.gateway.status();
      expect(status.quarantined).toBe(0);
      // Replacement UIDs tell no order: the good peer is not asked, the instances are sent again under order of their numbers.
      expect(await originalOrder(peers.ordered.taken)).toEqual(await rig.send('ORDERED', 8, 5));
    });

    /** The originals of replacement UIDs, by the table of pseudonyms. */
    async function originalOrder(replacements: readonly string[]): Promise<string[]> {
      const { findAll } = await import('../../src/cli/pseudonyms/find.ts');
      const originals: string[] = [];
      for (const uid of replacements) {
        const [row] = await findAll({ uid, reason: 'a test', config: rig.configFile });
        originals.push(row.original ?? '');
      }
      return originals;
    }

    it('tells that a destination is away, since when and until when, and tries at once when a person asks', async () => {
      const before = goodCount();
      await rig.send('LATE', 3, 6);
      await expect.poll(() => goodCount() - before, SOON).toBe(3);
      await expect.poll(async () => (await statusOf('late'))?.condition?.state, SOON).toBe('paused');
      const told = await runLethe(['status', '--config', rig.configFile]);
      expect(told.stdout).toMatch(
        /late .*takes nothing since .*; next attempt at .* \(circuit open\): peer-unreachable/,
      );
      late = await startPeer(latePort);
      const { code, stdout } = await runLethe([
        'deliveries',
        'retry',
        '--destination',
        'late',
        '--config',
        rig.configFile,
      ]);
      expect(stdout).toMatch(/are tried now/);
      expect(code).toBe(0);
      await expect.poll(() => late?.taken.length, SOON).toBe(3);
      await expect.poll(async () => (await statusOf('late'))?.condition?.state, SOON).toBe('idle');
    });

    it('sends nothing outside of the send windows, and says so', async () => {
      const before = goodCount();
      await rig.send('NIGHT', 2, 7);
      await expect.poll(async () => (await statusOf('night'))?.pending, SOON).toBe(2);
      const { stdout } = await runLethe(['status', '--json', '--config', rig.configFile]);
      const { destinations } = JSON.parse(stdout) as { destinations: { destination: string; why: string }[] };
      const night = destinations.find(({ destination }) => destination === 'night');
      expect(night).toMatchObject({
        condition: { state: 'closed' },
        why: expect.stringMatching(/^waits for its send window until/) as string,
      });
      expect(goodCount()).toBe(before);
    });

    it('gives up what nobody took for the time that is configured', async () => {
      await rig.send('HOPELESS', 3, 8);
      await expect.poll(quarantined, SOON).toBe(3);
      const { rows } = await listRows({ config: rig.configFile, limit: 10, reason: 'delivery-refused' });
      for (const { message } of rows)
        expect(message).toMatch(/^Refused by hopeless: not taken for .*; last: peer-unreachable/);
    });

    it('shows original values only to who says why', async () => {
      const [{ recordId }] = (await listRows({ config: rig.configFile, limit: 1 })).rows;
      const plain = (await showRecord(recordId, { config: rig.configFile }))?.lines.join('\n');
      expect(plain).toMatch(/A destination refused the clean instance for good\./);
      expect(plain).not.toMatch(/original/);
      await expect(showRecord(recordId, { showPhi: true, config: rig.configFile })).rejects.toMatchObject({
        code: 'usage',
      });
      const shown = await showRecord(recordId, { showPhi: true, reason: 'to call the ward', config: rig.configFile });
      expect(shown?.lines.join('\n')).toMatch(/original patientId +\S/);
      const notes = await listNotes({ config: rig.configFile, limit: 20 });
      expect(notes.map(({ action, reason }) => [action, reason])).toEqual(
        expect.arrayContaining([
          ['show', 'to call the ward'],
          ['release', 'a test'],
          ['discard', 'a test'],
        ]),
      );
    });

    it('writes the original into a file for its owner, only for who says why', async () => {
      const [{ recordId }] = (await listRows({ config: rig.configFile, limit: 1 })).rows;
      const output = `${rig.configFile}.dcm`;
      const question = { output, config: rig.configFile };
      await expect(saveRecord(recordId, { ...question, reason: ' ' })).rejects.toMatchObject({ code: 'usage' });
      expect(existsSync(output)).toBe(false);
      expect(await saveRecord(newRecordId(), { ...question, reason: 'to look at it' })).toBeUndefined();
      expect(existsSync(output)).toBe(false);
      const bytes = await saveRecord(recordId, { ...question, reason: 'to look at it' });
      expect(statSync(output)).toMatchObject({ size: bytes, mode: 0o100600 });
      const saved = await dataSetOf(readFileSync(output));
      const sent = await Promise.all(
        [...buildCtSeries({ slices: 3, rows: 64, columns: 64, seed: 8 })].map((slice) => dataSetOf(slice.bytes)),
      );
      expect(sent.filter((dataSet) => dataSet.equals(saved))).toHaveLength(1);
      const notes = await listNotes({ config: rig.configFile, limit: 20 });
      expect(notes.filter(({ action }) => action === 'save')).toMatchObject([{ asked: 1, reason: 'to look at it' }]);
    });

    it('takes up what was released while no gateway ran', async () => {
      await rig.stop();
      const [{ recordId }] = (await listRows({ config: rig.configFile, limit: 1 })).rows;
      const wish = { output: `${rig.configFile}.dcm`, config: rig.configFile, reason: 'while nothing runs' };
      expect(await saveRecord(recordId, wish)).toBeGreaterThan(64 * 64 * 2);
      const filter = { ...question(), reason: 'delivery-refused' } as const;
      await expect(decide('release', [], filter)).rejects.toMatchObject({
        message: 'this would release 3 instances; write --yes to do it',
      });
      expect((await decide('release', [], { ...filter, yes: true })).done).toHaveLength(3);
      expect((await listRows({ config: rig.configFile, limit: 10 })).rows).toEqual([]);
      await rig.start();
      // Nobody is there still: tried again, and given up again.
      await expect.poll(quarantined, SOON).toBe(3);
      expect((await statusOf('good'))?.pending).toBe(0);
      const args = ['quarantine', 'discard', '--yes', '--project', 'default', '--config', rig.configFile];
      expect(await runLethe(args)).toMatchObject({ code: 0, stdout: '3 discarded\n' });
      expect(await quarantined()).toBe(0);
    });
  });
});
