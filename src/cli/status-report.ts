// The numbers of `lethe status`.
import type { DestinationCounts, LedgerCounts } from '../pipeline/ports.ts';

/** `waiting` is everything acknowledged that is not yet at rest. */
export interface Status extends LedgerCounts {
  readonly destinations: readonly DestinationCounts[];
}
