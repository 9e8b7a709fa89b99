// The subjects of each project in Postgres: one per patient, whoever asks first and however many ask at once.
import { InstanceError, LetheError } from '../core/errors.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import type { PatientIdentity, Subject } from '../deid/subject.ts';
import type { SubjectPolicy, Subjects } from '../pipeline/ports.ts';
import type { Database, Queryable, Row } from './database.ts';
import { Lru } from './lru.ts';
import { addProject } from './numbers.ts';
import { normalisePatient, patientKeyOf, shiftKeyOf } from './patient-key.ts';
import type { ProjectKeyFiles } from './project-keys.ts';
import { parseSubjectTemplate, subjectNameOf, type SubjectTemplate } from './subject-template.ts';
import { storable } from './text.ts';

/** Subjects remembered per process: about 20 MB. */
const REMEMBERED = 50_000;

const FIND = `
  select subject_id, subject_name, shift_days, patient_name = '' as is_nameless
  from subject where project_number = $1 and patient_key = $2`;

/** A list that assigned the subject told only the id of its patient, who is seen first when the first study comes. */
const COMPLETE = `
  update subject set patient_name = $3, birth_date = $4, last_seen = now(),
    first_seen = case when exists (select from study where subject_number = subject.number) then first_seen else now() end
  where project_number = $1 and patient_key = $2 and patient_name = '' and birth_date = ''`;

/** Until the commit no other process adds a subject to the project. */
export const LOCK_PROJECT = 'select last_sequence from project where number = $1 for no key update';

const ADD = `
  insert into subject (
    project_number, patient_key, patient_id, issuer, patient_name, birth_date, subject_id, subject_name, shift_days
  )
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  on conflict (project_number, subject_id) do nothing
  returning subject_id, subject_name, shift_days`;

const SET_SEQUENCE = 'update project set last_sequence = $2 where number = $1';

/** The first key of a project is noted; afterwards only that one matches. */
const CHECK_FINGERPRINT = `
  update project set key_fingerprint = coalesce(key_fingerprint, $2) where number = $1
  returning key_fingerprint = $2 as is_same`;

interface SubjectRow extends Row {
  readonly subject_id: string;
  readonly subject_name: string;
  readonly shift_days: number;
}

/** A project of the database with the key that its pseudonyms are made with. */
export interface OpenProject {
  readonly number: number;
  readonly keys: ProjectKeys;
}

/**
 * Order of look-ups: the memory of this process, the table, and for a new patient one transaction under a lock of the project: sequence
 * numbers have no gaps, and two first instances of a patient get one subject.
 */
export class PostgresSubjects implements Subjects {
  readonly #database: Database;
  readonly #keyFiles: ProjectKeyFiles;
  readonly #projects = new Map<string, Promise<OpenProject>>();
  readonly #known = new Lru<string, Subject | Promise<Subject>>(REMEMBERED);
  readonly #templates = new Map<string, SubjectTemplate>();

  constructor(database: Database, keyFiles: ProjectKeyFiles) {
    this.#database = database;
    this.#keyFiles = keyFiles;
  }

