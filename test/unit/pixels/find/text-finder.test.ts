import { beforeAll, describe, expect, it } from 'vitest';
import type { GrayPicture } from '../../../../src/core/picture.ts';
import { leastLikelihoodOf } from '../../../../src/pixels/risk.ts';
import { TextFinder } from '../../../../src/pixels/find/text-finder.ts';
import { createRandom } from '../../../../src/synthetic/random.ts';
import { BACKGROUNDS } from '../../../support/burned-in/backgrounds.ts';
import { makeFrame, STYLES } from '../../../support/burned-in/frames.ts';
import { coverOf, isClean, Score } from '../../../support/burned-in/score.ts';

let finder: TextFinder;
beforeAll(async () => {
  finder = await TextFinder.load();
});

function flat(width: number, height: number, value: number): GrayPicture {
  return { width, height, data: new Uint8Array(width * height).fill(value) };
}

describe('what holds no text', () => {
  it.each([
    [1, 1],
    [5, 400],
    [7, 7],
    [64, 64],
    [513, 257],
  ])('a flat picture of %i x %i has none', (width, height) => {
    for (const value of [0, 128, 255]) expect(finder.find(flat(width, height, value))).toEqual([]);
  });

  it('a ramp, a straight edge and pure noise have none', () => {
    const random = createRandom(1);
    const make = (value: (x: number, y: number) => number): GrayPicture => ({
      width: 256,
      height: 256,
      data: Uint8Array.from({ length: 65_536 }, (_, i) => value(i % 256, i >> 8)),
    });
    expect(finder.find(make((x) => x))).toEqual([]);
    expect(finder.find(make((_, y) => (y < 128 ? 0 : 255)))).toEqual([]);
    expect(finder.find(make(() => random.between(0, 255)))).toEqual([]);
  });

  it.each(Object.keys(BACKGROUNDS))('little of %s is taken for it', (kind) => {
    const canvas = BACKGROUNDS[kind](createRandom(4711), 320, 320);
    const picture = { width: 320, height: 320, data: Uint8Array.from(canvas.grey) };
    // What nobody can read is blanked from this likelihood on, where least is asked for.
    const least = leastLikelihoodOf({ level: 'high' }, { rows: 320, columns: 320 });
    const kept = finder.find(picture).filter(({ likelihood }) => likelihood >= least);
    const area = coverOf(picture, kept).reduce((sum, covered) => sum + covered, 0);
    expect(area / picture.data.length).toBeLessThan(0.05);
  });
});

describe('what holds text', { timeout: 120_000 }, () => {
  it('gives boxes inside the picture, with a score', async () => {
    const { picture } = await makeFrame({ seed: 3, style: 'corner', share: 'evaluation', useFonts: false });
    const found = finder.find(picture);
    expect(found.length).toBeGreaterThan(0);
    for (const { x, y, width, height, score } of found) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.min(width, height)).toBeGreaterThan(0);
      expect(x + width).toBeLessThanOrEqual(picture.width);
      expect(y + height).toBeLessThanOrEqual(picture.height);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('tells bright letters from dark ones', async () => {
    const { picture, mask } = await makeFrame({ seed: 5, style: 'corner', share: 'evaluation', useFonts: false });
    const bright = { ...picture, data: Uint8Array.from(mask, (word) => (word > 0 ? 250 : 5)) };
    const dark = { ...picture, data: bright.data.map((value) => 255 - value) };
    expect(new Set(finder.find(bright).map(({ polarity }) => polarity))).toEqual(new Set(['bright']));
    expect(new Set(finder.find(dark).map(({ polarity }) => polarity))).toEqual(new Set(['dark']));
  });

  it('finds the same in the same picture, whatever it looked at before', async () => {
    const first = (await makeFrame({ seed: 8, style: 'over-anatomy', share: 'evaluation', useFonts: false })).picture;
    const other = (await makeFrame({ seed: 9, style: 'large', share: 'evaluation', useFonts: false })).picture;
    const before = finder.find(first);
    finder.find(other);
    finder.find(flat(300, 200, 10));
    expect(finder.find(first)).toEqual(before);
  });

  it(
    'covers almost all identifying ink of every style, drawn with letters made in code',
    { timeout: 240_000 },
    async () => {
      const score = new Score();
      for (const style of STYLES)
        for (const seed of [31]) {
          const frame = await makeFrame({ seed, style, share: 'evaluation', useFonts: false });
          score.add(
            frame,
            frame.pictures.flatMap((picture) => finder.find(picture)),
            0,
          );
        }
      const { coveredTextPixels, textPixels, coveredWords, words } = score.total((style) => !isClean(style));
      expect(words).toBeGreaterThan(50);
      expect(coveredTextPixels / textPixels).toBeGreaterThan(0.985);
      expect(coveredWords / words).toBeGreaterThan(0.97);
    },
  );

  it('finds no less at high sensitivity', async () => {
    const { picture } = await makeFrame({ seed: 6, style: 'low-contrast', share: 'evaluation', useFonts: false });
    const balanced = coverOf(picture, finder.find(picture)).reduce((sum, covered) => sum + covered, 0);
    const high = coverOf(picture, finder.find(picture, { sensitivity: 'high' })).reduce(
      (sum, covered) => sum + covered,
      0,
    );
    expect(high).toBeGreaterThanOrEqual(balanced * 0.98);
  });
});
