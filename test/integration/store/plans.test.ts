// The statements that every instance and every look-up costs, as Postgres would carry them out: by an index, whatever the number of rows. Where
// sequential scans are forbidden, one that is left has no index; an index that is gone through without a condition is one of what is unfinished.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countsOf, fillTables, LARGE_TABLES, VALUE } from '../../../scripts/bench/full-tables.ts';
import { newRecordId } from '../../../src/core/brands.ts';
import type { RecordId } from '../../../src/core/brands.ts';
import { PostgresClaims } from '../../../src/store/claims.ts';
import type { Database, Parameter, Queryable, Row } from '../../../src/store/database.ts';
import { SharedInstances } from '../../../src/store/earlier-instances.ts';
import { RememberedIdentifiers } from '../../../src/store/known-identifiers.ts';
import { PostgresLedger } from '../../../src/store/ledger.ts';
import { findPseudonyms } from '../../../src/store/look-ups.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { openProjectKeys } from '../../../src/store/project-keys.ts';
import { discardQuarantined, findQuarantined, releaseQuarantined } from '../../../src/store/quarantine-decisions.ts';
import { PostgresSubjects } from '../../../src/store/subjects.ts';
import { cleanFacts, recordIds, spoolRecord } from '../../support/ledger-events.ts';
import { POSTGRES_PROGRAMS, startPostgres, type TestServer } from '../../support/postgres.ts';

const UIDS = 50_000;
const TIMEOUT_MS = 120_000;
const ASKER = { reason: 'test', actor: 'test' };
/** Of these a statement that says how much it wants may go through all: they hold what is unfinished, a backlog at most. */
const UNFINISHED = new Set(['instance_to_work', 'instance_unfinished', 'delivery_due', 'delivery_troubled']);

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
}

/** Keeps each statement with the parameters that it came with last. */
class Recorder implements Database {
  readonly statements = new Map<string, readonly Parameter[]>();
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  query<T extends Row>(text: string, parameters: readonly Parameter[] = []): Promise<T[]> {
    return this.#queryOn<T>(this.#database, text, parameters);
  }

  script(text: string): Promise<void> {
    return this.#database.script(text);
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#database.transaction((transaction) =>
      work({
        query: (text, parameters = []) => this.#queryOn(transaction, text, parameters),
        script: (text) => transaction.script(text),
      }),
    );
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #queryOn<T extends Row>(queryable: Queryable, text: string, parameters: readonly Parameter[]): Promise<T[]> {
    this.statements.set(text, parameters);
    return queryable.query<T>(text, parameters);
  }
}

