// The look-ups and exports that were noted, through the running gateway or from the database itself.
import { loadConfig } from '../../config/load.ts';
import type { LookUpNote } from '../../store/audit.ts';
import type { AuditListParams } from '../database-handlers.ts';
import { askDatabase } from '../open-store.ts';

export type ListedNote = Omit<LookUpNote, 'at'> & { /** ISO 8601 */ readonly at: string };

export async function listNotes(question: {
  readonly limit: number;
  readonly config?: string;
  readonly data?: string;
}): Promise<ListedNote[]> {
  const config = loadConfig({ file: question.config, data: question.data });
  const params: AuditListParams = { limit: question.limit };
  return (await askDatabase(config, 'audit.list', params)) as ListedNote[];
}
