import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded.ts';

const id = (n: number): RecordId => `record-${n}` as RecordId;

describe('the queue in process', () => {
  it('goes on after a handler that rejects, and tells', async () => {
    const failed: unknown[] = [];
    const queue = createEmbeddedQueue((recordId, error) => failed.push([recordId, error]));
    const done: RecordId[] = [];
    const bug = new Error('bug');
    queue.process(async (recordId) => {
      await sleep(0);
      if (recordId === id(1)) throw bug;
      done.push(recordId);
    }, 1);
    for (let i = 0; i < 3; i++) queue.enqueue(id(i));
    await queue.idle();
    expect(done).toEqual([id(0), id(2)]);
    expect(failed).toEqual([[id(1), bug]]);
  });

  it('keeps what comes before there is a handler, and gives it in order', async () => {
    const queue = createEmbeddedQueue();
    for (let i = 0; i < 100; i++) queue.enqueue(id(i));
    const seen: RecordId[] = [];
    queue.process((recordId) => {
      seen.push(recordId);
      return Promise.resolve();
    }, 1);
    await queue.idle();
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => id(i)));
  });

  it('runs as many at once as it may, and no more', async () => {
    const queue = createEmbeddedQueue();
    let [atOnce, most] = [0, 0];
    queue.process(async () => {
      most = Math.max(most, ++atOnce);
      await sleep(1);
      atOnce--;
    }, 4);
    for (let i = 0; i < 40; i++) queue.enqueue(id(i));
    await queue.idle();
    expect(most).toBe(4);
  });

  it('does not begin before the turn that enqueued is over', async () => {
    const queue = createEmbeddedQueue();
    const events: string[] = [];
    queue.process(() => {
      events.push('work');
      return Promise.resolve();
    }, 1);
    queue.enqueue(id(1));
    await Promise.resolve();
    events.push('answer');
    await queue.idle();
    expect(events).toEqual(['answer', 'work']);
  });

  it('waits at close for what runs and drops what waits', async () => {
    const queue = createEmbeddedQueue();
    let done = 0;
    queue.process(async () => {
      await sleep(20);
      done++;
    }, 2);
    for (let i = 0; i < 10; i++) queue.enqueue(id(i));
    await sleep(5);
    await queue.close();
    expect(done).toBe(2);
    queue.enqueue(id(99));
    await queue.idle();
  });
});
