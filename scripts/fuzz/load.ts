// npx tsx scripts/fuzz/load.ts [--senders 200] [--instances 10]: the loads of RELIABILITY figures G7 and G8 at full size, against a listener of
// its own process: 200 associations that send at once; 500 idle beside 10 that work; 1,000 idle, 100 that drip and 500 half-open connections.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { echoRequest, RELEASE } from '../../test/unit/dimse/wire.ts';
import type { CrowdEnd } from './load-crowd.ts';
import { INSTANCE, Peer, REQUEST } from './load-peer.ts';
import type { ServerState } from './load-server.ts';

const ARTIM_MS = 10_000;
/** Beyond ARTIM, until the last connection has to be gone. */
const LATE_MS = 1_000;
const LONGEST_ANSWER_MS = 250;
const PAUSE_MS = 100;
const { values } = parseArgs({
  options: {
    senders: { type: 'string', default: '200' },
    instances: { type: 'string', default: '10' },
  },
});

function start(script: string, ...args: readonly number[]): ChildProcess {
  return fork(fileURLToPath(new URL(script, import.meta.url)), args.map(String), { execArgv: process.execArgv });
}

async function told(child: ChildProcess): Promise<unknown> {
  return ((await once(child, 'message')) as unknown[])[0];
}

const server = start('load-server.ts', ARTIM_MS);
const { port } = (await told(server)) as { port: number };

function stateOfServer(): Promise<ServerState> {
  server.send('state');
  return told(server) as Promise<ServerState>;
}

/** The instances that were answered. */
async function work(instances: number): Promise<number> {
  const peer = new Peer(port);
  if (!(await peer.ask(REQUEST))) return 0;
  let done = 0;
  while (done < instances && (await peer.ask(INSTANCE, 60))) done++;
  await peer.ask(RELEASE);
  peer.socket.destroy();
  return done;
}

/** Milliseconds for association, C-ECHO and release of somebody who does no harm. */
async function innocent(): Promise<number> {
  const startedAt = performance.now();
  const peer = new Peer(port);
  const isServed = (await peer.ask(REQUEST)) && (await peer.ask(echoRequest(), 60)) && (await peer.ask(RELEASE));
  peer.socket.destroy();
  return isServed ? Math.round(performance.now() - startedAt) : Infinity;
}

async function workAll(count: number, instances: number): Promise<number> {
  const done = await Promise.all(Array.from({ length: count }, () => work(instances)));
  return done.reduce((total, number) => total + number, 0);
}

await innocent();
const base = await stateOfServer();

const [senders, instances] = [Number(values.senders), Number(values.instances)];
const stored = await workAll(senders, instances);
const afterSenders = await stateOfServer();
console.log(JSON.stringify({ g7: { senders, asked: senders * instances, stored, rssMiB: afterSenders.rss >> 20 } }));

const idle = Array.from({ length: 500 }, () => new Peer(port));
await Promise.all(idle.map((peer) => peer.ask(REQUEST)));
const beside = await workAll(10, instances);
console.log(
  JSON.stringify({
    idleBeside: { idle: 500, workers: 10, asked: 10 * instances, stored: beside, innocentMs: await innocent() },
  }),
);
for (const peer of idle) peer.socket.destroy();
await sleep(PAUSE_MS);
await stateOfServer();

const crowd = start('load-crowd.ts', port, 1000, 500, 100);
const ended = told(crowd) as Promise<CrowdEnd>;
let isOver = false;
void ended.then(() => (isOver = true));
const times: number[] = [];
while (!isOver) {
  times.push(await innocent());
  await sleep(PAUSE_MS);
}
const { left, longestOpenMs } = await ended;
await sleep(500);
const end = await stateOfServer();
const slowestInnocentMs = Math.max(...times);
const descriptors = [base.descriptors, end.descriptors];
const { longestStillMs } = end;
console.log(
  JSON.stringify({
    g8: { left, longestOpenMs, innocents: times.length, slowestInnocentMs, longestStillMs, descriptors },
  }),
);
server.disconnect();
const isGood =
  stored === senders * instances &&
  beside === 10 * instances &&
  left === 0 &&
  longestOpenMs <= ARTIM_MS + LATE_MS &&
  slowestInnocentMs <= LONGEST_ANSWER_MS &&
  Math.abs(end.descriptors - base.descriptors) <= 2;
process.exitCode = isGood ? 0 : 1;
