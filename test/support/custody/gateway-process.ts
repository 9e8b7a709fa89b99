// One process of the gateway: started, killed and started again, with everything that it prints kept in a file.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../../src/cli/services.ts';
import { REPOSITORY } from '../programs.ts';
import { untilTrue } from './until.ts';

export interface GatewayProcessOptions {
  readonly role: Role;
  /** Arguments for node up to the program. */
  readonly program: readonly string[];
  readonly configuration: string;
  /** Takes what it prints. */
  readonly outputFile: string;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Longest time until it runs, in milliseconds. */
  readonly upMs: number;
}

const UP = /Lethe (?:listens|runs)/;

export class GatewayProcess {
  readonly role: Role;
  /** Longest time from the start of a process until it said that it runs, in milliseconds. */
  slowestStartMs = 0;
  /** How often it ended though nobody asked it to, with the last words. */
  readonly deaths: string[] = [];
  readonly #options: GatewayProcessOptions;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(options: GatewayProcessOptions) {
    this.role = options.role;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** What the last process printed, its end. */
  get lastWords(): string {
    return this.#said.slice(-2_000);
  }

  /** Starts it when it is not running. Resolves when it runs, or at once when it need not come up. */
  async start(mustComeUp = true): Promise<void> {
    const { role, program, configuration, environment, upMs } = this.#options;
    const startedAt = performance.now();
    if (this.#child === undefined)
      this.#spawn([...program, 'start', '--role', role, '--config', configuration], environment);
    if (!mustComeUp) return;
    await untilTrue(() => UP.test(this.#said) || this.#child === undefined, upMs, 20);
    if (!UP.test(this.#said)) throw new Error(`the ${role} did not come up: ${this.lastWords}`);
    this.slowestStartMs = Math.max(this.slowestStartMs, performance.now() - startedAt);
  }

  /** Sends the signal and waits for the end; after a minute it is killed, which counts as a death of its own. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const impatience = setTimeout(() => {
      this.deaths.push(`did not end within a minute of ${signal}: ${this.lastWords}`);
      child.kill('SIGKILL');
    }, 60_000);
    await exited;
    clearTimeout(impatience);
  }

  #spawn(args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    const child = spawn(process.execPath, args, {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child = child;
    this.#said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        appendFileSync(join(this.#options.outputFile), text);
        // The line that says that it is up is kept.
        this.#said = this.#said.slice(0, 4_000) + (this.#said.slice(4_000) + text).slice(-4_000);
      });
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.deaths.push(`${this.role} ended with ${signal ?? `code ${code ?? '?'}`}: ${this.lastWords}`);
    });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
