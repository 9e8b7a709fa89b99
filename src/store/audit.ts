// Notes who looked something up before anything is given out, and who decided on the quarantine. The values asked for are never kept.
import { userInfo } from 'node:os';
import { LetheError } from '../core/errors.ts';
import type { Queryable, Row } from './database.ts';

/** Who asks and why. */
export interface Asker {
  /** User of the operating system or of the web page; default the one that runs this process. */
  readonly actor?: string;
  /** In the asker's words; must not be blank. */
  readonly reason: string;
}

export interface AuditEvent {
  readonly action: 'find' | 'export' | 'import' | 'show' | 'save' | 'release' | 'discard';
  readonly criterion: 'mrn' | 'subject' | 'uid' | 'accession' | undefined;
  /** How many values were asked for. */
  readonly asked: number;
  readonly project: string | undefined;
}

const ADD = 'insert into audit (actor, action, criterion, asked, project, reason) values ($1, $2, $3, $4, $5, $6)';

/** Rejects with `usage` when there is no reason, and when the row cannot be written: then nothing may be given out. */
export async function noteLookUp(database: Queryable, asker: Asker, event: AuditEvent): Promise<void> {
  const reason = asker.reason.trim();
  if (reason === '') throw new LetheError('usage', 'This needs a reason: it is kept in the audit.');
  await database.query(ADD, [
    asker.actor ?? userInfo().username,
    event.action,
    event.criterion ?? null,
    event.asked,
    event.project ?? null,
    reason.replaceAll('\0', ''),
  ]);
}

/** A look-up or export as it was noted. */
export interface LookUpNote {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly criterion: string | null;
  readonly asked: number;
  readonly project: string | null;
  readonly reason: string;
}

const LIST = 'select at, actor, action, criterion, asked, project, reason from audit order by number desc limit $1';

/** The newest first. */
export async function listLookUps(database: Queryable, limit: number): Promise<LookUpNote[]> {
  return database.query<LookUpNote & Row>(LIST, [limit]);
}
