// Waiting for a condition.
import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until it is so, or the time is over: what follows tells which. */
export async function untilTrue(
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 100,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > end) return;
    await sleep(everyMs);
  }
}
