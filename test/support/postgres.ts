// A Postgres server of our own for a test file: a fresh cluster in a temp directory, on a free port of the loopback.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './programs.ts';

/** The folder of the newest installed server's programs; undefined when none is installed. */
export const POSTGRES_PROGRAMS = findPrograms();

export interface TestServer {
  /** Of the first process of the server, the parent of all others. */
  readonly pid: number | undefined;
  /** The URL of a new, empty database. */
  createDatabase(options?: string): Promise<string>;
  /** Kills the server with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT to the server and all its processes. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** Postgres refuses to run as root: then it runs as `postgres` or `nobody`. */
function serverUser(): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', name]);
    const gid = spawnSync('id', ['-g', name]);
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('no user to run Postgres as');
}

/** @param settings `name=value` each, over those that suit tests: nothing is synced, 60 connections */
export async function startPostgres(settings: readonly string[] = []): Promise<TestServer> {
  if (POSTGRES_PROGRAMS === undefined) throw new Error('Postgres is not installed');
  const programs = POSTGRES_PROGRAMS;
  const user = serverUser();
  const root = mkdtempSync(join(tmpdir(), 'lethe-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(root, user.uid, user.gid);
  const data = join(root, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'lethe', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...user, cwd: root },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr.toString()}`);
  const port = await freePort();
  const url = (database: string): string => `postgres://lethe@127.0.0.1:${port}/${database}`;
  let server: ChildProcess | undefined;
  let databases = 0;

  function launch(): ChildProcess {
    const place = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
    const options = ['fsync=off', 'max_connections=60', ...place, ...settings];
    return spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...options.flatMap((option) => ['-c', option])],
      { ...user, cwd: root, stdio: 'ignore' },
    );
  }

  async function start(): Promise<void> {
    server = launch();
    for (let attempt = 0; ; attempt++) {
      try {
        await run('postgres', 'select 1');
        return;
      } catch (error) {
        if (attempt > 300) throw error;
        await sleep(100);
        // It does not start while processes of the one that was killed are still going.
        if (server.exitCode !== null) server = launch();
      }
    }
  }

  async function run(database: string, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  /** The processes of the server besides the first one die with it, but not at once. */
  function signalAll(signal: NodeJS.Signals): void {
    const pid = server?.pid;
    if (pid === undefined || server?.exitCode !== null || server.signalCode !== null) return;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    // One that ended meanwhile is no fault.
    spawnSync('kill', ['-s', signal.slice(3), String(pid), ...children]);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    server = undefined;
    if (ending?.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  }

  await start();
  return {
    get pid() {
      return server?.pid;
    },
    async createDatabase(options = '') {
      const name = `test_${++databases}`;
      await run('postgres', `create database ${name} ${options}`);
      return url(name);
    },
    kill: () => end('SIGKILL'),
    start,
    freeze: () => {
      signalAll('SIGSTOP');
    },
    thaw: () => {
      signalAll('SIGCONT');
    },
    async stop() {
      signalAll('SIGCONT');
      // SIGINT is the fast shutdown.
      await end('SIGINT');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
