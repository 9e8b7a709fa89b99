// Shapes of letters and digits as the standard fonts draw them, to hold what a page draws against what its text layer says. Worker thread.
import type { GrayPicture } from '../../core/picture.ts';
import type { Quarter } from './glyph-place.ts';
import { PageBitmap } from './page-bitmap.ts';
import type { Pdfium } from './pdfium.ts';

const FONTS = ['Helvetica', 'Helvetica-Bold', 'Times-Roman', 'Times-Bold', 'Times-Italic', 'Courier', 'Courier-Bold'];
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** No more than strokes: their shape says nothing once it is stretched. */
const STROKES = 'iIl1jJ|';
const GRID_WIDTH = 10;
const GRID_HEIGHT = 14;
const GRID = GRID_WIDTH * GRID_HEIGHT;
const CELL = 64;
const SIZE = 40;
const LEAST_WIDTH = 3;
const LEAST_HEIGHT = 6;
/** Ink below this part of the darkest is the edge of a stroke. */
const TRIM = 0.35;

/** A shape: ink on a grid, mean 0, length 1. */
export type Shape = Float32Array;

/** They are the same for every document. */
let drawn: GlyphShapes | undefined;

export class GlyphShapes {
  readonly #byLetter: ReadonlyMap<string, readonly Shape[]>;

  constructor(byLetter: ReadonlyMap<string, readonly Shape[]>) {
    this.#byLetter = byLetter;
  }

  /** The shapes of the standard fonts' letters: drawn once a thread, in about 50 ms. */
  static of(pdfium: Pdfium): GlyphShapes {
    drawn ??= GlyphShapes.#draw(pdfium);
    return drawn;
  }

