// What waits in quarantine for a person, newest first. Holds no identifying value.
import type { RecordId } from '../core/brands.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { Queryable, Row } from './database.ts';

export interface QuarantinedInstance {
  readonly recordId: RecordId;
  readonly project: string;
  readonly reason: QuarantineReason;
  readonly message: string;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  readonly peerAddress: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** Bytes. */
  readonly length: number;
  readonly receivedAt: Date;
  readonly quarantinedAt: Date;
}

export interface QuarantinePage {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  /** The last instance of the page before. */
  readonly after?: Pick<QuarantinedInstance, 'recordId' | 'receivedAt'>;
  /** Rows at most; default 100. */
  readonly limit?: number;
}

const PAGE = `
  select
    record_id as "recordId", project, reason, message, calling_ae_title as "callingAeTitle",
    called_ae_title as "calledAeTitle", peer_address as "peerAddress", sop_class_uid as "sopClassUid",
    transfer_syntax_uid as "transferSyntaxUid", length, received_at as "receivedAt", quarantined_at as "quarantinedAt"
  from quarantine
  where ($1::text is null or project = $1)
    and ($2::text is null or reason = $2)
    and ($3::timestamptz is null or (received_at, record_id) < ($3, $4::uuid))
  order by received_at desc, record_id desc
  limit $5`;

export async function listQuarantine(database: Queryable, page: QuarantinePage = {}): Promise<QuarantinedInstance[]> {
  return database.query<QuarantinedInstance & Row>(PAGE, [
    page.project ?? null,
    page.reason ?? null,
    page.after?.receivedAt.toISOString() ?? null,
    page.after?.recordId ?? null,
    page.limit ?? 100,
  ]);
}

/** How many wait for each reason, most first. */
export async function countQuarantine(database: Queryable): Promise<{ reason: QuarantineReason; count: number }[]> {
  return database.query(
    'select reason, count(*) as count from quarantine group by reason order by count(*) desc, reason',
  );
}
