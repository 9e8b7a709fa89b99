// The rows of `lethe quarantine list`.
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/config.ts';
import { QUARANTINE_REASONS, type QuarantineReason } from '../../core/errors.ts';
import { nameOfUid } from '../../standard/uids.ts';
import type { QuarantinedInstance } from '../../store/quarantine.ts';
import { askDatabase } from '../open-store.ts';
import type { ListParams } from './handlers.ts';

/** As it comes over the socket: times are ISO text. */
export type ReceivedRow = Omit<QuarantinedInstance, 'receivedAt' | 'quarantinedAt'> & {
  readonly receivedAt: string;
  readonly quarantinedAt: string;
};

/** A row with what its codes mean. */
export type ListedRow = ReceivedRow & { readonly help: string; readonly sopClass: string };

export interface ListQuestion {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  readonly limit: number;
  readonly config?: string;
  readonly data?: string;
}

export async function listRows(
  question: ListQuestion,
): Promise<{ readonly rows: readonly ListedRow[]; readonly hasMore: boolean }> {
  const config = loadConfig({ file: question.config, data: question.data });
  const found = await selectRows(config, { ...question, limit: question.limit + 1 });
  const rows = found.slice(0, question.limit).map(explained);
  return { rows, hasMore: found.length > question.limit };
}

export async function selectRows(
  config: Config,
  { project, reason, limit }: ListParams,
): Promise<readonly ReceivedRow[]> {
  const rows: ReceivedRow[] = [];
  const params = { limit, ...(project === undefined ? {} : { project }), ...(reason === undefined ? {} : { reason }) };
  await askDatabase(config, 'quarantine.list', params, (row) => {
    rows.push(row as ReceivedRow);
  });
  return rows;
}

/** The name of the SOP class is the standard's; an unknown one is shown as it is. */
export function explained<T extends ReceivedRow>(row: T): T & Pick<ListedRow, 'help' | 'sopClass'> {
  return { ...row, help: QUARANTINE_REASONS[row.reason], sopClass: nameOfUid(row.sopClassUid) ?? row.sopClassUid };
}
