// What comes again, through a whole gateway over a real ledger: in PGlite and in Postgres.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { GatewayOptions } from '../../../src/pipeline/gateway.ts';
import type { InstanceState } from '../../../src/pipeline/ports.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { PostgresCommitments } from '../../../src/store/commitment-look-up.ts';
import type { Database, Queryable } from '../../../src/store/database.ts';
import { RecentInstances } from '../../../src/store/earlier-instances.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import {
  createSite,
  ctSlices,
  MemoryReceipts,
  ScriptedDestination,
  SILENT,
  startSite,
  type Received,
  type RunningSite,
  type Site,
} from '../../unit/pipeline/fixtures.ts';

/** A database that counts the statements it is asked to run. */
class CountingDatabase implements Database {
  statements = 0;
  /** Of them, those about one kind of row. */
  readonly texts: string[] = [];
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  query: Database['query'] = (text, parameters) => {
    this.#count(text);
    return this.#database.query(text, parameters);
  };

  script(text: string): Promise<void> {
    return this.#database.script(text);
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#database.transaction((transaction) =>
      work({
        query: (text, parameters) => {
          this.#count(text);
          return transaction.query(text, parameters);
        },
        script: (text) => transaction.script(text),
      }),
    );
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #count(text: string): void {
    this.statements++;
    this.texts.push(text);
  }

  /** How often it was asked for earlier instances. */
  get lookUps(): number {
    return this.texts.filter((text) => text.includes('cross join lateral') && text.includes('as earlier')).length;
  }
}

interface TransferRow {
  readonly [column: string]: unknown;
  readonly record_id: RecordId;
  readonly state: InstanceState;
  readonly revision: number | null;
  readonly repeats: RecordId | null;
  readonly destination: string | null;
  readonly delivery_state: string | null;
}

const TRANSFERS = `
  select record_id, state, revision, repeats, destination, delivery_state
  from transfer where original_sop_instance_uid = $1 order by received_at, record_id`;

