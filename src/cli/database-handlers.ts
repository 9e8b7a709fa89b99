// What the commands ask of the database; the running gateway offers the same over its control socket.
import { join } from 'node:path';
import type { ControlHandler } from '../control/server.ts';
import { assignSubjects, type AssignmentJob } from '../store/assigned-subjects.ts';
import type { Database } from '../store/database.ts';
import { listLookUps } from '../store/audit.ts';
import { exportPseudonyms } from '../store/exports.ts';
import { findPseudonyms, type Criterion } from '../store/look-ups.ts';
import { openProjectKeys } from '../store/project-keys.ts';
import { listReceiptHeads } from '../store/receipt-heads.ts';
import type { Config } from '../config/config.ts';
import { quarantineHandlers, type QuarantineMethod } from './quarantine/handlers.ts';
import { readStatus } from './status-report.ts';

/** Parameters of `pseudonyms.find`. */
export interface FindParams {
  readonly criterion: Criterion;
  readonly reason: string;
}

/** Parameters of `pseudonyms.export`. */
export interface ExportParams {
  readonly project: string;
  readonly reason: string;
}

/** Parameters of `pseudonyms.import`. */
export interface ImportParams {
  readonly job: AssignmentJob;
  readonly reason: string;
}

/** A row of `pseudonyms.export`: which file, and its lines. */
export interface ExportRow {
  readonly file: 'patients' | 'uids' | 'subjects';
  readonly lines: readonly Readonly<Record<string, string | number | null>>[];
}

/** Parameters of `audit.list`. */
export interface AuditListParams {
  /** Rows at most. */
  readonly limit: number;
}

export type DatabaseMethod =
  | 'status'
  | 'pseudonyms.find'
  | 'pseudonyms.export'
  | 'pseudonyms.import'
  | 'audit.list'
  | 'receipts.heads'
  | QuarantineMethod;

/**
 * The methods over an open database. They come from the same program over a socket that only its owner may open, so the
 * parameters have the types above; what the database functions check they check here too.
 */
export function databaseHandlers(database: Database, config: Config): Readonly<Record<DatabaseMethod, ControlHandler>> {
  return {
    ...quarantineHandlers(database, config, async () =>
      (await import('./quarantine/open-spool.ts')).openClosedSpool(config, config.database === 'embedded'),
    ),
    status: () => readStatus(database, config),
    'audit.list': (params) => listLookUps(database, (params as AuditListParams).limit),
    'receipts.heads': () => listReceiptHeads(database),
    'pseudonyms.find': async function* (params) {
      const { criterion, reason } = params as FindParams;
      for await (const rows of findPseudonyms(database, criterion, { reason })) yield* rows;
    },
    'pseudonyms.import': async (params) => {
      const { job, reason } = params as ImportParams;
      return assignSubjects(database, openProjectKeys(join(config.data, 'keys')), job, { reason });
    },
    'pseudonyms.export': async function* (params): AsyncGenerator<ExportRow> {
      const { project, reason } = params as ExportParams;
      const { patients, uids, subjects } = await exportPseudonyms(database, project, { reason });
      for await (const rows of patients)
        yield { file: 'patients', lines: rows.map(({ idOld, idNew }) => ({ idOld, idNew })) };
      for await (const rows of uids) yield { file: 'uids', lines: rows.map(({ idOld, idNew }) => ({ idOld, idNew })) };
      for await (const rows of subjects)
        yield {
          file: 'subjects',
          lines: rows.map((row) => ({
            ...row,
            firstSeen: row.firstSeen.toISOString(),
            lastSeen: row.lastSeen.toISOString(),
          })),
        };
    },
  };
}
