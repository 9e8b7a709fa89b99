// What the main thread and the PGlite worker say to each other, by structured clone.
import type { Parameter, Row } from './database.ts';

export interface PgliteWorkerData {
  /** Directory of the database cluster; created when absent. */
  readonly directory: string;
}

export type PgliteRequest =
  /** One prepared statement; without parameters the text may hold several. */
  | { readonly id: number; readonly text: string; readonly parameters: readonly Parameter[] | undefined }
  | { readonly id: number; readonly close: true };

export type PgliteReply =
  | { readonly ready: true; readonly created: boolean }
  | { readonly id: number; readonly rows: Row[] }
  /** Only what classify() reads of an error: it may hold values in its other fields. */
  | {
      readonly id: number;
      readonly failure: { code?: string; severity?: string; table?: string; constraint?: string };
    };
