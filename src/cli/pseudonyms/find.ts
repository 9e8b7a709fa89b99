// Looks up pseudonyms through the running gateway or in the database itself.
import { readFile } from 'node:fs/promises';
import { loadConfig } from '../../config/load.ts';
import { LetheError, systemCodeOf } from '../../core/errors.ts';
import type { Criterion, PseudonymRow } from '../../store/look-ups.ts';
import type { FindParams } from '../database-handlers.ts';
import { askDatabase } from '../open-store.ts';

export interface FindQuestion {
  readonly mrn?: string;
  readonly subject?: string;
  readonly uid?: string;
  readonly accession?: string;
  /** File with a value a line. */
  readonly file?: string;
  readonly reason: string;
  readonly project?: string;
  readonly config?: string;
  readonly data?: string;
}

/** A found row as it is printed: dates as ISO text, null where nothing is known. */
export type FoundRow = Omit<PseudonymRow, 'firstSeen' | 'lastSeen' | 'original' | 'replacement'> & {
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly original?: string;
  readonly replacement?: string;
};

/** @throws LetheError `usage` unless one of mrn, subject, uid, accession and file is given */
export async function findAll(question: FindQuestion): Promise<FoundRow[]> {
  const criterion = await readCriterion(question);
  const config = loadConfig({ file: question.config, data: question.data });
  const params: FindParams = { criterion, reason: question.reason };
  const rows: FoundRow[] = [];
  await askDatabase(config, 'pseudonyms.find', params, (row) => {
    rows.push(row as FoundRow);
  });
  return rows;
}

const KINDS = ['mrn', 'subject', 'uid', 'accession'] as const;

async function readCriterion(question: FindQuestion): Promise<Criterion> {
  const project = question.project === undefined ? {} : { project: question.project };
  if (question.file !== undefined) return { ...project, ...(await readValues(question.file)) };
  const kind = KINDS.find((name) => question[name] !== undefined);
  if (kind === undefined) throw new LetheError('usage', 'write one of --mrn, --subject, --uid, --accession and --file');
  return { ...project, [kind]: question[kind] };
}

/** The values of a file, one a line; a first line that is the name of a kind says what they are, patient ids without one. */
async function readValues(path: string): Promise<Criterion> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new LetheError('usage', `cannot read the file of --file (${systemCodeOf(error) ?? 'unknown'})`, {
      cause: error,
    });
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const kind = KINDS.find((name) => name === lines[0].trim().toLowerCase());
  const values = (kind === undefined ? lines : lines.slice(1)).filter((line) => line.trim() !== '');
  if (values.length === 0) throw new LetheError('usage', 'the file of --file holds no value');
  return { [kind ?? 'mrn']: values };
}
