// Where an ultrasound image is in its frame, and the rectangles around it (PS3.3 C.8.5.5).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Rectangle } from '../../../src/core/picture.ts';
import { outsideOf, ultrasoundRegionsOf } from '../../../src/pixels/ultrasound-regions.ts';
import { EXPLICIT_VR_BIG_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { image, parse } from './images.ts';

function region(x0: number, y0: number, x1: number, y1: number): DataSetBuilder {
  return new DataSetBuilder().putAll({
    RegionLocationMinX0: x0,
    RegionLocationMinY0: y0,
    RegionLocationMaxX1: x1,
    RegionLocationMaxY1: y1,
  });
}

const withRegions = (...regions: readonly DataSetBuilder[]): DataSetBuilder =>
  image().sequence('SequenceOfUltrasoundRegions', regions);

describe('the regions of an ultrasound image', () => {
  it.each([undefined, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN])('hold both of their corners: %s', (uid) => {
    const dataSet = parse(withRegions(region(10, 20, 109, 219), region(0, 0, 4, 5)), uid);
    expect(ultrasoundRegionsOf(dataSet)).toEqual([
      { x: 10, y: 20, width: 100, height: 200 },
      { x: 0, y: 0, width: 5, height: 6 },
    ]);
  });

  it.each([
    ['are not there', image()],
    ['are none', withRegions()],
    ['lack a corner', withRegions(region(0, 0, 5, 5), region(0, 0, 5, 5).remove('RegionLocationMaxX1'))],
    ['have their corners in the wrong order', withRegions(region(9, 0, 5, 5))],
    ['are empty', withRegions(region(5, 0, 5, 5))],
  ])('are not guessed when they %s', (_, builder) => {
    expect(ultrasoundRegionsOf(parse(builder))).toEqual([]);
  });
});

describe('what lies outside', () => {
  it('is nothing where no region is known', () => {
    expect(outsideOf([], 100, 50)).toEqual([]);
  });

  it('is the whole frame where the regions lie beyond it', () => {
    expect(outsideOf([{ x: 200, y: 200, width: 5, height: 5 }], 100, 50)).toEqual([
      { x: 0, y: 0, width: 100, height: 50 },
    ]);
  });

  it('is, whatever the regions, each pixel that is in none of them, once', () => {
    const rectangle: fc.Arbitrary<Rectangle> = fc.record({
      x: fc.nat(24),
      y: fc.nat(18),
      width: fc.integer({ min: 1, max: 30 }),
      height: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(rectangle, { minLength: 1, maxLength: 5 }), (regions) => {
        const [width, height] = [20, 15];
        const count = new Uint8Array(width * height);
        for (const one of outsideOf(regions, width, height))
          for (let y = one.y; y < one.y + one.height; y++)
            for (let x = one.x; x < one.x + one.width; x++) count[y * width + x]++;
        for (let at = 0; at < count.length; at++) {
          const [x, y] = [at % width, Math.floor(at / width)];
          const isKnown = regions.some((r) => x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height);
          expect(count[at]).toBe(isKnown ? 0 : 1);
        }
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
