// npx tsx scripts/fuzz/load.ts [--senders 200] [--instances 10]: the loads of RELIABILITY figures G7 and G8 at full size, against a listener of
// its own process: 200 associations that send at once; 500 idle beside 10 that work; 1,000 idle, 100 that drip and 500 half-open connections.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Reception } from '../../src/pipeline/ports.ts';
import {
  CT,
  EXPLICIT,
  MemoryProvider,
  RELEASE,
  context,
  data,
  dataSet,
  echoRequest,
  makeListener,
  pdv,
  request,
  store,
} from '../../test/unit/dimse/wire.ts';

const ARTIM_MS = 10_000;
const { values } = parseArgs({
  options: {
    senders: { type: 'string', default: '200' },
    instances: { type: 'string', default: '10' },
    serve: { type: 'boolean', default: false },
  },
});

/** Takes everything and keeps nothing. */
class Sink extends MemoryProvider {
  override begin(): Reception {
    return { write: () => undefined, commit: () => Promise.resolve(0), abort: () => Promise.resolve() };
  }
}

async function serve(): Promise<void> {
  const listener = makeListener(new Sink(), {
    artimMs: ARTIM_MS,
    idleMs: 60_000,
    pduMs: 60_000,
    maxAssociations: 1000,
  });
  const { port } = await listener.listen();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  process.on('message', () => {
    process.send?.({ descriptors: descriptors(), rss: process.memoryUsage().rss, counters: listener.counters() });
  });
  process.on('disconnect', () => {
    process.exit(0);
  });
  process.send?.({ port });
}

const PIECE = data(pdv(1, 0, Buffer.alloc(65_000)));
const INSTANCE = Buffer.concat([store(), ...Array.from({ length: 8 }, () => PIECE), dataSet(Buffer.alloc(4_000))]);

class Peer {
  readonly socket: Socket;
  bytes = 0;
  isClosed = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.#wake();
    });
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  /** Sends, and resolves once at least `more` bytes came. */
  async ask(bytes: Buffer, more = 1): Promise<boolean> {
    const wanted = this.bytes + more;
    this.socket.write(bytes);
    while (this.bytes < wanted && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.bytes >= wanted;
  }
}

async function drive(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--serve'], { execArgv: process.execArgv });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const state = async (): Promise<{ descriptors: number; rss: number; counters: Record<string, number> }> => {
    child.send('state');
    const [answer] = (await once(child, 'message')) as [
      { descriptors: number; rss: number; counters: Record<string, number> },
    ];
    return answer;
  };
  const request1 = request({
    contexts: [context(1, CT, [EXPLICIT]), context(3, '1.2.840.10008.1.1', ['1.2.840.10008.1.2'])],
  });
  const work = async (instances: number): Promise<number> => {
    const peer = new Peer(port);
    if (!(await peer.ask(request1))) return 0;
    let done = 0;
    while (done < instances && (await peer.ask(INSTANCE, 60))) done++;
    await peer.ask(RELEASE);
    peer.socket.destroy();
    return done;
  };
  /** Milliseconds for association, C-ECHO and release of somebody who does no harm. */
  const innocent = async (): Promise<number> => {
    const startedAt = performance.now();
    const peer = new Peer(port);
    const isServed = (await peer.ask(request1)) && (await peer.ask(echoRequest(), 60)) && (await peer.ask(RELEASE));
    peer.socket.destroy();
    return isServed ? Math.round(performance.now() - startedAt) : Infinity;
  };
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  await innocent();
  const base = await state();

  const [senders, instances] = [Number(values.senders), Number(values.instances)];
  const stored = sum(await Promise.all(Array.from({ length: senders }, () => work(instances))));
  const afterSenders = await state();
  console.log(JSON.stringify({ g7: { senders, asked: senders * instances, stored, rssMiB: afterSenders.rss >> 20 } }));

  const idle = Array.from({ length: 500 }, () => new Peer(port));
  await Promise.all(idle.map((peer) => peer.ask(request1)));
  const beside = sum(await Promise.all(Array.from({ length: 10 }, () => work(instances))));
  console.log(
    JSON.stringify({
      idleBeside: { idle: 500, workers: 10, asked: 10 * instances, stored: beside, innocentMs: await innocent() },
    }),
  );
  for (const peer of idle) peer.socket.destroy();

  const silent = Array.from({ length: 1000 }, () => new Peer(port));
  const halfOpen = Array.from({ length: 500 }, () => new Peer(port));
  for (const { socket } of halfOpen) socket.on('connect', () => socket.write(request1.subarray(0, 60)));
  const dripping = Array.from({ length: 100 }, () => new Peer(port));
  let at = 0;
  const drip = setInterval(() => {
    at++;
    for (const { socket } of dripping) if (socket.writable) socket.write(request1.subarray(at, at + 1));
  }, 1000);
  const startedAt = performance.now();
  const times: number[] = [];
  const all = [...silent, ...halfOpen, ...dripping];
  while (all.some(({ isClosed }) => !isClosed) && performance.now() - startedAt < 30_000) {
    times.push(await innocent());
    await sleep(250);
  }
  const goneAfterMs = Math.round(performance.now() - startedAt);
  clearInterval(drip);
  await sleep(500);
  const end = await state();
  const left = all.filter(({ isClosed }) => !isClosed).length;
  const slowest = Math.max(...times);
  console.log(
    JSON.stringify({
      g8: {
        left,
        goneAfterMs,
        innocents: times.length,
        slowestInnocentMs: slowest,
        descriptors: [base.descriptors, end.descriptors],
      },
    }),
  );
  child.disconnect();
  const isGood =
    stored === senders * instances &&
    beside === 10 * instances &&
    left === 0 &&
    Math.abs(end.descriptors - base.descriptors) <= 2;
  process.exitCode = isGood ? 0 : 1;
}

await (values.serve ? serve() : drive());
