import { describe, expect, it } from 'vitest';
import type { GrayPicture, Rectangle } from '../../../../src/core/picture.ts';
import { MOST_COLUMNS, MOST_ROWS, patchOf } from '../../../../src/pixels/find/strip-patch.ts';
import type { UnjudgedText } from '../../../../src/pixels/find/text-finder.ts';

/** Bright letters, as a ramp: every pixel tells where it came from. */
const picture: GrayPicture = {
  width: 200,
  height: 100,
  data: Uint8Array.from({ length: 20_000 }, (_, i) => Math.floor((i % 200) / 2) + Math.floor(i / 200)),
};

function found(box: Rectangle, rest: Partial<UnjudgedText> = {}): UnjudgedText {
  return { ...box, score: 1, cells: { mean: 1, sum: 9, strongPart: 1 }, polarity: 'bright', level: 0, ...rest };
}

describe('the pixels of a box for the second look', () => {
  it('are deviations from their mean, brighter where the letters are', () => {
    const { width, height, values } = patchOf(picture, found({ x: 20, y: 10, width: 40, height: 20 }));
    expect([width, height]).toEqual([40, 20]);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0);
    expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1);
    const dark = patchOf(picture, found({ x: 20, y: 10, width: 40, height: 20 }, { polarity: 'dark' }));
    expect(dark.values[0]).toBeCloseTo(-values[0]);
  });

  it('of a box that is higher than wide are turned over the diagonal', () => {
    const { width, height, values } = patchOf(picture, found({ x: 20, y: 10, width: 20, height: 60 }));
    expect([width, height]).toEqual([60, 20]);
    // A step along the box is one down in the picture, where grey rises twice as fast as across.
    expect(values[1] - values[0]).toBeGreaterThan((values[2 * width] - values[0]) * 0.9);
  });

  it('of a large box are its middle, of large letters made smaller', () => {
    const large = patchOf(picture, found({ x: 0, y: 0, width: 200, height: 100 }));
    expect([large.width, large.height]).toEqual([MOST_COLUMNS, MOST_ROWS]);
    const smaller = patchOf(picture, found({ x: 0, y: 0, width: 200, height: 100 }, { level: 2 }));
    expect([smaller.width, smaller.height]).toEqual([50, 25]);
  });

  it('of a tiny box reach beyond it, and beyond the picture its edge goes on', () => {
    const { width, height, values } = patchOf(picture, found({ x: 0, y: 0, width: 6, height: 6 }));
    expect([width, height]).toEqual([16, 16]);
    expect(values[1]).toBe(values[0]);
  });

  it('of flat ground are flat', () => {
    const flat = { width: 60, height: 60, data: new Uint8Array(3600).fill(77) };
    const { values } = patchOf(flat, found({ x: 5, y: 5, width: 40, height: 20 }));
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(1e-3);
  });
});
