// Where a glyph stands on the page, at any angle of its writing. pdfium tells the upright rectangle around a turned glyph; the glyph's own follows
// from it and the direction.
import type { GrayPicture } from '../../core/picture.ts';
import type { ExtractedText } from './page-text.ts';

/** A rectangle along the direction of writing, in pixels of the page. */
export interface GlyphPlace {
  readonly x: number;
  readonly y: number;
  /** Unit vector of the direction of writing. */
  readonly directionX: number;
  readonly directionY: number;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

/** Cosine of the largest tilt that still counts as straight. */
const STRAIGHT = 0.996;
/** Below this difference of the squared cosine and sine the two sides do not follow from the rectangle around them. */
const DIAGONAL = 0.05;
/** In sizes of the font: the widest gap before and behind a glyph within its advance. */
const BEARING = 0.12;
/** In pixels: larger than any letter that one reads on a page. */
const LARGEST = 2000;
/** Around what is turned out of the page: shows what the glyph lies on. */
const MARGIN = 3;

/** A quarter turn of writing: 0 to the right, 1 down, 2 to the left (upside down), 3 up. */
export type Quarter = 0 | 1 | 2 | 3;

/** Undefined for what slants. */
export function quarterOf(x: number, y: number): Quarter | undefined {
  if (x > STRAIGHT) return 0;
  if (y > STRAIGHT) return 1;
  if (x < -STRAIGHT) return 2;
  return y < -STRAIGHT ? 3 : undefined;
}

/**
 * The place of a glyph. The rectangle around one of w x h that is turned by an angle is w cos + h sin wide and w sin + h cos high; on the diagonal both
 * are the same, and the glyph is taken to stand in the middle of its advance. Undefined for what has no extent, or too much.
 */
export function placeOf({ text, glyphBoxes }: ExtractedText, index: number): GlyphPlace | undefined {
  const [left, top, right, bottom] = glyphBoxes.subarray(index * 4, index * 4 + 4);
  const [directionX, directionY] = text.directions.subarray(index * 2, index * 2 + 2);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [across, down] = [right - left, bottom - top];
  const [cosine, sine] = [Math.abs(directionX), Math.abs(directionY)];
  const difference = cosine * cosine - sine * sine;
  let width = (across * cosine - down * sine) / difference;
  let height = (down * cosine - across * sine) / difference;
  if (Math.abs(difference) < DIAGONAL) {
    const [originX, originY] = text.origins.subarray(index * 2, index * 2 + 2);
    width = 2 * ((x - originX) * directionX + (y - originY) * directionY);
    height = (across + down) / (cosine + sine) - width + 2 * BEARING * text.sizes[index];
  }
  if (!(width > 0 && height > 0 && width <= LARGEST && height <= LARGEST)) return undefined;
  return { x, y, directionX, directionY, halfWidth: width / 2, halfHeight: height / 2 };
}

/** The part of a picture that a glyph stands in, turned so that it is read to the right, and the glyph's bounds in it. */
export function turnOut(
  picture: GrayPicture,
  { x, y, directionX, directionY, halfWidth, halfHeight }: GlyphPlace,
): { readonly picture: GrayPicture; readonly bounds: readonly [number, number, number, number] } {
  const width = Math.ceil(2 * halfWidth) + 2 * MARGIN;
  const height = Math.ceil(2 * halfHeight) + 2 * MARGIN;
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const along = column + 0.5 - width / 2;
      const down = row + 0.5 - height / 2;
      data[row * width + column] = levelAt(
        picture,
        x + along * directionX - down * directionY - 0.5,
        y + along * directionY + down * directionX - 0.5,
      );
    }
  return { picture: { width, height, data }, bounds: [MARGIN, MARGIN, width - MARGIN, height - MARGIN] };
}

/** Between four pixels; beyond the edges as on them. */
function levelAt({ width, height, data }: GrayPicture, x: number, y: number): number {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(y)));
  const right = Math.min(width - 1, left + 1);
  const bottom = Math.min(height - 1, top + 1);
  const [partX, partY] = [Math.min(1, Math.max(0, x - left)), Math.min(1, Math.max(0, y - top))];
  const above = data[top * width + left] * (1 - partX) + data[top * width + right] * partX;
  const below = data[bottom * width + left] * (1 - partX) + data[bottom * width + right] * partX;
  return Math.round(above * (1 - partY) + below * partY);
}

/** Whether a point of the page lies in the place or within `margin` pixels of it. */
export function isWithin(
  { x, y, directionX, directionY, halfWidth, halfHeight }: GlyphPlace,
  pointX: number,
  pointY: number,
  margin: number,
): boolean {
  const along = (pointX - x) * directionX + (pointY - y) * directionY;
  const down = (pointY - y) * directionX - (pointX - x) * directionY;
  return Math.abs(along) <= halfWidth + margin && Math.abs(down) <= halfHeight + margin;
}
