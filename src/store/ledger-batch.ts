// Writes one batch of the ledger in one transaction: mappings before the states that rest on them.
import type { Database } from './database.ts';
import type { WaitingEntry } from './entry-queue.ts';
import { foldTallies } from './ledger-queries.ts';
import { writeEntries } from './ledger-statements.ts';
import { Lru } from './lru.ts';
import { writeMappings, type SeenSubject } from './mapping-statements.ts';
import { KnownNumbers } from './numbers.ts';

const BATCHES_PER_FOLD = 512;
const REMEMBERED_SUBJECTS = 10_000;

/** `last_seen` of a subject is as coarse as this. */
const SEEN_EVERY_MS = 60_000;

export class BatchWriter {
  readonly #database: Database;
  readonly #numbers: KnownNumbers;
  /** When each subject was last noted as seen, by project and subject id. */
  readonly #noted = new Lru<string, number>(REMEMBERED_SUBJECTS);
  #batches = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#numbers = new KnownNumbers(database);
  }

  /** All of the batch or nothing; safe to repeat when the answer was lost. */
  async write(batch: readonly WaitingEntry[]): Promise<void> {
    await this.#learnNumbers(batch);
    const seen = this.#seenIn(batch);
    await this.#database.transaction(async (transaction) => {
      await writeMappings(
        transaction,
        batch.flatMap(({ mappings }) => mappings),
        [...seen.values()],
        this.#numbers,
      );
      await writeEntries(
        transaction,
        batch.map(({ entry }) => entry),
        this.#numbers,
      );
    });
    const now = performance.now();
    for (const key of seen.keys()) this.#noted.set(key, now);
    this.#batches++;
  }

  /** Call after a batch: now and then it folds what the batches left in the tallies. */
  async tidy(): Promise<void> {
    if (this.#batches < BATCHES_PER_FOLD) return;
    this.#batches = 0;
    await foldTallies(this.#database);
  }

  async #learnNumbers(batch: readonly WaitingEntry[]): Promise<void> {
    const numbers = this.#numbers;
    for (const { entry, mappings } of batch) {
      const { reception, cleanedAs } = entry;
      if (reception !== undefined && !numbers.hasProject(reception.project))
        await numbers.learnProject(reception.project);
      for (const { project } of mappings) if (!numbers.hasProject(project)) await numbers.learnProject(project);
      if (cleanedAs === undefined) continue;
      const { project, profile, profileDigest } = cleanedAs;
      if (!numbers.hasProject(project)) await numbers.learnProject(project);
      if (!numbers.hasProfile(profile, profileDigest)) await numbers.learnProfile(profile, profileDigest);
    }
  }

  #seenIn(batch: readonly WaitingEntry[]): Map<string, SeenSubject> {
    const seen = new Map<string, SeenSubject>();
    const since = performance.now() - SEEN_EVERY_MS;
    for (const { entry } of batch) {
      if (entry.cleanedAs === undefined) continue;
      const { project, subject } = entry.cleanedAs;
      const key = `${project}\n${subject.subjectId}`;
      if ((this.#noted.get(key) ?? -Infinity) < since) seen.set(key, { project, subjectId: subject.subjectId });
    }
    return seen;
  }
}
