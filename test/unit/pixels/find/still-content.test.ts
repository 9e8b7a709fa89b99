import { describe, expect, it } from 'vitest';
import type { GrayPicture } from '../../../../src/core/picture.ts';
import { digestOf, StillContent } from '../../../../src/pixels/find/still-content.ts';
import { createRandom } from '../../../../src/synthetic/random.ts';

const SIDE = 32;
const BOX = { x: 4, y: 4, width: 12, height: 6 };

/** Noise that differs from frame to frame, and a bright box that stands still when told. */
function frame(seed: number, hasBox: boolean): GrayPicture {
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: SIDE * SIDE }, () => random.between(0, 100));
  if (hasBox)
    for (let y = BOX.y; y < BOX.y + BOX.height; y++) data.fill(250, y * SIDE + BOX.x, y * SIDE + BOX.x + BOX.width);
  return { width: SIDE, height: SIDE, data };
}

describe('still content', () => {
  it('refuses frames of another size', () => {
    const still = new StillContent(16, 64);
    expect(() => {
      still.add(frame(1, true));
    }).toThrow(RangeError);
  });

  it('is ready once there are frames enough to tell', () => {
    const still = new StillContent(SIDE, SIDE);
    const states = [1, 2, 3, 4].map((seed) => {
      still.add(frame(seed, true));
      return still.isReady;
    });
    expect(states).toEqual([false, false, false, true]);
  });

  it('keeps what stands still and evens out what moves', () => {
    const still = new StillContent(SIDE, SIDE);
    for (let seed = 1; seed <= 40; seed++) still.add(frame(seed, true));
    const { data } = still.picture();
    expect(data[5 * SIDE + 5]).toBe(250);
    for (const value of data.subarray(20 * SIDE)) expect(Math.abs(value - 50)).toBeLessThan(25);
  });

  it('tells a region that stands still from one where something came or went', () => {
    const still = new StillContent(SIDE, SIDE);
    for (let seed = 1; seed <= 20; seed++) still.add(frame(seed, true));
    expect(still.isStill(frame(21, true), BOX)).toBe(true);
    expect(still.isStill(frame(22, false), BOX)).toBe(false);
    const scratched = frame(23, true);
    scratched.data[6 * SIDE + 6] = 0;
    expect(still.isStill(scratched, BOX)).toBe(false);
  });

  it('answers with what was added since the last answer', () => {
    const still = new StillContent(SIDE, SIDE);
    still.add(frame(1, false));
    const before = still.picture();
    still.add(frame(2, true));
    expect(still.picture()).not.toEqual(before);
  });
});

describe('the digest of a picture', () => {
  it('is the same for the same pixels only', () => {
    const picture = frame(1, true);
    expect(digestOf(picture)).toBe(digestOf({ ...picture, data: picture.data.slice() }));
    const other = { ...picture, data: picture.data.slice() };
    other.data[700] ^= 1;
    expect(digestOf(other)).not.toBe(digestOf(picture));
    expect(digestOf({ ...picture, width: 16, height: 64 })).not.toBe(digestOf(picture));
  });
});
