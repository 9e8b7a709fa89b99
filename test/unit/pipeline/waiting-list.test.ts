import { describe, expect, it } from 'vitest';
import type { RecordId } from '../../../src/core/brands.ts';
import { WaitingList, type WaitingRecord } from '../../../src/pipeline/waiting-list.ts';

const record = (name: string, series = 's'): WaitingRecord => ({ recordId: name as RecordId, waitsSince: 0, series });
const take = (list: WaitingList): string[] => {
  const names: string[] = [];
  for (let next = list.shift(); next !== undefined; next = list.shift()) names.push(next.recordId);
  return names;
};

describe('a list of what waits for a destination', () => {
  it('gives everything in the order it came where no order is kept', () => {
    const list = new WaitingList(false);
    for (const name of ['a', 'b', 'c']) list.add(record(name));
    expect(list.size).toBe(3);
    expect(take(list)).toEqual(['a', 'b', 'c']);
  });

  it('gives the next one of a series only once the one before is settled, whatever became of it meanwhile', () => {
    const list = new WaitingList(true);
    const [a, b, c, other] = [record('a'), record('b'), record('c'), record('x', 't')];
    for (const waiting of [a, b, other, c]) list.add(waiting);
    expect(take(list)).toEqual(['a', 'x']);
    expect(list.size).toBe(2);
    list.putBack(a);
    expect(take(list)).toEqual(['a']);
    list.comeBack(a);
    expect(take(list)).toEqual(['a']);
    list.settled(a);
    expect(take(list)).toEqual(['b']);
    list.settled(other);
    list.settled(b);
    expect(take(list)).toEqual(['c']);
    list.settled(c);
    expect(list.size).toBe(0);
    list.add(a);
    expect(take(list)).toEqual(['a']);
  });

  it('takes from the front as long as it is asked to', () => {
    const list = new WaitingList(false);
    for (const name of ['a', 'b', 'c']) list.add(record(name));
    const taken = [...list.takeWhile(({ recordId }) => recordId !== ('c' as RecordId))].map(({ recordId }) => recordId);
    expect(taken).toEqual(['a', 'b']);
    expect(take(list)).toEqual(['c']);
  });
});
