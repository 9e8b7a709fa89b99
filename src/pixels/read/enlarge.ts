// A strip as the recogniser wants it: dark letters of about 30 pixels on white, upright, with a white border.
import type { Strip } from './reading.ts';

/** Dark letters on white. */
export interface Page {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  /** The same in the format PGM ("P5"), which needs no compression. */
  readonly pgm: Uint8Array;
}

export interface View {
  readonly isInverted: boolean;
  /** Clockwise turn of the letters that is undone. */
  readonly turn: 0 | 90 | 180 | 270;
}

/** Height of a line of text, in pixels, that is read best. */
const LINE_HEIGHT = 48;
const MOST_ENLARGED = 4;
/** More pixels are not looked at: a page of text, enlarged. */
const MOST_PIXELS = 6_000_000;
const BORDER = 12;
/** Parts of the pixels that may be darker than black and brighter than white. */
const DARKEST = 0.02;
const BRIGHTEST = 0.995;

export function enlarge(strip: Strip, { isInverted, turn }: View): Page {
  const upright = turned(strip, turn);
  const scale = scaleOf(upright.width, upright.height);
  const width = Math.max(1, Math.round(upright.width * scale));
  const height = Math.max(1, Math.round(upright.height * scale));
  const page = { width: width + 2 * BORDER, height: height + 2 * BORDER };
  const header = Buffer.from(`P5\n${page.width} ${page.height}\n255\n`, 'latin1');
  const pgm = new Uint8Array(header.length + page.width * page.height).fill(255);
  pgm.set(header);
  const levels = contrastOf(upright.data, isInverted);
  const rows = horizontally(upright, width, scale);
  for (let y = 0; y < height; y++) {
    const at = (y + 0.5) / scale - 0.5;
    const from = clampIndex(Math.floor(at), upright.height);
    const part = Math.min(1, Math.max(0, at - from));
    const above = from * width;
    const below = clampIndex(from + 1, upright.height) * width;
    const out = header.length + (y + BORDER) * page.width + BORDER;
    for (let x = 0; x < width; x++)
      pgm[out + x] = levels[Math.round(rows[above + x] * (1 - part) + rows[below + x] * part)];
  }
  return { ...page, data: pgm.subarray(header.length), pgm };
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function scaleOf(width: number, height: number): number {
  const wanted = Math.min(MOST_ENLARGED, Math.max(1, LINE_HEIGHT / height));
  // Lines in small letters: a box of two lines is as high as one in large letters, and read as well at twice its size.
  const least = Math.max(wanted, height <= 2 * LINE_HEIGHT ? 2 : 1);
  return Math.min(least, Math.sqrt(MOST_PIXELS / (width * height)));
}

/** Turned back by a clockwise turn of the letters. */
function turned({ width, height, data }: Plane, turn: View['turn']): Plane {
  if (turn === 0) return { width, height, data };
  const out = new Uint8Array(data.length);
  if (turn === 180) {
    for (let at = 0; at < data.length; at++) out[at] = data[data.length - 1 - at];
    return { width, height, data: out };
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Letters turned by 90 degrees run downwards: their left is at the top.
      const to = turn === 90 ? (width - 1 - x) * height + y : x * height + (height - 1 - y);
      out[to] = data[y * width + x];
    }
  }
  return { width: height, height: width, data: out };
}

/** Each row enlarged, as fractions of a level are lost only once. */
function horizontally({ width, height, data }: Plane, wide: number, scale: number): Float32Array {
  const rows = new Float32Array(wide * height);
  for (let x = 0; x < wide; x++) {
    const at = (x + 0.5) / scale - 0.5;
    const left = clampIndex(Math.floor(at), width);
    const right = clampIndex(left + 1, width);
    const part = Math.min(1, Math.max(0, at - left));
    for (let y = 0; y < height; y++)
      rows[y * wide + x] = data[y * width + left] * (1 - part) + data[y * width + right] * part;
  }
  return rows;
}

function clampIndex(index: number, length: number): number {
  return Math.min(length - 1, Math.max(0, index));
}

/** Level by level: spread from black to white between the darkest and the brightest that count. */
function contrastOf(data: Uint8Array, isInverted: boolean): Uint8Array {
  const counts = new Uint32Array(256);
  for (const level of data) counts[level]++;
  const quantile = (part: number): number => {
    let seen = 0;
    for (let level = 0; level < 256; level++) {
      seen += counts[level];
      if (seen > data.length * part) return level;
    }
    return 255;
  };
  const [low, high] = isInverted
    ? [quantile(DARKEST), quantile(BRIGHTEST)]
    : [quantile(1 - BRIGHTEST), quantile(1 - DARKEST)];
  const levels = new Uint8Array(256);
  const scale = 255 / Math.max(1, high - low);
  for (let level = 0; level < 256; level++) {
    const spread = Math.min(255, Math.max(0, (level - low) * scale));
    levels[level] = isInverted ? 255 - spread : spread;
  }
  return levels;
}
