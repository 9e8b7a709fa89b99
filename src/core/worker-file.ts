// Starts a worker thread from a sibling file, from source under tsx and vitest as well as from the built program.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A worker running the file `name` beside the caller; `name` has no extension, `from` is the caller's `import.meta.url`.
 * tsc rewrites import specifiers but not URLs, so the extension is that of the caller. Source files are loaded through tsx.
 */
export function startWorker(name: string, from: string, options: WorkerOptions = {}): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, from), { execArgv: [], ...options });
  const tsx = pathToFileURL(createRequire(from).resolve('tsx')).href;
  return new Worker(new URL(`./${name}.ts`, from), { execArgv: ['--import', tsx], ...options });
}
