// The whole path, scanner to research PACS, against W (storescu -> storescp) and against Orthanc's recipe.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startGateway } from './gateway.ts';
import { startOrthanc, STABLE_AGE_SECONDS } from './orthanc.ts';
import { freePort, Server, until, type Usage } from './processes.ts';
import { median } from './report.ts';
import { sendAll } from './scenario-wire.ts';
import { renewUids, type BenchContext, type Workload } from './workload.ts';

const DRAIN_MS = 300_000;

export async function measurePath(context: BenchContext, work: Workload, withOrthanc: boolean): Promise<void> {
  const sink = join(context.memory, 'sink');
  mkdirSync(sink);
  // One storescp for each sender: it serves one association at a time, and a gateway keeps its own open for a while.
  const startSink = async (): Promise<{ readonly port: number; readonly server: Server }> => {
    const port = await freePort();
    return { port, server: await Server.start(port, 'storescp', ['+B', '-pdu', '131072', '-od', sink, String(port)]) };
  };
  const sinks = [await startSink(), await startSink(), await startSink(), await startSink(), await startSink()];
  const sinkPort = sinks[0].port;
  const ports = [await freePort(), await freePort(), await freePort()];
  const [durable, cached, looking] = [
    await startGateway({
      directory: join(context.disk, 'durable'),
      port: ports[0],
      sinkPort: sinks[1].port,
      isSynced: true,
    }),
    await startGateway({
      directory: join(context.disk, 'cached'),
      port: ports[1],
      sinkPort: sinks[2].port,
      isSynced: false,
    }),
    await startGateway({
      directory: join(context.disk, 'looking'),
      port: ports[2],
      sinkPort: sinks[4].port,
      isSynced: true,
      looksAtPixels: true,
    }),
  ];
  const times: Record<'W' | 'durable' | 'cached' | 'looking', number[]> = {
    W: [],
    durable: [],
    cached: [],
    looking: [],
  };
  const emptied = (): void => {
    for (const name of readdirSync(sink)) rmSync(join(sink, name));
  };
  const deliver = async (port: number): Promise<number> => {
    emptied();
    renewUids(work);
    const startedAt = performance.now();
    await sendAll(port, work);
    await drained(sink, work);
    return (performance.now() - startedAt) / 1000;
  };
  try {
    for (let round = -2; round < context.rounds; round++) {
      for (const [name, key, port, server] of [
        ['whole path: W = storescu -> storescp', 'W', sinkPort, undefined],
        ['whole path: lethe, durable', 'durable', ports[0], durable],
        ['whole path: lethe, page cache', 'cached', ports[1], cached],
        ['whole path: lethe, durable, pixels looked at', 'looking', ports[2], looking],
      ] as const) {
        const before = server?.usage().cpuSeconds ?? 0;
        const wallSeconds = await deliver(port);
        const cost = server && (await costSince(before, server));
        if (round < 0) continue; // warm-up: JIT, page cache, segments
        times[key].push(wallSeconds);
        context.rows.push({ name, ...work, wallSeconds, ...cost });
      }
    }
    await deliver(ports[0]);
    emptied();
    await measureResend(context, work, ports[0], durable);
    if (readdirSync(sink).length > 0) throw new Error('what was sent again was delivered again');
  } finally {
    await durable.stop();
    await cached.stop();
    await looking.stop();
  }
  const w = median(times.W);
  for (const [what, key, limit] of [
    ['whole path, durable', 'durable', 2],
    ['whole path, page cache', 'cached', 1.35],
  ] as const) {
    const value = median(times[key]) / w;
    context.verdicts.push({ what, value, unit: 'x W', target: `<= ${limit}`, isMet: value <= limit });
  }
  try {
    if (withOrthanc) await measureOrthanc(context, work, sink, sinks[3].port, emptied, median(times.durable));
  } finally {
    for (const { server } of sinks) await server.stop();
  }
}

/** The same once more, as a scanner does that missed an answer: each slice is received and compared with what came before, none is sent on. */
async function measureResend(context: BenchContext, work: Workload, port: number, server: Server): Promise<void> {
  await server.quiet();
  const before = server.usage().cpuSeconds;
  const wallSeconds = await sendAll(port, work);
  const name = 'resend of the same slices: lethe, durable';
  context.rows.push({ name, ...work, wallSeconds, ...(await costSince(before, server)) });
}

/** What the server used since then, what it does behind the last instance included. */
async function costSince(cpuSecondsBefore: number, server: Server): Promise<Usage> {
  await server.quiet();
  const { cpuSeconds, peakMebibytes } = server.usage();
  return { cpuSeconds: cpuSeconds - cpuSecondsBefore, peakMebibytes };
}

async function measureOrthanc(
  context: BenchContext,
  work: Workload,
  sink: string,
  sinkPort: number,
  emptied: () => void,
  ours: number,
): Promise<void> {
  const port = await freePort();
  const directory = join(context.disk, 'recipe');
  mkdirSync(directory);
  const orthanc = await startOrthanc(directory, port, await freePort(), sinkPort);
  try {
    emptied();
    renewUids(work);
    const startedAt = performance.now();
    await sendAll(port, work, 'ORTHANC');
    await drained(sink, work);
    const wallSeconds = (performance.now() - startedAt) / 1000 - STABLE_AGE_SECONDS;
    context.rows.push({ name: 'whole path: Orthanc recipe', ...work, wallSeconds, ...orthanc.usage() });
    const value = wallSeconds / ours;
    context.verdicts.push({
      what: 'whole path, durable',
      value,
      unit: 'x faster than Orthanc',
      target: '>= 8',
      isMet: value >= 8,
    });
  } finally {
    await orthanc.stop();
  }
}

async function drained(sink: string, work: Workload): Promise<void> {
  if (!(await until(() => readdirSync(sink).length >= work.instances, DRAIN_MS)))
    throw new Error(`only ${readdirSync(sink).length} of ${work.instances} arrived`);
}