describe.each(ADAPTERS)('what comes again, in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('under the UID of an instance that was delivered', () => {
    let databases: TestDatabases;
    let database: CountingDatabase;
    let seed = 100;

    beforeAll(async () => {
      databases = await start();
      database = new CountingDatabase(await databases.open());
      await migrate(database);
    });
    afterAll(() => databases.close());
    beforeEach(async () => {
      await database.script('delete from delivery; delete from instance');
    });

    /** A gateway over the ledger; the memory of what came lately is read unless told otherwise. */
    async function run(
      site: Site,
      destinations: readonly ScriptedDestination[],
      options: Partial<GatewayOptions> & { readonly isUnread?: boolean } = {},
    ): Promise<RunningSite & { readonly ledger: PostgresLedger }> {
      const { isUnread = false, ...gatewayOptions } = options;
      const ledger = new PostgresLedger(database);
      const earlierInstances = new RecentInstances({ database, ledger, log: SILENT });
      if (!isUnread) await earlierInstances.load();
      const running = await startSite(site, destinations, { ledger, earlierInstances, ...gatewayOptions });
      const stop = async (): Promise<void> => {
        await running.stop();
        await earlierInstances.close();
        await ledger.close();
      };
      return { ...running, ledger, stop };
    }

    async function fresh(count = 1): Promise<Received[]> {
      return ctSlices(count, seed++);
    }

    function transfers({ facts }: Received): Promise<TransferRow[]> {
      return database.query<TransferRow>(TRANSFERS, [facts.sopInstanceUid]);
    }

    async function sendAndRest({ receive, gateway }: RunningSite, slice: Received): Promise<void> {
      expect(await receive(slice)).toBe(0);
      await gateway.idle();
    }

    it('is not sent a second time when it is the same, and counts as delivered', async () => {
      const [site, research, archive] = [
        await createSite(),
        new ScriptedDestination('research'),
        new ScriptedDestination('archive'),
      ];
      const running = await run(site, [research, archive]);
      const [slice] = await fresh();
      for (let times = 0; times < 3; times++) await sendAndRest(running, slice);
      expect([research.taken.length, archive.taken.length]).toEqual([1, 1]);
      const rows = await transfers(slice);
      const first = rows[0].record_id;
      expect(rows.map(({ destination, delivery_state }) => [destination, delivery_state])).toEqual(
        expect.arrayContaining([
          ['research', 'sent'],
          ['archive', 'sent'],
          [null, null],
          [null, null],
        ]),
      );
      const repeats = rows.filter(({ record_id }) => record_id !== first);
      expect(repeats.map((row) => [row.state, row.repeats])).toEqual(repeats.map(() => ['delivered', first]));
      expect(await running.gateway.status()).toMatchObject({ received: 3, waiting: 0, delivered: 3, quarantined: 0 });
      const [{ message }] = await database.query<{ message: string }>(
        'select message from instance where record_id = $1',
        [repeats[0].record_id],
      );
      expect(message).toContain(first);
      await running.stop();
    });

    it('is not sent a second time after a restart, when all that is known is in the ledger', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research')];
      const before = await run(site, [research]);
      const [slice, other] = await fresh(2);
      await sendAndRest(before, slice);
      await sendAndRest(before, other);
      await before.stop();
      const read = await run(site, [research]);
      await sendAndRest(read, slice);
      await read.stop();
      const unread = await run(site, [research], { isUnread: true });
      await sendAndRest(unread, other);
      await unread.stop();
      expect(research.taken).toHaveLength(2);
      expect((await transfers(slice)).map(({ repeats }) => repeats !== null)).toEqual([false, true]);
      expect((await transfers(other)).map(({ repeats }) => repeats !== null)).toEqual([false, true]);
    });

    it('is sent as revision 2, 3 … when its content changes, and again when it changes back', async () => {
      const [site, research, receipts] = [
        await createSite(),
        new ScriptedDestination('research'),
        new MemoryReceipts(),
      ];
      const running = await run(site, [research], { receipts });
      const [slice] = await fresh();
      const bytes = Buffer.from(slice.bytes);
      bytes[bytes.length - 7] ^= 1;
      const changed = { ...slice, bytes };
      for (const instance of [slice, changed, changed, slice, slice]) await sendAndRest(running, instance);
      expect(research.taken).toHaveLength(3);
      expect(new Set(research.taken.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(1);
      const rows = await transfers(slice);
      expect(rows.map(({ revision }) => revision)).toEqual([null, 2, 2, 3, 3]);
      expect(rows.map(({ repeats }) => rows.findIndex(({ record_id }) => record_id === repeats))).toEqual([
        -1, -1, 1, -1, 3,
      ]);
      expect(receipts.receipts.map(({ revision }) => revision)).toEqual([undefined, 2, 3]);
      expect(await running.gateway.status()).toMatchObject({ received: 5, waiting: 0, delivered: 5 });
      await running.stop();
    });

    it('is told as a revision also while the earlier content still waits for its destination', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research')];
      research.answer = () => ({ kind: 'unavailable', text: 'nobody answers' });
      const running = await run(site, [research]);
      const [slice] = await fresh();
      const bytes = Buffer.from(slice.bytes);
      bytes[bytes.length - 7] ^= 1;
      await running.receive(slice);
      await running.receive({ ...slice, bytes });
      await running.receive(slice);
      research.answer = () => ({ kind: 'sent', status: 0 });
      await running.gateway.idle();
      expect(research.taken).toHaveLength(3);
      // Whichever of them was judged first: no two contents have the same number.
      const contents = await database.query<{ revision: number; checksums: number }>(
        `select coalesce(revision, 1) as revision, count(distinct checksum) as checksums
         from instance where sop_instance_uid = $1 group by 1 order by 1`,
        [slice.facts.sopInstanceUid],
      );
      expect(contents.length).toBeGreaterThanOrEqual(2);
      expect(contents).toEqual(contents.map((_, index) => ({ revision: index + 1, checksums: 1 })));
      await running.stop();
    });

    it('is sent again when the profile was changed since, or the earlier one is in quarantine', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research')];
      const before = await run(site, [research]);
      const [slice, refused] = await fresh(2);
      await sendAndRest(before, slice);
      research.answer = () => ({ kind: 'refused', status: 0xc000, text: 'status 0xC000' });
      await sendAndRest(before, refused);
      await before.stop();
      research.answer = () => ({ kind: 'sent', status: 0 });
      const profile = { ...basicProfile(), digest: 'cd'.repeat(32) };
      const deidentifier = createDeidentifier({
        subjects: { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 }) },
        keysFor: () => site.keys,
        profileOf: () => profile,
      });
      const after = await run(site, [research], { deidentifier });
      for (const instance of [slice, slice, refused, refused]) await sendAndRest(after, instance);
      await after.stop();
      expect(research.taken).toHaveLength(3);
      expect((await transfers(slice)).map(({ repeats }) => repeats !== null)).toEqual([false, false, true]);
      expect((await transfers(refused)).map(({ state, revision }) => [state, revision])).toEqual([
        ['quarantined', null],
        ['delivered', null],
        ['delivered', null],
      ]);
    });

    it('is delivered at least once and at most once for each association, when it comes on four at once', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research', 4)];
      const running = await run(site, [research]);
      const slices = await fresh(5);
      for (const slice of slices)
        expect(await Promise.all(Array.from({ length: 4 }, () => running.receive(slice)))).toEqual([0, 0, 0, 0]);
      await running.gateway.idle();
      const sent = research.taken.length;
      expect(sent).toBeGreaterThanOrEqual(5);
      expect(sent).toBeLessThanOrEqual(20);
      expect(new Set(research.taken.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(5);
      for (const slice of slices) {
        const rows = await transfers(slice);
        expect(rows.map(({ state, revision }) => [state, revision])).toEqual(rows.map(() => ['delivered', null]));
        await running.receive(slice); // one of them is at rest by now: nothing more is sent
      }
      await running.gateway.idle();
      expect(research.taken).toHaveLength(sent);
      expect(await running.gateway.status()).toMatchObject({ received: 25, waiting: 0, delivered: 25 });
      await running.stop();
    });

    it('is committed as delivered to a requestor of storage commitment', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research')];
      const running = await run(site, [research]);
      const [slice] = await fresh();
      await sendAndRest(running, slice);
      await sendAndRest(running, slice);
      const { sopInstanceUid, sopClassUid, calledAeTitle } = slice.facts;
      expect(await new PostgresCommitments(database).find(calledAeTitle, [sopInstanceUid])).toEqual([
        { sopInstanceUid, sopClassUid, state: 'delivered' },
      ]);
      await running.stop();
    });

    it('is looked up, while nothing is asked about what comes for the first time', async () => {
      const [site, research] = [await createSite(), new ScriptedDestination('research', 4)];
      const running = await run(site, [research]);
      const slices = await fresh(200);
      const [lookUps, statements] = [database.lookUps, database.statements];
      for (const slice of slices) await running.receive(slice);
      await running.gateway.idle();
      expect(research.taken).toHaveLength(200);
      expect(database.lookUps).toBe(lookUps);
      expect(database.statements - statements).toBeLessThan(200);
      for (const slice of slices.slice(0, 10)) await running.receive(slice);
      await running.gateway.idle();
      expect(database.lookUps).toBeGreaterThan(lookUps);
      expect(database.lookUps).toBeLessThanOrEqual(lookUps + 10);
      expect(research.taken).toHaveLength(200);
      await running.stop();
    });
  });
});
