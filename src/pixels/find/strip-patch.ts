// The middle of a found box at the scale of its letters, for the net of the second look.
import type { GrayPicture } from '../../core/picture.ts';
import type { UnjudgedText } from './text-finder.ts';

/** Rows and columns at most and at least, in pixels of the level at which letters are 6 to 24 pixels high. */
export const MOST_ROWS = 48;
export const MOST_COLUMNS = 128;
const LEAST_SIDE = 16;
/** Grey levels of deviation that count as one at least: flat ground stays flat. */
const LEAST_DEVIATION = 4;

export interface Patch {
  /** At least as wide as high: boxes that are higher than wide are turned over their diagonal. */
  readonly width: number;
  readonly height: number;
  /** Deviations from the mean, letters upwards, row by row. */
  readonly values: Float32Array;
}

export function patchOf(picture: GrayPicture, found: UnjudgedText): Patch {
  const scale = 2 ** found.level;
  const isTall = found.height > found.width;
  const [long, short] = isTall ? [found.height, found.width] : [found.width, found.height];
  const width = Math.min(MOST_COLUMNS, Math.max(LEAST_SIDE, Math.round(long / scale)));
  const height = Math.min(MOST_ROWS, Math.max(LEAST_SIDE, Math.round(short / scale)));
  const left = Math.round(found.x + (found.width - (isTall ? height : width) * scale) / 2);
  const top = Math.round(found.y + (found.height - (isTall ? width : height) * scale) / 2);
  const values = new Float32Array(width * height);
  let [sum, squares] = [0, 0];
  for (let row = 0, i = 0; row < height; row++)
    for (let column = 0; column < width; column++, i++) {
      const [x, y] = isTall ? [row, column] : [column, row];
      const value = meanAt(picture, left + x * scale, top + y * scale, scale);
      values[i] = value;
      sum += value;
      squares += value * value;
    }
  const mean = sum / values.length;
  const deviation = Math.sqrt(Math.max(0, squares / values.length - mean * mean));
  const factor = (found.polarity === 'bright' ? 1 : -1) / Math.max(LEAST_DEVIATION, deviation);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * factor;
  return { width, height, values };
}

/** The mean of a square of pixels; beyond the picture its edge goes on. */
function meanAt({ width, height, data }: GrayPicture, left: number, top: number, side: number): number {
  let sum = 0;
  for (let y = top; y < top + side; y++) {
    const row = (y < 0 ? 0 : y >= height ? height - 1 : y) * width;
    for (let x = left; x < left + side; x++) sum += data[row + (x < 0 ? 0 : x >= width ? width - 1 : x)];
  }
  return sum / (side * side);
}
