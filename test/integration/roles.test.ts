// Listener, workers and senders as processes of their own over a real Postgres and a real Redis.
import { describe, expect, it, onTestFinished } from 'vitest';
import { POSTGRES_PROGRAMS } from '../support/postgres.ts';
import { HAS_REDIS } from '../support/redis.ts';
import { RolesRig } from './roles-rig.ts';

const TIMEOUT_MS = 400_000;

describe.skipIf(!HAS_REDIS || POSTGRES_PROGRAMS === undefined)('a gateway of many processes', () => {
  it(
    'delivers every acknowledged instance though processes are killed and Redis is emptied, killed and away',
    async () => {
      const rig = await RolesRig.prepare();
      onTestFinished(() => rig.close());
      await rig.startAll();
      await rig.untilAcknowledged(20);
      for (const index of [0, 2, 4]) {
        await rig.kill(index);
        await rig.start(index);
        await rig.untilAcknowledged(5);
      }
      await rig.redis.command('FLUSHALL');
      await rig.untilAcknowledged(20);
      await rig.redis.kill();
      await rig.untilAcknowledged(20);
      await rig.redis.start();
      await rig.untilAcknowledged(20);
      expect(await rig.redisDump()).not.toMatch(/1\.2\.826|PAT|CT0/);
      const result = await rig.drain();
      expect(result).toMatchObject({ lost: 0, damaged: 0 });
      // A sender was killed, with at most one answer under way.
      expect(result.duplicates).toBeLessThanOrEqual(1);
      expect(result.status).toMatchObject({ waiting: 0, quarantined: 0 });
      expect(await rig.leftOver()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
