// Loaded before the program (`node --expose-gc --import`): at SIGUSR2 it collects what is not in use and notes what is left, as one line of JSON in the
// file that LETHE_SOAK_PROBE names. Only so can a leak of a megabyte an hour be told from a heap that grows and shrinks by a hundred.
import { appendFileSync } from 'node:fs';

/** Bytes of the main thread's heap and of buffers outside it, after a collection. */
export interface InUse {
  readonly heap: number;
  readonly external: number;
}

const file = process.env.LETHE_SOAK_PROBE;
process.on('SIGUSR2', () => {
  if (file === undefined || globalThis.gc === undefined) return;
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  const inUse: InUse = { heap: heapUsed, external };
  appendFileSync(file, `${JSON.stringify(inUse)}\n`);
});
