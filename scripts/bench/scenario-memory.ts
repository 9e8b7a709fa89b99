// Resident memory of the gateway over its idle level: a 1 GiB multi-frame instance against a 10 KB one, and with a destination that has stopped.
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildMultiframe, buildReport } from '../../src/synthetic/clinic.ts';
import { startGateway } from './gateway.ts';
import { freePort, run, Server, until } from './processes.ts';
import { sendAll } from './scenario-wire.ts';
import { writeSlices, type BenchContext } from './workload.ts';

const GIBIBYTE = 1024 ** 3;

export async function measureMemory(context: BenchContext): Promise<void> {
  const sink = join(context.disk, 'memory-sink');
  mkdirSync(sink);
  const small = join(context.disk, 'small.dcm');
  writeFileSync(small, buildReport({ kilobytes: 8, seed: 1 }).bytes);
  const large = join(context.disk, 'large.dcm');
  writeLarge(large);
  const port = await freePort();
  const sinkPort = await freePort();
  const storescp = await Server.start(sinkPort, 'storescp', ['+B', '-pdu', '131072', '-od', sink, String(sinkPort)]);
  const gateway = await startGateway({ directory: join(context.disk, 'memory'), port, sinkPort, isSynced: true });
  try {
    await sleep(3000); // what start-up allocated settles
    const rise = async (what: string, act: () => Promise<void>): Promise<number> => {
      const idle = residentMebibytes(gateway.pid);
      writeFileSync(`/proc/${gateway.pid}/clear_refs`, '5'); // resets the peak
      await act();
      const value = gateway.usage().peakMebibytes - idle;
      context.verdicts.push({
        what: `memory over idle, ${what}`,
        value,
        unit: 'MiB',
        target: '<= 150',
        isMet: value <= 150,
      });
      return value;
    };
    const deliver = async (file: string, count: number): Promise<void> => {
      await sendOne(port, file);
      if (!(await until(() => readdirSync(sink).length >= count, 300_000))) throw new Error('not delivered');
      const size = statSync(file).size;
      await until(() => totalSize(sink) >= size * 0.99, 300_000);
    };
    await rise('10 KB instance', () => deliver(small, 1));
    await rise('1 GiB instance', () => deliver(large, 2));
    storescp.signal('SIGSTOP');
    const slices = writeSlices(join(context.memory, 'stopped'), 500);
    await rise('500 CT, destination stopped', async () => {
      await sendAll(port, slices);
      await sleep(2000);
    });
    storescp.signal('SIGCONT');
    if (!(await until(() => readdirSync(sink).length >= 502, 300_000))) throw new Error('not delivered after the stop');
  } finally {
    storescp.signal('SIGCONT');
    await gateway.stop();
    await storescp.stop();
  }
}

function writeLarge(path: string): void {
  const { header, pixelBytes, fill } = buildMultiframe({ pixelBytes: GIBIBYTE, seed: 1 });
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
