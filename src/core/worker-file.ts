// Starts a worker thread from a sibling file, from source under tsx and vitest as well as from the built program.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A worker running the file `name` beside the caller; `name` has no extension, `from` is the caller's `import.meta.url`.
 * tsc rewrites import specifiers but not URLs, so the extension is that of the caller. A source file is loaded through tsx.
 */
export function startWorker(name: string, from: string, options: WorkerOptions = {}): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, from), { execArgv: [], ...options });
  // `--import tsx` leaves the threads of Node 20 without its hooks, so they are registered in the thread itself; require.resolve would name its CommonJS twin.
  const api = new URL('./dist/esm/api/index.mjs', pathToFileURL(createRequire(from).resolve('tsx/package.json')));
  const register = `data:text/javascript,import { register } from ${JSON.stringify(api.href)}; register();`;
  return new Worker(new URL(`./${name}.ts`, from), { execArgv: ['--import', register], ...options });
}
