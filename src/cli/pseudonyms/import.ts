// Reads a list of patients and the subjects that they are to be, and has the database take it over: all of it or nothing.
import { readFile, stat } from 'node:fs/promises';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/config.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { loadProfile } from '../../profile/load.ts';
import type { Assignment, AssignmentConflict, AssignmentReport } from '../../store/assigned-subjects.ts';
import { parseCsv, readCell, type CsvRow } from '../csv.ts';
import type { ImportParams } from '../database-handlers.ts';
import { askDatabase } from '../open-store.ts';
import { requireProjectName } from '../project-name.ts';

export interface ImportQuestion {
  readonly project: string;
  readonly profile?: string;
  readonly reason: string;
  readonly config?: string;
  readonly data?: string;
}

export interface ImportReport {
  readonly added: number;
  readonly known: number;
  readonly conflicts: readonly { readonly line: number; readonly conflict: AssignmentConflict }[];
}

/** An entry and the line on which it stands. */
interface Entry extends Assignment {
  readonly line: number;
}

/** Larger files are no list. */
const MAX_FILE_BYTES = 256 * 2 ** 20;
/** One message to the gateway holds them. */
const ENTRIES_AT_ONCE = 5_000;

/** Rejects with `usage`, one line per mistake of the file; nothing is taken over then. */
export async function importAssignments(file: string, question: ImportQuestion): Promise<ImportReport> {
  const project = requireProjectName(question.project);
  const config = loadConfig({ file: question.config, data: question.data });
  const { maxShiftDays, subject } = await loadProfile(profileFor(config, project, question), config.profileDirectories);
  const policy = { nameTemplate: subject.nameTemplate, maxShiftDays };
  const entries = readEntries(file, await read(file), policy.nameTemplate);
  const ask = async (isTrial: boolean): Promise<ImportReport> => {
    let [added, known] = [0, 0];
    const conflicts: ImportReport['conflicts'][number][] = [];
    for (let at = 0; at < entries.length; at += ENTRIES_AT_ONCE) {
      const part = entries.slice(at, at + ENTRIES_AT_ONCE);
      const assignments = part.map(({ patientId, issuer, subjectId }) => ({ patientId, issuer, subjectId }));
      const params: ImportParams = { job: { project, policy, assignments, isTrial }, reason: question.reason };
      const report = (await askDatabase(config, 'pseudonyms.import', params)) as AssignmentReport;
      added += report.added;
      known += report.known;
      conflicts.push(...report.conflicts.map(({ index, conflict }) => ({ line: part[index].line, conflict })));
    }
    return { added, known, conflicts };
  };
  // A list longer than one message is looked through whole before its first entry is kept.
  const trial = await ask(true);
  return trial.conflicts.length > 0 ? { ...trial, added: 0 } : ask(false);
}

/** Dates and names of a subject follow from the profile that its project is used with. */
function profileFor(config: Config, project: string, { profile }: ImportQuestion): string {
  if (profile !== undefined) return profile;
  const route = config.routes.find((one) => one.project === project);
  if (route !== undefined) return route.profile;
  const projects = [...new Set(config.routes.map((one) => one.project))];
  throw new LetheError(
    'usage',
    `no route has this project; write --project as the configuration does (${projects.join(', ')}), or name the profile of the project with --profile`,
  );
}

async function read(file: string): Promise<string> {
  try {
    if ((await stat(file)).size <= MAX_FILE_BYTES) return await readFile(file, 'utf8');
  } catch (cause) {
    throw new LetheError('usage', `the list cannot be read (${systemCodeOf(cause) ?? 'unknown'})`, { cause });
  }
  throw new LetheError('usage', 'this file is too large to be a list');
}

const COLUMNS = ['id_old', 'id_new', 'issuer'] as const;
type Column = (typeof COLUMNS)[number];
/** LO of PS3.5 6.2: at most 64 characters, no backslash, no control character. */
const SUBJECT_ID = /^[^\\\p{Cc}\p{Cs}]{1,64}$/u;
const MAX_NAME_CHARS = 64;

/** @throws LetheError `usage`, `file:line: what to write`; no message repeats a value */
export function readEntries(file: string, text: string, nameTemplate: string): readonly Entry[] {
  const rows = parseCsv(text);
  if (rows === undefined) throw new LetheError('usage', `${file}: a quotation mark is not closed`);
  const columnOf = readHeadings(file, rows.at(0));
  const problems: string[] = [];
  const [patients, subjects] = [new Map<string, number>(), new Map<string, number>()];
  const entries = rows.slice(1).map(({ line, cells }): Entry => {
    const cell = (column: Column): string => readCell(cells.at(columnOf[column] ?? cells.length) ?? '').trim();
    const entry = { line, patientId: cell('id_old'), issuer: cell('issuer'), subjectId: cell('id_new') };
    const tell = (what: string): number => problems.push(`${file}:${line}: ${what}`);
    if (entry.patientId === '') tell('id_old is empty; write the original patient id');
    if (!SUBJECT_ID.test(entry.subjectId))
      tell('id_new is no subject id; write 1 to 64 characters without a backslash');
    else if (nameTemplate.replaceAll('{id}', () => entry.subjectId).length > MAX_NAME_CHARS)
      tell('id_new is too long for the subject name of the profile');
    const once = (seen: Map<string, number>, key: string, column: string): void => {
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, line);
      else tell(`${column} stands in line ${earlier} already; each may stand once`);
    };
    once(patients, `${entry.patientId.normalize('NFC')}\n${entry.issuer.normalize('NFC')}`, 'id_old');
    once(subjects, entry.subjectId, 'id_new');
    return entry;
  });
  if (problems.length > 0) throw new LetheError('usage', problems.join('\n'));
  if (entries.length === 0) throw new LetheError('usage', `${file}: the list has no entry`);
  return entries;
}

/** Places of the columns, by the first line. */
function readHeadings(file: string, row: CsvRow | undefined): Readonly<Partial<Record<Column, number>>> {
  const headings = row?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const places = Object.fromEntries(
    COLUMNS.flatMap((column) => (headings.includes(column) ? [[column, headings.indexOf(column)]] : [])),
  ) as Partial<Record<Column, number>>;
  if (places.id_old !== undefined && places.id_new !== undefined) return places;
  throw new LetheError('usage', `${file}:1: write the headings id_old,id_new, and issuer where scanners send one`);
}
