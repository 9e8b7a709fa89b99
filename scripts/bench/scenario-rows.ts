// The whole path over a Postgres whose tables hold millions of rows, beside one whose tables are empty; and looking back by every key.
import { join } from 'node:path';
import { openPostgres } from '../../src/store/postgres.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Database } from '../../src/store/database.ts';
import { findPseudonyms, type Criterion } from '../../src/store/look-ups.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { countsOf, fillTables, LARGE_TABLES, VALUE, type Counts } from './full-tables.ts';
import { freePort } from './processes.ts';
import { median } from './report.ts';
import { Roles, Servers } from './roles.ts';
import { deliver, type Delivery } from './scenario-servers.ts';
import { Sink } from './sink.ts';
import { renewUids, type BenchContext, type Workload } from './workload.ts';

const WARM_UPS = 2;
const LOOK_UPS = 100;
const FILL_TIMEOUT_MS = 3_600_000;

export async function measureRows(
  context: BenchContext,
  works: readonly { readonly what: string; readonly work: Workload }[],
  rows: number,
): Promise<void> {
  const servers = await Servers.start();
  const stops: (() => Promise<unknown>)[] = [() => servers.stop()];
  try {
    const [empty, full] = [await servers.forGateway(), await servers.forGateway()];
    const database = await openPostgres(full.database, { statementTimeoutMs: FILL_TIMEOUT_MS });
    stops.unshift(() => database.close());
    await migrate(database);
    const counts = countsOf(rows);
    const startedAt = performance.now();
    await fillTables(database, counts);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`filled with ${JSON.stringify(counts)} in ${seconds.toFixed(0)} s`);
    await measureLookUps(context, database, counts);
    const gateways = [];
    for (const [index, [name, urls]] of (
      [
        ['empty', empty],
        ['full', full],
      ] as const
    ).entries()) {
      const sink = await Sink.start(join(context.memory, `rows-sink-${index}`));
      stops.unshift(() => sink.stop());
      const port = await freePort();
      const settings = { directory: join(context.disk, `rows-${name}`), port, sinkPort: sink.port, isSynced: true };
      const roles = await Roles.start(servers, { ...settings, servers: urls });
      stops.unshift(() => roles.stop());
      gateways.push({ name, port, sink, roles });
    }
    const before = await countSequentialScans(database);
    for (const { what, work } of works) {
      const measured: Delivery[][] = [[], []];
      for (let round = -WARM_UPS; round < context.rounds; round++)
        // Each goes first in turn, so that what the machine does meanwhile falls on both.
        for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
          const { name, port, sink, roles } = gateways[index];
          renewUids(work);
          const delivery = await deliver(roles, port, sink, work);
          if (round < 0) continue;
          measured[index].push(delivery);
          context.rows.push({ name: `${what}, tables ${name}`, ...work, ...delivery });
        }
      judge(context, what, measured);
    }
    const value = (await countSequentialScans(database)) - before;
    const target = {
      what: 'rows read by scanning a large table',
      value,
      unit: 'rows',
      target: '0',
      isMet: value === 0,
    };
    context.verdicts.push(target);
  } finally {
    for (const stop of stops) await stop();
  }
}

function judge(context: BenchContext, what: string, [empty, full]: readonly Delivery[][]): void {
  const ratio = (of: (delivery: Delivery) => number): number => median(full.map(of)) / median(empty.map(of));
  const rate = 1 / ratio(({ wallSeconds }) => wallSeconds);
  context.verdicts.push({
    ...{ what: `${what}, instances/s`, value: rate, unit: 'x empty tables' },
    ...{ target: '>= 0.9', isMet: rate >= 0.9 },
  });
  const cost = ratio(({ cpuSeconds }) => cpuSeconds);
  context.verdicts.push({
    ...{ what: `${what}, CPU of roles and servers`, value: cost, unit: 'x empty tables' },
    ...{ target: '<= 1.1', isMet: cost <= 1.1 },
  });
}

/** As `lethe pseudonyms find` and the API ask: the note in the audit, then the statement. */
async function measureLookUps(context: BenchContext, database: Database, counts: Counts): Promise<void> {
  const random = createRandom(1);
  const { uids, studies, subjects } = counts;
  for (const [what, kind, expression, rows] of [
    ['patient id', 'mrn', VALUE.mrn, subjects],
    ['subject', 'subject', VALUE.subject, subjects],
    ['original UID', 'uid', VALUE.originalUid, uids],
    ['replacement UID', 'uid', VALUE.replacementUid, uids],
    ['original accession number', 'accession', VALUE.originalAccession, studies],
    ['replacement accession number', 'accession', VALUE.replacementAccession, studies],
  ] as const) {
    const times: number[] = [];
    for (let index = 0; index < LOOK_UPS; index++) {
      const row = random.between(0, rows - 1);
      const [{ value }] = await database.query<{ value: string }>(`select ${expression('$1::bigint')} as value`, [row]);
      times.push(await timeOf(database, { [kind]: value }));
    }
    const worst = Math.max(...times);
    context.verdicts.push(
      {
        what: `look-up by ${what}, median of ${LOOK_UPS}`,
        value: median(times),
        unit: 'ms',
        target: 'none',
        isMet: true,
      },
      { what: `look-up by ${what}, slowest`, value: worst, unit: 'ms', target: '< 20', isMet: worst < 20 },
    );
  }
}

/** Milliseconds. */
async function timeOf(database: Database, criterion: Criterion): Promise<number> {
  const startedAt = performance.now();
  let found = 0;
  for await (const rows of findPseudonyms(database, criterion, { reason: 'benchmark' })) found += rows.length;
  const elapsed = performance.now() - startedAt;
  if (found === 0) throw new Error('a look-up found nothing');
  return elapsed;
}

/** Rows that statements read by going through a whole table, of the large ones. */
async function countSequentialScans(database: Database): Promise<number> {
  const [{ count }] = await database.query<{ count: number }>(
    'select coalesce(sum(seq_tup_read), 0)::bigint as count from pg_stat_user_tables where relname = any ($1::text[])',
    [`{${LARGE_TABLES.join(',')}}`],
  );
  return count;
}
