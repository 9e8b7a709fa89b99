// Foreign programs and our own built one, for tests: start, wait, stop; nothing outlives a test.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const CORPUS = join(REPOSITORY, '../shared/corpus');

const BUILT = join(REPOSITORY, 'dist/main.js');

/** Arguments for node that run the program: as built where that is up to date, which starts in a third of the time, else from its sources. */
export const LETHE: readonly string[] = isBuilt() ? [BUILT] : ['--import', 'tsx', join(REPOSITORY, 'src/main.ts')];

const ENVIRONMENT = { ...process.env, TCP_NODELAY: '1' };

/** Whether no source is newer than the built program. */
function isBuilt(): boolean {
  const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs;
  if (builtAt === undefined) return false;
  const sources = readdirSync(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true });
  return sources.every((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs < builtAt);
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "${program}"`]).status === 0;
}

export function makeTempDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'lethe-test-'));
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], input?: string): Promise<Finished> {
  const child = spawn(program, args, { env: ENVIRONMENT, cwd: REPOSITORY });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export function runLethe(args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [...LETHE, ...args]);
}

/** A server process that listens on a port. */
export class ServerProcess {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => (this.#output = (this.#output + text).slice(-1_000_000)));
    }
  }

  /** Starts the program and waits until it accepts connections on the port. */
  static async start(port: number, program: string, args: readonly string[]): Promise<ServerProcess> {
    const child = spawn(program, args, { env: ENVIRONMENT, cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new ServerProcess(child);
    for (let attempt = 0; attempt < 1200; attempt++) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${program} ended before it listened: ${server.output}`);
      if (await accepts(port)) return server;
      await sleep(50);
    }
    await server.stop();
    throw new Error(`${program} does not listen on ${port}: ${server.output}`);
  }

  /** What it printed so far, the last million characters. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    }
    return this.#child.exitCode;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/** Waits until the condition holds and tells whether it did within the time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (await condition()) return true;
    await sleep(50);
  }
  return false;
}
