// Writes the mappings of a batch and notes when its subjects were seen. Rows go in the order of their keys, so that two
// writers of the same keys wait for each other in one order and never in a ring.
import { columnsOf } from './columns.ts';
import type { Queryable } from './database.ts';
import type { Numbers } from './ledger-statements.ts';
import type { MappingTable } from './mapping-filter.ts';
import { storable } from './text.ts';

export interface MappingRow {
  readonly table: MappingTable;
  readonly project: string;
  readonly subjectId: string;
  readonly original: string;
  readonly replacement: string;
}

export interface SeenSubject {
  readonly project: string;
  readonly subjectId: string;
}

function insertInto(table: string, original: string, replacement: string): string {
  return `
    insert into ${table} (project_number, subject_number, ${original}, ${replacement})
    select event.project_number, subject.number, event.original, event.replacement
    from unnest($1::int[], $2::text[], $3::text[], $4::text[])
      as event (project_number, subject_id, original, replacement)
    left join subject on subject.project_number = event.project_number and subject.subject_id = event.subject_id
    order by event.project_number, event.original
    on conflict (project_number, ${original}) do nothing`;
}

const INSERT_MAPPINGS: readonly (readonly [MappingTable, string])[] = [
  ['study', insertInto('study', 'original_study_uid', 'replacement_study_uid')],
  ['uid', insertInto('uid_mapping', 'original_uid', 'replacement_uid')],
  ['accession', insertInto('accession_mapping', 'original_accession', 'replacement_accession')],
];

const TOUCH_SUBJECTS = `
  update subject
  set last_seen = now()
  from (
    select subject.number
    from unnest($1::int[], $2::text[]) as event (project_number, subject_id)
    join subject on subject.project_number = event.project_number and subject.subject_id = event.subject_id
    where subject.last_seen < now() - interval '30 seconds'
    order by subject.number
    for no key update of subject
  ) as seen
  where subject.number = seen.number`;

export async function writeMappings(
  transaction: Queryable,
  rows: readonly MappingRow[],
  seen: readonly SeenSubject[],
  numbers: Numbers,
): Promise<void> {
  for (const [table, statement] of INSERT_MAPPINGS) {
    const own = rows.filter((row) => row.table === table);
    if (own.length === 0) continue;
    await transaction.query(
      statement,
      columnsOf(own, (row) => [
        numbers.project(row.project),
        row.subjectId,
        storable(row.original),
        storable(row.replacement),
      ]),
    );
  }
  if (seen.length > 0)
    await transaction.query(
      TOUCH_SUBJECTS,
      columnsOf(seen, (subject) => [numbers.project(subject.project), subject.subjectId]),
    );
}
