// Receive alone and send alone: our upper layer against DCMTK's tools doing the same.
import { fileURLToPath } from 'node:url';
import { freePort, run, Server } from './processes.ts';
import { median } from './report.ts';
import { renewUids, type BenchContext, type Workload } from './workload.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TSX = ['--import', 'tsx'];

/** storescu into `storescp --ignore` and into our listener with nothing behind it: CPU of the receiver. */
export async function measureReceive(context: BenchContext, work: Workload): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const port = await freePort();
  const theirPort = await freePort();
  const listener = await Server.start(port, process.execPath, [...TSX, `${HERE}null-receiver.ts`, String(port)]);
  const storescp = await Server.start(theirPort, 'storescp', ['--ignore', '-pdu', '131072', String(theirPort)]);
  try {
    await sendAll(port, work); // warms the JIT
    await sendAll(theirPort, work);
    for (let round = 0; round < context.rounds; round++) {
      for (const [name, server, to, cpu] of [
        ['receive alone: storescp --ignore', storescp, theirPort, theirs],
        ['receive alone: lethe', listener, port, ours],
      ] as const) {
        renewUids(work);
        const before = server.usage().cpuSeconds;
        const wallSeconds = await sendAll(to, work);
        const { cpuSeconds, peakMebibytes } = server.usage();
        cpu.push(cpuSeconds - before);
        context.rows.push({ name, ...work, wallSeconds, cpuSeconds: cpuSeconds - before, peakMebibytes });
      }
    }
  } finally {
    await listener.stop();
    await storescp.stop();
  }
  const value = median(ours) / median(theirs);
  context.verdicts.push({
    what: 'receive, CPU',
    value,
    unit: 'x storescp --ignore',
    target: '<= 1.6',
    isMet: value <= 1.6,
  });
}

/** `storescu` and our sender into `storescp --ignore`: wall time of the whole command, warm for ours by its first association. */
export async function measureSend(context: BenchContext, work: Workload): Promise<void> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const port = await freePort();
  const storescp = await Server.start(port, 'storescp', ['--ignore', '-pdu', '131072', String(port)]);
  try {
    for (let round = 0; round < context.rounds; round++) {
      renewUids(work);
      const wallSeconds = await sendAll(port, work);
      theirs.push(wallSeconds);
      context.rows.push({ name: 'send alone: storescu', ...work, wallSeconds });
      renewUids(work);
      const sent = await run(process.execPath, [...TSX, `${HERE}send-folder.ts`, work.directory, String(port)]);
      const times = (JSON.parse(/\[.*\]/.exec(sent.output)?.[0] ?? '[]') as number[]).map(Number);
      if (times.length === 0) throw new Error(`our sender failed: ${sent.output}`);
      ours.push(times[times.length - 1]);
      context.rows.push({
        name: 'send alone: lethe',
        ...work,
        wallSeconds: times[times.length - 1],
        peakMebibytes: sent.peakMebibytes,
      });
    }
  } finally {
    await storescp.stop();
  }
  const value = median(ours) / median(theirs);
  context.verdicts.push({ what: 'send, time', value, unit: 'x storescu', target: '<= 1.2', isMet: value <= 1.2 });
}

/** Sends a folder by storescu; seconds until the last instance was acknowledged. */
export async function sendAll(port: number, work: Workload, calledAeTitle = 'LETHE'): Promise<number> {
  const sent = await run('storescu', [
    '-aec',
    calledAeTitle,
    '-pdu',
    '131072',
    '+sd',
    '127.0.0.1',
    String(port),
    work.directory,
  ]);
  if (sent.exitCode !== 0) throw new Error(`storescu failed: ${sent.output}`);
  return sent.wallSeconds;
}
