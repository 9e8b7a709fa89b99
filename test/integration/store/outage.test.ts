import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from '../../support/postgres.ts';
import { freePort } from '../../support/programs.ts';
import { cleanFacts, NO_MAPPINGS, spoolRecord } from '../../support/ledger-events.ts';

describe.skipIf(POSTGRES_PROGRAMS === undefined)('a Postgres server that fails', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('costs no transition when it is killed under load: flush waits, order is kept', { timeout: 60_000 }, async () => {
    const database = await openPostgres(await server.createDatabase());
    await migrate(database);
    const errors: unknown[] = [];
    const ledger = new PostgresLedger(database, { batchRecords: 50, onError: (error) => errors.push(error) });
    const records = Array.from({ length: 2_000 }, (_, i) => spoolRecord({ sopInstanceUid: `1.2.${i}` }));
    const down = sleep(30).then(() => server.kill());
    for (const [i, record] of records.entries()) {
      const uids = [{ original: `1.2.${i}`, replacement: `2.25.${i}` }];
      ledger.received(record, 'lung', ['research']);
      ledger.clean(record.recordId, cleanFacts({ mappings: { ...NO_MAPPINGS, uids } }));
      if (i % 20 === 0) await sleep(1);
    }
    await down;
    let isFlushed = false;
    const flushed = ledger.flush().then(() => (isFlushed = true));
    for (const record of records) {
      ledger.delivery(record.recordId, 'research', { kind: 'sent', status: 0 });
      ledger.delivered(record.recordId);
    }
    await sleep(300);
    expect(isFlushed).toBe(false);
    expect(ledger.waiting).toBeGreaterThan(0);
    await server.start();
    await flushed;
    await ledger.flush();
    expect(await ledger.counts()).toEqual({ received: 2_000, waiting: 0, delivered: 2_000, quarantined: 0 });
    expect(await ledger.destinationCounts()).toMatchObject([{ sent: 2_000 }]);
    expect(await database.query('select count(*) as count from uid_mapping')).toEqual([{ count: 2_000 }]);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: 'database-unavailable' });
    await ledger.close();
    await database.close();
  });

  it('lets a closing ledger go without waiting for it', async () => {
    const database = await openPostgres(await server.createDatabase());
    await migrate(database);
    const ledger = new PostgresLedger(database);
    await server.kill();
    ledger.received(spoolRecord(), 'lung', []);
    const flushed = ledger.flush();
    const closed = ledger.close();
    await expect(flushed).rejects.toMatchObject({ code: 'database-unavailable' });
    await closed;
    await database.close();
    await server.start();
  });

  it('is told apart: away, wrong name, wrong encoding', async () => {
    const port = await freePort();
    await expect(openPostgres(`postgres://lethe:secret@127.0.0.1:${port}/lethe`)).rejects.toMatchObject({
      code: 'database-unavailable',
      message: `The database at 127.0.0.1:${port} does not answer (ECONNREFUSED).`,
    });
    const url = await server.createDatabase();
    await expect(openPostgres(url.replace(/test_\d+$/, 'absent'))).rejects.toMatchObject({ code: 'database-refused' });
    const latin = await server.createDatabase(`encoding 'LATIN1' locale 'C' template template0`);
    await expect(openPostgres(latin)).rejects.toMatchObject({ code: 'database-refused', kind: 'config' });
  });

  it('keeps transactions whole when our own code throws inside', async () => {
    const database = await openPostgres(await server.createDatabase(), { maxConnections: 1 });
    await database.script('create table t (n bigint)');
    await expect(
      database.transaction(async (transaction) => {
        await transaction.query('insert into t values (1)');
        throw new TypeError('our own');
      }),
    ).rejects.toThrow(TypeError);
    await expect(database.query('insert into t values ($1)', ['secret'])).rejects.toMatchObject({ sqlState: '22P02' });
    await expect(database.query('insert into t values ($1)', ['secret'])).rejects.not.toThrow('secret');
    expect(await database.query('select count(*) as count from t')).toEqual([{ count: 0 }]);
    await database.close();
  });
});
