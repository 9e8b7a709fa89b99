// Which pixels around a region are strokes, with counts that answer for any rectangle at once.
import type { Rectangle } from '../../core/picture.ts';
import type { LevelCells } from './cell-net.ts';

/** Distance of the pixels that a stroke stands out from, and the part of the region's contrast that it needs. */
const REACH = 2;
const OF_CONTRAST = 0.4;
const LEAST_CONTRAST = 3;

/** Rows, or columns, without strokes: from `start` up to `end`. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly middle: number;
}

/** Coordinates of the interface are pixels of the picture; the map itself has the resolution of one level. */
export class StrokeMap {
  readonly #scale: number;
  readonly #left: number;
  readonly #top: number;
  readonly #columns: number;
  readonly #rows: number;
  /** Counts of all strokes above and to the left; one row and one column larger than the map. */
  readonly #sums: Uint32Array;

  constructor({ level, plane }: LevelCells, area: Rectangle, polarity: 'bright' | 'dark') {
    const { scale } = level;
    this.#scale = scale;
    this.#left = Math.floor(area.x / scale);
    this.#top = Math.floor(area.y / scale);
    this.#columns = Math.max(0, Math.min(level.width, Math.ceil((area.x + area.width) / scale)) - this.#left);
    this.#rows = Math.max(0, Math.min(level.height, Math.ceil((area.y + area.height) / scale)) - this.#top);
    const responses = this.#respond(plane, level.stride, polarity === 'bright' ? 1 : -1);
    this.#sums = this.#sumUp(responses, Math.max(LEAST_CONTRAST, OF_CONTRAST * contrastOf(responses)));
  }

  /** True when a stroke has a pixel in the rectangle; ends are exclusive. */
  hasStroke(left: number, top: number, right: number, bottom: number): boolean {
    const x0 = this.#column(Math.floor(left / this.#scale));
    const x1 = this.#column(Math.ceil(right / this.#scale));
    const y0 = this.#row(Math.floor(top / this.#scale));
    const y1 = this.#row(Math.ceil(bottom / this.#scale));
    return x1 > x0 && y1 > y0 && this.#count(x0, y0, x1, y1) > 0;
  }

  /** Runs of `least` rows of the level or more that hold no stroke, strictly inside the box. */
  emptyRows(box: Rectangle, least: number): Cut[] {
    const first = this.#row(Math.floor(box.y / this.#scale));
    const last = this.#row(Math.ceil((box.y + box.height) / this.#scale));
    const x0 = this.#column(Math.floor(box.x / this.#scale));
    const x1 = this.#column(Math.ceil((box.x + box.width) / this.#scale));
    const isEmpty = (row: number): boolean => this.#count(x0, row, x1, row + 1) === 0;
    return cutsOf(first, last, isEmpty, least).map((cut) => this.#scaled(cut, this.#top));
  }

  /** Runs of `least` columns of the level or more that hold no stroke, strictly inside the box. */
  emptyColumns(box: Rectangle, least: number): Cut[] {
    const first = this.#column(Math.floor(box.x / this.#scale));
    const last = this.#column(Math.ceil((box.x + box.width) / this.#scale));
    const y0 = this.#row(Math.floor(box.y / this.#scale));
    const y1 = this.#row(Math.ceil((box.y + box.height) / this.#scale));
    const isEmpty = (column: number): boolean => this.#count(column, y0, column + 1, y1) === 0;
    return cutsOf(first, last, isEmpty, least).map((cut) => this.#scaled(cut, this.#left));
  }

  #scaled([start, end]: readonly [number, number], origin: number): Cut {
    const scale = this.#scale;
    return {
      start: (start + origin) * scale,
      end: (end + origin) * scale,
      middle: ((start + end) / 2 + origin) * scale,
    };
  }

  #column(column: number): number {
    return Math.min(this.#columns, Math.max(0, column - this.#left));
  }

  #row(row: number): number {
    return Math.min(this.#rows, Math.max(0, row - this.#top));
  }

  #count(x0: number, y0: number, x1: number, y1: number): number {
    const width = this.#columns + 1;
    const sums = this.#sums;
    return sums[y1 * width + x1] - sums[y0 * width + x1] - sums[y1 * width + x0] + sums[y0 * width + x0];
  }

  /** How far each pixel stands out from those on both sides of it, in the direction in which it does most. */
  #respond(plane: Uint8Array, stride: number, sign: 1 | -1): Uint8Array {
    const responses = new Uint8Array(this.#columns * this.#rows);
    const down = REACH * stride;
    for (let y = 0, i = 0; y < this.#rows; y++) {
      let p = (this.#top + y) * stride + this.#left;
      for (let x = 0; x < this.#columns; x++, p++, i++) {
        const value = plane[p];
        let most = 0;
        // Beyond the first rows of the plane there is no byte: what it would be compared with is then undefined, and no stroke.
        let stands = standsOut(value, plane[p - REACH], plane[p + REACH], sign);
        if (stands > most) most = stands;
        stands = standsOut(value, plane[p - down], plane[p + down], sign);
        if (stands > most) most = stands;
        stands = standsOut(value, plane[p - down - REACH], plane[p + down + REACH], sign);
        if (stands > most) most = stands;
        stands = standsOut(value, plane[p - down + REACH], plane[p + down - REACH], sign);
        if (stands > most) most = stands;
        responses[i] = most;
      }
    }
    return responses;
  }

  #sumUp(responses: Uint8Array, threshold: number): Uint32Array {
    const width = this.#columns + 1;
    const sums = new Uint32Array(width * (this.#rows + 1));
    for (let y = 0, i = 0; y < this.#rows; y++) {
      let row = 0;
      for (let x = 1; x < width; x++, i++) {
        if (responses[i] >= threshold) row++;
        sums[(y + 1) * width + x] = sums[y * width + x] + row;
      }
    }
    return sums;
  }
}

function standsOut(value: number, before: number, after: number, sign: 1 | -1): number {
  if (sign > 0) return value - (before > after ? before : after);
  return (before < after ? before : after) - value;
}

function cutsOf(first: number, last: number, isEmpty: (index: number) => boolean, least: number): [number, number][] {
  const cuts: [number, number][] = [];
  let start = -1;
  for (let index = first; index < last; index++) {
    if (isEmpty(index)) {
      if (start < 0) start = index;
      continue;
    }
    // What is empty from the very first row on is edge, not a gap between two lines.
    if (start > first && index - start >= least) cuts.push([start, index]);
    start = -1;
  }
  return cuts;
}

/** What the strongest of the strokes reach: the 95th percentile of all that answer at all. */
function contrastOf(responses: Uint8Array): number {
  const histogram = new Uint32Array(256);
  for (const response of responses) histogram[response]++;
  let left = (responses.length - histogram[0]) * 0.05;
  let value = 255;
  for (; value > 0 && left >= histogram[value]; value--) left -= histogram[value];
  return value;
}
