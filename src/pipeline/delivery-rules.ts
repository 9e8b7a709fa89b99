// How a destination is sent to: when, in which order, for how long.
import type { Backoff } from './backoff.ts';
import type { DestinationCondition } from './ports.ts';
import { nextOpening } from './send-windows.ts';
import type { SendWindow } from './send-windows.ts';

export interface DeliveryRules {
  /** Milliseconds without success after which an instance is quarantined as `delivery-refused`; undefined: never. */
  readonly giveUpAfterMs?: number | undefined;
  /** Times of day, local time, in which something may leave; none: always. */
  readonly sendWindows?: readonly SendWindow[] | undefined;
  /** Instances of one series leave one after another, in the order in which they were received. */
  readonly isOrdered?: boolean | undefined;
  /** Default 1 s to 15 min. */
  readonly backoff?: Backoff | undefined;
}

/** Rules by name of destination; one that is not named has none. */
export type RulesByDestination = Readonly<Record<string, DeliveryRules>>;

/** Nothing is given up before the destination was seen to fail for so long: a gateway that comes back after a week asks again first. */
const MIN_TROUBLE_MS = 60 * 60_000;

/** Longest wait that a peer may ask for (Retry-After), in milliseconds. */
const MAX_ASKED_WAIT_MS = 60 * 60_000;

/**
 * Whether a delivery has been without success for too long.
 * @param waitsSince when it was received or released, in milliseconds since the epoch
 * @param troubledMs how long the destination has failed, as this process saw it, by a clock that nobody sets; undefined: it does not fail
 */
export function isOverdue(
  { giveUpAfterMs }: DeliveryRules,
  now: number,
  waitsSince: number,
  troubledMs: number | undefined,
): boolean {
  if (giveUpAfterMs === undefined || troubledMs === undefined) return false;
  return now - waitsSince >= giveUpAfterMs && troubledMs >= Math.min(giveUpAfterMs, MIN_TROUBLE_MS);
}

/** What is told of an instance that is given up. @param answer the last one, in our own words */
export function describeGivingUp({ giveUpAfterMs = 0 }: DeliveryRules, answer: string): string {
  return `not taken for ${describeSpan(giveUpAfterMs)}; last: ${answer}`;
}

/** The wait that was chosen, or the longer one that the peer asked for. */
export function respectAskedWait(delayMs: number, askedMs: number | undefined): number {
  return Math.max(delayMs, Math.min(askedMs ?? 0, MAX_ASKED_WAIT_MS));
}

/** What a destination of other processes is doing, by what the ledger tells. @param isWaitedFor something waits for it */
export function conditionFrom(
  rules: DeliveryRules | undefined,
  outage: { readonly since: number; readonly nextAttemptAt: number; readonly error: string } | undefined,
  isWaitedFor: boolean,
  now: number,
): DestinationCondition {
  const until = rules && closedUntil(rules, now);
  if (until !== undefined) return { state: 'closed', until };
  if (outage === undefined) return { state: isWaitedFor ? 'sending' : 'idle' };
  const { since, nextAttemptAt, error } = outage;
  return nextAttemptAt > now
    ? { state: 'paused', until: nextAttemptAt, since, error }
    : { state: 'probing', since, error };
}

/** When the next send window opens, in milliseconds since the epoch; undefined while one may send. */
export function closedUntil({ sendWindows = [] }: DeliveryRules, now: number): number | undefined {
  return nextOpening(sendWindows, now);
}

function describeSpan(milliseconds: number): string {
  for (const [unit, length] of SPANS)
    if (milliseconds >= 2 * length) return `${Math.floor(milliseconds / length)} ${unit}`;
  return `${Math.round(milliseconds / 1000)} seconds`;
}

const SPANS: readonly (readonly [string, number])[] = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
];
