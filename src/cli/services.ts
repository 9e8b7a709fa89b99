// What the commands are given by the composition root (src/main.ts).
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import type { Log, Readiness } from '../pipeline/ports.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Status } from './status-report.ts';

/** What a process does; `all` of it in one process is the default. The others need a database server and Redis. */
export const ROLES = ['all', 'listener', 'worker', 'sender', 'api'] as const;
export type Role = (typeof ROLES)[number];

/** A gateway that runs, or one role of it. */
export interface RunningGateway {
  /** Port that it listens on; undefined when this role listens for nobody. */
  readonly port: number | undefined;
  /** The same over TLS. */
  readonly tlsPort: number | undefined;
  /** Port of health, metrics and API; undefined when they are not served. */
  readonly httpPort: number | undefined;
  status(): Promise<Status>;
  /** Whether it takes instances now; answers at once. */
  readiness(): Readiness;
  /** Resolves when everything that was acknowledged so far is at rest. */
  idle(): Promise<void>;
  /** Takes no more associations, lets what is under way finish, closes everything. */
  stop(): Promise<void>;
}

export interface Services {
  /** @throws LetheError of kind config when it cannot run as configured */
  startGateway(config: Config, log: Log, role: Role): Promise<RunningGateway>;
}

/** Adds one command to the program; the command hands its exit code to `finish`. */
export type AddCommand = (program: Command, services: Services, finish: (code: ExitCode) => void) => void;
