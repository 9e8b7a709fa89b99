// Writes the pseudonyms of a project as CSV files that only their owner may read.
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import { formatRow } from '../csv.ts';
import type { ExportParams, ExportRow } from '../database-handlers.ts';
import { askDatabase } from '../open-store.ts';

type FileName = ExportRow['file'];

/** Heading of each column and the field that fills it. */
const COLUMNS: Readonly<Record<FileName, Readonly<Record<string, string>>>> = {
  patients: { id_old: 'idOld', id_new: 'idNew' },
  uids: { id_old: 'idOld', id_new: 'idNew' },
  subjects: {
    subject_id: 'subjectId',
    subject_name: 'subjectName',
    patient_id: 'patientId',
    issuer: 'issuer',
    patient_name: 'patientName',
    birth_date: 'birthDate',
    shift_days: 'shiftDays',
    first_seen: 'firstSeen',
    last_seen: 'lastSeen',
    studies: 'studies',
  },
};
const FILE_NAMES = Object.keys(COLUMNS) as FileName[];

export interface ExportQuestion {
  readonly project: string;
  readonly out: string;
  readonly reason: string;
  readonly config?: string;
  readonly data?: string;
}

/** Writes the three files, whole or not at all; resolves with how many rows each has. */
export async function exportProject(question: ExportQuestion): Promise<Record<FileName, number>> {
  const config = loadConfig({ file: question.config, data: question.data });
  const params: ExportParams = { project: question.project, reason: question.reason };
  const counts: Record<FileName, number> = { patients: 0, uids: 0, subjects: 0 };
  const files = await openFiles(question.out);
  let isDone = false;
  try {
    await askDatabase(config, 'pseudonyms.export', params, async (row) => {
      const { file, lines } = row as ExportRow;
      counts[file] += lines.length;
      await files[file].appendFile(lines.map((line) => formatLine(file, line)).join(''));
    });
    for (const file of FILE_NAMES) await files[file].sync();
    isDone = true;
  } finally {
    for (const file of FILE_NAMES) {
      await files[file].close();
      const draft = draftOf(question.out, file);
      await (isDone ? rename(draft, join(question.out, `${file}.csv`)) : rm(draft));
    }
  }
  return counts;
}

const draftOf = (folder: string, file: FileName): string => join(folder, `.${file}.csv.part`);

async function openFiles(folder: string): Promise<Record<FileName, FileHandle>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files: Partial<Record<FileName, FileHandle>> = {};
    for (const file of FILE_NAMES) {
      await rm(draftOf(folder, file), { force: true });
      files[file] = await open(draftOf(folder, file), 'wx', 0o600);
      await files[file].appendFile(formatRow(Object.keys(COLUMNS[file])));
    }
    return files as Record<FileName, FileHandle>;
  } catch (error) {
    throw new LetheError('usage', `cannot write to the folder of --out (${systemCodeOf(error) ?? 'unknown'})`, {
      cause: error,
    });
  }
}

function formatLine(file: FileName, line: ExportRow['lines'][number]): string {
  return formatRow(Object.values(COLUMNS[file]).map((field) => String(line[field] ?? '')));
}
