// Starts a worker thread from a sibling file, from source under tsx and vitest as well as from the built program.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Run first in a silent thread. What libraries print may hold what they read; and a thread whose output somebody listens to keeps the process
 * alive while it has nothing to do (Node leaves the port of its streams referenced).
 */
const SILENCE = `for (const stream of [process.stdout, process.stderr])
  stream.write = (_, encoding, done) => {
    const told = typeof encoding === 'function' ? encoding : done;
    if (told !== undefined) process.nextTick(told);
    return true;
  };`;

/** A worker as `startWorker` makes it, of which nothing is ever printed. */
export function startSilentWorker(name: string, from: string, options: WorkerOptions = {}): Worker {
  return startWorker(name, from, { ...options, stdout: true, stderr: true }, [
    '--import',
    `data:text/javascript,${encodeURIComponent(SILENCE)}`,
  ]);
}

/**
 * A worker running the file `name` beside the caller; `name` has no extension, `from` is the caller's `import.meta.url`.
 * tsc rewrites import specifiers but not URLs, so the extension is that of the caller. A source file is loaded through tsx.
 */
export function startWorker(
  name: string,
  from: string,
  options: WorkerOptions = {},
  before: readonly string[] = [],
): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, from), { execArgv: [...before], ...options });
  // `--import tsx` leaves the threads of Node 20 without its hooks, so they are registered in the thread itself; require.resolve would name its CommonJS twin.
  const api = new URL('./dist/esm/api/index.mjs', pathToFileURL(createRequire(from).resolve('tsx/package.json')));
  const register = `data:text/javascript,import { register } from ${JSON.stringify(api.href)}; register();`;
  return new Worker(new URL(`./${name}.ts`, from), { execArgv: [...before, '--import', register], ...options });
}
