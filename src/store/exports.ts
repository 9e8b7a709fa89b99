// A whole project's pseudonyms, for patients.csv, uids.csv and subjects.csv.
import { LetheError } from '../core/errors.ts';
import { noteLookUp, type Asker } from './audit.ts';
import type { Database, Row } from './database.ts';
import { projectNumbers } from './look-ups.ts';

/** A line of patients.csv or uids.csv: columns id_old, id_new. */
export interface ExportedPair {
  readonly idOld: string;
  readonly idNew: string;
}

/** A line of subjects.csv. */
export interface ExportedSubject {
  readonly subjectId: string;
  readonly subjectName: string;
  readonly patientId: string;
  readonly issuer: string;
  readonly patientName: string;
  readonly birthDate: string;
  readonly shiftDays: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
  readonly studies: number;
}

export interface PseudonymExport {
  /** Patient id to subject id; a patient without id has an empty `idOld`. */
  readonly patients: AsyncIterable<ExportedPair[]>;
  readonly uids: AsyncIterable<ExportedPair[]>;
  readonly accessions: AsyncIterable<ExportedPair[]>;
  readonly subjects: AsyncIterable<ExportedSubject[]>;
}

const ROWS_PER_BATCH = 2_000;

const PAGE_OF_UIDS = `
  select original_uid as "idOld", replacement_uid as "idNew"
  from uid_mapping
  where project_number = $1 and original_uid > $2
  order by original_uid
  limit ${ROWS_PER_BATCH}`;

const PAGE_OF_ACCESSIONS = `
  select original_accession as "idOld", replacement_accession as "idNew"
  from accession_mapping
  where project_number = $1 and original_accession > $2
  order by original_accession
  limit ${ROWS_PER_BATCH}`;

const PAGE_OF_PATIENTS = `
  select patient_id as "idOld", subject_id as "idNew"
  from subject
  where project_number = $1 and subject_id > $2
  order by subject_id
  limit ${ROWS_PER_BATCH}`;

const PAGE_OF_SUBJECTS = `
  select
    subject_id as "subjectId", subject_name as "subjectName", patient_id as "patientId", issuer,
    patient_name as "patientName", birth_date as "birthDate", shift_days as "shiftDays", first_seen as "firstSeen",
    last_seen as "lastSeen", (select count(*) from study where study.subject_number = subject.number) as studies
  from subject
  where project_number = $1 and subject_id > $2
  order by subject_id
  limit ${ROWS_PER_BATCH}`;

/**
 * Notes the export, then gives its parts, each read page by page as it is consumed and in the order of its first column; pages hold no
 * transaction open. Rejects with `usage` when the project is unknown or no reason is given.
 */
export async function exportPseudonyms(database: Database, project: string, asker: Asker): Promise<PseudonymExport> {
  const number = (await projectNumbers(database, project)).at(0);
  if (number === undefined) throw new LetheError('usage', `There is no project ${project} in the database.`);
  await noteLookUp(database, asker, { action: 'export', criterion: undefined, asked: 0, project });
  return {
    patients: pages<ExportedPair>(database, PAGE_OF_PATIENTS, number, (row) => row.idNew),
    uids: pages<ExportedPair>(database, PAGE_OF_UIDS, number, (row) => row.idOld),
    accessions: pages<ExportedPair>(database, PAGE_OF_ACCESSIONS, number, (row) => row.idOld),
    subjects: pages<ExportedSubject>(database, PAGE_OF_SUBJECTS, number, (row) => row.subjectId),
  };
}

/** The rows in the order of `keyOf`, which is never empty, so that '' comes before the first. */
async function* pages<T extends object>(
  database: Database,
  statement: string,
  project: number,
  keyOf: (row: T) => string,
): AsyncGenerator<T[]> {
  let after = '';
  for (;;) {
    const rows = await database.query<Row & T>(statement, [project, after]);
    if (rows.length === 0) return;
    yield rows;
    if (rows.length < ROWS_PER_BATCH) return;
    after = keyOf(rows[rows.length - 1]);
  }
}
