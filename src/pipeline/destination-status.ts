// What is told of destinations: their numbers from the ledger, what each is doing from whoever sends to it.
import type { Destination, DestinationCondition, DestinationCounts, DestinationStatus } from './ports.ts';

/** Every destination, also one that nothing was sent to. */
export function withConditions(
  destinations: readonly Pick<Destination, 'name'>[],
  counts: readonly DestinationCounts[],
  conditionOf: (counts: DestinationCounts) => DestinationCondition | undefined,
): DestinationStatus[] {
  const known = new Map(counts.map((row) => [row.destination, row]));
  for (const { name } of destinations)
    if (!known.has(name))
      known.set(name, { destination: name, pending: 0, retrying: 0, sent: 0, dead: 0, lastError: undefined });
  return Array.from(known.values(), (row) => ({ ...row, condition: conditionOf(row) }));
}
