// A Redis server of our own for a test file, on a free port of the loopback, without persistence.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './programs.ts';

export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly pid: number | undefined;
  /** The answer to one command, as `redis-cli` would print its bytes. */
  command(...words: readonly string[]): Promise<string>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'lethe-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;

  function command(...words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.setTimeout(5_000, () => socket.destroy(new Error('redis does not answer')));
      socket.on('error', reject);
      socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
      socket.on('close', () => {
        resolve(answer);
      });
      socket.write(
        [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n'),
      );
      socket.write('*1\r\n$4\r\nQUIT\r\n');
    });
  }

  async function start(): Promise<void> {
    server = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        directory,
        '--maxmemory-policy',
        'noeviction',
      ],
      { stdio: 'ignore' },
    );
    for (let attempt = 0; ; attempt++) {
      const answer = await command('PING').catch(() => '');
      if (answer.startsWith('+PONG')) return;
      if (attempt > 200) throw new Error('redis did not start');
      await sleep(50);
    }
  }

  async function kill(): Promise<void> {
    const dying = server;
    server = undefined;
    if (dying === undefined) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await gone;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    directory,
    get pid() {
      return server?.pid;
    },
    command,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    kill,
    start,
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