  static #draw(pdfium: Pdfium): GlyphShapes {
    const width = LETTERS.length * CELL;
    const height = FONTS.length * CELL;
    const picture = drawSheet(pdfium, width, height);
    const byLetter = new Map<string, Shape[]>();
    for (const [column, letter] of Array.from(LETTERS).entries()) {
      const shapes = FONTS.flatMap((_, row) => {
        const shape = shapeIn(
          picture,
          column * CELL + 4,
          row * CELL + 4,
          (column + 1) * CELL - 4,
          (row + 1) * CELL - 4,
          0,
        );
        return shape === undefined ? [] : [shape];
      });
      byLetter.set(letter, shapes);
    }
    return new GlyphShapes(byLetter);
  }

  /** Whether there are shapes to tell this character by. */
  isKnown(character: string): boolean {
    return this.#byLetter.has(character) && !STROKES.includes(character);
  }

  /** How alike `shape` is to `letter`, in either case. */
  likenessTo(shape: Shape, letter: string): number {
    let best = -1;
    for (const form of new Set([letter, letter.toLowerCase(), letter.toUpperCase()]))
      for (const known of this.#byLetter.get(form) ?? []) best = Math.max(best, dot(shape, known));
    return best;
  }

  /** How alike `shape` is to the letter or digit that it is most alike. */
  likenessToAny(shape: Shape): number {
    let best = -1;
    for (const [letter, shapes] of this.#byLetter)
      if (!STROKES.includes(letter)) for (const known of shapes) best = Math.max(best, dot(shape, known));
    return best;
  }
}

function drawSheet(pdfium: Pdfium, width: number, height: number): GrayPicture {
  const { call } = pdfium;
  const document = call.FPDF_CreateNewDocument();
  const page = call.FPDFPage_New(document, 0, width, height);
  for (const [row, name] of FONTS.entries()) {
    const font = pdfium.copyIn(Buffer.from(`${name}\0`, 'latin1'));
    for (const [column, letter] of Array.from(LETTERS).entries()) {
      const object = call.FPDFPageObj_NewTextObj(document, font, SIZE);
      const text = pdfium.copyIn(Buffer.from(`${letter}\0`, 'utf16le'));
      call.FPDFText_SetText(object, text);
      call.free(text);
      call.FPDFPageObj_Transform(object, 1, 0, 0, 1, column * CELL + 12, height - row * CELL - 46);
      call.FPDFPage_InsertObject(page, object);
    }
    call.free(font);
  }
  const bitmap = new PageBitmap(pdfium, width, height);
  bitmap.draw(page);
  const picture = bitmap.toGray();
  bitmap.close();
  call.FPDF_ClosePage(page);
  call.FPDF_CloseDocument(document);
  return picture;
}

function dot(left: Shape, right: Shape): number {
  let sum = 0;
  for (let at = 0; at < GRID; at++) sum += left[at] * right[at];
  return sum;
}

/** The shape of the ink in a box of the picture, as one reads it; undefined when it is too small or there is none. */
export function shapeIn(
  picture: GrayPicture,
  left: number,
  top: number,
  right: number,
  bottom: number,
  quarter: Quarter,
): Shape | undefined {
  const x0 = Math.max(0, Math.floor(left));
  const y0 = Math.max(0, Math.floor(top));
  const x1 = Math.min(picture.width, Math.ceil(right));
  const y1 = Math.min(picture.height, Math.ceil(bottom));
  if (x1 - x0 < LEAST_WIDTH || y1 - y0 < LEAST_WIDTH || x1 - x0 > 2000 || y1 - y0 > 2000) return undefined;
  const upright = uprightInk(picture, x0, y0, x1 - x0, y1 - y0, quarter);
  const trimmed = trim(upright);
  if (
    trimmed === undefined ||
    trimmed.right - trimmed.left < LEAST_WIDTH ||
    trimmed.bottom - trimmed.top < LEAST_HEIGHT
  )
    return undefined;
  return normalize(resample(upright, trimmed));
}

interface Ink {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Distance from the background, turned so that the writing runs to the right. */
function uprightInk(
  picture: GrayPicture,
  x0: number,
  y0: number,
  width: number,
  height: number,
  quarter: Quarter,
): Ink {
  const background = backgroundOf(picture, x0, y0, width, height);
  const isTurned = quarter === 1 || quarter === 3;
  const upright = { width: isTurned ? height : width, height: isTurned ? width : height };
  const data = new Float32Array(width * height);
  for (let y = 0; y < upright.height; y++)
    for (let x = 0; x < upright.width; x++) {
      const sourceX = quarter === 0 ? x : quarter === 1 ? width - 1 - y : quarter === 2 ? width - 1 - x : y;
      const sourceY = quarter === 0 ? y : quarter === 1 ? x : quarter === 2 ? height - 1 - y : height - 1 - x;
      data[y * upright.width + x] = Math.abs(picture.data[(y0 + sourceY) * picture.width + x0 + sourceX] - background);
    }
  return { ...upright, data };
}

/** The lightest of the corners' surroundings on dark print, else the darkest: what lies around the box in the mean. */
function backgroundOf({ width, height, data }: GrayPicture, x0: number, y0: number, w: number, h: number): number {
  const levels: number[] = [];
  for (const y of [y0 - 2, y0 + h + 1])
    if (y >= 0 && y < height) for (let x = x0; x < x0 + w; x++) levels.push(data[y * width + x]);
  levels.sort((one, other) => one - other);
  return levels[levels.length >> 1] ?? 255;
}

function trim({ width, height, data }: Ink): Bounds | undefined {
  let most = 0;
  for (const level of data) if (level > most) most = level;
  if (most < 40) return undefined;
  const least = most * TRIM;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[y * width + x] >= least) {
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = y + 1;
      }
  return { left, top, right, bottom };
}

/** Means over the cells of the grid; a cell smaller than a pixel takes the pixel under it. */
function resample({ width, data }: Ink, { left, top, right, bottom }: Bounds): Shape {
  const shape = new Float32Array(GRID);
  for (let row = 0; row < GRID_HEIGHT; row++) {
    const y0 = top + Math.floor(((bottom - top) * row) / GRID_HEIGHT);
    const y1 = Math.max(y0 + 1, top + Math.ceil(((bottom - top) * (row + 1)) / GRID_HEIGHT));
    for (let column = 0; column < GRID_WIDTH; column++) {
      const x0 = left + Math.floor(((right - left) * column) / GRID_WIDTH);
      const x1 = Math.max(x0 + 1, left + Math.ceil(((right - left) * (column + 1)) / GRID_WIDTH));
      let sum = 0;
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += data[y * width + x];
      shape[row * GRID_WIDTH + column] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  return shape;
}

function normalize(shape: Shape): Shape | undefined {
  let mean = 0;
  for (const level of shape) mean += level / GRID;
  let length = 0;
  for (let at = 0; at < GRID; at++) {
    shape[at] -= mean;
    length += shape[at] * shape[at];
  }
  if (length === 0) return undefined;
  const scale = 1 / Math.sqrt(length);
  for (let at = 0; at < GRID; at++) shape[at] *= scale;
  return shape;
}
