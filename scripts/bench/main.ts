// npm run bench [-- --slices N --rounds N --only a,b --without-orthanc]: Lethe beside DCMTK, GDCM and Orthanc, on the same files, in one run.
// npm run bench -- --only servers,workers,rows [--images N] [--rows N]: Lethe over Postgres and Redis beside itself without, alone, with less.
// The yardstick W is DCMTK storescu -> storescp +B -pdu 131072 with TCP_NODELAY=1 and storage on tmpfs.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printRows, printVerdicts, type Row, type Verdict } from './report.ts';
import { measureEngine } from './scenario-engine.ts';
import { measureFolder } from './scenario-folder.ts';
import { measureLatency } from './scenario-latency.ts';
import { measureMemory } from './scenario-memory.ts';
import { measurePath } from './scenario-path.ts';
import { measurePixels } from './scenario-pixels.ts';
import { measureRows } from './scenario-rows.ts';
import { measureServers } from './scenario-servers.ts';
import { measureReceive, measureSend } from './scenario-wire.ts';
import { measureWorkers } from './scenario-workers.ts';
import { writeReports, writeSlices } from './workload.ts';

const SCENARIOS = ['receive', 'send', 'folder', 'path', 'latency', 'memory', 'pixels', 'engine'] as const;
/** Only when they are named: they take Postgres and Redis, minutes, and `rows` 10 GB of disk. */
const WITH_SERVERS = ['servers', 'workers', 'rows'] as const;
const OF_SLICES = ['receive', 'send', 'folder', 'path', 'latency', 'servers', 'rows'];

const { values: options } = parseArgs({
  options: {
    slices: { type: 'string', default: '1000' },
    reports: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: SCENARIOS.join(',') },
    images: { type: 'string', default: '40' },
    rows: { type: 'string', default: '10000000' },
    'without-orthanc': { type: 'boolean', default: false },
  },
});

const wanted = new Set(options.only.split(','));
const known = new Set<string>([...SCENARIOS, ...WITH_SERVERS]);
for (const name of wanted) if (!known.has(name)) throw new Error(`--only takes ${[...known].join(', ')}`);
const rounds = Number(options.rounds);
mkdirSync('/dev/shm/lethe-bench', { recursive: true });
const memory = mkdtempSync('/dev/shm/lethe-bench/run-');
const disk = mkdtempSync(join(process.env.LETHE_BENCH_DISK ?? '/var/tmp', 'lethe-bench-'));

const rows: Row[] = [];
const verdicts: Verdict[] = [];

try {
  const context = { memory, disk, rounds, rows, verdicts };
  if (OF_SLICES.some((scenario) => wanted.has(scenario))) {
    console.log(`making ${options.slices} CT slices and ${options.reports} reports`);
    const slices = writeSlices(join(memory, 'ct'), Number(options.slices));
    const reports = writeReports(join(memory, 'sr'), Number(options.reports));
    if (wanted.has('receive')) await measureReceive(context, slices);
    if (wanted.has('send')) await measureSend(context, slices);
    if (wanted.has('folder')) await measureFolder(context, slices, reports);
    if (wanted.has('path')) await measurePath(context, slices, !options['without-orthanc']);
    if (wanted.has('latency')) await measureLatency(context, slices);
    if (wanted.has('servers')) await measureServers(context, slices);
    if (wanted.has('rows')) await measureRows(context, [{ what: 'CT', work: slices }], Number(options.rows));
  }
  if (wanted.has('memory')) await measureMemory(context);
  if (wanted.has('pixels')) await measurePixels(context);
  if (wanted.has('workers')) await measureWorkers(context, Number(options.images));
  if (wanted.has('engine')) await measureEngine(context);
  console.log();
  if (rows.length > 0) printRows(rows);
  printVerdicts(verdicts);
} finally {
  rmSync(memory, { recursive: true, force: true });
  rmSync(disk, { recursive: true, force: true });
}
