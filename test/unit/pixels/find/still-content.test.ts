import { describe, expect, it } from 'vitest';
import type { GrayPicture } from '../../../../src/core/picture.ts';
import { isStill, StillContent, withoutStill } from '../../../../src/pixels/find/still-content.ts';
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
    const still = meanOf(20);
    expect(isStill(still, frame(21, true), BOX)).toBe(true);
    expect(isStill(still, frame(22, false), BOX)).toBe(false);
    const scratched = frame(23, true);
    scratched.data[6 * SIDE + 6] = 0;
    expect(isStill(still, scratched, BOX)).toBe(false);
    expect(isStill(still, { width: 16, height: 64, data: new Uint8Array(16 * 64) }, BOX)).toBe(false);
  });

  it('is taken out of a frame where it stands as it does in the mean, and nowhere else', () => {
    const still = meanOf(20);
    const other = { x: 4, y: 20, width: 12, height: 6 };
    const before = frame(24, true);
    const after = withoutStill(still, before, [BOX, other]);
    for (let at = 0; at < SIDE * SIDE; at++) {
      const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
      const isInside = x >= BOX.x && x < BOX.x + BOX.width && y >= BOX.y && y < BOX.y + BOX.height;
      expect(after.data[at]).toBe(isInside ? 250 : before.data[at]);
    }
    const changed = frame(25, false);
    expect(withoutStill(still, changed, [BOX])).toBe(changed);
  });
});

function meanOf(frames: number): GrayPicture {
  const still = new StillContent(SIDE, SIDE);
  for (let seed = 1; seed <= frames; seed++) still.add(frame(seed, true));
  return still.picture();
}
