// A Postgres server, 14 or later, through `pg`.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { LetheError } from '../core/errors.ts';
import type { Database, Parameter, Queryable, Row } from './database.ts';
import { classify } from './statement-error.ts';

const OLDEST_VERSION = 140_000;

/** A migration may rewrite a large table. */
const SCRIPT_TIMEOUT_MS = 24 * 60 * 60 * 1000;

export interface PostgresOptions {
  /** Connections at most; default 4. */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection; default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which a statement is given up on both sides; default 60,000. */
  readonly statementTimeoutMs?: number;
}

/** Connects to `postgres://…` and checks that version and encoding suit. The URL may hold a password: it is never shown. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Database> {
  const database = new PostgresDatabase(url, options);
  try {
    await database.check();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

class PostgresDatabase implements Database {
  readonly #pool: pg.Pool;
  readonly #where: string;
  /** Statement text to the name it is prepared under on each connection. */
  readonly #names = new Map<string, string>();
  #closed: Promise<void> | undefined;

  constructor(url: string, options: PostgresOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? 60_000;
    this.#where = describe(url);
    this.#pool = new pg.Pool({
      connectionString: url,
      max: options.maxConnections ?? 4,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 5_000,
      keepAlive: true,
      application_name: 'lethe',
      types: typesOf(),
    });
    // The pool drops an idle connection that broke and opens another when it is needed; nothing is to be done here.
    this.#pool.on('error', () => undefined);
  }

  async check(): Promise<void> {
    const [facts] = await this.query<{ version: string; encoding: string }>(
      `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`,
    );
    if (Number(facts.version) < OLDEST_VERSION)
      throw new LetheError('database-refused', `${this.#where} is older than Postgres 14: use a newer server.`);
    if (facts.encoding !== 'UTF8')
      throw new LetheError(
        'database-refused',
        `${this.#where} is encoded in ${facts.encoding}: create the database with encoding UTF8.`,
      );
  }

  query<T extends Row>(text: string, parameters: readonly Parameter[] = []): Promise<T[]> {
    return this.#withClient((client) => this.#run<T>(client, text, parameters));
  }

  script(text: string): Promise<void> {
    return this.#withClient((client) => this.#runScript(client, text));
  }

  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      await this.#runScript(client, 'begin');
      const result = await work({
        query: (text, parameters = []) => this.#run(client, text, parameters),
        script: (text) => this.#runScript(client, text),
      });
      await this.#runScript(client, 'commit');
      return result;
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  /** After any failure the connection is thrown away, and an open transaction with it: the server rolls back. */
  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new LetheError('shutting-down', `${this.#where} is closed.`);
    const client = await this.#drive(() => this.#pool.connect());
    // A connection may break between two statements; what runs next on it rejects.
    const ignore = (): undefined => undefined;
    client.on('error', ignore);
    let isSound = false;
    try {
      const result = await work(client);
      isSound = true;
      return result;
    } finally {
      client.off('error', ignore);
      client.release(!isSound);
    }
  }

  async #run<T extends Row>(client: pg.PoolClient, text: string, parameters: readonly Parameter[]): Promise<T[]> {
    const statement = { name: this.#nameOf(text), text, values: [...parameters] };
    const { rows } = await this.#drive(() => client.query<T>(statement));
    return rows;
  }

  async #runScript(client: pg.PoolClient, text: string): Promise<void> {
    const script: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: SCRIPT_TIMEOUT_MS };
    await this.#drive(() => client.query(script));
  }

  /** Calls the driver: only what it throws is an error of the database. */
  async #drive<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw classify(error, this.#where);
    }
  }

  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `lethe_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

/** bigint as number, as PGlite gives it; the rest as `pg` has it. */
function typesOf(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  return types;
}

/** The database in words, without user and password. */
function describe(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === '') return 'The database';
  return `The database at ${parsed.hostname}:${parsed.port === '' ? '5432' : parsed.port}`;
}
