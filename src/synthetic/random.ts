// A seeded generator: the same seed gives the same clinic on every machine.

export interface Random {
  /** The next number in [0, 1). */
  next(): number;
  /** A whole number in [low, high]. */
  between(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** That many decimal digits, the first not 0. */
  digits(count: number): string;
}

/** mulberry32: 32 bits of state, good enough for invented data. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick: (list) => list[between(0, list.length - 1)],
    digits: (count) => Array.from({ length: count }, (_, i) => between(i === 0 ? 1 : 0, 9)).join(''),
  };
}