  /**
   * Rejects with `no-assigned-subject`, `profile-invalid`, `key-unreadable`, `key-mismatch` (the key is not the one that the project's pseudonyms
   * were made with) or `database-unavailable`.
   */
  resolve(project: string, identity: PatientIdentity, policy: SubjectPolicy): Subject | Promise<Subject> {
    const patient = normalisePatient(identity);
    const key = `${project}\n${patient}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const resolving = this.#lookUp(project, patient, identity, policy).then(
      (subject) => {
        this.#known.set(key, subject);
        return subject;
      },
      (error: unknown) => {
        this.#known.delete(key);
        throw error;
      },
    );
    this.#known.set(key, resolving);
    return resolving;
  }

  async #lookUp(name: string, patient: string, identity: PatientIdentity, policy: SubjectPolicy): Promise<Subject> {
    const template = this.#templateOf(policy.idTemplate);
    const project = await this.#open(name);
    const patientKey = patientKeyOf(project.keys, patient);
    const known = await find(this.#database, project, patientKey);
    if (known !== undefined) {
      await complete(this.#database, project, patientKey, known, identity);
      return known.subject;
    }
    if (template.kind === 'assigned')
      throw new InstanceError('no-assigned-subject', 'The project has no subject assigned to this patient.');
    const add = async (transaction: Queryable): Promise<Subject> => {
      const [{ last_sequence: lastSequence }] = await transaction.query<{ last_sequence: number }>(LOCK_PROJECT, [
        project.number,
      ]);
      const other = await find(transaction, project, patientKey);
      if (other !== undefined) return other.subject;
      const values = [
        project.number,
        patientKey,
        storable(identity.patientId.trim()),
        storable(identity.issuer.trim()),
        storable(identity.name.trim()),
        storable(identity.birthDate.trim()),
      ];
      const shiftDays = project.keys.shiftDays(shiftKeyOf(project.keys, identity), policy.maxShiftDays);
      for (const { id, sequence } of candidates(template, lastSequence, project.keys, patientKey)) {
        const added = await transaction.query<SubjectRow>(ADD, [
          ...values,
          id,
          subjectNameOf(policy.nameTemplate, id),
          shiftDays,
        ]);
        if (added.length === 0) continue;
        if (sequence !== undefined) await transaction.query(SET_SEQUENCE, [project.number, sequence]);
        return subjectOf(added[0]);
      }
      throw new LetheError('profile-invalid', 'subject.id leaves no id for a new patient: use a longer {hash:N}.');
    };
    // The number of a patient is found nowhere else: it must outlive what goes out under it.
    return this.#database.transaction(add, { isDurable: true });
  }

  #open(name: string): Promise<OpenProject> {
    let project = this.#projects.get(name);
    if (project === undefined) {
      project = openProject(this.#database, this.#keyFiles, name);
      this.#projects.set(name, project);
      // A failure is not remembered: the database or the file may be back next time.
      project.catch(() => this.#projects.delete(name));
    }
    return project;
  }

  #templateOf(text: string): SubjectTemplate {
    let template = this.#templates.get(text);
    if (template === undefined) {
      template = parseSubjectTemplate(text);
      this.#templates.set(text, template);
    }
    return template;
  }
}

/** Adds the project when it is not there. Rejects with `key-unreadable`, `key-mismatch` or `database-unavailable`. */
export async function openProject(database: Queryable, keyFiles: ProjectKeyFiles, name: string): Promise<OpenProject> {
  const keys = await keyFiles.keysFor(name);
  const number = await addProject(database, name);
  const [{ is_same: isSame }] = await database.query<{ is_same: boolean }>(CHECK_FINGERPRINT, [
    number,
    keys.hash('fingerprint', '', 16),
  ]);
  if (!isSame)
    throw new LetheError(
      'key-mismatch',
      `The key of project ${name} is not the one that its pseudonyms were made with: restore the key file that belongs to this database.`,
    );
  return { number, keys };
}

/** The ids to try, best first; a taken one (imported, or a hash that met another) is passed over. */
function* candidates(
  template: Exclude<SubjectTemplate, { kind: 'assigned' }>,
  lastSequence: number,
  keys: ProjectKeys,
  patientKey: string,
): Generator<{ id: string; sequence?: number }> {
  if (template.kind === 'sequence') {
    for (let sequence = lastSequence + 1; ; sequence++) yield { id: template.idOf(sequence), sequence };
  }
  for (let chars = template.chars; chars <= template.maxChars; chars++)
    yield { id: template.idOf(keys.hash('subject', patientKey, chars)) };
}

interface KnownSubject {
  readonly subject: Subject;
  readonly isNameless: boolean;
}

async function find(database: Queryable, project: OpenProject, patientKey: string): Promise<KnownSubject | undefined> {
  const rows = await database.query<SubjectRow & { readonly is_nameless: boolean }>(FIND, [project.number, patientKey]);
  return rows.length === 0 ? undefined : { subject: subjectOf(rows[0]), isNameless: rows[0].is_nameless };
}

/** The first instance tells name and birth date: people look for the patient by them, and later instances are searched for the name. */
async function complete(
  database: Queryable,
  { number }: OpenProject,
  patientKey: string,
  { isNameless }: KnownSubject,
  identity: PatientIdentity,
): Promise<void> {
  const [name, birthDate] = [storable(identity.name.trim()), storable(identity.birthDate.trim())];
  if (isNameless && name !== '') await database.query(COMPLETE, [number, patientKey, name, birthDate]);
}

function subjectOf(row: SubjectRow): Subject {
  return { subjectId: row.subject_id, subjectName: row.subject_name, shiftDays: row.shift_days };
}
