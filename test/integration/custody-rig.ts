// A gateway as a process of its own, four senders and a sink, to kill the gateway at random moments and count afterwards.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { newRecordId } from '../../src/core/brands.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import type { CleanInstance, Destination, Log, StoreProvider } from '../../src/pipeline/ports.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
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

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
const SENDERS = 4;
const FIRST_ANSWER_MS = 10_000;
const DRAIN_MS = 120_000;
/** Each instance carries its number in its last pixels, which the gateway keeps as they are. */
const NUMBER_BYTES = 8;
const PIXEL_BYTES = 8 << 10;

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

interface Sink {
  readonly port: number;
  /** Number of the instance → how often it arrived, and the checksum of its pixels. */
  readonly received: ReadonlyMap<number, { readonly times: number; readonly pixels: number }>;
  close(): Promise<void>;
}

async function startSink(): Promise<Sink> {
  const received = new Map<number, { times: number; pixels: number }>();
  const provider: StoreProvider = {
    admit: () => undefined,
    begin: () => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => void chunks.push(chunk),
        commit: () => {
          const bytes = Buffer.concat(chunks);
          const number = Number(bytes.readBigUInt64LE(bytes.length - NUMBER_BYTES));
          const times = (received.get(number)?.times ?? 0) + 1;
          received.set(number, { times, pixels: pixelsOf(bytes) });
          return Promise.resolve(0);
        },
        abort: () => Promise.resolve(),
      };
    },
  };
  const listener = createListener(
    { host: '127.0.0.1', port: 0 },
    provider,
    isStorageSopClass,
    TRANSFER_SYNTAX_PREFERENCE,
    SILENT,
  );
  const { port } = await listener.listen();
  return { port, received, close: () => listener.close(1_000) };
}

/** Send without pause; each instance is sent once, whatever becomes of it, so that the sink may get it at most once. */
class Senders {
  readonly acknowledged = new Set<number>();
  /** Number of each instance that was sent → checksum of its pixels. */
  readonly pixels = new Map<number, number>();
  readonly #destinations: readonly Destination[];
  readonly #running: Promise<unknown>;
  #next = 1;
  #isStopping = false;

  constructor(port: number) {
    this.#destinations = Array.from({ length: SENDERS }, (_, i) =>
      createDicomDestination(
        { name: `sender-${i}`, aeTitle: 'LETHE', callingAeTitle: `CT0${i}`, host: '127.0.0.1', port, connectMs: 2_000 },
        SILENT,
      ),
    );
    this.#running = Promise.all(this.#destinations.map((destination, i) => this.#run(destination, i)));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    for (const destination of this.#destinations) await destination.close();
  }

  async #run(destination: Destination, seed: number): Promise<void> {
    const [template] = buildCtSeries({ slices: 1, rows: 64 + 64 * seed, columns: 128, seed: seed + 1 });
    const { dataSetStart } = await readFile10(new BufferSource(template.bytes));
    const dataSet = template.bytes.subarray(dataSetStart);
    const pixels = pixelsOf(dataSet);
    while (!this.#isStopping) {
      const number = this.#next++;
      this.pixels.set(number, pixels);
      const outcome = await destination.deliver(numbered(template, dataSet, number));
      if (outcome.kind === 'sent') this.acknowledged.add(number);
      else await sleep(20);
    }
  }
}

/** Checksum of the last pixels but for the number; each sender has other pixels. */
function pixelsOf(dataSet: Buffer): number {
  return crc32(dataSet.subarray(-PIXEL_BYTES, -NUMBER_BYTES));
}

/** The template with a SOP Instance UID of its own, and its number in the last pixels. */
function numbered(
  template: { readonly sopClassUid: string; readonly sopInstanceUid: string; readonly transferSyntaxUid: string },
  dataSet: Buffer,
  number: number,
): CleanInstance {
  const { sopClassUid, transferSyntaxUid } = template;
  const original = template.sopInstanceUid;
  const sopInstanceUid = `1.2.826.0.1.${number}.`.padEnd(original.length, '7');
  const bytes = Buffer.from(dataSet);
  for (let at = bytes.indexOf(original); at >= 0; at = bytes.indexOf(original, at + 1))
    bytes.write(sopInstanceUid, at, 'latin1');
  bytes.writeBigUInt64LE(BigInt(number), bytes.length - NUMBER_BYTES);
  const plan = { source: new BufferSource(bytes), pieces: [bytes], length: bytes.length };
  return {
    recordId: newRecordId(),
    sopClassUid,
    sopInstanceUid,
    seriesInstanceUid: '1.2.3',
    studyInstanceUid: '1.2.4',
    transferSyntaxUid,
    length: bytes.length,
    alternatives: [],
    encode: () => Promise.resolve(plan),
  };
}

async function untilTrue(isTrue: () => boolean | Promise<boolean>, timeoutMs: number, everyMs = 100): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > end) return;
    await sleep(everyMs);
  }
}
