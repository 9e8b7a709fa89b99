// Text in loops on the whole path: what stands still, what a single frame shows, what moves and what changes from frame to frame.
import { afterAll, describe, expect, it } from 'vitest';

import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { createRandom } from '../../../src/synthetic/random.ts';
import { blankedIn, cleanImage, forEachInk, imageOf, isInside, NAME } from '../../support/burned-in/drawn-images.ts';
import type { CleanedImage, Line } from '../../support/burned-in/drawn-images.ts';
import { framesOf } from '../../unit/pixels/images.ts';

const [WIDTH, HEIGHT, FRAMES] = [256, 192, 60];
const INK = 235;
const SCALE: Line = { text: 'MI 1.2', x: 160, y: 170 };

afterAll(closePixelThreads);

/** Speckle in a sector that moves; the lines of each frame over it. */
function loop(lines: (frame: number) => readonly Line[]): {
  readonly frames: readonly Buffer[];
  readonly file: Buffer;
} {
  const random = createRandom(7);
  const frames = Array.from({ length: FRAMES }, (_, frame) => {
    const pixels = Buffer.alloc(WIDTH * HEIGHT);
    for (let y = 50; y < HEIGHT - 30; y++)
      for (let x = y >> 1; x < WIDTH - (y >> 1); x++)
        pixels[y * WIDTH + x] = 60 + 40 * Math.sin((x + 2 * frame) / 23) * Math.cos(y / 19) + random.between(0, 20);
    for (const line of lines(frame))
      forEachInk(line, (x, y) => {
        pixels[y * WIDTH + x] = INK;
      });
    return pixels;
  });
  const size = { Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: FRAMES };
  return { frames, file: imageOf(Buffer.concat(frames), { ...size, Modality: 'US' }).toFile() };
}

/** All of the line is blanked, and nothing of it is left to see. */
function expectGone(cleaned: CleanedImage, after: Buffer, frame: number, line: Line): void {
  const blanked = blankedIn(cleaned, frame + 1);
  let left = 0;
  forEachInk(line, (x, y) => {
    if (!isInside(blanked, x, y) || after[y * WIDTH + x] > INK - 60) left++;
  });
  expect(left).toBe(0);
}

function expectSameOutside(cleaned: CleanedImage, before: Buffer, after: Buffer, frame: number): void {
  const blanked = blankedIn(cleaned, frame + 1);
  let changed = 0;
  for (let at = 0; at < before.length; at++)
    if (before[at] !== after[at] && !isInside(blanked, at % WIDTH, Math.floor(at / WIDTH))) changed++;
  expect(changed).toBe(0);
}

describe('a loop of 60 frames', { timeout: 240_000 }, () => {
  it('loses a name that stands still and one that frame 37 alone shows; what the machine is set to stays', async () => {
    const passing: Line = { text: 'DR EVERGREEN', x: 40, y: 100 };
    const { frames, file } = loop((frame) => [NAME, SCALE, ...(frame === 36 ? [passing] : [])]);
    const cleaned = await cleanImage(file);
    const after = await framesOf(cleaned.file);
    expect(after).toHaveLength(FRAMES);
    frames.forEach((before, frame) => {
      expectGone(cleaned, after[frame], frame, NAME);
      expectSameOutside(cleaned, before, after[frame], frame);
      let lost = 0;
      forEachInk(SCALE, (x, y) => {
        if (after[frame][y * WIDTH + x] !== INK) lost++;
      });
      expect(lost).toBe(0);
    });
    expectGone(cleaned, after[36], 36, passing);
    const rows = cleaned.pixels?.regions ?? [];
    expect(rows).toContainEqual(expect.objectContaining({ frame: 1, lastFrame: FRAMES, isBlanked: true }));
    expect(rows).toContainEqual(expect.objectContaining({ frame: 37, isBlanked: true }));
    expect(rows).toContainEqual(
      expect.objectContaining({ cause: 'harmless', kinds: ['ultrasound'], lastFrame: FRAMES, isBlanked: false }),
    );
    expect(JSON.stringify(cleaned.receipt)).not.toMatch(/quimby|evergreen/i);
  });

  it('loses a name that moves, and a clock that shows another time in each frame', async () => {
    const moving = (frame: number): Line => ({ ...NAME, x: 4 + (frame % 30) * 2, y: 20 + (frame >> 2) * 8 });
    const clock = (frame: number): Line => ({
      text: `2021-03-12 11:4${frame % 10}:${10 + (frame % 50)}`,
      x: 4,
      y: 172,
    });
    const { frames, file } = loop((frame) => [moving(frame), clock(frame)]);
    const cleaned = await cleanImage(file);
    const after = await framesOf(cleaned.file);
    frames.forEach((before, frame) => {
      expectGone(cleaned, after[frame], frame, moving(frame));
      expectGone(cleaned, after[frame], frame, clock(frame));
      expectSameOutside(cleaned, before, after[frame], frame);
    });
  });
});
