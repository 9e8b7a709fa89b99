// What the HTTP server asks of the gateway. Same floor as the store, so that the composition root hands it in.
import type { RecordId } from '../core/brands.ts';
import type { QuarantineReason } from '../core/errors.ts';
import type { Readiness } from '../pipeline/ports.ts';
import type { LedgerFigures } from './metrics.ts';

export const CRITERIA = ['mrn', 'subject', 'uid', 'accession'] as const;

/** Exactly one of the four. */
export type Question = Readonly<Partial<Record<(typeof CRITERIA)[number], readonly string[]>>> & {
  readonly project?: string;
};

export interface QuarantineQuestion {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  readonly after?: { readonly recordId: RecordId; readonly receivedAt: Date };
  readonly limit: number;
}

/** All of it rejects with a LetheError when the database is away. */
export interface HttpBackend {
  /** The numbers of `lethe status`. */
  status(): Promise<object>;
  /** A page of what waits for a person, newest first; no identifying value. */
  quarantine(question: QuarantineQuestion): Promise<readonly object[]>;
  /** Who became whom, noted in the audit before the first row. Identifying values. */
  findPseudonyms(
    question: Question,
    asker: { readonly actor: string; readonly reason: string },
  ): AsyncIterable<readonly object[]>;
  figures(): Promise<LedgerFigures>;
}

/** What changes while the process starts, runs and stops. */
export interface HttpState {
  readiness(): Readiness;
  /** Undefined until the database is open, and in roles that leave the API to others. */
  readonly backend: HttpBackend | undefined;
  /** Told when a caller showed a token, or should have. */
  onAuthentication?(address: string, isAllowed: boolean): void;
}
