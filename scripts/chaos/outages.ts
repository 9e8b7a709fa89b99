// What can go wrong around the gateway: how it begins, how it ends, and what has to go on meanwhile.
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import type { GatewayRig, Topology } from '../../test/support/custody/gateway-rig.ts';
import type { Mood } from '../../test/support/custody/sink.ts';
import type { SmallDisk } from './small-disk.ts';

export interface Scene {
  readonly rig: GatewayRig;
  /** Undefined when none could be mounted. */
  readonly disk: SmallDisk | undefined;
  /** Holds the offset of the gateway's clock, in milliseconds. */
  readonly clockFile: string;
}

export interface Outage {
  readonly name: string;
  /** Undefined: any. */
  readonly topology?: Topology;
  /** Whether instances are acknowledged all the while. */
  readonly isReceivingOn: boolean;
  readonly needsDisk?: true;
  begin(scene: Scene): Promise<void> | void;
  end(scene: Scene): Promise<void> | void;
}

const HOUR_MS = 3_600_000;

function destination(name: string, mood: Mood): Outage {
  return {
    name: `destination ${name}`,
    isReceivingOn: true,
    begin: ({ rig }) => rig.sink.become(mood),
    end: ({ rig }) => rig.sink.become('normal'),
  };
}

function server(name: string, begin: (rig: GatewayRig) => unknown, end: (rig: GatewayRig) => unknown): Outage {
  return {
    ...{ name, topology: 'roles', isReceivingOn: true },
    begin: async ({ rig }) => {
      await begin(rig);
    },
    end: async ({ rig }) => {
      await end(rig);
    },
  };
}

/** At once: what each of them leaves open, none of the others may need. */
function together(
  name: string,
  topology: Topology,
  parts: (rig: GatewayRig) => readonly [() => unknown, () => unknown][],
): Outage {
  return {
    ...{ name, topology, isReceivingOn: true },
    begin: async ({ rig }) => {
      for (const [begin] of parts(rig)) await begin();
    },
    end: async ({ rig }) => {
      for (const [, end] of parts(rig)) await end();
    },
  };
}

/** The destination is away meanwhile, so that there is something to wait for by the clock. */
function clock(name: string, offsetMs: number): Outage {
  return {
    ...{ name: `${name}, destination away`, isReceivingOn: true },
    begin: async ({ rig, clockFile }) => {
      writeFileSync(clockFile, String(offsetMs));
      await rig.sink.become('away');
    },
    end: async ({ rig, clockFile }) => {
      writeFileSync(clockFile, '0');
      await rig.sink.become('normal');
    },
  };
}

function disk(name: string, freeBytes: number): Outage {
  return {
    ...{ name, isReceivingOn: false, needsDisk: true },
    begin: (scene) => {
      scene.disk?.fill(freeBytes);
    },
    end: (scene) => {
      scene.disk?.clear();
    },
  };
}

export const OUTAGES: readonly Outage[] = [
  destination('away', 'away'),
  server(
    'Postgres killed',
    (rig) => rig.postgres.kill(),
    (rig) => rig.postgres.start(),
  ),
  destination('swallows its answers', 'swallows-answers'),
  server(
    'Redis away',
    (rig) => rig.redis.kill(),
    (rig) => rig.redis.start(),
  ),
  disk('disk below its reserve', 32 << 20),
  destination('answers 0xA700', 'out-of-resources'),
  server(
    'Postgres frozen',
    (rig) => {
      rig.postgres.freeze();
    },
    (rig) => {
      rig.postgres.thaw();
    },
  ),
  clock('clock an hour ahead', HOUR_MS),
  destination('cuts inside data sets', 'cuts'),
  server(
    'Redis frozen',
    (rig) => {
      rig.redis.freeze();
    },
    (rig) => {
      rig.redis.thaw();
    },
  ),
  destination('never answers', 'silent'),
  server(
    'Postgres out of connections',
    (rig) => crowd(rig),
    () => disperse(),
  ),
  destination('rejects associations', 'rejects'),
  disk('disk full', 0),
  server(
    'Redis flushed',
    (rig) => rig.redis.command('FLUSHALL'),
    (rig) => rig.redis.command('FLUSHALL'),
  ),
  destination('refuses some with 0xC000', 'refuses-some'),
  clock('clock an hour behind', -HOUR_MS),
  server(
    'Redis restarted without persistence',
    async (rig) => {
      await rig.redis.kill();
      await rig.redis.start();
    },
    () => undefined,
  ),
  destination('slow', 'slow'),
  together('everything around it away', 'roles', (rig) => [
    [() => rig.redis.kill(), () => rig.redis.start()],
    [() => rig.postgres.kill(), () => rig.postgres.start()],
    [() => rig.sink.become('away'), () => rig.sink.become('normal')],
  ]),
];

let crowdOfClients: pg.Client[] = [];

/** Takes every connection that the server has, those of the gateway among them. */
async function crowd(rig: GatewayRig): Promise<void> {
  for (let isFull = false; !isFull;) {
    const client = new pg.Client({ connectionString: rig.databaseUrl, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      crowdOfClients.push(client);
    } catch {
      isFull = true;
    }
    if (crowdOfClients.length === 1)
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lethe'`);
  }
}

async function disperse(): Promise<void> {
  const clients = crowdOfClients;
  crowdOfClients = [];
  await Promise.all(clients.map((client) => client.end()));
}
