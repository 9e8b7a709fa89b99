// The numbers of `lethe status`.
import type { DestinationCounts, Ledger, LedgerCounts } from '../pipeline/ports.ts';

export interface Status extends LedgerCounts {
  readonly destinations: readonly DestinationCounts[];
}

/** Reads the numbers from a ledger; `waiting` is everything acknowledged that is not yet at rest. */
export async function readStatus(ledger: Pick<Ledger, 'counts' | 'destinationCounts'>): Promise<Status> {
  const [counts, destinations] = await Promise.all([ledger.counts(), ledger.destinationCounts()]);
  return { ...counts, destinations };
}
