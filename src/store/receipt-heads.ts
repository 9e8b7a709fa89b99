// How far each chain of receipts has come, kept beside the pseudonyms: a file of receipts that was cut shorter shows against it.
import type { Database } from './database.ts';

export interface ReceiptHeadRow {
  readonly chain: string;
  readonly project: string;
  /** Machine and directory of the gateway that writes it. */
  readonly place: string;
  readonly sequence: number;
  readonly hmac: string;
}

type Head = Pick<ReceiptHeadRow, 'sequence' | 'hmac'>;

const FIND = 'select sequence, hmac from receipt_head where chain = $1';
const LIST = 'select chain, project, place, sequence, hmac from receipt_head order by project, chain';
/** A head only moves on. */
const SAVE = `
  insert into receipt_head (chain, project, place, sequence, hmac) values ($1, $2, $3, $4, $5)
  on conflict (chain) do update
  set place = excluded.place, sequence = excluded.sequence, hmac = excluded.hmac, updated_at = now()
  where receipt_head.sequence < excluded.sequence`;

export class PostgresReceiptHeads {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(chain: string): Promise<Head | undefined> {
    const rows = await this.#database.query<{ sequence: number; hmac: string }>(FIND, [chain]);
    return rows.at(0);
  }

  async save(chain: string, project: string, place: string, head: Head): Promise<void> {
    await this.#database.query(SAVE, [chain, project, place, head.sequence, head.hmac]);
  }
}

export async function listReceiptHeads(database: Database): Promise<ReceiptHeadRow[]> {
  return database.query<{ chain: string; project: string; place: string; sequence: number; hmac: string }>(LIST);
}
