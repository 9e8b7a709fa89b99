// A gateway between four scanners and a research PACS, to be killed, starved and cut off while they send: in one process with everything embedded,
// or listener, workers and senders over a Postgres and a Redis of their own.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Role } from '../../../src/cli/services.ts';
import { askDatabase, openStore } from '../../../src/cli/open-store.ts';
import type { Status } from '../../../src/cli/status-report.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { openSharedSpool } from '../../../src/spool/shared-spool.ts';
import { copyCluster } from '../databases.ts';
import { startPostgres, type TestServer } from '../postgres.ts';
import { freePort, LETHE } from '../programs.ts';
import { startRedis, type TestRedis } from '../redis.ts';
import { GatewayProcess } from './gateway-process.ts';
import { numberOfUid, Senders } from './senders.ts';
import { startSink, type Sink } from './sink.ts';
import { untilTrue } from './until.ts';
import { judge, type LedgerRow, type Verdict } from './verdict.ts';

export type Topology = 'one' | 'roles';

export interface RigOptions {
  readonly topology: Topology;
  readonly seed?: number;
  /** Longest pause of each sender after an instance, in milliseconds. Default 0. */
  readonly paceMs?: number;
  /** The senders also send what is unreadable, and break off. Default false. */
  readonly hasFaults?: boolean;
  /** Default info. */
  readonly logLevel?: 'info' | 'debug';
  /** Arguments for node up to the program; default: from its sources. */
  readonly program?: readonly string[];
  /** Of the processes besides ours; told the rig's directory. */
  readonly environment?: (directory: string) => Readonly<Record<string, string>>;
  /** Called once the data directory exists, before anything is in it. */
  readonly prepareData?: (directory: string) => Promise<void>;
  readonly diskReserve?: string;
  /** How often the usual times may pass before a wait is given up. Default 1. */
  readonly patience?: number;
}

const PROCESSES: Readonly<Record<Topology, readonly Role[]>> = {
  one: ['all'],
  roles: ['listener', 'worker', 'worker', 'sender', 'sender'],
};
const UP_MS = 300_000;
const PROGRESS_MS = 120_000;
const DRAIN_MS = 300_000;

export class GatewayRig {
  readonly topology: Topology;
  readonly directory: string;
  readonly sink: Sink;
  readonly processes: readonly GatewayProcess[];
  /** Of the gateway's own pages and metrics, where they are served. */
  readonly httpPort: number;
  readonly #options: RigOptions;
  readonly #servers: { readonly redis: TestRedis; readonly postgres: TestServer } | undefined;
  readonly #port: number;
  #senders: Senders | undefined;

  private constructor(
    options: RigOptions,
    parts: Pick<GatewayRig, 'directory' | 'sink' | 'httpPort'>,
    port: number,
    servers: { readonly redis: TestRedis; readonly postgres: TestServer } | undefined,
  ) {
    this.topology = options.topology;
    this.directory = parts.directory;
    this.sink = parts.sink;
    this.httpPort = parts.httpPort;
    this.#options = options;
    this.#port = port;
    this.#servers = servers;
    this.processes = PROCESSES[options.topology].map(
      (role, index) =>
        new GatewayProcess({
          role,
          program: options.program ?? LETHE,
          configuration: this.configuration,
          outputFile: join(parts.directory, `${index}-${role}.log`),
          environment: options.environment?.(parts.directory),
          upMs: UP_MS * (options.patience ?? 1),
        }),
    );
  }

  /** Servers started, configuration written, no process of ours yet. */
  static async prepare(options: RigOptions): Promise<GatewayRig> {
    const directory = await mkdtemp(join(tmpdir(), 'lethe-custody-'));
    const data = join(directory, 'data');
    await mkdir(data, { mode: 0o700 });
    await options.prepareData?.(data);
    const [port, httpPort, sink] = await Promise.all([freePort(), freePort(), startSink()]);
    const servers =
      options.topology === 'roles' ? { redis: await startRedis(), postgres: await startPostgres() } : undefined;
    const rig = new GatewayRig(options, { directory, sink, httpPort }, port, servers);
    if (servers === undefined) {
      const cluster = await copyCluster();
      await cp(cluster, join(data, 'postgres'), { recursive: true });
      await rm(dirname(cluster), { recursive: true });
    }
    await rig.#configure(await servers?.postgres.createDatabase(), servers?.redis.url);
    return rig;
  }

  get redis(): TestRedis {
    return required(this.#servers?.redis);
  }

  get postgres(): TestServer {
    return required(this.#servers?.postgres);
  }

  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  get databaseUrl(): string {
    return this.#config().database;
  }

  get configuration(): string {
    return join(this.directory, 'lethe.yaml');
  }

  get acknowledged(): number {
    return this.#senders?.acknowledged ?? 0;
  }

  get slowestStartMs(): number {
    return Math.max(...this.processes.map(({ slowestStartMs }) => slowestStartMs));
  }

  /** Ends of processes that nobody asked for. */
  get deaths(): readonly string[] {
    return this.processes.flatMap(({ deaths }) => deaths);
  }

  /** Starts what is not running, and the senders at the first time. */
  async startAll(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.start()));
    this.#senders ??= new Senders({ ...this.#options, port: this.#port });
  }

