// The pixels of found text, cut out of the picture.
import type { GrayPicture } from '../../core/picture.ts';
import type { FoundText } from '../find/text-finder.ts';
import type { FoundStrip } from './look-job.ts';

/** Pixels around the box that are cut out with it. */
const MARGIN = 2;

export function cutStrip(picture: GrayPicture, index: number, text: FoundText): FoundStrip {
  const left = Math.max(0, text.x - MARGIN);
  const top = Math.max(0, text.y - MARGIN);
  const width = Math.min(picture.width, text.x + text.width + MARGIN) - left;
  const height = Math.min(picture.height, text.y + text.height + MARGIN) - top;
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * picture.width + left;
    data.set(picture.data.subarray(from, from + width), row * width);
  }
  return { ...text, picture: index, pixels: { width, height, data }, left, top };
}
