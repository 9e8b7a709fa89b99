// Resident memory of the gateway while an instance goes through: multi-frame instances of 1 and 2 GiB against one of 10 KB, each also with a
// destination that has stopped. The idle level holds the embedded database, which none of this makes larger.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildMultiframe, buildReport } from '../../src/synthetic/clinic.ts';
import { startGateway } from './gateway.ts';
import { freePort, run, Server, until } from './processes.ts';
import { sendAll } from './scenario-wire.ts';
import { writeSlices, type BenchContext } from './workload.ts';

const GIBIBYTE = 1024 ** 3;
/** De-identifying takes away less than this of an instance. */
const MAX_REMOVED_BYTES = 64 * 1024;

export async function measureMemory(context: BenchContext): Promise<void> {
  const sink = join(context.disk, 'memory-sink');
  mkdirSync(sink);
  const small = join(context.disk, 'small.dcm');
  writeFileSync(small, buildReport({ kilobytes: 8, seed: 1 }).bytes);
  const port = await freePort();
  const sinkPort = await freePort();
  const storescp = await Server.start(sinkPort, 'storescp', ['+B', '-pdu', '131072', '-od', sink, String(sinkPort)]);
  const gateway = await startGateway({ directory: join(context.disk, 'memory'), port, sinkPort, isSynced: true });
  try {
    await sleep(3000); // what start-up allocated settles
    const peakOver = async (act: () => Promise<void>): Promise<{ readonly peak: number; readonly rise: number }> => {
      const idle = residentMebibytes(gateway.pid);
      writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5'); // resets the peak
      await act();
      const peak = gateway.usage().peakMebibytes;
      return { peak, rise: peak - idle };
    };
    const judge = (what: string, value: number, unit: string, limit: number): void => {
      context.verdicts.push({ what, value, unit, target: `<= ${limit}`, isMet: value <= limit });
    };
    const deliver = async (file: string): Promise<void> => {
      await sendOne(port, file);
      await arrivedIn(sink, statSync(file).size);
      for (const name of readdirSync(sink)) rmSync(join(sink, name));
    };
    const ofSmall = await peakOver(() => deliver(small));
    judge('memory over idle, 10 KB instance', ofSmall.rise, 'MiB', 150);
    for (const gibibytes of [1, 2]) {
      const large = join(context.disk, `large-${gibibytes}.dcm`);
      writeLarge(large, gibibytes * GIBIBYTE, 2 * gibibytes);
      const ofLarge = await peakOver(() => deliver(large));
      judge(`memory over idle, ${gibibytes} GiB instance`, ofLarge.rise, 'MiB', 150);
      judge(`memory, ${gibibytes} GiB instance`, ofLarge.peak / ofSmall.peak, 'x that of 10 KB', 2);
      writeLarge(large, gibibytes * GIBIBYTE, 2 * gibibytes + 1); // the same again would be a repeat, which is not sent
      storescp.signal('SIGSTOP');
      const whileStopped = await peakOver(async () => {
        await sendOne(port, large);
        await sleep(5000);
      });
      storescp.signal('SIGCONT');
      judge(`memory over idle, ${gibibytes} GiB, destination stopped`, whileStopped.rise, 'MiB', 150);
      await arrivedIn(sink, statSync(large).size);
      for (const name of readdirSync(sink)) rmSync(join(sink, name));
      rmSync(large);
    }
    storescp.signal('SIGSTOP');
    const slices = writeSlices(join(context.memory, 'stopped'), 500);
    const ofBacklog = await peakOver(async () => {
      await sendAll(port, slices);
      await sleep(2000);
    });
    judge('memory over idle, 500 CT, destination stopped', ofBacklog.rise, 'MiB', 150);
    storescp.signal('SIGCONT');
    if (!(await until(() => readdirSync(sink).length >= 500, 300_000))) throw new Error('not delivered after the stop');
  } finally {
    storescp.signal('SIGCONT');
    await gateway.stop();
    await storescp.stop();
  }
}

async function arrivedIn(sink: string, bytes: number): Promise<void> {
  const isThere = (): boolean => readdirSync(sink).length > 0 && totalSize(sink) >= bytes - MAX_REMOVED_BYTES;
  if (!(await until(isThere, 300_000))) throw new Error('not delivered');
}

function writeLarge(path: string, length: number, seed: number): void {
  const { header, pixelBytes, fill } = buildMultiframe({ pixelBytes: length, seed });
  const descriptor = openSync(path, 'w');
  writeSync(descriptor, header);
  const chunk = Buffer.alloc(4 * 1024 * 1024);
  for (let written = 0; written < pixelBytes; written += chunk.length) {
    fill(chunk, written);
    writeSync(descriptor, chunk, 0, Math.min(chunk.length, pixelBytes - written));
  }
  closeSync(descriptor);
}

async function sendOne(port: number, file: string): Promise<void> {
  const sent = await run('storescu', ['-aec', 'LETHE', '-pdu', '131072', '127.0.0.1', String(port), file]);
  if (sent.exitCode !== 0) throw new Error(`storescu failed: ${sent.output}`);
}

function residentMebibytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return match ? Number(match[1]) / 1024 : 0;
}

function totalSize(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
