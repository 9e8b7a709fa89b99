import { describe, expect, it } from 'vitest';
import type { GrayPicture } from '../../../../src/core/picture.ts';
import { withoutRules } from '../../../../src/documents/pdf/rules.ts';

const SIDE = 400;

type Box = readonly [x: number, y: number, width: number, height: number];

function picture(...boxes: readonly Box[]): GrayPicture {
  const data = new Uint8Array(SIDE * SIDE).fill(255);
  for (const [x, y, width, height] of boxes)
    for (let row = y; row < y + height; row++) data.fill(0, row * SIDE + x, row * SIDE + x + width);
  return { width: SIDE, height: SIDE, data };
}

const inkOf = ({ data }: GrayPicture): number => data.reduce((sum, level) => sum + (level < 128 ? 1 : 0), 0);

/** The frame of a field, with a rule in its middle. */
const FRAME: readonly Box[] = [
  [20, 50, 340, 3],
  [20, 110, 340, 3],
  [20, 50, 3, 63],
  [357, 50, 3, 63],
  [180, 50, 3, 63],
];
/** An E of 60 pixels. */
const LETTER: readonly Box[] = [
  [60, 200, 8, 60],
  [60, 200, 45, 8],
  [60, 226, 45, 8],
  [60, 252, 45, 8],
];

describe('withoutRules', () => {
  it('takes out frames and rules', () => {
    expect(inkOf(withoutRules(picture(...FRAME)))).toBe(0);
  });

  it('leaves letters, also those of long straight strokes and those inside a frame', () => {
    const inside: Box = [60, 70, 5, 20];
    expect(inkOf(withoutRules(picture(...LETTER)))).toBe(inkOf(picture(...LETTER)));
    expect(inkOf(withoutRules(picture(...FRAME, ...LETTER, inside)))).toBe(inkOf(picture(...LETTER, inside)));
  });

  it('leaves a rule that something touches: underlined and crossed letters', () => {
    const touched: readonly Box[] = [...FRAME, [60, 90, 5, 21]];
    expect(inkOf(withoutRules(picture(...touched)))).toBe(inkOf(picture(...touched)));
  });

  it('leaves a surface and what is written in it, in whatever grey', () => {
    const { width, height, data } = picture([20, 20, 360, 360]);
    for (const [x, y, across, down] of LETTER)
      for (let row = y; row < y + down; row++) data.fill(90, row * width + x, row * width + x + across);
    expect(withoutRules({ width, height, data }).data).toEqual(data);
  });

  it('leaves what slants', () => {
    const slanting = Array.from({ length: 330 }, (_, at): Box => [20 + at, 100 + (at >> 2), 1, 3]);
    expect(inkOf(withoutRules(picture(...slanting)))).toBe(inkOf(picture(...slanting)));
  });
});
