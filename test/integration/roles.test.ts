// Listener, workers and senders as processes of their own over a real Postgres and a real Redis.
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayRig } from '../support/custody/gateway-rig.ts';
import { faultsOf } from '../support/custody/verdict.ts';
import { POSTGRES_PROGRAMS } from '../support/postgres.ts';
import { HAS_REDIS } from '../support/redis.ts';

const TIMEOUT_MS = 600_000;
const PACE_MS = 40;

describe.skipIf(!HAS_REDIS || POSTGRES_PROGRAMS === undefined)('a gateway of many processes', () => {
  it(
    'delivers every acknowledged instance though processes, Redis, Postgres and the destination go and come back',
    async () => {
      const rig = await GatewayRig.prepare({ topology: 'roles', paceMs: PACE_MS });
      onTestFinished(() => rig.close());
      await rig.startAll();
      await rig.untilDelivered(10);
      for (const index of [0, 2, 4]) {
        await rig.processes[index].end('SIGKILL');
        await rig.processes[index].start();
        await rig.untilAcknowledged(5);
      }
      await rig.redis.command('FLUSHALL');
      await rig.untilAcknowledged(10);
      await rig.redis.kill();
      await rig.untilAcknowledged(10);
      await rig.redis.start();
      await rig.untilDelivered(10);
      // What is received while the ledger is away is acknowledged all the same: the spool has it.
      await rig.postgres.kill();
      await rig.untilAcknowledged(10);
      await rig.postgres.start();
      await rig.untilDelivered(10);
      await rig.sink.become('away');
      await rig.untilAcknowledged(10);
      await rig.sink.become('normal');
      await rig.untilDelivered(10);
      expect(await rig.redisDump()).not.toMatch(/1\.2\.999|PAT|CT0/);
      const verdict = await rig.drain();
      expect(faultsOf(verdict)).toEqual({});
      expect(verdict.quarantined).toBe(0);
      expect(rig.deaths).toEqual([]);
      // What the killed ones had in hand is given back when a listener and a worker start again.
      const [listener, worker] = rig.processes;
      await Promise.all([listener.start(), worker.start()]);
      await expect.poll(() => rig.leftOver(), { timeout: 60_000 }).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
