// What a page's text draws beside the characters that it names: glyphs that a font maps to spaces, to nothing, or to what the text page leaves out.
import type { GrayPicture } from '../../core/picture.ts';
import { isWithin, placeOf, quarterOf } from './glyph-place.ts';
import { isSpace, type ExtractedText } from './page-text.ts';

const PAPER = 255;
/** Levels by which ink differs from what is there without it. */
const INK = 32;
/** Pixels around a character: edges are drawn soft. */
const MARGIN = 2;

/**
 * The picture of what nobody vouches for, with such ink added.
 * @param whole the page as it is drawn
 * @param rest the page without the text objects whose characters are trusted; undefined when nothing else is on it
 * @param trusted 1 for each character that is drawn as it is named
 */
export function withUnnamedInk(
  whole: GrayPicture,
  rest: GrayPicture | undefined,
  extracted: ExtractedText,
  trusted: Uint8Array,
): GrayPicture {
  const { text, glyphBoxes } = extracted;
  const { width, height } = whole;
  const isNamed = new Uint8Array(width * height);
  for (let index = 0; index < text.count; index++) {
    if (trusted[index] === 0 || isSpace(text.codes[index])) continue;
    if (quarterOf(text.directions[index * 2], text.directions[index * 2 + 1]) === undefined) {
      markPlace(isNamed, width, height, extracted, index);
    } else {
      markBox(isNamed, width, height, text.boxes, index);
      markBox(isNamed, width, height, glyphBoxes, index);
    }
  }
  const data = rest?.data ?? new Uint8Array(width * height).fill(PAPER);
  for (let at = 0; at < data.length; at++)
    if (isNamed[at] === 0 && Math.abs(whole.data[at] - data[at]) >= INK) data[at] = whole.data[at];
  return { width, height, data };
}

function markBox(isNamed: Uint8Array, width: number, height: number, boxes: Float32Array, index: number): void {
  const at = index * 4;
  const left = Math.max(0, Math.floor(boxes[at]) - MARGIN);
  const right = Math.min(width, Math.ceil(boxes[at + 2]) + MARGIN);
  const bottom = Math.min(height, Math.ceil(boxes[at + 3]) + MARGIN);
  if (right <= left) return;
  for (let y = Math.max(0, Math.floor(boxes[at + 1]) - MARGIN); y < bottom; y++)
    isNamed.fill(1, y * width + left, y * width + right);
}

/** The upright rectangle around a slanting glyph is larger than the glyph's own, and may hold others. */
function markPlace(isNamed: Uint8Array, width: number, height: number, extracted: ExtractedText, index: number): void {
  const place = placeOf(extracted, index);
  if (place === undefined) return;
  const [left, top, right, bottom] = extracted.glyphBoxes.subarray(index * 4, index * 4 + 4);
  const endX = Math.min(width, Math.ceil(right) + MARGIN);
  const endY = Math.min(height, Math.ceil(bottom) + MARGIN);
  for (let y = Math.max(0, Math.floor(top) - MARGIN); y < endY; y++)
    for (let x = Math.max(0, Math.floor(left) - MARGIN); x < endX; x++)
      if (isWithin(place, x + 0.5, y + 0.5, MARGIN)) isNamed[y * width + x] = 1;
}
