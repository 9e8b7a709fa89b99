// The log: winston writes JSON lines to standard error, or readable lines when a person looks at it.
import { Writable } from 'node:stream';
import winston from 'winston';
import type { Log, LogFields } from '../pipeline/ports.ts';
import { allowedFields, safeMessage } from './allowed-fields.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogOptions {
  /** Least important level that is written. */
  readonly level: LogLevel;
  /** Default `process.stderr`. */
  readonly stream?: Writable & { readonly isTTY?: boolean };
}

/** The level named by the environment variable LETHE_LOG_LEVEL, else the configured one. */
export function chooseLevel(configured: LogLevel, environment: NodeJS.ProcessEnv = process.env): LogLevel {
  return LEVELS.find((level) => level === environment.LETHE_LOG_LEVEL) ?? configured;
}

/**
 * A Log whose lines hold only the fields of LogFields, escaped; anything else that a caller smuggles in is dropped.
 * One line is one event: `{"time":…,"level":…,"message":…,…fields}`.
 */
export function createLog({ level, stream = process.stderr }: LogOptions): Log {
  const format = stream.isTTY === true ? readableLine : jsonLine;
  const logger = winston.createLogger({
    level,
    levels: Object.fromEntries(LEVELS.map((name, i) => [name, i])),
    format: winston.format.printf((entry) => format(entry.level, entry.message as string, entry.fields as Fields)),
  });
  logger.pipe(lineWriter(stream));
  const write = (name: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (logger.isLevelEnabled(name))
      logger.log({ level: name, message: safeMessage(message), fields: allowedFields(fields) });
  };
  return {
    debug: (message, fields) => {
      write('debug', message, fields);
    },
    info: (message, fields) => {
      write('info', message, fields);
    },
    warn: (message, fields) => {
      write('warn', message, fields);
    },
    error: (message, fields) => {
      write('error', message, fields);
    },
  };
}

type Fields = Readonly<Record<string, string | number>>;

/** Where winston leaves the formatted line. */
const LINE = Symbol.for('message');

/** The end of winston's object stream: each formatted entry becomes one line of `stream`. */
function lineWriter(stream: Writable): Writable {
  return new Writable({
    objectMode: true,
    write(entry: { readonly [LINE]: string }, _encoding, done) {
      stream.write(`${entry[LINE]}\n`);
      done();
    },
  });
}

function jsonLine(level: string, message: string, fields: Fields): string {
  return JSON.stringify({ time: new Date().toISOString(), level, message, ...fields });
}

function readableLine(level: string, message: string, fields: Fields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return [new Date().toTimeString().slice(0, 8), level.padEnd(5), message, ...pairs].join(' ');
}
