// The crowd of the load script, as a process of its own, so that what it costs does not count against those who are served: connections that say
// nothing, that stop inside their request, and that drip a byte a second. Tells when all are connected, and what became of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer, REQUEST } from './load-peer.ts';

export interface CrowdEnd {
  /** Connections that were still open at the limit. */
  readonly left: number;
  /** Longest time for which one was open. */
  readonly longestOpenMs: number;
}

const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 50;
const [port, silentCount, halfOpenCount, drippingCount] = process.argv.slice(2).map(Number);

let longestOpenMs = 0;

/** Notes for how long it was open. */
function watched(peer: Peer): Peer {
  let openedAt = performance.now();
  peer.socket.on('connect', () => (openedAt = performance.now()));
  peer.socket.on('close', () => (longestOpenMs = Math.max(longestOpenMs, performance.now() - openedAt)));
  return peer;
}

const crowd = (count: number): Peer[] => Array.from({ length: count }, () => watched(new Peer(port)));
const startedAt = performance.now();
const silent = crowd(silentCount);
const halfOpen = crowd(halfOpenCount);
const dripping = crowd(drippingCount);
for (const { socket } of halfOpen) socket.on('connect', () => socket.write(REQUEST.subarray(0, 60)));
let at = 0;
const drip = setInterval(() => {
  at++;
  for (const { socket } of dripping) if (socket.writable) socket.write(REQUEST.subarray(at, at + 1));
}, 1000);
const all = [...silent, ...halfOpen, ...dripping];
while (all.some(({ isClosed }) => !isClosed) && performance.now() - startedAt < LIMIT_MS) await sleep(LOOK_EVERY_MS);
clearInterval(drip);
const end: CrowdEnd = {
  left: all.filter(({ isClosed }) => !isClosed).length,
  longestOpenMs: Math.round(longestOpenMs),
};
process.send?.(end, () => process.exit(0));
