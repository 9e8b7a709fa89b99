// Calls that are answered together.
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Batches } from '../../../src/pipeline/batches.ts';

/** Batches whose work ends when the test says so. */
function start(limit?: number) {
  const begun: { readonly items: readonly number[]; readonly end: (error?: Error) => void }[] = [];
  const batches = new Batches<number>(
    (items) =>
      new Promise((resolve, reject) => {
        begun.push({
          items,
          end: (error) => {
            if (error === undefined) resolve();
            else reject(error);
          },
        });
      }),
    limit,
  );
  return { batches, begun };
}

async function untilBegun(begun: readonly unknown[], count: number): Promise<void> {
  while (begun.length < count) await turn();
}

describe('calls in batches', () => {
  it('begin at once when nothing is under way, and gather while something is', async () => {
    const { batches, begun } = start();
    const first = batches.add(1);
    expect(begun.map(({ items }) => items)).toEqual([[1]]);
    const others = [batches.add(2), batches.add(3)];
    begun[0].end();
    await first;
    others.push(batches.add(4));
    await untilBegun(begun, 2);
    begun[1].end();
    await Promise.all(others);
    expect(begun.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
  });

  it('fail together, and those of the next batch do not', async () => {
    const { batches, begun } = start();
    const failing = batches.add(1);
    const next = batches.add(2);
    begun[0].end(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    await untilBegun(begun, 2);
    begun[1].end();
    await next;
  });

  it('are no more than the limit in one batch', async () => {
    const { batches, begun } = start(2);
    const all = [0, 1, 2, 3, 4].map((item) => batches.add(item));
    for (let index = 0; index < 3; index++) {
      await untilBegun(begun, index + 1);
      begun[index].end();
    }
    await Promise.all(all);
    expect(begun.map(({ items }) => items)).toEqual([[0], [1, 2], [3, 4]]);
  });
});
