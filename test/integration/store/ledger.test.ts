import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRecordId, type RecordId } from '../../../src/core/brands.ts';
import { INSTANCE_STATES, type InstanceState, type Replacement } from '../../../src/pipeline/ports.ts';
import { arrayLiteral } from '../../../src/store/array-literal.ts';
import type { Database } from '../../../src/store/database.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { ADAPTERS, type TestDatabases } from '../../support/databases.ts';
import { cleanFacts, NO_MAPPINGS, recordIds, spoolRecord } from '../../support/ledger-events.ts';

/** What each event does in each state; a state not named stays. */
const EVENTS: Record<
  string,
  { apply: (ledger: PostgresLedger, id: RecordId) => void; moves: [InstanceState[], InstanceState] }
> = {
  received: {
    apply: (ledger, id) => {
      ledger.received(spoolRecord({ recordId: id }), 'lung', ['research', 'other']);
    },
    moves: [[], 'received'],
  },
  clean: {
    apply: (ledger, id) => {
      ledger.clean(id, cleanFacts());
    },
    moves: [['received', 'deidentifying', 'released'], 'clean'],
  },
  'delivery sent': {
    apply: (ledger, id) => {
      ledger.delivery(id, 'research', { kind: 'sent', status: 0 });
    },
    moves: [['received', 'deidentifying', 'released', 'clean'], 'delivering'],
  },
  'delivery retrying': {
    apply: (ledger, id) => {
      ledger.delivery(id, 'research', { kind: 'retrying', nextAttemptAt: 1_800_000_000_000, error: 'refused' });
    },
    moves: [['received', 'deidentifying', 'released', 'clean'], 'delivering'],
  },
  'delivery dead': {
    apply: (ledger, id) => {
      ledger.delivery(id, 'research', { kind: 'dead', error: 'refused' });
    },
    moves: [['received', 'deidentifying', 'released', 'clean'], 'delivering'],
  },
  delivered: {
    apply: (ledger, id) => {
      ledger.delivered(id);
    },
    moves: [['received', 'deidentifying', 'released', 'clean', 'delivering'], 'delivered'],
  },
  quarantined: {
    apply: (ledger, id) => {
      ledger.quarantined(id, 'unparsable', 'an element runs past the end');
    },
    moves: [['received', 'deidentifying', 'released', 'clean', 'delivering'], 'quarantined'],
  },
};

