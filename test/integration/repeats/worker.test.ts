// What comes again where worker and sender are roles of their own: the worker asks the shared ledger, many at once in one statement.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { randomBytes } from 'node:crypto';
import type { RecordId } from '../../../src/core/brands.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { Spool } from '../../../src/pipeline/ports.ts';
import { createPrepareRecord } from '../../../src/pipeline/prepared-record.ts';
import type { WakeQueue } from '../../../src/pipeline/roles/ports.ts';
import { startWorker } from '../../../src/pipeline/roles/worker.ts';
import { routesByAeTitle } from '../../../src/pipeline/routes.ts';
import { basicProfile } from '../../../src/profile/compiled.ts';
import { openCleanCopies } from '../../../src/spool/clean-copies.ts';
import { openSharedSpool } from '../../../src/spool/shared-spool.ts';
import { PostgresClaims } from '../../../src/store/claims.ts';
import type { Database } from '../../../src/store/database.ts';
import { SharedInstances } from '../../../src/store/earlier-instances.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { untilTrue } from '../../support/custody/until.ts';
import { ctSlices, MemoryReceipts, SILENT, type Received } from '../../unit/pipeline/fixtures.ts';

/** Wakes the one worker of this process. */
class LocalWake implements WakeQueue {
  readonly isHealthy = true;
  #handler: ((recordId: RecordId) => Promise<void>) | undefined;

  enqueue(recordIds: readonly RecordId[]): void {
    for (const recordId of recordIds) void this.#handler?.(recordId);
  }

  process(handler: (recordId: RecordId) => Promise<void>): void {
    this.#handler = handler;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe.each(ADAPTERS)('a worker over a shared ledger in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('and what comes again', () => {
    let databases: TestDatabases;
    let database: Database;

    beforeAll(async () => {
      databases = await start();
      database = await databases.open();
      await migrate(database);
    });
    afterAll(() => databases.close());

    it('brings a repeat to rest without a delivery, and flags other content as a revision', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'lethe-repeats-'));
      onTestFinished(() => rm(directory, { recursive: true, force: true }));
      const spool = await openSharedSpool({
        directory: join(directory, 'spool'),
        synced: false,
        diskReserveBytes: 0,
      });
      const ledger = new PostgresLedger(database);
      const [claims, receipts, work] = [
        new PostgresClaims(database, { leaseSeconds: 60 }),
        new MemoryReceipts(),
        new LocalWake(),
      ];
      const [keys, profile] = [new ProjectKeys(randomBytes(32)), basicProfile()];
      const routes = routesByAeTitle([
        { calledAeTitle: 'LETHE', project: 'default', profile: 'basic', destinations: ['research'] },
      ]);
      const worker = startWorker({
        ...{ claims, ledger, receipts, spool, work, log: SILENT, clock: Date.now },
        deliveries: new LocalWake(),
        earlierInstances: new SharedInstances(database),
        prepareRecord: createPrepareRecord({
          ...{ spool, routes },
          deidentifier: createDeidentifier({
            subjects: { resolve: () => ({ subjectId: 'S-1', subjectName: 'S-1', shiftDays: 0 }) },
            keysFor: () => keys,
            profileOf: () => profile,
          }),
        }),
        copies: await openCleanCopies(join(directory, 'clean')),
        backoff: { firstMs: 10, maxMs: 40 },
        ...{ concurrency: 8, leaseMs: 60_000, sweepMs: 60_000 },
      });

      const receive = async (slices: readonly Received[]): Promise<RecordId[]> => {
        const ids = await Promise.all(slices.map((slice) => spooled(spool, ledger, slice)));
        await ledger.flush();
        work.enqueue(ids);
        return ids;
      };
      const rowOf = async (recordId: RecordId) =>
        (
          await database.query<{ state: string; revision: number | null; repeats: RecordId | null }>(
            'select state, revision, repeats from instance where record_id = $1',
            [recordId],
          )
        )[0];
      const until = (recordIds: readonly RecordId[], state: string): Promise<void> =>
        untilTrue(async () => {
          const states = await Promise.all(recordIds.map(async (id) => (await rowOf(id)).state));
          return states.every((each) => each === state);
        }, 30_000);
      /** As the sender would. */
      const deliver = async (recordIds: readonly RecordId[]): Promise<void> => {
        await until(recordIds, 'clean');
        for (const id of recordIds) ledger.delivery(id, 'research', { kind: 'sent', status: 0 });
        await ledger.flush();
        await claims.settle(recordIds);
      };

      const slices = await ctSlices(5, 77);
      const first = await receive(slices);
      await deliver(first);
      const again = await receive(slices);
      await until(again, 'delivered');
      for (const [index, id] of again.entries())
        expect(await rowOf(id)).toMatchObject({ repeats: first[index], revision: null });
      expect(await database.query('select from delivery where record_id = any ($1::uuid[])', [literal(again)])).toEqual(
        [],
      );
      await untilTrue(
        () =>
          spool.open(again[0]).then(
            (source) => source.close().then(() => false),
            () => true,
          ),
        30_000,
      );
      expect(receipts.receipts).toHaveLength(5);

      const bytes = Buffer.from(slices[0].bytes);
      bytes[bytes.length - 7] ^= 1;
      const changed = await receive([{ ...slices[0], bytes }]);
      await deliver(changed);
      expect(await rowOf(changed[0])).toMatchObject({ state: 'delivered', revision: 2, repeats: null });
      expect(receipts.receipts.at(-1)).toMatchObject({ record: changed[0], revision: 2 });

      await worker.stop(1_000);
      await ledger.close();
      await spool.close();
    }, 60_000);
  });
});

function literal(ids: readonly RecordId[]): string {
  return `{${ids.join(',')}}`;
}

/** Into spool and ledger, as the listener does. */
async function spooled(spool: Spool, ledger: PostgresLedger, { facts, bytes }: Received): Promise<RecordId> {
  const writer = spool.begin(facts, Date.now());
  await writer.write(bytes);
  const record = await writer.commit();
  ledger.received(record, 'default', ['research']);
  return record.recordId;
}
