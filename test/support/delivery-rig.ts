// A gateway in this process, in either composition, with scripted peers as destinations and a sender.
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunningGateway } from '../../src/cli/services.ts';
import { startGateway } from '../../src/compose.ts';
import { startRoles } from '../../src/compose-roles.ts';
import { loadConfig } from '../../src/config/load.ts';
import { newRecordId } from '../../src/core/brands.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { createDicomDestination } from '../../src/dimse/sender.ts';
import type { Log, StoreProvider } from '../../src/pipeline/ports.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { buildCtSeries } from '../../src/synthetic/clinic.ts';
import { copyCluster } from './databases.ts';
import { startPostgres } from './postgres.ts';
import { freePort } from './programs.ts';
import { startRedis } from './redis.ts';

export type Topology = 'one process' | 'a process per role';

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A receiving application whose answers the test decides; it keeps the UIDs that it took, in order. */
export interface Peer {
  readonly port: number;
  readonly taken: string[];
  attempts: number;
  /** The status of the next C-STORE-RSP. */
  answer: (sopInstanceUid: string) => number | Promise<number>;
  close(): Promise<void>;
}

export async function startPeer(port = 0): Promise<Peer> {
  const peer = {
    port: 0,
    taken: new Array<string>(),
    attempts: 0,
    answer: (): number | Promise<number> => 0,
    close: (): Promise<void> => Promise.resolve(),
  };
  const provider: StoreProvider = {
    admit: () => undefined,
    begin: ({ sopInstanceUid }) => ({
      write: () => undefined,
      commit: async () => {
        peer.attempts++;
        const status = await (peer as Peer).answer(sopInstanceUid);
        if (status === 0) peer.taken.push(sopInstanceUid);
        return status;
      },
      abort: () => Promise.resolve(),
    }),
  };
  const options = { host: '127.0.0.1', port };
  const listener = createListener(options, provider, isStorageSopClass, TRANSFER_SYNTAX_PREFERENCE, SILENT);
  peer.port = (await listener.listen()).port;
  peer.close = () => listener.close(500);
  return peer;
}

/** The way to a peer that ends, in the middle of a PDU, the first `cuts` connections after `bytes` that went to it. */
export async function startCutter(
  peer: Peer,
  cuts: number,
  bytes: number,
): Promise<{ readonly port: number; cuts: number; close(): void }> {
  const sockets = new Set<Socket>();
  const cutter = { port: 0, cuts, close: (): void => undefined };
  const server = createServer((socket) => {
    const onward = connect(peer.port, '127.0.0.1');
    for (const end of [socket, onward]) {
      sockets.add(end);
      end
        .on('error', () => undefined)
        .on('close', () => {
          socket.destroy();
          onward.destroy();
        });
    }
    let passed = 0;
    socket.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (cutter.cuts > 0 && passed > bytes) {
        cutter.cuts--;
        socket.resetAndDestroy();
      } else onward.write(chunk);
    });
    onward.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cutter.port = (server.address() as AddressInfo).port;
  cutter.close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return cutter;
}

export interface DeliveryRig {
  readonly gateway: RunningGateway;
  readonly configFile: string;
  /** Sends a series of CT slices to a called AE title, one after another over one association; resolves with their original UIDs. */
  send(calledAeTitle: string, slices: number, seed: number): Promise<string[]>;
  /** The same with Part 10 files. */
  sendFiles(calledAeTitle: string, files: readonly Buffer[]): Promise<string[]>;
  /** Ends and starts the gateway. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param destinations what stands in the configuration, by name; each called AE title goes to the destinations behind it
 * @param furtherLines of the configuration
 */
export async function startDeliveryRig(
  topology: Topology,
  destinations: Readonly<Record<string, string>>,
  routes: Readonly<Record<string, readonly string[]>>,
  furtherLines: readonly string[] = [],
  http = 'http: { port: 0 }',
): Promise<DeliveryRig> {
  const directory = await mkdtemp(join(tmpdir(), 'lethe-delivery-'));
  const data = join(directory, 'data');
  await mkdir(data, { mode: 0o700 });
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const servers: string[] = [];
  if (topology === 'one process') {
    const cluster = await copyCluster();
    await cp(cluster, join(data, 'postgres'), { recursive: true });
    await rm(dirname(cluster), { recursive: true });
  } else {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    closers.push(
      () => postgres.stop(),
      () => redis.stop(),
    );
    servers.push(`database: ${await postgres.createDatabase()}`, `queue: ${redis.url}`, 'roles: { leaseSeconds: 5 }');
  }
  const port = await freePort();
  const configFile = join(directory, 'lethe.yaml');
  const lines = [
    `dicom: { host: 127.0.0.1, port: ${port} }`,
    http,
    `data: ${data}`,
    'limits: { diskReserve: 64MiB }',
    ...servers,
    ...furtherLines,
    'destinations:',
    ...Object.entries(destinations).map(([name, text]) => `  ${name}: ${text}`),
    'routes:',
    ...Object.entries(routes).map(
      ([title, names]) => `  - { calledAeTitle: ${title}, destinations: [${names.join(', ')}] }`,
    ),
  ];
  await writeFile(configFile, lines.join('\n'));
  let gateway: RunningGateway | undefined;
  const start = async (): Promise<void> => {
    const config = loadConfig({ file: configFile, environment: {} });
    gateway = await (topology === 'one process' ? startGateway(config, SILENT) : startRoles(config, 'all', SILENT));
  };
  const stop = async (): Promise<void> => {
    await gateway?.stop();
    gateway = undefined;
  };
  await start();
  return {
    configFile,
    start,
    stop,
    get gateway() {
      if (gateway === undefined) throw new Error('the gateway does not run');
      return gateway;
    },
    async restart() {
      await stop();
      await start();
    },
    send: (calledAeTitle, slices, seed) => {
      const series = buildCtSeries({ slices, rows: 64, columns: 64, seed });
      return sendFiles(
        port,
        calledAeTitle,
        Array.from(series, ({ bytes }) => bytes),
      );
    },
    sendFiles: (calledAeTitle, files) => sendFiles(port, calledAeTitle, files),
    async close() {
      await stop();
      for (const close of closers.reverse()) await close();
    },
  };
}

async function sendFiles(port: number, aeTitle: string, files: readonly Buffer[]): Promise<string[]> {
  const scanner = createDicomDestination(
    { name: 'scanner', aeTitle, callingAeTitle: 'CT01', host: '127.0.0.1', port },
    SILENT,
  );
  const sent: string[] = [];
  try {
    for (const bytes of files) {
      const { meta, dataSetStart, transferSyntax } = await readFile10(new BufferSource(bytes));
      const [sopClassUid, sopInstanceUid] = [meta?.mediaStorageSopClassUid, meta?.mediaStorageSopInstanceUid];
      if (sopClassUid === undefined || sopInstanceUid === undefined) throw new Error('a file without meta information');
      const dataSet = bytes.subarray(dataSetStart);
      const plan = { source: new BufferSource(Buffer.alloc(0)), pieces: [dataSet], length: dataSet.length };
      const outcome = await scanner.deliver({
        ...{ recordId: newRecordId(), sopClassUid, sopInstanceUid, seriesInstanceUid: '1.2', studyInstanceUid: '1.3' },
        ...{ transferSyntaxUid: transferSyntax.uid, length: dataSet.length, alternatives: [] },
        encode: () => Promise.resolve(plan),
      });
      if (outcome.kind !== 'sent') throw new Error(`the gateway did not take an instance: ${outcome.text}`);
      sent.push(sopInstanceUid);
    }
  } finally {
    await scanner.close();
  }
  return sent;
}
