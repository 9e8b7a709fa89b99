import { describe, expect, it } from 'vitest';
import { INSTANCE_STATES } from '../../../src/pipeline/ports.ts';
import { Lru } from '../../../src/store/lru.ts';
import { MappingFilter } from '../../../src/store/mapping-filter.ts';
import { AT_REST, LEAVES, stateAfter, type Target } from '../../../src/store/transitions.ts';

describe('a map that forgets', () => {
  it('forgets what was not used for longest', () => {
    const lru = new Lru<string, number>(2);
    lru.set('a', 1);
    lru.set('b', 2);
    expect(lru.get('a')).toBe(1);
    lru.set('c', 3);
    expect(lru.get('b')).toBeUndefined();
    expect([lru.get('a'), lru.get('c'), lru.size]).toEqual([1, 3, 2]);
    lru.set('a', 4);
    expect([lru.get('a'), lru.size]).toEqual([4, 2]);
    lru.delete('a');
    expect(lru.size).toBe(1);
  });
});

describe('the filter of mappings', () => {
  it('lets each original through once per project and table', () => {
    const filter = new MappingFilter();
    const pair = { original: '1.2', replacement: '2.25.1' };
    expect(filter.take('uid', 'lung', [pair, pair])).toEqual([pair]);
    expect(filter.take('uid', 'lung', [pair])).toEqual([]);
    expect(filter.take('study', 'lung', [pair])).toEqual([pair]);
    expect(filter.take('uid', 'heart', [pair])).toEqual([pair]);
    expect(filter.take('uid', 'heart', [])).toEqual([]);
  });
});

describe('the state machine', () => {
  it('leaves every state at rest to a person', () => {
    for (const state of AT_REST)
      for (const target of Object.keys(LEAVES) as Target[]) expect(stateAfter(state, target)).toBe(state);
  });

  it('comes to rest from every state that is not', () => {
    for (const state of INSTANCE_STATES.filter((each) => !AT_REST.includes(each)))
      for (const target of ['delivered', 'quarantined'] as const) expect(stateAfter(state, target)).toBe(target);
  });
});
