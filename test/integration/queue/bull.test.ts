import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newRecordId } from '../../../src/core/brands.ts';
import type { RecordId } from '../../../src/core/brands.ts';
import type { WakeQueue } from '../../../src/pipeline/roles/ports.ts';
import { createBullQueue } from '../../../src/queue/bull.ts';
import { HAS_REDIS, startRedis, type TestRedis } from '../../support/redis.ts';

const LONG = { timeout: 30_000, interval: 20 };

describe.skipIf(!HAS_REDIS)('the queue between processes', () => {
  let redis: TestRedis;
  const open: WakeQueue[] = [];
  const states: string[] = [];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(open.map((queue) => queue.close()));
    await redis.stop();
  });

  async function queueNamed(name: string): Promise<WakeQueue> {
    const queue = createBullQueue({
      url: redis.url,
      name,
      onState: (state, code) => states.push(`${name} ${state} ${code}`),
    });
    open.push(queue);
    await vi.waitFor(() => {
      expect(queue.isHealthy).toBe(true);
    }, LONG);
    return queue;
  }

  it('wakes another process for each id once, and keeps nothing but ids', async () => {
    const sender = await queueNamed('each');
    const ids = Array.from({ length: 50 }, newRecordId);
    sender.enqueue(ids);
    sender.enqueue(ids.slice(0, 10)); // they wait already
    await vi.waitFor(async () => {
      expect(await redis.command('LLEN', 'lethe:each:wait')).toContain(':50');
    }, LONG);
    expect(await redis.command('HGET', `lethe:each:${ids[0]}`, 'data')).toContain(`{"id":"${ids[0]}"}`);
    const seen: RecordId[] = [];
    const receiver = await queueNamed('each');
    receiver.process((id) => {
      seen.push(id);
      return Promise.resolve();
    }, 4);
    await vi.waitFor(() => {
      expect(seen.length).toBe(50);
    }, LONG);
    expect(new Set(seen)).toEqual(new Set(ids));
    await vi.waitFor(async () => {
      expect(await redis.command('KEYS', 'lethe:each:????????-*')).toBe('*0\r\n+OK\r\n');
    }, LONG);
  });

  it('goes on after a handler that rejects, and tells of it', async () => {
    const queue = await queueNamed('failing');
    let calls = 0;
    queue.process(() => {
      calls++;
      return Promise.reject(new Error('a bug'));
    }, 1);
    queue.enqueue([newRecordId(), newRecordId()]);
    await vi.waitFor(() => {
      expect(calls).toBe(2);
    }, LONG);
    expect(states.filter((state) => state.startsWith('failing handler-failed'))).toHaveLength(2);
  });

  it('leaves jobs alone that do not look like ours', async () => {
    const queue = await queueNamed('foreign');
    const seen: RecordId[] = [];
    queue.process((id) => {
      seen.push(id);
      return Promise.resolve();
    }, 1);
    await redis.command(
      'HSET',
      'lethe:foreign:x',
      'name',
      '__default__',
      'data',
      '{"id":"../../etc"}',
      'opts',
      '{}',
      'timestamp',
      '1',
      'delay',
      '0',
      'priority',
      '0',
    );
    await redis.command('LPUSH', 'lethe:foreign:wait', 'x');
    const id = newRecordId();
    queue.enqueue([id]);
    await vi.waitFor(() => {
      expect(seen).toEqual([id]);
    }, LONG);
  });

  it('is not healthy while Redis is frozen or gone, takes nothing in then, and works again afterwards', async () => {
    const queue = await queueNamed('outage');
    const seen: RecordId[] = [];
    queue.process((id) => {
      seen.push(id);
      return Promise.resolve();
    }, 1);
    const isHealthy = (expected: boolean): Promise<void> =>
      vi.waitFor(() => {
        expect(queue.isHealthy).toBe(expected);
      }, LONG);
    redis.freeze();
    await isHealthy(false);
    redis.thaw();
    await isHealthy(true);
    await redis.kill();
    await isHealthy(false);
    queue.enqueue([newRecordId()]);
    await redis.start();
    await isHealthy(true);
    const id = newRecordId();
    queue.enqueue([id]);
    await vi.waitFor(() => {
      expect(seen).toContain(id);
    }, LONG);
  });
});
