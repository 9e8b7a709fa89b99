// A bounded number of places.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Places } from '../../../src/pipeline/places.ts';

it('gives places in the order in which they were asked for, never more than there are', async () => {
  const places = new Places(2);
  const taken: number[] = [];
  for (let index = 0; index < 5; index++) void places.take().then(() => taken.push(index));
  await turn();
  expect(taken).toEqual([0, 1]);
  places.giveBack();
  await turn();
  expect(taken).toEqual([0, 1, 2]);
  places.giveBack();
  places.giveBack();
  places.giveBack();
  await turn();
  expect(taken).toEqual([0, 1, 2, 3, 4]);
  void places.take().then(() => taken.push(5));
  void places.take().then(() => taken.push(6));
  await turn();
  expect(taken.slice(5)).toEqual([5]);
});
