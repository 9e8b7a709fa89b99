import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../../src/pipeline/fifo.ts';

/** Cheaper than an expectation, for loops of thousands. */
function check(isRight: boolean): void {
  if (!isRight) throw new Error('differs from the model');
}

it('behaves like an array under any sequence of operations', () => {
  const operations = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.constant('push') }, fc.constantFrom('shift', 'shift', 'putBack')),
    { maxLength: 3_000, size: 'max' },
  );
  fc.assert(
    fc.property(operations, (steps) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const [i, step] of steps.entries()) {
        if (step === 'push') {
          fifo.push(i);
          model.push(i);
        } else if (step === 'putBack') {
          fifo.putBack(i);
          model.unshift(i);
        } else check(fifo.shift() === model.shift());
        check(fifo.size === model.length);
      }
    }),
    { numRuns: 20 },
  );
});

it('takes and gives a million items in well under a second', () => {
  const fifo = new Fifo<number>();
  const start = performance.now();
  for (let i = 0; i < 1_000_000; i++) fifo.push(i);
  for (let i = 0; i < 1_000_000; i++) if (fifo.shift() !== i) throw new Error('out of order');
  expect(performance.now() - start).toBeLessThan(1_000);
  expect(fifo.shift()).toBeUndefined();
});
