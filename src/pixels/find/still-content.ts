// What stands still over moving anatomy: text drawn over a loop is found once, in the mean of its frames, where speckle and anatomy fade.
//
// How a loop is looked at: frames with the same digest are one frame. Every different frame is added to the still content, which is looked at
// once, and each frame is looked at itself, so that text of a single frame is found too. What was found in a frame where it is still need not
// be read again. 60 frames of 640 x 480 cost about 60 x 8 ms for looking and 60 x 1 ms for the mean and the digests.
import { createHash } from 'node:crypto';
import type { GrayPicture, Rectangle } from '../../core/picture.ts';

/** Fewer frames do not tell what stands still from what moves slowly. */
const LEAST_FRAMES = 4;
/** How far the pixels of a region may be from the mean and still be it: noise and the blocks of JPEG, in levels. */
const STILL_DIFFERENCE = 6;

/** A name for the pixels of a picture: equal for identical frames only. */
export function digestOf({ width, height, data }: GrayPicture): string {
  return createHash('sha256').update(`${width}x${height}:`).update(data).digest('base64');
}

/** The mean of frames of one size. */
export class StillContent {
  readonly #width: number;
  readonly #height: number;
  readonly #sums: Uint32Array;
  #count = 0;
  #picture: GrayPicture | undefined;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#sums = new Uint32Array(width * height);
  }

  /** Adds a frame; throws RangeError when it has another size. Add identical frames once only. */
  add({ width, height, data }: GrayPicture): void {
    if (width !== this.#width || height !== this.#height) throw new RangeError('frames of one loop have one size');
    const sums = this.#sums;
    for (let i = 0; i < sums.length; i++) sums[i] += data[i];
    this.#count++;
    this.#picture = undefined;
  }

  /** True when enough frames were added for the mean to say anything. */
  get isReady(): boolean {
    return this.#count >= LEAST_FRAMES;
  }

  /** What stands still. Black before the first frame. */
  picture(): GrayPicture {
    if (this.#picture !== undefined) return this.#picture;
    const count = Math.max(1, this.#count);
    const data = new Uint8Array(this.#sums.length);
    for (let i = 0; i < data.length; i++) data[i] = (this.#sums[i] + count / 2) / count;
    return (this.#picture = { width: this.#width, height: this.#height, data });
  }

  /** True when a region of this frame is what stands still there, but for noise: what was read in `picture()` holds for the frame. */
  isStill(frame: GrayPicture, { x, y, width, height }: Rectangle): boolean {
    if (frame.width !== this.#width || frame.height !== this.#height) return false;
    const still = this.picture().data;
    let difference = 0;
    let most = 0;
    for (let row = y; row < y + height; row++)
      for (let i = row * this.#width + x; i < row * this.#width + x + width; i++) {
        const pixel = Math.abs(frame.data[i] - still[i]);
        difference += pixel;
        // Single pixels of a letter that came or went count, not their mean over a wide box.
        if (pixel > 4 * STILL_DIFFERENCE) most++;
      }
    const pixels = width * height;
    return difference <= STILL_DIFFERENCE * pixels && most <= 0.002 * pixels;
  }
}
