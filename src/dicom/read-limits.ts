// What reading one data set may take.

/** Limits on one data set. Beyond them it is refused, never read in part. */
export interface ReadLimits {
  /** Sequences inside sequences. */
  readonly maxDepth: number;
  /** Elements, items and fragments together. */
  readonly maxElements: number;
  /** Bytes of everything outside bulk data. */
  readonly maxHeaderBytes: number;
  /** Values longer than this many bytes are bulk: they stay a range of the source and are never loaded. */
  readonly bulkThreshold: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  maxDepth: 64,
  maxElements: 1_000_000,
  maxHeaderBytes: 64 * 1024 * 1024,
  bulkThreshold: 64 * 1024,
};
