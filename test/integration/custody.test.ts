import { expect, it } from 'vitest';
import { runCustody } from './custody-rig.ts';

const ROUNDS = 12;
/** The gateway has one association to the sink, with one instance under way. */
const IN_FLIGHT = 1;

it(
  'delivers every acknowledged instance, once, though the gateway is killed at random moments',
  { timeout: 300_000 },
  async () => {
    const result = await runCustody({ rounds: ROUNDS, longestLifeMs: 1_200 });
    expect(result.acknowledged).toBeGreaterThan(50);
    expect(result).toMatchObject({ lost: 0, damaged: 0, status: { waiting: 0, quarantined: 0 } });
    expect(result.duplicates).toBeLessThanOrEqual(ROUNDS * IN_FLIGHT);
  },
);
