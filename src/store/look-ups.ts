// Looking back: who became whom. Each call is noted in the audit first; rows come in batches, so that an export of millions stays small.
import { LetheError } from '../core/errors.ts';
import { arrayLiteral } from './array-literal.ts';
import { noteLookUp, type Asker } from './audit.ts';
import type { Database, Queryable, Row } from './database.ts';
import { storable } from './text.ts';

/** What to look for: exactly one of the four, with one value or many; UIDs and accession numbers are found by original and by replacement. */
export interface Criterion {
  readonly mrn?: string | readonly string[];
  readonly subject?: string | readonly string[];
  readonly uid?: string | readonly string[];
  readonly accession?: string | readonly string[];
  /** Only in this project. */
  readonly project?: string;
}

/** A patient and the subject it is in a project. Original values: for the asker's eyes, never logged. */
export interface PseudonymRow {
  readonly project: string;
  readonly patientId: string;
  readonly issuer: string;
  readonly patientName: string;
  readonly birthDate: string;
  readonly subjectId: string;
  readonly subjectName: string;
  readonly shiftDays: number;
  /** Null when the subject of a mapping is not known. */
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  readonly studies: number;
  /** The UID or accession number that was asked for and its counterpart; undefined when asked by patient or subject. */
  readonly original: string | undefined;
  readonly replacement: string | undefined;
}

const KINDS = ['mrn', 'subject', 'uid', 'accession'] as const;
type Kind = (typeof KINDS)[number];

/** Values looked up by one statement. */
const VALUES_PER_QUERY = 500;

const SUBJECT_COLUMNS = `
  project.name as project, subject.patient_id, subject.issuer, subject.patient_name, subject.birth_date,
  subject.subject_id, subject.subject_name, subject.shift_days, subject.first_seen, subject.last_seen,
  (select count(*) from study where study.subject_number = subject.number) as studies`;

/** $1 are the values, $2 the numbers of the projects: both are the leading columns of the index that is used. */
const BY_SUBJECT_COLUMN = (column: string): string => `
  select ${SUBJECT_COLUMNS}, null as original, null as replacement
  from subject
  join project on project.number = subject.project_number
  where subject.${column} = any ($1::text[]) and subject.project_number = any ($2::int[])
  order by project.name, subject.${column}, subject.number`;

const BY_MAPPING = (table: string, original: string, replacement: string): string => `
  with found as (
    select project_number, subject_number, ${original} as original, ${replacement} as replacement
    from ${table}
    where ${original} = any ($1::text[]) and project_number = any ($2::int[])
    union
    select project_number, subject_number, ${original}, ${replacement}
    from ${table}
    where ${replacement} = any ($1::text[]) and project_number = any ($2::int[])
  )
  select ${SUBJECT_COLUMNS}, found.original, found.replacement
  from found
  join project on project.number = found.project_number
  left join subject on subject.number = found.subject_number
  order by project.name, found.original`;

const STATEMENTS: Readonly<Record<Kind, string>> = {
  mrn: BY_SUBJECT_COLUMN('patient_id'),
  subject: BY_SUBJECT_COLUMN('subject_id'),
  uid: BY_MAPPING('uid_mapping', 'original_uid', 'replacement_uid'),
  accession: BY_MAPPING('accession_mapping', 'original_accession', 'replacement_accession'),
};

interface FoundRow extends Row {
  readonly project: string;
  readonly patient_id: string | null;
  readonly issuer: string | null;
  readonly patient_name: string | null;
  readonly birth_date: string | null;
  readonly subject_id: string | null;
  readonly subject_name: string | null;
  readonly shift_days: number | null;
  readonly first_seen: Date | null;
  readonly last_seen: Date | null;
  readonly studies: number;
  readonly original: string | null;
  readonly replacement: string | null;
}

/** Yields batches of what is found; no batch when nothing is. Rejects with `usage` when not exactly one criterion or no reason is given. */
export async function* findPseudonyms(
  database: Database,
  criterion: Criterion,
  asker: Asker,
): AsyncGenerator<PseudonymRow[]> {
  const { kind, values } = readCriterion(criterion);
  await noteLookUp(database, asker, {
    action: 'find',
    criterion: kind,
    asked: values.length,
    project: criterion.project,
  });
  const projects = arrayLiteral(await projectNumbers(database, criterion.project));
  for (let start = 0; start < values.length; start += VALUES_PER_QUERY) {
    const asked = arrayLiteral(values.slice(start, start + VALUES_PER_QUERY));
    const rows = await database.query<FoundRow>(STATEMENTS[kind], [asked, projects]);
    if (rows.length > 0) yield rows.map(pseudonymOf);
  }
}

function readCriterion(criterion: Criterion): { kind: Kind; values: string[] } {
  const given = KINDS.filter((kind) => criterion[kind] !== undefined);
  if (given.length !== 1) throw new LetheError('usage', 'Look up by exactly one of mrn, subject, uid and accession.');
  const kind = given[0];
  const value = criterion[kind] ?? [];
  const values = (typeof value === 'string' ? [value] : value).map((text) => storable(text.trim()));
  return { kind, values: [...new Set(values)].filter((text) => text !== '') };
}

export async function projectNumbers(database: Queryable, name: string | undefined): Promise<number[]> {
  const rows = await database.query<{ number: number }>(
    'select number from project where name = $1 or $1 is null order by number',
    [name ?? null],
  );
  return rows.map((row) => row.number);
}

function pseudonymOf(row: FoundRow): PseudonymRow {
  return {
    project: row.project,
    patientId: row.patient_id ?? '',
    issuer: row.issuer ?? '',
    patientName: row.patient_name ?? '',
    birthDate: row.birth_date ?? '',
    subjectId: row.subject_id ?? '',
    subjectName: row.subject_name ?? '',
    shiftDays: row.shift_days ?? 0,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    studies: row.studies,
    original: row.original ?? undefined,
    replacement: row.replacement ?? undefined,
  };
}
