// Subjects that the embedded database gave out before, in a file beside it: for a known patient it need not be opened.
import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import type { PatientIdentity, Subject } from '../deid/subject.ts';
import type { SubjectPolicy, Subjects } from '../pipeline/ports.ts';
import { normalisePatient, patientKeyOf } from './patient-key.ts';
import { keyFileName } from './project-keys.ts';

/** A larger file is not read: about 500,000 patients. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

export interface RememberedOptions {
  readonly dataDirectory: string;
  readonly project: string;
  readonly keys: ProjectKeys;
  /** Opens the database, which decides for a patient that is not remembered. */
  readonly openSubjects: () => Promise<Subjects>;
}

/**
 * The file holds keyed hashes of patients and their subjects, no original value. A subject never changes once it is given
 * out, so the file cannot be wrong as long as the database is the one it was written beside: its first line names that
 * database (the system identifier of its cluster), and with another one the file is begun anew.
 */
export class RememberedSubjects implements Subjects {
  readonly #options: RememberedOptions;
  readonly #path: string;
  readonly #byKey: Map<string, Subject>;
  readonly #byPatient = new Map<string, Subject | Promise<Subject>>();
  readonly #fresh: string[] = [];
  #subjects: Promise<Subjects> | undefined;
  #isFileUsable: boolean;

  private constructor(options: RememberedOptions, path: string, byKey: Map<string, Subject> | undefined) {
    this.#options = options;
    this.#path = path;
    this.#byKey = byKey ?? new Map<string, Subject>();
    this.#isFileUsable = byKey !== undefined;
  }

  static async open(options: RememberedOptions): Promise<RememberedSubjects> {
    const path = join(options.dataDirectory, 'remembered', keyFileName(options.project).replace(/\.key$/, '.jsonl'));
    const database = await identifyDatabase(options.dataDirectory);
    return new RememberedSubjects(
      options,
      path,
      database === undefined ? undefined : await readSubjects(path, database),
    );
  }

  /** @param project the one of the options */
  resolve(project: string, identity: PatientIdentity, policy: SubjectPolicy): Subject | Promise<Subject> {
    const patient = normalisePatient(identity);
    const known = this.#byPatient.get(patient);
    if (known !== undefined) return known;
    const key = patientKeyOf(this.#options.keys, patient);
    const subject = this.#byKey.get(key) ?? this.#ask(key, project, identity, policy);
    this.#byPatient.set(patient, subject);
    return subject;
  }

  async #ask(key: string, project: string, identity: PatientIdentity, policy: SubjectPolicy): Promise<Subject> {
    this.#subjects ??= this.#options.openSubjects();
    const { subjectId, subjectName, shiftDays } = await (await this.#subjects).resolve(project, identity, policy);
    const subject = { subjectId, subjectName, shiftDays };
    this.#byPatient.set(normalisePatient(identity), subject);
    this.#fresh.push(`${JSON.stringify({ key, ...subject })}\n`);
    return subject;
  }

  /** Adds to the file what the database decided in this run. Call while the database is there. */
  async save(): Promise<void> {
    if (this.#fresh.length === 0) return;
    const lines = this.#fresh.splice(0).join('');
    if (!this.#isFileUsable) await this.#begin();
    this.#isFileUsable = true;
    const file = await open(this.#path, 'a', 0o600);
    // The empty line ends one that a killed run may have left torn.
    await appendAndClose(file, `\n${lines}`);
  }

  async #begin(): Promise<void> {
    const database = await identifyDatabase(this.#options.dataDirectory);
    await mkdir(join(this.#path, '..'), { recursive: true, mode: 0o700 });
    await writeFile(`${this.#path}.new`, `${JSON.stringify({ database })}\n`, { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
  }
}

async function appendAndClose(file: FileHandle, lines: string): Promise<void> {
  try {
    await file.appendFile(lines);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The system identifier of the embedded cluster: the first eight bytes of its control file, made at random when it was created. */
async function identifyDatabase(dataDirectory: string): Promise<string | undefined> {
  const control = await readIfThere(join(dataDirectory, 'postgres', 'global', 'pg_control'));
  return control === undefined || control.length < 8 ? undefined : control.toString('hex', 0, 8);
}

/** Undefined when the file is not there, is of another database or too large. Torn lines are passed over. */
async function readSubjects(path: string, database: string): Promise<Map<string, Subject> | undefined> {
  const bytes = await readIfThere(path);
  if (bytes === undefined || bytes.length > MAX_FILE_BYTES) return undefined;
  const [head, ...lines] = bytes.toString('utf8').split('\n');
  if (parse(head)?.database !== database) return undefined;
  const subjects = new Map<string, Subject>();
  for (const line of lines) {
    const { key, subjectId, subjectName, shiftDays } = parse(line) ?? {};
    if (
      typeof key === 'string' &&
      typeof subjectId === 'string' &&
      typeof subjectName === 'string' &&
      typeof shiftDays === 'number'
    )
      subjects.set(key, { subjectId, subjectName, shiftDays });
  }
  return subjects;
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(line: string): Partial<Record<string, unknown>> | undefined {
  if (line === '') return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
