// Keeps the mappings of instances that have no row in the ledger: those that `lethe deid` reads from files.
import type { Mappings } from '../pipeline/ports.ts';
import type { Database } from './database.ts';
import { MappingFilter } from './mapping-filter.ts';
import { writeMappings, type MappingRow, type SeenSubject } from './mapping-statements.ts';
import { KnownNumbers } from './numbers.ts';

const ROWS_PER_BATCH = 5_000;

/** Gathers mappings and writes them in batches, each in one transaction. One call of `write` at a time. */
export class MappingRecorder {
  readonly #database: Database;
  readonly #numbers: KnownNumbers;
  readonly #filter = new MappingFilter();
  #rows: MappingRow[] = [];
  #seen = new Map<string, SeenSubject>();

  constructor(database: Database) {
    this.#database = database;
    this.#numbers = new KnownNumbers(database);
  }

  /** Takes what de-identifying an instance replaced; true when it is time to `write`. */
  add(project: string, subjectId: string, mappings: Mappings): boolean {
    this.#seen.set(`${project}\n${subjectId}`, { project, subjectId });
    const tables = [
      ['uid', mappings.uids],
      ['accession', mappings.accessions],
      ['study', mappings.studies],
    ] as const;
    for (const [table, replacements] of tables)
      for (const replacement of this.#filter.take(table, project, replacements))
        this.#rows.push({ table, project, subjectId, ...replacement });
    return this.#rows.length >= ROWS_PER_BATCH;
  }

  /** Commits what was added. Rejects with `database-unavailable` or `database-refused`; what was added is then lost. */
  async write(): Promise<void> {
    const rows = this.#rows;
    const seen = [...this.#seen.values()];
    this.#rows = [];
    this.#seen = new Map();
    if (rows.length === 0 && seen.length === 0) return;
    for (const { project } of seen) if (!this.#numbers.hasProject(project)) await this.#numbers.learnProject(project);
    await this.#database.transaction((transaction) => writeMappings(transaction, rows, seen, this.#numbers));
  }
}
