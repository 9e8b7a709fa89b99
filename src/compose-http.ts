// The composition of the HTTP server: open from the first moment, so that whoever watches sees the start, until the last.
import { statfs } from 'node:fs/promises';
import type { Role } from './cli/services.ts';
import { codeOf, type Closers } from './compose-parts.ts';
import type { Config } from './config/config.ts';
import { LetheError } from './core/errors.ts';
import type { HttpBackend, HttpState } from './http/backend.ts';
import { Metrics } from './http/metrics.ts';
import { serveHttp } from './http/server.ts';
import type { Log, Readiness } from './pipeline/ports.ts';
import type { Database } from './store/database.ts';
import { countDestinations, countInstances, countStates, findOldestWaiting } from './store/ledger-queries.ts';
import { findPseudonyms } from './store/look-ups.ts';
import { countQuarantine, listQuarantine } from './store/quarantine.ts';

const STARTING: Readiness = { isReady: false, reasons: ['the gateway is starting'] };
const STOPPING: Readiness = { isReady: false, reasons: ['the gateway is stopping'] };

/** How often a role that takes no instances asks whether the database is there. */
const PROBE_EVERY_MS = 5_000;

export interface HttpDoor {
  /** Undefined when nothing is served. */
  readonly port: number | undefined;
  readonly metrics: Metrics;
  /** From now on the API answers. */
  useDatabase(database: Database): void;
  /** From now on readiness is what `readiness` says. */
  useReadiness(readiness: () => Readiness): void;
  /** From now on callers that show a token, or should, are told to `onAuthentication`. */
  useAuthentication(onAuthentication: (address: string, isAllowed: boolean) => void): void;
  /** From now on the gateway is stopping. */
  stopping(): void;
}

/** The server's view of a process that starts, runs and stops. */
class State implements HttpState {
  backend: HttpBackend | undefined;
  readiness: () => Readiness = () => STARTING;
  onAuthentication: (address: string, isAllowed: boolean) => void = () => undefined;
}

/**
 * Listens where the configuration says; everything that is closed later finds it listening still. The whole API is served by the role `api`
 * and by a process that does everything; the others serve health and metrics, when `http` is configured for them.
 * @throws LetheError `port-taken`, unless nothing was written about `http` and the process has other work: then it only warns;
 *   `config-invalid` for the role `api` without HTTP
 */
export async function openHttp(config: Config, role: Role, log: Log, closers: Closers): Promise<HttpDoor> {
  const state = new State();
  const metrics = new Metrics();
  closers.add(() => {
    metrics.close();
    return Promise.resolve();
  });
  const hasApi = role === 'all' || role === 'api';
  const port = await listen(config, role, log, closers, { state, metrics, hasApi });
  return {
    port,
    metrics,
    useDatabase(database) {
      if (hasApi) state.backend = backendOf(database);
    },
    useReadiness(readiness) {
      state.readiness = readiness;
    },
    useAuthentication(onAuthentication) {
      state.onAuthentication = onAuthentication;
    },
    stopping() {
      state.readiness = () => STOPPING;
    },
  };
}

async function listen(
  { http, data }: Config,
  role: Role,
  log: Log,
  closers: Closers,
  parts: { readonly state: HttpState; readonly metrics: Metrics; readonly hasApi: boolean },
): Promise<number | undefined> {
  if (http === undefined && role === 'api')
    throw new LetheError('config-invalid', 'http: the role api serves HTTP and nothing else; write host and port');
  if (http === undefined || (http.isDefault && !parts.hasApi)) return undefined;
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(data);
    return bavail * bsize;
  };
  try {
    const server = await serveHttp({ ...parts, host: http.host, port: http.port, token: http.token, freeBytes, log });
    closers.add(() => server.close());
    return server.port;
  } catch (error) {
    // Nobody asked for it: a developer's machine often has something on 8080, and receiving instances is what matters.
    if (!http.isDefault || role === 'api') throw error;
    log.warn('No health, metrics and API: the HTTP port is taken; set http.port, or http: off.', {
      code: codeOf(error),
      port: http.port,
    });
    return undefined;
  }
}

function backendOf(database: Database): HttpBackend {
  return {
    status: async () => ({ ...(await countInstances(database)), destinations: await countDestinations(database) }),
    quarantine: (question) => listQuarantine(database, question),
    findPseudonyms: (question, asker) => findPseudonyms(database, question, asker),
    async figures() {
      const [states, reasons, deliveries, oldestWaitingSeconds] = await Promise.all([
        countStates(database),
        countQuarantine(database),
        countDestinations(database),
        findOldestWaiting(database),
      ]);
      return {
        ...{ states, deliveries, oldestWaitingSeconds },
        reasons: new Map(reasons.map(({ reason, count }) => [reason, count])),
      };
    },
  };
}

/** Readiness of a role that takes no instances: whether the database answers. */
export class DatabaseProbe {
  readonly #database: Database;
  readonly #timer: NodeJS.Timeout;
  #isAway = false;
  #asking: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
    this.#timer = setInterval(() => {
      this.#asking ??= this.#ask();
    }, PROBE_EVERY_MS).unref();
  }

  readiness(): Readiness {
    return this.#isAway
      ? { isReady: false, reasons: ['the database does not answer'] }
      : { isReady: true, reasons: [] };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      await this.#database.query('select 1');
      this.#isAway = false;
    } catch {
      // Whatever it is: there is no answer.
      this.#isAway = true;
    } finally {
      this.#asking = undefined;
    }
  }
}