describe.each(ADAPTERS)('the ledger in $name', ({ isInstalled, start }) => {
  describe.skipIf(!isInstalled)('', () => {
    let databases: TestDatabases;
    let database: Database;
    let ledger: PostgresLedger;
    const errors: unknown[] = [];

    beforeAll(async () => {
      databases = await start();
      database = await databases.open();
      await migrate(database);
      ledger = new PostgresLedger(database, { onError: (error) => errors.push(error) });
    });
    afterAll(async () => {
      await ledger.close();
      await databases.close();
    });

    async function place(id: RecordId, state: InstanceState): Promise<void> {
      ledger.received(spoolRecord({ recordId: id }), 'lung', ['research']);
      await ledger.flush();
      await database.query('update instance set state = $2 where record_id = $1', [id, state]);
    }

    async function rowOf(id: RecordId): Promise<Record<string, unknown> | undefined> {
      const rows = await database.query(
        'select *, (select count(*) from delivery where delivery.record_id = instance.record_id) as deliveries from instance where record_id = $1',
        [id],
      );
      return rows.at(0);
    }

    async function deliveryOf(id: RecordId, destination = 'research'): Promise<Record<string, unknown> | undefined> {
      const rows = await database.query('select * from delivery where record_id = $1 and destination = $2', [
        id,
        destination,
      ]);
      return rows.at(0);
    }

    describe.each(Object.entries(EVENTS))('on %s', (_, { apply, moves: [leaves, target] }) => {
      it.each(INSTANCE_STATES)('in state %s moves on, or changes nothing', async (state) => {
        const id = newRecordId();
        await place(id, state);
        const before = await rowOf(id);
        apply(ledger, id);
        await ledger.flush();
        const after = await rowOf(id);
        if (leaves.includes(state)) expect(after?.state).toBe(target);
        else expect(after).toEqual(before);

        apply(ledger, id);
        await ledger.flush();
        expect(await rowOf(id)).toEqual(after);
      });
    });

    it('keeps what was told of a received instance', async () => {
      const record = spoolRecord({ length: 5 * 2 ** 32, checksum: 0xffff_ffff, calledAeTitle: 'LU"\\,{}' as never });
      ledger.received(record, 'lung', ['research', 'archive']);
      await ledger.flush();
      expect(await rowOf(record.recordId)).toMatchObject({
        record_id: record.recordId,
        state: 'received',
        length: 5 * 2 ** 32,
        checksum: 0xffff_ffff,
        called_ae_title: 'LU"\\,{}',
        received_at: new Date(record.receivedAt),
        reason: null,
        deliveries: 2,
      });
      expect(await deliveryOf(record.recordId, 'archive')).toMatchObject({ state: 'pending', attempts: 0 });
    });

    it('does not touch a delivery that was sent', async () => {
      const id = newRecordId();
      ledger.received(spoolRecord({ recordId: id }), 'lung', ['research']);
      ledger.delivery(id, 'research', { kind: 'sent', status: 0xb000 });
      await ledger.flush();
      ledger.delivery(id, 'research', { kind: 'dead', error: 'refused' });
      ledger.delivery(id, 'research', { kind: 'retrying', nextAttemptAt: 1, error: 'away' });
      await ledger.flush();
      expect(await deliveryOf(id)).toMatchObject({ state: 'sent', status: 0xb000, attempts: 1, error: null });
    });

    it('counts an attempt once, however often it is told', async () => {
      const id = newRecordId();
      const first = { kind: 'retrying', nextAttemptAt: 1_800_000_000_123, error: 'away' } as const;
      ledger.received(spoolRecord({ recordId: id }), 'lung', ['research']);
      ledger.delivery(id, 'research', first);
      ledger.delivery(id, 'research', first);
      await ledger.flush();
      ledger.delivery(id, 'research', first);
      await ledger.flush();
      expect(await deliveryOf(id)).toMatchObject({
        state: 'retrying',
        attempts: 1,
        next_attempt_at: new Date(first.nextAttemptAt),
      });
      ledger.delivery(id, 'research', { ...first, nextAttemptAt: first.nextAttemptAt + 1 });
      await ledger.flush();
      ledger.delivery(id, 'research', { kind: 'sent', status: 0 });
      await ledger.flush();
      expect(await deliveryOf(id)).toMatchObject({ state: 'sent', attempts: 3, next_attempt_at: null, error: null });
    });

    it('changes nothing for a record that it does not know', async () => {
      const id = newRecordId();
      for (const event of ['clean', 'delivery sent', 'delivered', 'quarantined']) EVENTS[event].apply(ledger, id);
      await ledger.flush();
      expect(await rowOf(id)).toBeUndefined();
      expect(await deliveryOf(id)).toBeUndefined();
      // What came before it was received is not made up for afterwards.
      EVENTS.quarantined.apply(ledger, id);
      EVENTS.received.apply(ledger, id);
      await ledger.flush();
      expect((await rowOf(id))?.state).toBe('received');
    });

    it('ends in the same rows whether events are folded into one batch or committed one by one', async () => {
      const names = Object.keys(EVENTS);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...names), { maxLength: 7 }),
          fc.boolean(),
          async (events, isKnown) => {
            const [folded, single] = recordIds(2);
            if (isKnown) {
              await place(folded, 'received');
              await place(single, 'received');
            }
            for (const event of events) EVENTS[event].apply(ledger, folded);
            await ledger.flush();
            for (const event of events) {
              EVENTS[event].apply(ledger, single);
              await ledger.flush();
            }
            const pick = async (id: RecordId): Promise<unknown> => {
              const row = await rowOf(id);
              const delivery = await deliveryOf(id);
              return (
                row && {
                  row: [row.state, row.reason, row.message, row.profile_number, row.deliveries],
                  delivery: delivery && [delivery.state, delivery.status, delivery.attempts, delivery.error],
                }
              );
            };
            expect(await pick(folded)).toEqual(await pick(single));
          },
        ),
        {
          numRuns: 40,
          examples: [[['delivery retrying', 'received', 'delivery retrying', 'delivery sent'], true]],
        },
      );
    });

    it('tells which records are at rest', async () => {
      const [waiting, delivered, quarantined, discarded, unknown] = recordIds(5);
      await place(waiting, 'delivering');
      await place(delivered, 'delivered');
      await place(quarantined, 'quarantined');
      await place(discarded, 'discarded');
      expect(await ledger.findAtRest([waiting, delivered, quarantined, discarded, unknown])).toEqual(
        new Map([
          [delivered, 'delivered'],
          [quarantined, 'quarantined'],
          [discarded, 'discarded'],
        ]),
      );
      expect(await ledger.findAtRest([])).toEqual(new Map());
    });

    it('counts by the tally what a full count finds', async () => {
      const [counted] = await database.query<{
        received: number;
        delivered: number;
        quarantined: number;
        waiting: number;
      }>(`
        select count(*) as received, count(*) filter (where state = 'delivered') as delivered,
          count(*) filter (where state = 'quarantined') as quarantined,
          count(*) filter (where state not in ('delivered', 'quarantined', 'discarded')) as waiting
        from instance`);
      expect(await ledger.counts()).toEqual(counted);
      const deliveries = await database.query(
        'select destination, state, count(*) as count from delivery group by 1, 2',
      );
      for (const counts of await ledger.destinationCounts()) {
        for (const state of ['pending', 'sent', 'retrying', 'dead'] as const) {
          const row = deliveries.find((each) => each.destination === counts.destination && each.state === state);
          expect(counts[state]).toBe(row?.count ?? 0);
        }
      }
      await database.query('delete from instance where state = $1', ['released']);
      await expect(ledger.counts()).resolves.toMatchObject({ quarantined: counted.quarantined });
    });

    it('shows the last error of a destination', async () => {
      const [id] = recordIds(1);
      ledger.received(spoolRecord({ recordId: id }), 'lung', ['late']);
      ledger.delivery(id, 'late', { kind: 'retrying', nextAttemptAt: 5, error: 'the destination did not answer' });
      await ledger.flush();
      const late = (await ledger.destinationCounts()).find((counts) => counts.destination === 'late');
      expect(late).toEqual({
        destination: 'late',
        pending: 0,
        retrying: 1,
        sent: 0,
        dead: 0,
        lastError: 'the destination did not answer',
      });
    });

    it('writes each mapping once and finds the study among the UIDs', async () => {
      const study: Replacement = { original: '1.9.1', replacement: '2.25.91' };
      const mappings = {
        uids: [{ original: '1.9.2', replacement: '2.25.92' }],
        accessions: [{ original: 'ACC "1",{}\\', replacement: 'X1' }],
        studies: [study],
      };
      for (const id of recordIds(3)) {
        ledger.received(spoolRecord({ recordId: id }), 'lung', []);
        ledger.clean(id, cleanFacts({ mappings }));
        await ledger.flush();
      }
      await new PostgresLedger(database).flush();
      const rows = await database.query(
        "select original_uid, replacement_uid from uid_mapping where original_uid like '1.9.%' order by 1",
      );
      expect(rows).toEqual([
        { original_uid: '1.9.1', replacement_uid: '2.25.91' },
        { original_uid: '1.9.2', replacement_uid: '2.25.92' },
      ]);
      expect(await database.query('select original_accession from accession_pseudonym')).toEqual([
        { original_accession: 'ACC "1",{}\\' },
      ]);
      expect(await database.query("select count(*) as count from study where original_study_uid = '1.9.1'")).toEqual([
        { count: 1 },
      ]);
    });

    it('takes values that Postgres cannot hold as they are', async () => {
      const [id] = recordIds(1);
      const long = '1.'.repeat(40_000);
      const odd = 'A\0B\uD800C';
      const mappings = {
        ...NO_MAPPINGS,
        uids: [
          { original: long, replacement: '2.25.5' },
          { original: `${long}2`, replacement: '2.25.6' },
        ],
        accessions: [{ original: odd, replacement: 'X2' }],
      };
      ledger.received(spoolRecord({ recordId: id, sopInstanceUid: long }), 'lung', []);
      ledger.clean(id, cleanFacts({ mappings }));
      ledger.quarantined(id, 'unparsable', odd);
      await ledger.flush();
      expect(await rowOf(id)).toMatchObject({ state: 'quarantined', message: 'A\uFFFDB\uFFFDC' });
      const rows = await database.query(
        "select replacement_uid from uid_mapping where replacement_uid in ('2.25.5', '2.25.6')",
      );
      expect(rows).toHaveLength(2);
    });

    it('gives up one transition that the database rejects, writes the rest, and promises nothing any more', async () => {
      const seen: unknown[] = [];
      const own = new PostgresLedger(database, { flushMs: 20, onError: (error) => seen.push(error) });
      const good = recordIds(6);
      const bad = 'not a uuid, but a secret' as RecordId;
      for (const id of [...good.slice(0, 3), bad, ...good.slice(3)])
        own.received(spoolRecord({ recordId: id }), 'lung', ['research']);
      const flushed = own.flush();
      await expect(flushed).rejects.toThrow('SQLSTATE 22P02');
      await expect(flushed).rejects.not.toThrow('secret');
      await own.close();
      await expect(own.flush()).rejects.toThrow('22P02');
      const rows = await database.query('select record_id from instance where record_id = any ($1::uuid[])', [
        arrayLiteral(good),
      ]);
      expect(rows).toHaveLength(6);
      expect(own.waiting).toBe(0);
    });

    it('writes 10,000 instances with all their transitions', { timeout: 60_000 }, async () => {
      const before = await ledger.counts();
      const started = performance.now();
      for (let i = 0; i < 10_000; i++) {
        const record = spoolRecord({ sopInstanceUid: `1.7.${i}` });
        const { recordId } = record;
        ledger.received(record, 'lung', ['research']);
        const uids = [1, 2, 3, 4].map((n) => ({ original: `1.7.${i}.${n}`, replacement: `2.25.7${i}${n}` }));
        ledger.clean(recordId, cleanFacts({ mappings: { ...NO_MAPPINGS, uids } }));
        if (i % 10 === 9) ledger.quarantined(recordId, 'residual-identifier', 'found again');
        else {
          ledger.delivery(recordId, 'research', { kind: 'sent', status: 0 });
          ledger.delivered(recordId);
        }
        if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await ledger.flush();
      console.log(`10,000 instances in ${(performance.now() - started).toFixed(0)} ms`);
      const after = await ledger.counts();
      expect(after.received - before.received).toBe(10_000);
      expect(after.delivered - before.delivered).toBe(9_000);
      expect(after.quarantined - before.quarantined).toBe(1_000);
      const uids = await database.query("select count(*) as count from uid_mapping where original_uid like '1.7.%'");
      expect(uids).toEqual([{ count: 40_000 }]);
    });

    it('never had to try anything twice', () => {
      expect(errors).toEqual([]);
    });
  });
});
