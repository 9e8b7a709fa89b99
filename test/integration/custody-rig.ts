// A gateway as a process of its own, four senders and a sink, to kill the gateway at random moments and count afterwards.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Senders, startSink, untilTrue } from '../support/custody-traffic.ts';
import { copyCluster } from '../support/databases.ts';
import { freePort, LETHE, REPOSITORY, runLethe } from '../support/programs.ts';

export interface CustodyOptions {
  /** How often the gateway is killed. */
  readonly rounds: number;
  /** Longest life of a gateway that is up, in milliseconds. */
  readonly longestLifeMs: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
}

export interface CustodyResult {
  readonly acknowledged: number;
  /** Acknowledged, yet not at the sink after everything was drained. */
  readonly lost: number;
  /** Times that the sink got an instance again. */
  readonly duplicates: number;
  /** Instances at the sink whose bytes are not those that were sent. */
  readonly damaged: number;
  /** The longest time from the start of a process until it listened. */
  readonly slowestStartMs: number;
  readonly status: { readonly waiting: number; readonly delivered: number; readonly quarantined: number };
}

const FIRST_ANSWER_MS = 10_000;
const DRAIN_MS = 120_000;
/** Runs the whole story. Rejects when the gateway does not come up or does not drain. */
export async function runCustody(options: CustodyOptions): Promise<CustodyResult> {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-custody-'));
  const sink = await startSink();
  const gateway = await Gateway.prepare(directory, sink.port);
  try {
    const senders = new Senders(gateway.port);
    for (let round = 1; round <= options.rounds; round++) {
      // Every fourth life ends while the gateway still starts, the others while instances arrive.
      const isStillborn = round % 4 === 0;
      const before = senders.acknowledged.size;
      await gateway.start(!isStillborn);
      if (!isStillborn) await untilTrue(() => senders.acknowledged.size > before, FIRST_ANSWER_MS, 5);
      await sleep(Math.random() * (isStillborn ? 1_500 : options.longestLifeMs));
      await gateway.kill();
      options.onRound?.(round, senders.acknowledged.size);
    }
    await senders.stop();
    await gateway.start(true);
    const acknowledged = [...senders.acknowledged];
    await untilTrue(() => acknowledged.every((number) => sink.received.has(number)), DRAIN_MS);
    const status = await gateway.drained(DRAIN_MS);
    await gateway.stop();
    return {
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((number) => !sink.received.has(number)).length,
      duplicates: [...sink.received.values()].reduce((sum, { times }) => sum + times - 1, 0),
      damaged: [...sink.received].filter(([number, { pixels }]) => pixels !== senders.pixels.get(number)).length,
      slowestStartMs: gateway.slowestStartMs,
      status,
    };
  } finally {
    await gateway.kill();
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The gateway's process and its data directory. */
class Gateway {
  readonly port: number;
  slowestStartMs = 0;
  readonly #directory: string;
  #child: ChildProcess | undefined;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.port = port;
  }

  static async prepare(directory: string, sinkPort: number): Promise<Gateway> {
    const port = await freePort();
    const data = join(directory, 'data');
    await mkdir(data, { mode: 0o700 });
    const cluster = await copyCluster();
    await cp(cluster, join(data, 'postgres'), { recursive: true });
    await rm(dirname(cluster), { recursive: true });
    const configuration = [
      `dicom: { host: 127.0.0.1, port: ${port} }`,
      `data: ${data}`,
      `destinations: { research: { aeTitle: SINK, host: 127.0.0.1, port: ${sinkPort} } }`,
      'routes: [{ calledAeTitle: LETHE, project: default, profile: basic, destinations: [research] }]',
      'limits: { diskReserve: 64MiB }',
    ];
    await writeFile(join(directory, 'lethe.yaml'), configuration.join('\n'));
    return new Gateway(directory, port);
  }

  async start(shallListen: boolean): Promise<void> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [...LETHE, 'start', '--config', join(this.#directory, 'lethe.yaml')], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2_000)));
    if (!shallListen) {
      child.stdout.resume();
      return;
    }
    for await (const line of createInterface(child.stdout)) {
      if (!line.includes('listens')) continue;
      this.slowestStartMs = Math.max(this.slowestStartMs, performance.now() - startedAt);
      child.stdout.resume();
      return;
    }
    throw new Error(`the gateway did not come up: ${complaints}`);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Waits until everything is at rest. */
  async drained(timeoutMs: number): Promise<CustodyResult['status']> {
    let status: CustodyResult['status'] | undefined;
    await untilTrue(async () => {
      const { stdout, stderr, code } = await runLethe([
        'status',
        '--json',
        '--config',
        join(this.#directory, 'lethe.yaml'),
      ]);
      if (code !== 0) throw new Error(`lethe status failed: ${stderr}`);
      status = JSON.parse(stdout) as CustodyResult['status'];
      return status.waiting === 0;
    }, timeoutMs);
    if (status === undefined) throw new Error('no status');
    return status;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
