// One process owns a data directory. The lock is a listening unix socket, which dies with its process however it dies.
import { randomBytes } from 'node:crypto';
import { link, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { makeDirectory } from './directory.ts';
import { withSocketPath } from '../core/socket-path.ts';

const NAME = /^lock-(\d+)\.sock$/;
const DRAFT = /^lock-draft-[0-9a-f]+\.sock$/;

/** How long the owner may take to tell its process id; that it listens is known at once. */
const ANSWER_MS = 1_000;
const MAX_TRIES = 20;

export interface DataDirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a data directory, which is created with mode 0700 when absent. Rejects with `data-directory-locked` (within 2 s, naming
 * directory and process) while another process has it, `data-directory-unusable` when it cannot be written.
 *
 * A socket file stays behind when its process is killed, and removing a stale one races with the next owner taking it. So owners are numbered:
 * `lock-7.sock` may be followed by `lock-8.sock` only once nobody listens at 7. Our socket listens under a draft name before it gets
 * that number by a hard link, which exactly one process can make. Only an owner removes lower numbers, and who then links a number below
 * the highest sees the higher one and stands back; the highest is never removed. The socket is found through the file system, so the lock also
 * holds between containers of one machine. It does not hold between machines that share a network file system.
 */
export async function lockDataDirectory(directory: string): Promise<DataDirectoryLock> {
  await prepare(directory);
  const draft = `lock-draft-${randomBytes(8).toString('hex')}.sock`;
  let server: Server;
  try {
    server = await withSocketPath(directory, draft, listen);
  } catch (error) {
    throw unusable(directory, error);
  }
  try {
    const number = await takeNumber(directory, draft);
    await removeOthers(directory, number);
  } catch (error) {
    await close(server);
    if (error instanceof LetheError) throw error;
    throw unusable(directory, error);
  } finally {
    await rm(join(directory, draft), { force: true });
  }
  // The socket file stays: a closed socket is a free lock, and its number must not be given out again.
  return { release: () => close(server) };
}

async function prepare(directory: string): Promise<void> {
  try {
    await makeDirectory(directory);
    await readdir(directory);
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** Links the draft to the number after the highest, once nobody listens at that. */
async function takeNumber(directory: string, draft: string): Promise<number> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const highest = await highestNumber(directory);
    if (highest > 0) {
      const owner = await askOwner(directory, nameOf(highest));
      if (owner !== undefined)
        throw new LetheError(
          'data-directory-locked',
          `The data directory ${directory} is in use by another lethe (process ${owner}): stop it, or choose another directory with --data.`,
        );
    }
    const number = highest + 1;
    try {
      await link(join(directory, draft), join(directory, nameOf(number)));
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST') continue;
      throw error;
    }
    if ((await highestNumber(directory)) === number) return number;
    await rm(join(directory, nameOf(number)), { force: true });
  }
  throw new LetheError('data-directory-locked', `The data directory ${directory} is being taken by other processes.`);
}

async function highestNumber(directory: string): Promise<number> {
  let highest = 0;
  for (const name of await readdir(directory)) highest = Math.max(highest, Number(NAME.exec(name)?.[1] ?? 0));
  return highest;
}

/** Removes what earlier owners and starters that were killed left behind. Drafts at which somebody listens belong to starters. */
async function removeOthers(directory: string, number: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const earlier = NAME.exec(name);
    const isStale =
      earlier === null
        ? DRAFT.test(name) && (await askOwner(directory, name)) === undefined
        : Number(earlier[1]) < number;
    if (isStale) await rm(join(directory, name), { force: true });
  }
}

/** The process id of who listens at a socket, `unknown` when it is too busy to tell, undefined when nobody does. */
function askOwner(directory: string, name: string): Promise<string | undefined> {
  return withSocketPath(directory, name, (path) => {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(path);
      const tell = (): void => {
        resolve(/^\d{1,10}\n/.exec(answer)?.[0].trim() ?? 'unknown');
        socket.destroy();
      };
      socket.setTimeout(ANSWER_MS, tell);
      socket.on('data', (bytes) => {
        answer += bytes.toString('latin1');
        if (answer.includes('\n') || answer.length > 16) tell();
      });
      socket.on('end', tell);
      socket.on('error', (error) => {
        const code = systemCodeOf(error);
        if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(undefined);
        else if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'EAGAIN') tell();
        else reject(error);
      });
    });
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      // Whoever asks may be gone before the answer.
      socket.on('error', () => undefined);
      socket.end(`${process.pid}\n`);
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function nameOf(number: number): string {
  return `lock-${number}.sock`;
}

function unusable(directory: string, error: unknown): LetheError {
  const code = systemCodeOf(error) ?? 'unknown';
  return new LetheError(
    'data-directory-unusable',
    `The data directory ${directory} cannot be used (${code}): it must be a directory on a local disk that our user may write.`,
    { cause: error },
  );
}
