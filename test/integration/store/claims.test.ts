// Claims of work between processes that share a ledger, on both adapters.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordId } from '../../../src/core/brands.ts';
import { PostgresClaims } from '../../../src/store/claims.ts';
import type { Database } from '../../../src/store/database.ts';
import { listOutages } from '../../../src/store/deliveries.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { cleanFacts, recordIds, spoolRecord } from '../../support/ledger-events.ts';

describe.each(ADAPTERS)('claims on $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('of processes that share a ledger', () => {
    let databases: TestDatabases;
    let database: Database;
    let ledger: PostgresLedger;
    let one: PostgresClaims;
    let other: PostgresClaims;

    beforeAll(async () => {
      databases = await start();
      database = await databases.open();
      await migrate(database);
      ledger = new PostgresLedger(database);
    });
    afterAll(async () => {
      await ledger.close();
      await databases.close();
    });
    beforeEach(async () => {
      one = new PostgresClaims(database, { leaseSeconds: 60 });
      other = new PostgresClaims(database, { leaseSeconds: 60 });
      await database.script('delete from delivery; delete from instance; delete from destination_place');
    });

    async function received(count: number, destinations: readonly string[] = ['a']): Promise<RecordId[]> {
      const ids = recordIds(count);
      for (const [index, recordId] of ids.entries())
        ledger.received(spoolRecord({ recordId, receivedAt: Date.UTC(2026, 0, 1) + index }), 'lung', destinations);
      await ledger.flush();
      return ids;
    }

    async function claimedBy(claims: PostgresClaims, limit = 100): Promise<RecordId[]> {
      return (await claims.claimWork(limit)).map(({ recordId }) => recordId);
    }

    async function madeClean(ids: readonly RecordId[]): Promise<void> {
      await one.claimWork(100);
      for (const id of ids) ledger.clean(id, cleanFacts());
      await ledger.flush();
      await one.openDeliveries(ids);
    }

    async function stateOf(id: RecordId): Promise<unknown> {
      return (await database.query<{ state: string }>('select state from instance where record_id = $1', [id]))[0]
        ?.state;
    }

    it('give each record to one process, however many ask at once', async () => {
      const ids = await received(20);
      const taken = await Promise.all([one, other, one, other].map((claims) => claimedBy(claims, 5)));
      const rest = await claimedBy(one);
      expect([...taken.flat(), ...rest].sort()).toEqual([...ids].sort());
      expect(await claimedBy(other)).toEqual([]);
    });

    it('pass work on when its lease ran out, unless it was renewed', async () => {
      const ids = await received(2);
      const short = new PostgresClaims(database, { leaseSeconds: 0.05 });
      await short.claimWork(100);
      await one.renewWork([ids[0]]);
      await sleep(200);
      expect(await claimedBy(other)).toEqual([ids[1]]);
    });

    it('give out what came first, and no more than is asked for', async () => {
      const ids = await received(3);
      expect((await claimedBy(one, 2)).sort()).toEqual(ids.slice(0, 2).sort());
      expect(await claimedBy(other)).toEqual([ids[2]]);
    });

    it('tell whether another instance came under the same UID', async () => {
      const [first, again, alone] = recordIds(3);
      const receive = (recordId: RecordId, sopInstanceUid: string): void => {
        ledger.received(spoolRecord({ recordId, sopInstanceUid }), 'lung', ['a']);
      };
      receive(first, '1.2.3');
      receive(alone, '1.2.4');
      await ledger.flush();
      const claimed = await one.claimWork(100);
      expect(claimed.map(({ isUidKnown }) => isUidKnown)).toEqual([false, false]);
      receive(again, '1.2.3');
      await ledger.flush();
      expect(await one.claimWork(100)).toEqual([{ recordId: again, isUidKnown: true, review: null }]);
    });

    it('let deliveries begin only once the clean instance is there, each at one sender', async () => {
      const ids = await received(10, ['a', 'b']);
      expect(await one.claimDeliveries('a', 100)).toEqual([]);
      await madeClean(ids);
      const claimed = await Promise.all([one, other].map((claims) => claims.claimDeliveries('a', 6)));
      expect(
        claimed
          .flat()
          .map(({ recordId }) => recordId)
          .sort(),
      ).toEqual([...ids].sort());
      expect(claimed.flat().every(({ attempts }) => attempts === 0)).toBe(true);
      expect(claimed.flat().every(({ waitsSince }) => waitsSince > Date.UTC(2026, 0, 1))).toBe(true);
      expect(await one.claimDeliveries('a', 100)).toEqual([]);
      expect((await one.claimDeliveries('b', 100)).length).toBe(10);
    });

    it('open the deliveries of clean records whose worker died before it did, once its lease would be over', async () => {
      const ids = await received(2);
      await one.claimWork(100);
      ledger.clean(ids[0], cleanFacts());
      await ledger.flush();
      expect(await other.openForgottenDeliveries()).toBe(0); // it may still do it
      await database.query(`update instance set updated_at = now() - interval '5 minutes'`);
      expect(await other.openForgottenDeliveries()).toBe(1);
      expect((await other.claimDeliveries('a', 10)).map(({ recordId }) => recordId)).toEqual([ids[0]]);
      expect(await other.openForgottenDeliveries()).toBe(0);
    });

    it('bring a delivery back when it is due again, and no sooner', async () => {
      const [id] = await received(1);
      await madeClean([id]);
      await one.claimDeliveries('a', 1);
      await one.postponeDeliveries('a', [id], 60_000);
      expect(await other.claimDeliveries('a', 1)).toEqual([]);
      await one.postponeDeliveries('a', [id], 0);
      expect(await other.claimDeliveries('a', 1)).toHaveLength(1);
    });

    it('leave a delivery to a sender that went silent for some seconds, then let another one have it', async () => {
      const [id] = await received(1);
      await madeClean([id]);
      const silent = new PostgresClaims(database, { leaseSeconds: 0 });
      expect(await silent.claimDeliveries('a', 1)).toHaveLength(1);
      // Its lease is over; what it has to tell may be on the way.
      expect(await other.claimDeliveries('a', 1)).toEqual([]);
      expect(await silent.renewDeliveries('a', [id])).toEqual([id]);
      expect(await other.claimDeliveries('a', 1)).toEqual([]);
      await database.query(`update delivery set due_at = due_at - interval '1 minute' where sender is null`);
      expect(await other.claimDeliveries('a', 1)).toHaveLength(1);
      expect(await silent.renewDeliveries('a', [id])).toEqual([]);
      await silent.postponeDeliveries('a', [id], 0);
      expect(await one.claimDeliveries('a', 1)).toEqual([]);
    });

    it('settle a record when all its deliveries have ended: delivered, or quarantined when one refused', async () => {
      const [done, refused, open] = await received(3, ['a', 'b']);
      await madeClean([done, refused, open]);
      for (const id of [done, refused, open]) ledger.delivery(id, 'a', { kind: 'sent', status: 0 });
      ledger.delivery(done, 'b', { kind: 'sent', status: 0xb000 });
      ledger.delivery(refused, 'b', { kind: 'dead', error: 'not wanted' });
      await ledger.flush();
      expect(await one.settle([done, refused, open])).toEqual(
        new Map([
          [done, 'delivered'],
          [refused, 'quarantined'],
        ]),
      );
      expect(await stateOf(done)).toBe('delivered');
      expect(await stateOf(refused)).toBe('quarantined');
      expect(await stateOf(open)).toBe('delivering');
      expect(await database.query('select reason, message from instance where record_id = $1', [refused])).toEqual([
        { reason: 'delivery-refused', message: 'Refused by b: not wanted' },
      ]);
      expect(await other.settle([done])).toEqual(new Map([[done, 'delivered']])); // it was before
    });

    it('find what ended though nobody brought it to rest, once a lease has passed', async () => {
      const [ended, open] = await received(2);
      await madeClean([ended, open]);
      ledger.delivery(ended, 'a', { kind: 'sent', status: 0 });
      await ledger.flush();
      expect(await one.findUnsettled()).toEqual([]);
      const later = new PostgresClaims(database, { leaseSeconds: -1 });
      expect(await later.findUnsettled()).toEqual([ended]);
      await one.settle([ended]);
      expect(await later.findUnsettled()).toEqual([]);
    });

    it('begin again with a record whose clean copy is gone', async () => {
      const [id] = await received(1);
      await madeClean([id]);
      await one.claimDeliveries('a', 1);
      await one.giveBackWork([id]);
      expect(await stateOf(id)).toBe('received');
      expect(await one.claimDeliveries('a', 1)).toEqual([]);
      await madeClean([id]);
      expect(await one.claimDeliveries('a', 1)).toHaveLength(1);
    });

    it('keep the order within a series, where a destination asks for it', async () => {
      const ids = await received(4, ['a', 'b']);
      const ordered = new PostgresClaims(database, { leaseSeconds: 60, orderedDestinations: ['a'] });
      const claimed = async (destination = 'a'): Promise<RecordId[]> =>
        (await ordered.claimDeliveries(destination, 10)).map(({ recordId }) => recordId);
      const [first, second, third, fourth] = ids;
      await one.claimWork(100);
      const finish = async (id: RecordId, series: string): Promise<void> => {
        await ordered.noteSeries([id], [series]);
        ledger.clean(id, cleanFacts());
        await ledger.flush();
        await ordered.openDeliveries([id]);
      };
      // The first one may be of the same series, as long as it is not clean.
      await finish(second, 's');
      expect(await claimed()).toEqual([]);
      expect(await claimed('b')).toEqual([second]);
      await finish(first, 's');
      await finish(third, 's');
      await finish(fourth, 't');
      expect((await claimed()).sort()).toEqual([first, fourth].sort());
      expect(await claimed()).toEqual([]);
      ledger.delivery(first, 'a', { kind: 'dead', error: 'not wanted' });
      await ledger.flush();
      expect(await claimed()).toEqual([second]);
      ledger.delivery(second, 'a', { kind: 'sent', status: 0 });
      await ledger.flush();
      expect(await claimed()).toEqual([third]);
    });

    it('make everything due that waits when a destination answers again, but what a sender has in hand', async () => {
      const ids = await received(3);
      await madeClean(ids);
      const [waiting, inHand] = (await one.claimDeliveries('a', 2)).map(({ recordId }) => recordId);
      const later = Date.now() + 600_000;
      await one.noteOutage('a', { since: 1_000, nextAttemptAt: later, error: 'nobody answers' });
      await one.postponeDeliveries('a', [waiting], 600_000);
      await other.noteOutage('a', { since: 2_000, nextAttemptAt: later + 1, error: 'still nobody' });
      expect(await listOutages(database)).toEqual([
        { destination: 'a', since: 1_000, nextAttemptAt: later + 1, error: 'still nobody' },
      ]);
      expect(await one.hasOutage('a')).toBe(true);
      expect(await other.claimDeliveries('a', 10)).toHaveLength(1);
      await other.endOutage('a');
      expect(await one.hasOutage('a')).toBe(false);
      expect((await other.claimDeliveries('a', 10)).map(({ recordId }) => recordId)).toEqual([waiting]);
      expect(inHand).toBeDefined();
    });

    it('leave what is at rest alone', async () => {
      const [id] = await received(1);
      await madeClean([id]);
      ledger.delivery(id, 'a', { kind: 'sent', status: 0 });
      await ledger.flush();
      await one.settle([id]);
      await one.giveBackWork([id]);
      await one.openDeliveries([id]);
      expect(await stateOf(id)).toBe('delivered');
      expect(await one.claimWork(10)).toEqual([]);
      expect(await one.claimDeliveries('a', 10)).toEqual([]);
    });

    it('tell which records the ledger does not know', async () => {
      const [known] = await received(1);
      const [unknown] = recordIds(1);
      expect(await one.findUnknown([known, unknown])).toEqual([unknown]);
    });

    it('never give out more places at a destination than there are', async () => {
      expect(await one.takePlaces('a', 3, 2)).toBe(2);
      expect(await other.takePlaces('a', 3, 3)).toBe(1);
      expect(await one.takePlaces('a', 3, 2)).toBe(2);
      expect(await one.takePlaces('b', 1, 1)).toBe(1);
      await one.givePlacesBack('a');
      expect(await other.takePlaces('a', 3, 3)).toBe(3);
      const brief = new PostgresClaims(database, { leaseSeconds: 0.05 });
      expect(await brief.takePlaces('c', 1, 1)).toBe(1);
      await sleep(200);
      expect(await one.takePlaces('c', 1, 1)).toBe(1);
      expect(await brief.takePlaces('c', 1, 1)).toBe(0);
    });
  });
});