describe.skipIf(POSTGRES_PROGRAMS === undefined)('over tables of a gateway that has run for long', () => {
  let server: TestServer;
  let database: Database;
  let directory: string;
  let recorder: Recorder;
  let ledger: PostgresLedger;

  beforeAll(async () => {
    server = await startPostgres();
    directory = await mkdtemp(join(tmpdir(), 'lethe-plans-'));
    database = await openPostgres(await server.createDatabase());
    await migrate(database);
    await fillTables(database, countsOf(UIDS));
    recorder = new Recorder(database);
    ledger = new PostgresLedger(recorder);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await ledger.close();
    await database.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** What is not by an index, in words; empty where all is. */
  async function faultsOf(text: string, parameters: readonly Parameter[]): Promise<string[]> {
    const [row] = await database.transaction(async (transaction) => {
      await transaction.script('set local enable_seqscan = off');
      return transaction.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
        `explain (format json) ${text}`,
        parameters,
      );
    });
    return faultsIn(row['QUERY PLAN'][0].Plan, /\blimit\b/.test(text) ? UNFINISHED : new Set());
  }

  function faultsIn(plan: Plan, mayBeRead: ReadonlySet<string>, relation = plan['Relation Name']): string[] {
    const { 'Node Type': type, 'Index Name': index, 'Index Cond': condition, Plans: below = [] } = plan;
    const faults = below.flatMap((child) => faultsIn(child, mayBeRead, child['Relation Name'] ?? relation));
    const isLarge = (LARGE_TABLES as readonly (string | undefined)[]).includes(relation);
    if (type === 'Seq Scan' && isLarge) faults.push(`all of ${String(relation)} is read`);
    // The number of the project alone tells nothing apart.
    const columns = [...(condition ?? '').matchAll(/(\w+) [=<>]/g)].map(([, column]) => column);
    const isByValue = columns.some((column) => column !== 'project_number');
    if (index !== undefined && isLarge && !isByValue && !mayBeRead.has(index)) faults.push(`all of ${index} is read`);
    return faults;
  }

  async function expectIndexes(work: () => Promise<unknown>): Promise<void> {
    recorder.statements.clear();
    await work();
    const ofTables = [...recorder.statements].filter(([text]) => LARGE_TABLES.some((table) => text.includes(table)));
    expect(ofTables.length).toBeGreaterThan(0);
    for (const [text, parameters] of ofTables) {
      if (/^\s*set /.test(text)) continue;
      expect(await faultsOf(text, parameters), text).toEqual([]);
    }
  }

  async function received(count: number): Promise<RecordId[]> {
    const ids = recordIds(count);
    for (const recordId of ids) ledger.received(spoolRecord({ recordId }), 'default', ['research', 'archive']);
    await ledger.flush();
    return ids;
  }

  it('an instance goes its way by indexes alone', { timeout: TIMEOUT_MS }, async () => {
    const claims = new PostgresClaims(recorder, { leaseSeconds: 60, orderedDestinations: ['archive'] });
    await expectIndexes(async () => {
      const ids = await received(6);
      await claims.claimWork(10);
      await claims.renewWork(ids);
      await new SharedInstances(recorder).find({
        recordId: ids[0],
        project: 'default',
        sopInstanceUid: '1.2',
        receivedAt: 1,
      });
      await claims.noteSeries(ids, ['1.3', '1.3', '1.3', '1.3', '1.3', '1.3']);
      for (const id of ids.slice(0, 4)) ledger.clean(id, cleanFacts());
      ledger.quarantined(ids[4], 'unparsable', 'no');
      ledger.clean(ids[5], cleanFacts());
      ledger.repeated(ids[5], newRecordId(), 'a repeat');
      await ledger.flush();
      await claims.openDeliveries(ids);
      for (const destination of ['research', 'archive']) {
        await claims.claimDeliveries(destination, 10);
        await claims.renewDeliveries(destination, ids);
        await claims.postponeDeliveries(destination, ids.slice(0, 1), 1_000);
        ledger.delivery(ids[1], destination, { kind: 'sent', status: 0 });
      }
      ledger.delivery(ids[2], 'research', { kind: 'retrying', nextAttemptAt: Date.now(), error: 'later' });
      await ledger.flush();
      await claims.settle(ids);
      await claims.giveBackWork([ids[3]]);
      await ledger.findAtRest(ids);
      await ledger.findReleased(ids);
      await claims.findUnknown(ids);
    });
  });

  it('what others left is looked for among what is unfinished', { timeout: TIMEOUT_MS }, async () => {
    const claims = new PostgresClaims(recorder, { leaseSeconds: 60 });
    await received(3);
    await expectIndexes(async () => {
      await claims.openForgottenDeliveries();
      await claims.findUnsettled();
    });
  });

  it('a patient is found by indexes alone, known or new', { timeout: TIMEOUT_MS }, async () => {
    const identity = { patientId: 'NEW', issuer: '', name: 'NEW', birthDate: '' };
    const policy = { idTemplate: 'N-{hash:8}', nameTemplate: '{id}', maxShiftDays: 0 };
    const keyFiles = openProjectKeys(join(directory, `keys-${randomBytes(4).toString('hex')}`));
    await expectIndexes(async () => {
      const subject = await new PostgresSubjects(recorder, keyFiles).resolve('default', identity, policy);
      await new RememberedIdentifiers(recorder).of('default', subject);
    });
  });

  it.each([
    ['mrn', VALUE.mrn],
    ['subject', VALUE.subject],
    ['uid', VALUE.originalUid],
    ['uid', VALUE.replacementUid],
    ['accession', VALUE.originalAccession],
    ['accession', VALUE.replacementAccession],
  ] as const)('who became whom is found by indexes alone: %s', async (kind, expression) => {
    const [{ value }] = await database.query<{ value: string }>(`select ${expression('7')} as value`);
    await expectIndexes(async () => {
      const found = [];
      for await (const rows of findPseudonyms(recorder, { [kind]: value }, ASKER)) found.push(...rows);
      expect(found).toHaveLength(1);
    });
  });

  it('a person decides on the quarantine by indexes alone', { timeout: TIMEOUT_MS }, async () => {
    const ids = await received(2);
    for (const id of ids) ledger.quarantined(id, 'unparsable', 'no');
    await ledger.flush();
    const routes = [{ calledAeTitle: 'LETHE', destinations: ['research'] }];
    await expectIndexes(async () => {
      await findQuarantined(recorder, ids[0]);
      await releaseQuarantined(recorder, ids.slice(0, 1), routes, ASKER);
      await discardQuarantined(recorder, ids.slice(1), ASKER);
    });
  });
});
