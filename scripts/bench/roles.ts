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

  get cpuSeconds(): number {
    const { postgres, redis } = this;
    return cpuSecondsOfTree(postgres.pid ?? 0) + cpuSecondsOfTree(redis.pid ?? 0);
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
  readonly #processes: readonly Server[];

  private constructor(servers: Servers, processes: readonly Server[]) {
    this.#servers = servers;
    this.#processes = processes;
  }

  static async start(servers: Servers, options: RolesOptions): Promise<Roles> {
    const configuration = writeConfiguration(options);
    const processes: Server[] = [];
    const start = async (role: string, core?: number): Promise<void> => {
      const held = core === undefined ? [] : ['taskset', '-c', String(core)];
      const [command, ...args] = [...held, process.execPath, LETHE, 'start', '--role', role, '--config', configuration];
      processes.push(await Server.startUntilSaid(UP, command, args));
    };
    const roles = new Roles(servers, processes);
    try {
      await start('listener'); // it brings the schema up to date, alone
      for (const core of options.workers ?? [undefined]) await start('worker', core);
      await start('sender');
    } catch (error) {
      await roles.stop();
      throw error;
    }
    return roles;
  }

  /** Of the roles and the servers together. */
  usage(): Usage {
    const usages = this.#processes.map((process) => process.usage());
    return {
      cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, this.#servers.cpuSeconds),
      peakMebibytes: usages.reduce((sum, { peakMebibytes }) => sum + peakMebibytes, 0),
    };
  }

  /** Resolves when all of them have done what they do behind the last instance. */
  async quiet(): Promise<void> {
    for (const process of this.#processes) await process.quiet();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }
}