  /** Waits until so many more were acknowledged. Rejects when they are not. */
  async untilAcknowledged(more: number): Promise<void> {
    const goal = this.acknowledged + more;
    await untilTrue(() => this.acknowledged >= goal, this.#patient(PROGRESS_MS), 10);
    if (this.acknowledged >= goal) return;
    const words = this.processes.map(({ role, lastWords }) => `${role}: ${lastWords}`).join('\n');
    throw new Error(`only ${this.acknowledged} were acknowledged, not ${goal}\n${words}`);
  }

  /** Waits until so many more instances arrived at the destination. Rejects when they do not. */
  async untilDelivered(more: number): Promise<void> {
    const goal = this.sink.received + more;
    await untilTrue(() => this.sink.received >= goal, this.#patient(PROGRESS_MS), 10);
    if (this.sink.received < goal) throw new Error(`only ${this.sink.received} arrived, not ${goal}`);
  }

  /** What `lethe status` says. */
  status(): Promise<Status> {
    return askDatabase(this.#config(), 'status', undefined) as Promise<Status>;
  }

  /** Ends the sending, gives everything time to come to rest, stops the processes and counts. */
  async drain(): Promise<Verdict> {
    const senders = required(this.#senders);
    await senders.stop();
    await this.startAll();
    const isDrained = async (): Promise<boolean> =>
      (await this.status()).waiting === 0 && (await this.#hasAllRows(senders));
    await untilTrue(isDrained, this.#patient(DRAIN_MS), 500);
    await Promise.all(this.processes.map((process) => process.end('SIGTERM')));
    return judge({ sent: senders.sent, arrivals: this.sink.arrivals, ledger: await this.ledger() });
  }

  /** The rows of the ledger. While an embedded gateway runs there are none to be had. */
  async ledger(): Promise<LedgerRow[]> {
    const store = await openStore(this.#config());
    try {
      const rows = await store.database.query<{ id: string; uid: string; state: string; reason: string | null }>(
        'select record_id as id, sop_instance_uid as uid, state, reason from instance',
      );
      return rows.map(({ id, uid, state, reason }) => ({
        number: required(numberOfUid(uid)),
        recordId: id,
        state,
        reason: reason ?? undefined,
      }));
    } finally {
      await store.close();
    }
  }

  /** Records and clean copies that are left between the roles. What a listener never finished, nor acknowledged, is none. */
  async leftOver(): Promise<readonly string[]> {
    const directory = join(this.dataDirectory, 'shared-spool');
    const spool = await openSharedSpool({ directory, synced: false, diskReserveBytes: 0 });
    const left: string[] = [];
    for await (const { record } of spool.replay()) left.push(`record ${record.recordId}`);
    await spool.close();
    const names = await readdir(join(this.dataDirectory, 'clean'), { recursive: true });
    return [...left, ...names.filter((name) => name.includes('/')).map((name) => `copy ${name}`)];
  }

  /** All that Redis holds, keys and values, as it would write them to its disk. */
  async redisDump(): Promise<string> {
    await this.redis.command('SAVE');
    return readFile(join(this.redis.directory, 'dump.rdb'), 'latin1');
  }

  /** @param beforeRemoval called when no process runs any more */
  async close(beforeRemoval?: () => void): Promise<void> {
    this.#senders?.abandon();
    await Promise.all(this.processes.map((process) => process.end('SIGKILL')));
    await this.#senders?.stop();
    await this.sink.close();
    await this.#servers?.redis.stop();
    await this.#servers?.postgres.stop();
    beforeRemoval?.();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Every acknowledged instance is known to the ledger, or arrived: until then a listener still has something to tell. */
  async #hasAllRows(senders: Senders): Promise<boolean> {
    const { received } = await this.status();
    return received >= senders.acknowledged;
  }

  #patient(milliseconds: number): number {
    return milliseconds * (this.#options.patience ?? 1);
  }

  #config(): ReturnType<typeof loadConfig> {
    return loadConfig({ file: this.configuration });
  }

  async #configure(database = 'embedded', queue = 'embedded'): Promise<void> {
    const { diskReserve = '64MiB', logLevel = 'info' } = this.#options;
    const lines = [
      `dicom: { host: 127.0.0.1, port: ${this.#port} }`,
      `data: ${this.dataDirectory}`,
      `database: ${database}`,
      `queue: ${queue}`,
      'destinations:',
      `  research: { aeTitle: SINK, host: 127.0.0.1, port: ${this.sink.port}, retry: { first: 1s, longest: 4s } }`,
      'routes: [{ calledAeTitle: LETHE, project: default, profile: basic, destinations: [research] }]',
      `limits: { diskReserve: ${diskReserve} }`,
      'roles: { leaseSeconds: 4 }',
      `log: { level: ${logLevel} }`,
      ...(this.topology === 'one' ? [`http: { port: ${this.httpPort} }`] : []),
    ];
    await writeFile(this.configuration, lines.join('\n'));
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('this rig has none');
  return value;
}
