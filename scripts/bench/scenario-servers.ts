// The whole path with everything embedded in one process, and with listener, worker and sender over Postgres and Redis, on this machine.
import { join } from 'node:path';
import { startGateway } from './gateway.ts';
import { freePort, type Usage } from './processes.ts';
import { median } from './report.ts';
import { Roles, Servers } from './roles.ts';
import { sendAll } from './scenario-wire.ts';
import { Sink } from './sink.ts';
import { renewUids, type BenchContext, type Workload } from './workload.ts';

/** A gateway in however many processes. */
export interface Measured {
  usage(): Usage;
  quiet(): Promise<void>;
}

export interface Delivery extends Usage {
  /** From the first byte sent until the last instance arrived. */
  readonly wallSeconds: number;
}

const WARM_UPS = 2;

/** Sends the folder through a gateway, under UIDs that nobody has seen. */
export async function deliver(gateway: Measured, port: number, sink: Sink, work: Workload): Promise<Delivery> {
  await gateway.quiet();
  sink.empty();
  const before = gateway.usage().cpuSeconds;
  const startedAt = performance.now();
  await sendAll(port, work);
  await sink.arrived(work.instances);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  await gateway.quiet();
  const { cpuSeconds, peakMebibytes } = gateway.usage();
  return { wallSeconds, cpuSeconds: cpuSeconds - before, peakMebibytes };
}

/** CPU seconds of each part between two looks. */
function spent(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(after).map(([part, cpuSeconds]) => [part, cpuSeconds - before[part]]));
}

export async function measureServers(context: BenchContext, work: Workload): Promise<void> {
  const servers = await Servers.start();
  const stops: (() => Promise<unknown>)[] = [() => servers.stop()];
  try {
    const sinks = [
      await Sink.start(join(context.memory, 'one-sink')),
      await Sink.start(join(context.memory, 'roles-sink')),
    ];
    for (const sink of sinks) stops.unshift(() => sink.stop());
    const ports = [await freePort(), await freePort()];
    const place = (index: number, directory: string) => ({
      ...{ directory: join(context.disk, directory), port: ports[index], sinkPort: sinks[index].port, isSynced: true },
    });
    const one = await startGateway(place(0, 'one'));
    stops.unshift(() => one.stop());
    const roles = await Roles.start(servers, { ...place(1, 'roles'), servers: await servers.forGateway() });
    stops.unshift(() => roles.stop());
    const times: readonly number[][] = [[], []];
    const shares: Readonly<Record<string, number>>[] = [];
    for (let round = -WARM_UPS; round < context.rounds; round++)
      for (const [index, name, gateway] of [
        [0, 'whole path: one process, embedded', one],
        [1, 'whole path: roles, Postgres and Redis', roles],
      ] as const) {
        renewUids(work);
        const before = roles.cpuSecondsByPart();
        const delivery = await deliver(gateway, ports[index], sinks[index], work);
        if (round < 0) continue;
        times[index].push(delivery.wallSeconds);
        context.rows.push({ name, ...work, ...delivery });
        if (index === 1) shares.push(spent(before, roles.cpuSecondsByPart()));
      }
    for (const part of Object.keys(shares[0])) {
      const name = `  of this: ${part}`;
      context.rows.push({ name, ...work, cpuSeconds: median(shares.map((share) => share[part])) });
    }
    const value = median(times[0]) / median(times[1]);
    const what = 'whole path with servers, instances/s';
    context.verdicts.push({ what, value, unit: 'x embedded', target: '>= 0.8', isMet: value >= 0.8 });
  } finally {
    for (const stop of stops) await stop();
  }
}
