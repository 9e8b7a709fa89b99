// Memory that is really in use: after everything that is not was collected.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** MiB of heap and of buffers outside it, and resident, after two collections. */
export async function memoryInUse(): Promise<{ heap: number; external: number; resident: number }> {
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return { heap: mib(heapUsed), external: mib(external), resident: mib(rss) };
}
