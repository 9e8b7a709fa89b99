import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partition } from '../../../../src/pixels/find/partition.ts';
import type { Region } from '../../../../src/pixels/find/regions.ts';

const COLUMNS = 24;

function regionOf(cells: readonly number[]): Region {
  const xs = cells.map((cell) => cell % COLUMNS);
  const ys = cells.map((cell) => Math.floor(cell / COLUMNS));
  return {
    cells,
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs) + 1,
    bottom: Math.max(...ys) + 1,
  };
}

describe('partition', () => {
  it('leaves a filled box whole', () => {
    const cells = [0, 1, 2, 3].flatMap((x) => [0, 1].map((y) => y * COLUMNS + x));
    expect(partition(regionOf(cells), COLUMNS)).toEqual([cells]);
  });

  it('cuts an angle into its two arms', () => {
    const cells = [
      ...Array.from({ length: 12 }, (_, x) => x),
      ...Array.from({ length: 9 }, (_, y) => (y + 1) * COLUMNS),
    ];
    expect(
      partition(regionOf(cells), COLUMNS)
        .map((part) => part.length)
        .sort((a, b) => a - b),
    ).toEqual([9, 12]);
  });

  it('gives each cell to exactly one part', () => {
    const cells = fc.uniqueArray(fc.integer({ min: 0, max: COLUMNS * 20 - 1 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(cells, (region) => {
        const parts = partition(regionOf(region), COLUMNS);
        expect(parts.flat().sort((a, b) => a - b)).toEqual([...region].sort((a, b) => a - b));
      }),
    );
  });
});
