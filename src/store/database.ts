// The port of the store to its database: one SQL dialect, two adapters (postgres.ts, pglite.ts).

/** A row as the adapters give it: integers of any width as number, timestamptz as Date, uuid and text as string. */
export type Row = Readonly<Record<string, unknown>>;

/** A value for a `$n` placeholder. An array goes as the text of an array literal (array-literal.ts). */
export type Parameter = string | number | boolean | null;

/** Something that runs SQL: the database itself, or one transaction of it. */
export interface Queryable {
  /**
   * Runs one statement and resolves with its rows. The text is the same string at each call: it is prepared once.
   * Rejects with `database-unavailable` when it may be tried again, `database-refused` when the operator must act, else StatementError.
   */
  query<T extends Row>(text: string, parameters?: readonly Parameter[]): Promise<T[]>;
  /** Runs several statements without parameters, for migrations. */
  script(text: string): Promise<void>;
}

export interface TransactionOptions {
  /**
   * The commit outlives a loss of power. A Postgres server sees to that for every commit; the embedded database only for these. For what
   * cannot be made again from the spool: which patient has which number.
   */
  readonly isDurable?: boolean;
}

export interface Database extends Queryable {
  /** Runs `work` in a transaction: committed when it resolves, rolled back when it rejects. Use only the given Queryable inside. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}
