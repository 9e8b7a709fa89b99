import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { GatewayRig } from '../support/custody/gateway-rig.ts';
import { faultsOf } from '../support/custody/verdict.ts';

const ROUNDS = 8;
const LONGEST_LIFE_MS = 600;
/** Each life that comes up lasts until so many more were acknowledged. */
const ACKNOWLEDGED_A_ROUND = 10;

it(
  'delivers every acknowledged instance, once, though the gateway is killed at random moments',
  { timeout: 300_000 },
  async () => {
    const rig = await GatewayRig.prepare({ topology: 'one', paceMs: 5 });
    onTestFinished(() => rig.close());
    await rig.startAll();
    const [gateway] = rig.processes;
    for (let round = 1; round <= ROUNDS; round++) {
      // Every fourth life ends while the gateway still starts, the others while instances arrive.
      const isStillborn = round % 4 === 0;
      await gateway.start(!isStillborn);
      if (!isStillborn) await rig.untilAcknowledged(ACKNOWLEDGED_A_ROUND);
      await sleep(Math.random() * LONGEST_LIFE_MS);
      await gateway.end('SIGKILL');
    }
    const verdict = await rig.drain();
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict.quarantined).toBe(0);
    // The gateway has one association to the sink, with one instance under way.
    expect(verdict.doubled).toBeLessThanOrEqual(ROUNDS);
    expect(rig.deaths).toEqual([]);
  },
);
