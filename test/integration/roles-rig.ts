// A gateway of many processes — listener, workers, senders — over a Postgres and a Redis of its own, to be killed, frozen and emptied at random
// while four senders send; counted afterwards.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Senders, startSink, untilTrue, type Sink } from '../support/custody-traffic.ts';
import { startPostgres, type TestServer } from '../support/postgres.ts';
import { freePort, LETHE, REPOSITORY, runLethe } from '../support/programs.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

export interface RolesResult {
  readonly acknowledged: number;
  readonly lost: number;
  /** Times that the sink got an instance again. */
  readonly duplicates: number;
  readonly damaged: number;
  readonly status: { readonly waiting: number; readonly delivered: number; readonly quarantined: number };
}

type RoleName = 'listener' | 'worker' | 'sender';

/** Which processes run. */
const PROCESSES: readonly RoleName[] = ['listener', 'worker', 'worker', 'sender', 'sender'];
const DRAIN_MS = 180_000;
const UP_MS = 60_000;

interface RoleProcess {
  readonly role: RoleName;
  child: ChildProcess | undefined;
  output: string;
}

export class RolesRig {
  readonly redis: TestRedis;
  readonly postgres: TestServer;
  readonly sink: Sink;
  readonly directory: string;
  readonly #port: number;
  readonly #processes: RoleProcess[] = PROCESSES.map((role) => ({ role, child: undefined, output: '' }));
  #senders: Senders | undefined;

  private constructor(parts: Pick<RolesRig, 'redis' | 'postgres' | 'sink' | 'directory'>, port: number) {
    this.redis = parts.redis;
    this.postgres = parts.postgres;
    this.sink = parts.sink;
    this.directory = parts.directory;
    this.#port = port;
  }

  /** Servers started, configuration written, no process of ours yet. */
  static async prepare(): Promise<RolesRig> {
    const [redis, postgres, sink, port] = await Promise.all([startRedis(), startPostgres(), startSink(), freePort()]);
    const directory = await mkdtemp(join(tmpdir(), 'lethe-roles-'));
    await mkdir(join(directory, 'data'), { mode: 0o700 });
    const configuration = [
      `dicom: { host: 127.0.0.1, port: ${port} }`,
      `data: ${join(directory, 'data')}`,
      `database: ${await postgres.createDatabase()}`,
      `queue: ${redis.url}`,
      `destinations: { research: { aeTitle: SINK, host: 127.0.0.1, port: ${sink.port} } }`,
      'routes: [{ calledAeTitle: LETHE, project: default, profile: basic, destinations: [research] }]',
      'limits: { diskReserve: 64MiB }',
      'roles: { leaseSeconds: 4 }',
    ];
    await writeFile(join(directory, 'lethe.yaml'), configuration.join('\n'));
    return new RolesRig({ redis, postgres, sink, directory }, port);
  }

  get acknowledged(): number {
    return this.#senders?.acknowledged.size ?? 0;
  }

  get processes(): number {
    return this.#processes.length;
  }

  roleOf(index: number): RoleName {
    return this.#processes[index].role;
  }

  /** Everything that our processes printed. */
  get output(): string {
    return this.#processes.map(({ output }) => output).join('');
  }

  async startAll(): Promise<void> {
    // The schema is made by whoever comes first; the others wait for it.
    await Promise.all(this.#processes.map((_, index) => this.start(index)));
    this.#senders ??= new Senders(this.#port);
  }

  /** Starts a process that is not running and waits until it runs. */
  async start(index: number): Promise<void> {
    const process_ = this.#processes[index];
    if (process_.child !== undefined) return;
    const args = [...LETHE, 'start', '--role', process_.role, '--config', join(this.directory, 'lethe.yaml')];
    const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
    process_.child = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        process_.output = (process_.output + text).slice(-200_000);
      });
    await untilTrue(() => /Lethe (?:listens|runs)/.test(said) || child.exitCode !== null, UP_MS, 20);
    if (!/Lethe (?:listens|runs)/.test(said)) throw new Error(`the ${process_.role} did not come up: ${said}`);
  }

  async kill(index: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const process_ = this.#processes[index];
    const { child } = process_;
    process_.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** Waits until so many more were acknowledged. */
  async untilAcknowledged(more: number): Promise<void> {
    const goal = this.acknowledged + more;
    await untilTrue(() => this.acknowledged >= goal, UP_MS, 10);
    if (this.acknowledged < goal)
      throw new Error(`only ${this.acknowledged} were acknowledged, not ${goal}: ${this.output}`);
  }

  /** Ends the sending, starts what is down, waits until everything is at rest, and counts. */
  async drain(): Promise<RolesResult> {
    const senders = this.#senders;
    if (senders === undefined) throw new Error('nothing was sent');
    await senders.stop();
    await this.startAll();
    const acknowledged = [...senders.acknowledged];
    await untilTrue(() => acknowledged.every((number) => this.sink.received.has(number)), DRAIN_MS);
    const status = await this.#untilAtRest();
    return {
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((number) => !this.sink.received.has(number)).length,
      duplicates: [...this.sink.received.values()].reduce((sum, { times }) => sum + times - 1, 0),
      damaged: [...this.sink.received].filter(([number, { pixels }]) => pixels !== senders.pixels.get(number)).length,
      status,
    };
  }

  /** Files that are left in the folders between the roles. */
  async leftOver(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const folder of ['shared-spool', 'clean']) {
      const names = await readdir(join(this.directory, 'data', folder), { recursive: true });
      left.push(...names.filter((name) => /^[0-9a-f]{2}\/.+/.test(name)).map((name) => `${folder}/${name}`));
    }
    return left;
  }

  /** All that Redis holds, keys and values, as it would write them to its disk. */
  async redisDump(): Promise<string> {
    await this.redis.command('SAVE');
    return readFile(join(this.redis.directory, 'dump.rdb'), 'latin1');
  }

  async close(): Promise<void> {
    for (const [index] of this.#processes.entries()) await this.kill(index);
    await this.sink.close();
    await this.redis.stop();
    await this.postgres.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #untilAtRest(): Promise<RolesResult['status']> {
    let status: RolesResult['status'] | undefined;
    await untilTrue(async () => {
      const config = join(this.directory, 'lethe.yaml');
      const { stdout, stderr, code } = await runLethe(['status', '--json', '--config', config]);
      if (code !== 0) throw new Error(`lethe status failed: ${stderr}`);
      status = JSON.parse(stdout) as RolesResult['status'];
      return status.waiting === 0;
    }, DRAIN_MS);
    if (status === undefined) throw new Error('no status');
    await sleep(100);
    return status;
  }
}
