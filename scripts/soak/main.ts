// npx tsx scripts/soak/main.ts [--minutes 60] [--per-second 10] [--warm-up MINUTES] [--samples FILE]: RELIABILITY figure G18, as long as there is time
// for. New patients come over ten associations a second, one in twenty of which misbehaves; each minute what the gateway (`npm run build` first)
// holds is noted: memory in use after a collection, resident memory, file descriptors. Growth is told per hour, by the straight line through the
// samples behind the warm-up: until 50,000 patients came, what is remembered of each is growth too, 0.4 kB a patient. Exit code 1 when memory or
// descriptors grow, an instance of a good peer is not taken, or the gateway dies or complains.
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { GatewayProcess } from '../../test/support/custody/gateway-process.ts';
import { freePort, REPOSITORY } from '../../test/support/programs.ts';
import { writeConfiguration } from '../bench/gateway.ts';
import { Server } from '../bench/processes.ts';
import type { InUse } from './probe.ts';
import { Traffic } from './traffic.ts';

const SAMPLE_MS = 60_000;
const PROBE_MS = 2_000;
const MAX_GROWTH_MIB = 1;
/** Beyond the connections of the moment. */
const MAX_DESCRIPTORS_MORE = 2;
const COMPLAINTS = /unhandled|MaxListenersExceeded|DeprecationWarning|\(node:/i;

interface Sample {
  readonly hours: number;
  readonly inUseMib: number;
  readonly residentMib: number;
  readonly descriptors: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'per-second': { type: 'string', default: '10' },
    'warm-up': { type: 'string' },
    samples: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const warmUpHours = Number(values['warm-up'] ?? minutes / 3) / 60;

const directory = mkdtempSync(join(tmpdir(), 'lethe-soak-'));
const probeFile = join(directory, 'probe');
const logFile = join(directory, 'log');
const [port, sinkPort] = [await freePort(), await freePort()];
const sink = await Server.start(sinkPort, 'storescp', ['--ignore', '-pdu', '131072', String(sinkPort)]);
const gateway = new GatewayProcess({
  ...{ role: 'all', outputFile: logFile, upMs: 60_000 },
  program: ['--expose-gc', '--import', compileProbe(), join(REPOSITORY, 'dist/main.js')],
  configuration: writeConfiguration({ directory, port, sinkPort, isSynced: true, looksAtPixels: true }),
  environment: { LETHE_SOAK_PROBE: probeFile },
});
const startedAt = performance.now();
const samples: Sample[] = [];

function compileProbe(): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const compiled = join(directory, 'probe.mjs');
  const source = readFileSync(new URL('probe.ts', import.meta.url), 'utf8');
  writeFileSync(compiled, ts.transpileModule(source, { compilerOptions }).outputText);
  return compiled;
}

async function takeSample(): Promise<void> {
  const { pid } = gateway;
  if (pid === undefined) return;
  process.kill(pid, 'SIGUSR2');
  await sleep(PROBE_MS);
  const last = existsSync(probeFile) ? readFileSync(probeFile, 'utf8').trimEnd().split('\n').at(-1) : undefined;
  if (last === undefined) return;
  const { heap, external } = JSON.parse(last) as InUse;
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const sample = {
    hours: (performance.now() - startedAt) / 3_600_000,
    inUseMib: (heap + external) / 2 ** 20,
    residentMib: Number(resident?.[1]) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
  samples.push(sample);
  if (values.samples !== undefined) appendFileSync(values.samples, `${JSON.stringify(sample)}\n`);
}

/** Growth per hour: the slope of the straight line that is nearest to the samples (least squares). */
function growth(of: (sample: Sample) => number): number {
  const late = samples.filter(({ hours }) => hours >= warmUpHours);
  const mean = (what: (sample: Sample) => number): number =>
    late.reduce((sum, sample) => sum + what(sample), 0) / late.length;
  const [meanHours, meanValue] = [mean(({ hours }) => hours), mean(of)];
  const spread = mean(({ hours }) => (hours - meanHours) ** 2);
  return mean((sample) => (sample.hours - meanHours) * (of(sample) - meanValue)) / spread;
}

let isGood = false;
try {
  await gateway.start();
  const traffic = new Traffic(port);
  const sampling = setInterval(() => void takeSample(), SAMPLE_MS);
  await traffic.run(Number(values['per-second']), minutes * 60);
  clearInterval(sampling);
  await takeSample();
  const log = readFileSync(logFile, 'utf8');
  const complaints = log.split('\n').filter((line) => COMPLAINTS.test(line));
  const inUse = growth(({ inUseMib }) => inUseMib);
  const resident = growth(({ residentMib }) => residentMib);
  const descriptors = growth(({ descriptors: open }) => open) * (minutes / 60 - warmUpHours);
  console.log(
    JSON.stringify({ ...traffic.counts, minutes, samples: samples.length, deaths: gateway.deaths, complaints }),
  );
  console.log(`in use after a collection ${samples.at(-1)?.inUseMib.toFixed(1)} MiB, growth ${inUse.toFixed(2)} MiB/h`);
  console.log(`resident ${samples.at(-1)?.residentMib.toFixed(0)} MiB, growth ${resident.toFixed(2)} MiB/h`);
  console.log(`file descriptors ${samples.at(-1)?.descriptors}, growth behind the warm-up ${descriptors.toFixed(1)}`);
  isGood =
    gateway.deaths.length + complaints.length + Object.keys(traffic.counts.notTaken).length === 0 &&
    inUse < MAX_GROWTH_MIB &&
    descriptors <= MAX_DESCRIPTORS_MORE;
} finally {
  await gateway.end('SIGTERM');
  await sink.stop();
  rmSync(directory, { recursive: true, force: true });
}

console.log(isGood ? 'RESULT no fault' : 'RESULT a fault: see above');
process.exitCode = isGood ? 0 : 1;
