// A gateway whose roles are processes of their own over a Postgres and a Redis, all on this machine: what the whole of it uses.
import { startPostgres, type TestServer } from '../../test/support/postgres.ts';
import { startRedis, type TestRedis } from '../../test/support/redis.ts';
import { writeConfiguration, type GatewayOptions } from './gateway.ts';
import { cpuSecondsOfTree, Server, type Usage } from './processes.ts';
import { LETHE } from './scenario-folder.ts';

const UP = /Lethe (?:listens|runs)/;

/** What is committed is on the disk, as it is with the embedded database; memory as a small server has it. */
const SETTINGS = ['fsync=on', 'shared_buffers=1GB', 'maintenance_work_mem=512MB', 'max_wal_size=4GB'];

/** One Postgres and one Redis for all that a scenario starts. */
export class Servers {
  readonly postgres: TestServer;
  readonly redis: TestRedis;
  #gateways = 0;

  private constructor(postgres: TestServer, redis: TestRedis) {
    this.postgres = postgres;
    this.redis = redis;
  }

  static async start(): Promise<Servers> {
    const postgres = await startPostgres(SETTINGS);
    try {
      return new Servers(postgres, await startRedis());
    } catch (error) {
      await postgres.stop();
      throw error;
    }
  }

  /** A new database, and a queue that no other gateway shares. */
  async forGateway(): Promise<{ readonly database: string; readonly queue: string }> {
    return { database: await this.postgres.createDatabase(), queue: `${this.redis.url}/${this.#gateways++}` };
  }

  get cpuSeconds(): Readonly<Record<'Postgres' | 'Redis', number>> {
    const { postgres, redis } = this;
    return { Postgres: cpuSecondsOfTree(postgres.pid ?? 0), Redis: cpuSecondsOfTree(redis.pid ?? 0) };
  }

  async stop(): Promise<void> {
    await this.redis.stop();
    await this.postgres.stop();
  }
}

export interface RolesOptions extends GatewayOptions {
  readonly servers: { readonly database: string; readonly queue: string };
  /** Each worker: the core that it is held to; undefined: any. Default: one worker on any core. */
  readonly workers?: readonly (number | undefined)[];
}

/** Listener, workers and sender of one gateway. */
export class Roles {
  readonly #servers: Servers;
  /** By role, workers with their number. */
  readonly #processes: ReadonlyMap<string, Server>;

  private constructor(servers: Servers, processes: ReadonlyMap<string, Server>) {
    this.#servers = servers;
    this.#processes = processes;
  }

  static async start(servers: Servers, options: RolesOptions): Promise<Roles> {
    const configuration = writeConfiguration(options);
    const processes = new Map<string, Server>();
    const start = async (role: string, core?: number, name = role): Promise<void> => {
      const held = core === undefined ? [] : ['taskset', '-c', String(core)];
      const [command, ...args] = [...held, process.execPath, LETHE, 'start', '--role', role, '--config', configuration];
      processes.set(name, await Server.startUntilSaid(UP, command, args));
    };
    const roles = new Roles(servers, processes);
    try {
      await start('listener'); // it brings the schema up to date, alone
      const cores = options.workers ?? [undefined];
      for (const [index, core] of cores.entries()) await start('worker', core, `worker ${index + 1}`);
      await start('sender');
    } catch (error) {
      await roles.stop();
      throw error;
    }
    return roles;
  }

  /** Of the roles and the servers together. */
  usage(): Usage {
    const parts = Object.values(this.cpuSecondsByPart());
    const processes = [...this.#processes.values()];
    return {
      cpuSeconds: parts.reduce((sum, cpuSeconds) => sum + cpuSeconds, 0),
      peakMebibytes: processes.reduce((sum, process) => sum + process.usage().peakMebibytes, 0),
    };
  }

  /** By role and server. */
  cpuSecondsByPart(): Readonly<Record<string, number>> {
    const used = Array.from(this.#processes, ([name, process]) => [name, process.usage().cpuSeconds] as const);
    return { ...Object.fromEntries(used), ...this.#servers.cpuSeconds };
  }

  /** Resolves when all of them have done what they do behind the last instance. */
  async quiet(): Promise<void> {
    for (const process of this.#processes.values()) await process.quiet();
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#processes.values(), (process) => process.stop()));
  }
}
