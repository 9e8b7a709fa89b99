// Mappings that wait for the database: `lethe deid` notes them in a file, because opening the embedded database costs more
// than de-identifying a thousand slices. Whoever opens it next brings them in. Both hold the lock of the data directory.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemCodeOf } from '../core/errors.ts';
import type { Mappings, Replacement } from '../pipeline/ports.ts';
import type { Database } from './database.ts';
import { MappingFilter } from './mapping-filter.ts';
import { MappingRecorder } from './mapping-recorder.ts';

const NAME = /^mappings-[0-9a-f-]{36}\.jsonl$/;
const FLUSH_CHARS = 256 * 1024;

export const journalDirectoryOf = (dataDirectory: string): string => join(dataDirectory, 'journal');

/** One line: what an instance added. */
interface Entry {
  readonly project: string;
  readonly subjectId: string;
  readonly mappings: Mappings;
}

/** A journal of one run. Its file is made with the first entry, readable by its owner only. */
export class MappingJournal {
  readonly #directory: string;
  readonly #filter = new MappingFilter();
  readonly #seen = new Set<string>();
  #file: FileHandle | undefined;
  #lines: string[] = [];
  #chars = 0;

  constructor(dataDirectory: string) {
    this.#directory = journalDirectoryOf(dataDirectory);
  }

  /** Takes what de-identifying an instance replaced; true when it is time to `write`. */
  add(project: string, subjectId: string, { uids, accessions, studies }: Mappings): boolean {
    const mappings: Mappings = {
      uids: this.#filter.take('uid', project, uids),
      accessions: this.#filter.take('accession', project, accessions),
      studies: this.#filter.take('study', project, studies),
    };
    const subject = `${project}\n${subjectId}`;
    const count = mappings.uids.length + mappings.accessions.length + mappings.studies.length;
    if (count === 0 && this.#seen.has(subject)) return false;
    this.#seen.add(subject);
    const line = `${JSON.stringify({ project, subjectId, mappings } satisfies Entry)}\n`;
    this.#lines.push(line);
    this.#chars += line.length;
    return this.#chars >= FLUSH_CHARS;
  }

  /** Hands what was added to the kernel. Rejects with the error of the file system. One call at a time. */
  async write(): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#chars = 0;
    this.#file ??= await this.#create();
    await this.#file.appendFile(text);
  }

  /** Writes the rest, syncs and closes. */
  async close(): Promise<void> {
    await this.write();
    if (this.#file === undefined) return;
    await this.#file.sync();
    await this.#file.close();
    this.#file = undefined;
  }

  async #create(): Promise<FileHandle> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    return open(join(this.#directory, `mappings-${randomUUID()}.jsonl`), 'ax', 0o600);
  }
}

/**
 * Writes the entries of every journal into the database and removes the files. An entry that a killed run left torn is
 * passed over: its instance may be out, and the next run over the same files notes it again.
 * Rejects with `database-unavailable` or `database-refused`; the journals then stay.
 */
export async function importJournals(database: Database, dataDirectory: string): Promise<void> {
  const directory = journalDirectoryOf(dataDirectory);
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const recorder = new MappingRecorder(database);
    for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
      const entry = parseEntry(line);
      if (entry !== undefined && recorder.add(entry.project, entry.subjectId, entry.mappings)) await recorder.write();
    }
    await recorder.write();
    await unlink(path);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => NAME.test(name));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function parseEntry(line: string): Entry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isEntry(value) ? value : undefined;
}

function isEntry(value: unknown): value is Entry {
  if (!isRecord(value) || typeof value.project !== 'string' || typeof value.subjectId !== 'string') return false;
  const { mappings } = value;
  return isRecord(mappings) && [mappings.uids, mappings.accessions, mappings.studies].every(areReplacements);
}

function areReplacements(value: unknown): value is Replacement[] {
  return (
    Array.isArray(value) &&
    value.every((item) => isRecord(item) && typeof item.original === 'string' && typeof item.replacement === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
