// Starts programs for a benchmark and reads what the kernel accounted for them: CPU seconds and peak resident memory.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const CLOCK_TICKS_PER_SECOND = 100;
/** A server that uses no more in half a second only waits. */
const QUIET_CPU_SECONDS = 0.02;

/** TCP_NODELAY=1 makes DCMTK's tools send small fragments at once; without it each instance waits for a delayed ACK. */
const ENVIRONMENT = { ...process.env, TCP_NODELAY: '1' };

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMebibytes: number;
}

export interface Run extends Usage {
  readonly wallSeconds: number;
  readonly exitCode: number;
  readonly output: string;
}

/** A server that runs beside the measured command. */
export class Server {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the program and waits until it listens on the port. */
  static async start(port: number, command: string, args: readonly string[], cwd?: string): Promise<Server> {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: ENVIRONMENT, cwd });
    return Server.#whenUp(child, () => isListening(port), `${command} on port ${port}`);
  }

  /** Starts a program that listens nowhere and waits until it prints what says that it is up. */
  static async startUntilSaid(words: RegExp, command: string, args: readonly string[]): Promise<Server> {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: ENVIRONMENT });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text;
    });
    return Server.#whenUp(child, () => words.test(said), command);
  }

  static async #whenUp(child: ChildProcess, isUp: () => boolean | Promise<boolean>, what: string): Promise<Server> {
    const server = new Server(child);
    for (let attempt = 0; attempt < 600; attempt++) {
      if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode} before it was up`);
      if (await isUp()) return server;
      await sleep(50);
    }
    await server.stop();
    throw new Error(`${what} does not come up`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the server used so far, its children included. */
  usage(): Usage {
    return usageOf(this.pid);
  }

  /** Resolves when it has done what it does behind the last answer. */
  async quiet(): Promise<void> {
    for (let before = -1; this.usage().cpuSeconds - before > QUIET_CPU_SECONDS;) {
      before = this.usage().cpuSeconds;
      await sleep(500);
    }
  }

  /** Stops it in the middle of whatever it does, or lets it go on: for a destination that hangs. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<Usage> {
    const usage = this.usage();
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM');
      const ended = once(this.#child, 'exit');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    }
    return usage;
  }
}

/** Runs a command to its end. CPU seconds are the kernel's own for the command and what it waited for. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<Run> {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&2 ; } 2>&1; exit ${PIPESTATUS[0]}';
  const startedAt = performance.now();
  const child = spawn('bash', ['-c', script, 'bench', command, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: ENVIRONMENT,
    cwd,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  let peakMebibytes = 0;
  const sampling = setInterval(() => {
    peakMebibytes = Math.max(peakMebibytes, peakOfTree(child.pid ?? 0));
  }, 50);
  const [exitCode] = (await once(child, 'close')) as [number];
  clearInterval(sampling);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const times = /([\d.]+) ([\d.]+)\s*$/.exec(output);
  const cpuSeconds = times ? Number(times[1]) + Number(times[2]) : NaN;
  return { wallSeconds, cpuSeconds, peakMebibytes, exitCode, output };
}

function usageOf(pid: number): Usage {
  return { cpuSeconds: cpuSecondsOf(pid), peakMebibytes: peakOf(pid) };
}

/** Of the process, and of those it started that have ended. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / CLOCK_TICKS_PER_SECOND;
}

/** Of the process and of all that it started. */
export function cpuSecondsOfTree(pid: number): number {
  try {
    return childrenOf(pid).reduce((sum, child) => sum + cpuSecondsOfTree(child), cpuSecondsOf(pid));
  } catch {
    return 0; // the process ended between two looks: its parent has it
  }
}

function peakOf(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return match ? Number(match[1]) / 1024 : 0;
}

function peakOfTree(pid: number): number {
  try {
    return Math.max(peakOf(pid), ...childrenOf(pid).map(peakOfTree));
  } catch {
    return 0; // the process ended between two looks
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function isListening(port: number): Promise<boolean> {
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

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until the condition holds; false when it did not within the time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    if (await condition()) return true;
    await sleep(5);
  }
  return false;
}
