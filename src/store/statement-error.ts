// What a database error means for the caller, told by its SQLSTATE or system code, never by its text (which may quote values).
import { LetheError, systemCodeOf } from '../core/errors.ts';

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** SQLSTATE classes and codes after which the same statement may succeed later (Postgres appendix A). */
const TRANSIENT = [
  /^08/, // connection exception
  /^40(001|P01)$/, // serialization failure, deadlock
  /^53/, // insufficient resources: disk full, too many connections
  /^55P03$/, // lock not available
  /^57(014|P0[1-5])$/, // cancelled by timeout, shutdown, crash, starting up
  /^25006$/, // read only: a standby during failover
  /^58/, // system error of the server: I/O
];

/** SQLSTATEs that only the operator can cure: password, role, database name, privileges. */
const REFUSED = [/^28/, /^3D000$/, /^42501$/];

/** A statement that the database rejected for what it says: our bug. Names places of the schema, never values. */
export class StatementError extends Error {
  readonly sqlState: string;

  constructor(sqlState: string, place: string) {
    super(`The database rejected a statement with SQLSTATE ${sqlState}${place}.`);
    this.name = 'StatementError';
    this.sqlState = sqlState;
  }
}

/** The SQLSTATE of an error that a driver threw, or undefined when it came from elsewhere (socket, pool, worker). */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof StatementError) return error.sqlState;
  const code = systemCodeOf(error);
  // A system code such as EPIPE has the same shape; only a server's error has a severity.
  return code !== undefined && SQLSTATE.test(code) && fieldOf(error, 'severity') !== undefined ? code : undefined;
}

/**
 * The error to throw for what a driver threw. Its own message, detail and parameters may hold values and are dropped, so there is no cause.
 * @param where the database in words, without user and password
 */
export function classify(error: unknown, where: string): Error {
  if (error instanceof LetheError || error instanceof StatementError) return error;
  const state = sqlStateOf(error);
  if (state === undefined) {
    const code = systemCodeOf(error);
    return new LetheError('database-unavailable', `${where} does not answer${code === undefined ? '' : ` (${code})`}.`);
  }
  if (TRANSIENT.some((pattern) => pattern.test(state)))
    return new LetheError('database-unavailable', `${where} cannot serve just now (SQLSTATE ${state}).`);
  if (REFUSED.some((pattern) => pattern.test(state)))
    return new LetheError(
      'database-refused',
      `${where} refuses us (SQLSTATE ${state}): check user, password, database name and privileges.`,
    );
  const place = ['table', 'constraint']
    .map((field) => [field, fieldOf(error, field)])
    .flatMap(([field, value]) => (value === undefined ? [] : [` ${field} ${value}`]))
    .join(',');
  return new StatementError(state, place === '' ? '' : ` at${place}`);
}

function fieldOf(error: unknown, field: string): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}
