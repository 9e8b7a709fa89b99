// The embedded database: PGlite in a worker thread of ours. Its directory must be ours alone: hold the lock of lock.ts first.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { LetheError } from '../core/errors.ts';
import { startWorker } from '../core/worker-file.ts';
import { copyClusterTemplate } from './cluster-template.ts';
import type { Database, Parameter, Queryable, Row, TransactionOptions } from './database.ts';
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-messages.ts';
import { syncCluster, syncLog } from './pglite-sync.ts';
import { keepUp } from './pglite-upkeep.ts';
import { makeDirectory } from './directory.ts';
import { classify, sqlStateOf } from './statement-error.ts';

const WHERE = 'The embedded database';

export interface PgliteOptions {
  /** Milliseconds between two looks at what autovacuum and the checkpointer would do; default 30,000; 0 for never. */
  readonly upkeepMs?: number;
}

interface Waiting {
  resolve(rows: Row[]): void;
  reject(error: Error): void;
}

/**
 * Opens the cluster in `directory`, creating it (mode 0700) when absent: about 0.5 s, and 2 to 8 s once where no template was built.
 * PGlite syncs nothing: what it holds survives the death of the process. That of the machine survive the durable transactions, for which we sync
 * its log ourselves (pglite-sync.ts); the rest is made again from the spool.
 */
export async function openPglite(directory: string, options: PgliteOptions = {}): Promise<Database> {
  if (!existsSync(join(directory, 'PG_VERSION'))) await createCluster(directory);
  const database = new PgliteDatabase(directory);
  await database.start();
  const upkeepMs = options.upkeepMs ?? 30_000;
  if (upkeepMs > 0) database.startUpkeep(upkeepMs);
  return database;
}

/** Makes the cluster beside its place and moves it there whole: a death on the way leaves nothing half made. */
async function createCluster(directory: string): Promise<void> {
  const draft = `${directory}.new`;
  let isCopied;
  try {
    await makeDirectory(dirname(directory));
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    isCopied = await copyClusterTemplate(draft);
  } catch (error) {
    throw new LetheError('data-directory-unusable', `The embedded database cannot write ${dirname(directory)}.`, {
      cause: error,
    });
  }
  if (!isCopied) await initialiseCluster(draft);
  await syncCluster(draft);
  await rm(directory, { recursive: true, force: true });
  await rename(draft, directory);
}

/** Runs initdb in the directory, and closes what ran it: that frees the 800 MB which initdb takes. */
export async function initialiseCluster(directory: string): Promise<void> {
  const database = new PgliteDatabase(directory);
  await database.start();
  await database.close();
}

/**
 * One connection: statements and transactions run one after another, in the order of the calls. A worker that dies (out of memory, a panic of
 * the WASM module) fails what it was asked with `database-unavailable`; the next call starts another, which replays the log.
 */
class PgliteDatabase implements Database {
  readonly #directory: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;
  #upkeep: NodeJS.Timeout | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  query<T extends Row>(text: string, parameters: readonly Parameter[] = []): Promise<T[]> {
    return this.#inTurn(() => this.#run<T>(text, parameters));
  }

  async script(text: string): Promise<void> {
    await this.#inTurn(() => this.#run(text, undefined));
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.#inTurn(async () => {
      const result = await this.#transact(work);
      if (options?.isDurable === true) await syncLog(this.#directory);
      return result;
    });
  }

  /** Writes all changed pages to their files and syncs them, so that the log before it can be recycled. */
  async checkpoint(): Promise<void> {
    await this.script('checkpoint');
    await syncCluster(this.#directory);
  }
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#upkeep);
    await this.#tail;
    const worker = this.#worker;
    if (worker === undefined) return;
    try {
      await this.#send(worker, { id: this.#nextId++, close: true });
    } finally {
      await this.#discard(worker);
    }
  }

  startUpkeep(everyMs: number): void {
    let isBusy = false;
    this.#upkeep = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      // What fails now is tried again next time; a database that is away shows in the calls that need it.
      const done = (): void => {
        isBusy = false;
      };
      keepUp(this, () => this.checkpoint()).then(done, done);
    }, everyMs).unref();
  }

  /** Starts a worker and resolves when it answers. */
  async start(): Promise<void> {
    const data: PgliteWorkerData = { directory: this.#directory };
    const worker = startWorker('pglite-worker', import.meta.url, { workerData: data });
    try {
      await new Promise<void>((resolve, reject) => {
        worker.once('message', () => {
          resolve();
        });
        worker.once('error', reject);
        worker.once('exit', () => {
          reject(unavailable());
        });
      });
    } catch (error) {
      await worker.terminate();
      throw new LetheError('database-unavailable', `${WHERE} in ${this.#directory} did not start.`, { cause: error });
    }
    worker.on('message', (reply: PgliteReply) => {
      this.#settle(worker, reply);
    });
    worker.on('error', () => {
      this.#lose(worker);
    });
    worker.on('exit', () => {
      this.#lose(worker);
    });
    this.#worker = worker;
  }

  async #transact<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    await this.#run('begin', undefined);
    const worker = this.#worker;
    const run = <R extends Row>(text: string, parameters: readonly Parameter[] | undefined): Promise<R[]> => {
      // A new worker knows nothing of this transaction.
      if (worker !== this.#worker) return Promise.reject(unavailable());
      return this.#run<R>(text, parameters);
    };
    try {
      const result = await work({
        query: (text, parameters = []) => run(text, parameters),
        script: async (text) => {
          await run(text, undefined);
        },
      });
      await run('commit', undefined);
      return result;
    } catch (error) {
      await this.#rollBack(worker);
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new LetheError('shutting-down', `${WHERE} is closed.`));
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #run<T extends Row>(text: string, parameters: readonly Parameter[] | undefined): Promise<T[]> {
    if (this.#worker === undefined) await this.start();
    if (this.#worker === undefined) throw unavailable();
    // The caller names the columns of its own statement: the one place where a row gets its type.
    return (await this.#send(this.#worker, { id: this.#nextId++, text, parameters })) as T[];
  }

  #send(worker: Worker, request: PgliteRequest): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      worker.postMessage(request);
    });
  }

  #settle(worker: Worker, reply: PgliteReply): void {
    if (!('id' in reply)) return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('rows' in reply) {
      waiting?.resolve(reply.rows);
      return;
    }
    waiting?.reject(classify(reply.failure, WHERE));
    if (isFatal(reply.failure)) void this.#discard(worker);
  }

  async #rollBack(worker: Worker | undefined): Promise<void> {
    if (worker === undefined || worker !== this.#worker) return;
    try {
      await this.#run('rollback', undefined);
    } catch {
      // A connection that cannot roll back must not serve the next transaction.
      await this.#discard(worker);
    }
  }

  async #discard(worker: Worker): Promise<void> {
    this.#lose(worker);
    await worker.terminate();
  }

  #lose(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) waiting.reject(unavailable());
  }
}

/** After a PANIC, or an error that Postgres did not raise itself, the module cannot be trusted any more. */
function isFatal(failure: { readonly severity?: string }): boolean {
  return sqlStateOf(failure) === undefined || failure.severity === 'FATAL' || failure.severity === 'PANIC';
}

function unavailable(): LetheError {
  return new LetheError('database-unavailable', `${WHERE} stopped and is started again.`);
}
