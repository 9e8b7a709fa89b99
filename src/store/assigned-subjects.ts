// Subjects that an imported list assigns to patients, before their first instance comes (`subject: { id: "{assigned}" }`).
import type { SubjectPolicy } from '../pipeline/ports.ts';
import { arrayLiteral } from './array-literal.ts';
import { noteLookUp, type Asker } from './audit.ts';
import type { Database, Queryable, Row } from './database.ts';
import { normalisePatient, patientKeyOf, shiftKeyOf } from './patient-key.ts';
import type { ProjectKeyFiles } from './project-keys.ts';
import { subjectNameOf } from './subject-template.ts';
import { LOCK_PROJECT, openProject, type OpenProject } from './subjects.ts';
import { storable } from './text.ts';

/** An entry of the list. Original values: never logged. */
export interface Assignment {
  readonly patientId: string;
  /** Empty for instances without Issuer of Patient ID. */
  readonly issuer: string;
  readonly subjectId: string;
}

/** Why an entry cannot be had: what was given out is never changed. */
export type AssignmentConflict = 'patient-has-other-subject' | 'subject-of-other-patient';

export interface AssignmentReport {
  /** Of the list; 0 while there are conflicts, and in a trial how many would be. */
  readonly added: number;
  /** Were assigned so before. */
  readonly known: number;
  /** By the place of the entry in the list, from 0. */
  readonly conflicts: readonly { readonly index: number; readonly conflict: AssignmentConflict }[];
}

const FIND = `
  select patient_key, subject_id from subject
  where project_number = $1 and (patient_key = any ($2::text[]) or subject_id = any ($3::text[]))`;

/** Names and birth dates are told by the first instance (subjects.ts). */
const ADD = `
  insert into subject (
    project_number, patient_key, patient_id, issuer, patient_name, birth_date, subject_id, subject_name, shift_days
  )
  select $1, patient_key, patient_id, issuer, '', '', subject_id, subject_name, shift_days
  from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
    as given (patient_key, patient_id, issuer, subject_id, subject_name, shift_days)`;

export interface AssignmentJob {
  readonly project: string;
  /** No patient and no subject id twice; a few thousand at once. */
  readonly assignments: readonly Assignment[];
  readonly policy: Pick<SubjectPolicy, 'nameTemplate' | 'maxShiftDays'>;
  /** Only tells what would come of it. */
  readonly isTrial: boolean;
}

/**
 * Adds the entries, all of them or none. Noted in the audit, unless it is a trial. Rejects with `usage` without a reason, and as `Subjects.resolve` for
 * the key and the database.
 */
export async function assignSubjects(
  database: Database,
  keyFiles: ProjectKeyFiles,
  { project: name, assignments, policy, isTrial }: AssignmentJob,
  asker: Asker,
): Promise<AssignmentReport> {
  const project = await openProject(database, keyFiles, name);
  const keyed = assignments.map((assignment) => ({ ...assignment, patientKey: keyOf(project, assignment) }));
  const assign = async (transaction: Queryable): Promise<AssignmentReport> => {
    await transaction.query(LOCK_PROJECT, [project.number]);
    const { fresh, known, conflicts } = await compare(transaction, project, keyed);
    if (conflicts.length > 0) return { added: 0, known, conflicts };
    if (!isTrial) {
      const event = { action: 'import', criterion: 'mrn', asked: assignments.length, project: name } as const;
      await noteLookUp(transaction, asker, event);
      await add(transaction, project, fresh, policy);
    }
    return { added: fresh.length, known, conflicts };
  };
  return database.transaction(assign, { isDurable: true });
}

interface KeyedAssignment extends Assignment {
  readonly patientKey: string;
}

const identityOf = ({ patientId, issuer }: Assignment) => ({ patientId, issuer, name: '', birthDate: '' });

function keyOf({ keys }: OpenProject, assignment: Assignment): string {
  return patientKeyOf(keys, normalisePatient(identityOf(assignment)));
}

async function compare(
  database: Queryable,
  { number }: OpenProject,
  assignments: readonly KeyedAssignment[],
): Promise<Omit<AssignmentReport, 'added'> & { readonly fresh: readonly KeyedAssignment[] }> {
  const rows = await database.query<Row & { readonly patient_key: string; readonly subject_id: string }>(FIND, [
    number,
    arrayLiteral(assignments.map(({ patientKey }) => patientKey)),
    arrayLiteral(assignments.map(({ subjectId }) => subjectId)),
  ]);
  const subjectOf = new Map(rows.map(({ patient_key: key, subject_id: subject }) => [key, subject]));
  const taken = new Set(subjectOf.values());
  const fresh: KeyedAssignment[] = [];
  const conflicts: AssignmentReport['conflicts'][number][] = [];
  let known = 0;
  assignments.forEach((assignment, index) => {
    const subject = subjectOf.get(assignment.patientKey);
    if (subject === assignment.subjectId) known++;
    else if (subject !== undefined) conflicts.push({ index, conflict: 'patient-has-other-subject' });
    else if (taken.has(assignment.subjectId)) conflicts.push({ index, conflict: 'subject-of-other-patient' });
    else fresh.push(assignment);
  });
  return { fresh, known, conflicts };
}

async function add(
  database: Queryable,
  { number, keys }: OpenProject,
  fresh: readonly KeyedAssignment[],
  { nameTemplate, maxShiftDays }: AssignmentJob['policy'],
): Promise<void> {
  await database.query(ADD, [
    number,
    arrayLiteral(fresh.map(({ patientKey }) => patientKey)),
    arrayLiteral(fresh.map(({ patientId }) => storable(patientId.trim()))),
    arrayLiteral(fresh.map(({ issuer }) => storable(issuer.trim()))),
    arrayLiteral(fresh.map(({ subjectId }) => subjectId)),
    arrayLiteral(fresh.map(({ subjectId }) => subjectNameOf(nameTemplate, subjectId))),
    arrayLiteral(fresh.map((one) => keys.shiftDays(shiftKeyOf(keys, identityOf(one)), maxShiftDays))),
  ]);
}
