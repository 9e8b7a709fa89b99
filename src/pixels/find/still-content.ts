// What stands still over moving anatomy: text drawn over a loop is found once, in the mean of its frames, where speckle and anatomy fade. In a
// single frame, what stands there as it does in the mean is known already.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';

/** Fewer frames do not tell what stands still from what moves slowly. */
export const LEAST_FRAMES = 4;
/** How far the pixels of a region may be from the mean and still be it: noise and the blocks of JPEG, in levels. */
const STILL_DIFFERENCE = 6;

/** The mean of frames of one size. */
export class StillContent {
  readonly #width: number;
  readonly #height: number;
  readonly #sums: Uint32Array;
  #count = 0;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#sums = new Uint32Array(width * height);
  }

  /** Adds a frame; throws RangeError when it has another size. */
  add({ width, height, data }: GrayPicture): void {
    if (width !== this.#width || height !== this.#height) throw new RangeError('frames of one loop have one size');
    const sums = this.#sums;
    for (let i = 0; i < sums.length; i++) sums[i] += data[i];
    this.#count++;
  }

  /** True when enough frames were added for the mean to say anything. */
  get isReady(): boolean {
    return this.#count >= LEAST_FRAMES;
  }

  /** What stands still. Black before the first frame. */
  picture(): GrayPicture {
    const count = Math.max(1, this.#count);
    const data = new Uint8Array(this.#sums.length);
    for (let i = 0; i < data.length; i++) data[i] = (this.#sums[i] + count / 2) / count;
    return { width: this.#width, height: this.#height, data };
  }
}

/** True when a region of this frame is what stands still there, but for noise: what was read in the mean holds for the frame. */
export function isStill(still: GrayPicture, frame: GrayPicture, { x, y, width, height }: Rectangle): boolean {
  if (frame.width !== still.width || frame.height !== still.height) return false;
  let difference = 0;
  let most = 0;
  for (let row = y; row < y + height; row++)
    for (let i = row * still.width + x; i < row * still.width + x + width; i++) {
      const pixel = Math.abs(frame.data[i] - still.data[i]);
      difference += pixel;
      // Single pixels of a letter that came or went count, not their mean over a wide box.
      if (pixel > 4 * STILL_DIFFERENCE) most++;
    }
  const pixels = width * height;
  return difference <= STILL_DIFFERENCE * pixels && most <= 0.002 * pixels;
}

/** The frame without the regions that stand in it as they do in the mean: each as dark as its border. The very frame when there are none. */
export function withoutStill(still: GrayPicture, frame: GrayPicture, regions: readonly Rectangle[]): GrayPicture {
  const same = regions.filter((region) => isStill(still, frame, region));
  if (same.length === 0) return frame;
  const data = frame.data.slice();
  for (const region of same) {
    const level = borderLevel(frame, region);
    for (let row = region.y; row < region.y + region.height; row++) {
      const start = row * frame.width + region.x;
      data.fill(level, start, start + region.width);
    }
  }
  return { ...frame, data };
}

/** The median of the pixels along the inside of the edges. */
function borderLevel({ data, width: stride }: GrayPicture, { x, y, width, height }: Rectangle): number {
  const border: number[] = [];
  for (let column = x; column < x + width; column++)
    border.push(data[y * stride + column], data[(y + height - 1) * stride + column]);
  for (let row = y; row < y + height; row++) border.push(data[row * stride + x], data[row * stride + x + width - 1]);
  return border.sort((a, b) => a - b)[border.length >> 1];
}
