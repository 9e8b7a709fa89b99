// The numbers of `lethe status`, and why what waits waits.
import type { Config } from '../config/config.ts';
import { conditionFrom } from '../pipeline/delivery-rules.ts';
import { withConditions } from '../pipeline/destination-status.ts';
import type { DestinationCondition, DestinationCounts, DestinationStatus, LedgerCounts } from '../pipeline/ports.ts';
import type { Database } from '../store/database.ts';
import { listOutages } from '../store/deliveries.ts';
import { countDestinations, countInstances } from '../store/ledger-queries.ts';

/** `waiting` is everything acknowledged that is not yet at rest. */
export interface Status extends LedgerCounts {
  readonly destinations: readonly DestinationStatus[];
}

/** What the database tells. With a Redis queue it knows what senders found; else only the running gateway knows that, and is asked itself. */
export async function readStatus(database: Database, config: Config): Promise<Status> {
  const [counts, perDestination] = await Promise.all([countInstances(database), countDestinations(database)]);
  const outages = new Map((await listOutages(database)).map((outage) => [outage.destination, outage]));
  const now = Date.now();
  const conditionOf = ({ destination, pending, retrying }: DestinationCounts): DestinationCondition | undefined => {
    const rules = Object.hasOwn(config.destinations, destination)
      ? config.destinations[destination].delivery
      : undefined;
    const condition = conditionFrom(rules, outages.get(destination), pending + retrying > 0, now);
    return config.queue === 'embedded' && condition.state !== 'closed' ? undefined : condition;
  };
  const configured = Object.keys(config.destinations).map((name) => ({ name }));
  return { ...counts, destinations: withConditions(configured, perDestination, conditionOf) };
}

/** Why instances for a destination wait, as a sentence without its stop; times are local. */
export function describeCondition(condition: DestinationCondition | undefined, now: number): string {
  if (condition === undefined) return '';
  const { state, until, since, error } = condition;
  const at = (time: number | undefined): string => (time === undefined ? '?' : formatTime(time, now));
  switch (state) {
    case 'idle':
    case 'sending':
      return state;
    case 'closed':
      return `waits for its send window until ${at(until)}`;
    case 'paused':
      return `takes nothing since ${at(since)}; next attempt at ${at(until)} (circuit open): ${error ?? ''}`;
    case 'probing':
      return `in trouble since ${at(since)}; trying now: ${error ?? ''}`;
  }
}

/** The time of day; with the date when that is another one. */
function formatTime(time: number, now: number): string {
  const [date, today] = [new Date(time), new Date(now)];
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === today.toDateString()) return clock;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}
