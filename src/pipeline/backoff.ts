// How long to wait before trying again: twice as long each time, with jitter, up to a limit.
import { setTimeout as sleep } from 'node:timers/promises';
import { LetheError } from '../core/errors.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** In [0, 1): spreads the attempts of many; default Math.random. */
  readonly random?: () => number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 1_000, maxMs: 15 * 60_000 };

/** Milliseconds before attempt `attempt` + 1; `attempt` counts from 1. Between half and the whole of the doubled time. */
export function delayAfter(attempt: number, { firstMs, maxMs, random = Math.random }: Backoff): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole * (0.5 + random() / 2));
}

/** Runs `work` until it does not reject with a transient error. Rejects with `shutting-down` when `signal` says so. */
export async function retryTransient<T>(
  work: () => Promise<T>,
  backoff: Backoff,
  signal: AbortSignal,
  onRetry: (error: LetheError, attempt: number, delayMs: number) => void,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LetheError) || error.kind !== 'transient' || error.code === 'shutting-down') throw error;
      const delayMs = delayAfter(attempt, backoff);
      onRetry(error, attempt, delayMs);
      await pause(delayMs, signal);
    }
  }
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (error) {
    throw new LetheError('shutting-down', 'The gateway is stopping.', { cause: error });
  }
}
