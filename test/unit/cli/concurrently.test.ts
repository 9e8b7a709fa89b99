import { describe, expect, it } from 'vitest';
import { concurrently } from '../../../src/cli/concurrently.ts';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('concurrently', () => {
  it('runs at most the given number at once, and all of them', async () => {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    await concurrently([5, 6, 7, 8, 9], 2, async (item, ordinal) => {
      most = Math.max(most, ++running);
      await pause();
      running--;
      seen.push(item - ordinal);
    });
    expect(most).toBe(2);
    expect(seen).toEqual([5, 5, 5, 5, 5]);
  });

  it('rejects with the first error after the running ones ended', async () => {
    const ended: number[] = [];
    const work = concurrently([1, 2, 3, 4, 5, 6], 2, async (item) => {
      await pause();
      ended.push(item);
      if (item === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    expect(ended.length).toBeLessThan(6);
  });
});
