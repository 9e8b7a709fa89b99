// A database of a gateway that has run for years, filled in SQL: UIDs, studies, accession numbers, subjects, and the ledger of delivered instances.
import type { Database } from '../../src/store/database.ts';

/** Rows of uid_mapping for each row of the others. */
const UIDS_PER = { subject: 100, study: 50, instance: 2.5 } as const;

export const LARGE_TABLES = ['uid_mapping', 'study', 'accession_mapping', 'subject', 'instance', 'delivery'] as const;
type LargeTable = (typeof LARGE_TABLES)[number];

export interface Counts {
  readonly uids: number;
  readonly studies: number;
  readonly subjects: number;
  readonly instances: number;
}

export function countsOf(uids: number): Counts {
  const share = (per: number): number => Math.max(1, Math.floor(uids / per));
  const { subject, study, instance } = UIDS_PER;
  return { uids, studies: share(study), subjects: share(subject), instances: share(instance) };
}

/** What stands in row `n`, as SQL expressions of the number: look-ups ask for the same. */
export const VALUE = {
  mrn: (n: string) => `'P' || lpad((${n})::text, 9, '0')`,
  subject: (n: string) => `'L-' || lpad((${n})::text, 9, '0')`,
  originalUid: (n: string) => `'1.2.840.99999.7.' || ((${n}) / 500) || '.' || ((${n}) % 500)`,
  replacementUid: (n: string) => hashed('uid', n),
  originalAccession: (n: string) => `'A' || lpad((${n})::text, 11, '0')`,
  replacementAccession: (n: string) => `upper(substr(md5('accession ' || (${n})), 1, 16))`,
} as const;

/** As long as a replacement, and as evenly spread. */
function hashed(kind: string, n: string): string {
  const half = (start: number): string =>
    `lpad((('x' || substr(md5('${kind} ' || (${n})), ${start}, 15))::bit(60)::bigint)::text, 19, '0')`;
  return `'2.25.1' || ${half(1)} || ${half(17)}`;
}

/** $1 is the project. Those of one database connection each: two at once use two cores. */
function inserts({ uids, studies, subjects, instances }: Counts): Readonly<Record<LargeTable, string>> {
  const numbers = (count: number): string => `generate_series(0, ${count - 1}) as n`;
  const subjectOf = (count: number): string => `1 + n * ${subjects}::bigint / ${count}`;
  return {
    uid_mapping: `insert into uid_mapping select $1, ${subjectOf(uids)}, ${VALUE.originalUid('n')}, ${VALUE.replacementUid('n')} from ${numbers(uids)}`,
    study: `insert into study select $1, ${subjectOf(studies)}, ${VALUE.originalUid('n * 50')}, ${VALUE.replacementUid('n * 50')} from ${numbers(studies)}`,
    accession_mapping: `insert into accession_mapping select $1, ${subjectOf(studies)}, ${VALUE.originalAccession('n')}, ${VALUE.replacementAccession('n')} from ${numbers(studies)}`,
    subject: `
      insert into subject (
        project_number, patient_key, patient_id, issuer, patient_name, birth_date, subject_id, subject_name, shift_days
      )
      select $1, substr(md5('key ' || n), 1, 24), ${VALUE.mrn('n')}, 'HOSPITAL', 'NAME^PATIENT ' || n, '19700101',
        ${VALUE.subject('n')}, ${VALUE.subject('n')}, -n % 365
      from ${numbers(subjects)}`,
    instance: `
      insert into instance (
        record_id, project_number, subject_number, profile_number, state, calling_ae_title, called_ae_title, peer_address,
        sop_class_uid, sop_instance_uid, transfer_syntax_uid, length, checksum, received_at, sha256, clean_sha256
      )
      select md5('record ' || n)::uuid, $1, ${subjectOf(instances)}, null, 'delivered', 'CT_ROOM_1', 'LETHE', '10.0.0.1',
        '1.2.840.10008.5.1.4.1.1.2', ${VALUE.originalUid('n * 5 / 2')}, '1.2.840.10008.1.2.1', 526000, n,
        now() - (${instances} - n) * interval '20 seconds', sha256(('before ' || n)::bytea), sha256(('after ' || n)::bytea)
      from ${numbers(instances)}`,
    delivery: `
      insert into delivery (record_id, destination, state, status, attempts)
      select md5('record ' || n)::uuid, 'research', 'sent', 0, 1 from ${numbers(instances)} where $1 > 0`,
  };
}

const DEFINITIONS = `
  select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition, true as "isConstraint"
  from pg_constraint where contype in ('p', 'u') and conrelid::regclass::text = any ($1::text[])
  union all
  select tablename, indexname, indexdef, false from pg_indexes
  where tablename = any ($1::text[]) and not exists (select from pg_constraint where conname = indexname)`;

interface Definition {
  readonly [column: string]: unknown;
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly isConstraint: boolean;
}

/** Fills a database whose schema is up to date. Indexes are made again behind the rows, which is many times quicker. */
export async function fillTables(database: Database, counts: Counts): Promise<void> {
  const [{ number }] = await database.query<{ number: number }>(
    `insert into project (name) values ('default') on conflict (name) do update set name = excluded.name returning number`,
  );
  const definitions = await database.query<Definition>(DEFINITIONS, [`{${LARGE_TABLES.join(',')}}`]);
  for (const { table, name, isConstraint } of definitions)
    await database.script(isConstraint ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`);
  const statements = inserts(counts);
  const fill = async (tables: readonly LargeTable[]): Promise<void> => {
    for (const table of tables) {
      await database.script(`alter table ${table} disable trigger user`);
      await database.script(statements[table].replaceAll('$1', String(number)));
      await database.script(`alter table ${table} enable trigger user`);
      for (const made of definitions.filter((definition) => definition.table === table))
        await database.script(
          made.isConstraint ? `alter table ${table} add constraint ${made.name} ${made.definition}` : made.definition,
        );
      await database.script(`vacuum (freeze, analyze) ${table}`);
    }
  };
  await Promise.all([fill(['uid_mapping', 'study', 'accession_mapping']), fill(['subject', 'instance', 'delivery'])]);
  await database.script(
    `insert into instance_tally values ('delivered', ${counts.instances});
     insert into delivery_tally values ('research', 'sent', ${counts.instances});
     checkpoint`,
  );
}
