// The listener of the load script, as a process of its own; tells its port, and its state when it is asked.
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Reception } from '../../src/pipeline/ports.ts';
import { makeListener, MemoryProvider } from '../../test/unit/dimse/wire.ts';

export interface ServerState {
  readonly descriptors: number;
  readonly rss: number;
  /** Longest time for which the event loop stood still since the question before, in milliseconds. */
  readonly longestStillMs: number;
}

/** Takes everything and keeps nothing. */
class Sink extends MemoryProvider {
  override begin(): Reception {
    return { write: () => undefined, commit: () => Promise.resolve(0), abort: () => Promise.resolve() };
  }
}

const listener = makeListener(new Sink(), {
  artimMs: Number(process.argv[2]),
  idleMs: 60_000,
  pduMs: 60_000,
  maxAssociations: 1000,
});
const { port } = await listener.listen();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', () => {
  const state: ServerState = {
    descriptors: readdirSync('/proc/self/fd').length,
    rss: process.memoryUsage().rss,
    longestStillMs: Math.round(delay.max / 1e6),
  };
  delay.reset();
  process.send?.(state);
});
process.on('disconnect', () => {
  process.exit(0);
});
process.send?.({ port });
