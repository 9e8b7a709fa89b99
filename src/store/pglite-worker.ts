// Worker thread that hosts PGlite: its memory and its CPU stay off the main thread. One request at a time, in order.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-messages.ts';

if (parentPort === null) throw new Error('pglite-worker runs as a worker thread');
const port = parentPort;
const { directory } = workerData as PgliteWorkerData;

const created = !existsSync(join(directory, 'PG_VERSION'));
const database = await PGlite.create({
  dataDir: directory,
  // The default of 128 MB makes the process 110 MB larger and nothing faster: the pages are in the system's cache as well.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
  parsers: { [types.INT8]: Number },
});

function reply(message: PgliteReply): void {
  port.postMessage(message);
}

async function answer(request: PgliteRequest): Promise<void> {
  if ('close' in request) {
    // A checkpoint at close makes the next start quick: nothing is left to replay.
    await database.exec('checkpoint');
    await database.close();
    reply({ id: request.id, rows: [] });
    return;
  }
  if (request.parameters === undefined) {
    await database.exec(request.text);
    reply({ id: request.id, rows: [] });
    return;
  }
  const { rows } = await database.query<Record<string, unknown>>(request.text, [...request.parameters]);
  reply({ id: request.id, rows });
}

function failureOf(error: unknown): Extract<PgliteReply, { failure: unknown }>['failure'] {
  if (typeof error !== 'object' || error === null) return {};
  const failure: Record<string, string> = {};
  for (const field of ['code', 'severity', 'table', 'constraint']) {
    const value: unknown = Reflect.get(error, field);
    if (typeof value === 'string') failure[field] = value;
  }
  return failure;
}

let last = Promise.resolve();
port.on('message', (request: PgliteRequest) => {
  last = last
    .then(() => answer(request))
    .catch((error: unknown) => {
      reply({ id: request.id, failure: failureOf(error) });
    });
});
reply({ ready: true, created });
