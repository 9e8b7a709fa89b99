// Cuts a region of any shape into parts that fill the boxes around them, so that what lies between the words of a region is left alone.
import type { Region } from './regions.ts';

/** Cells in a box around cells of a region, ends exclusive. */
interface Part {
  readonly cells: readonly number[];
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A part is cut further while its cells fill less of its box, and while a cut saves this part of the box. */
const FULL = 0.85;
const LEAST_SAVED = 0.12;

/** The cells of each part; together they are those of the region. About O(n log n) in the cells. */
export function partition(region: Region, columns: number): (readonly number[])[] {
  const parts: (readonly number[])[] = [];
  const open: Part[] = [region];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const cut = part.cells.length < FULL * areaOf(part) ? bestCut(part, columns) : undefined;
    if (cut === undefined) parts.push(part.cells);
    else open.push(...cut);
  }
  return parts;
}

/** The straight cut, between rows or between columns, that leaves the least area in the boxes of both sides. */
function bestCut(part: Part, columns: number): readonly [Part, Part] | undefined {
  const area = areaOf(part);
  let least = area * (1 - LEAST_SAVED);
  let best: { readonly isRow: boolean; readonly at: number } | undefined;
  for (const isRow of [true, false]) {
    const [low, high] = isRow ? [part.top, part.bottom] : [part.left, part.right];
    const extents = extentsOf(part, columns, isRow);
    const after = new Float64Array(high - low + 1);
    for (let at = high - low - 1, from = Infinity, to = 0; at >= 0; at--) {
      from = Math.min(from, extents[2 * at]);
      to = Math.max(to, extents[2 * at + 1]);
      after[at] = Math.max(0, to - from) * (high - low - at);
    }
    for (let at = 1, from = Infinity, to = 0; at < high - low; at++) {
      from = Math.min(from, extents[2 * at - 2]);
      to = Math.max(to, extents[2 * at - 1]);
      const both = Math.max(0, to - from) * at + after[at];
      if (both >= least) continue;
      least = both;
      best = { isRow, at: low + at };
    }
  }
  if (best === undefined) return undefined;
  const { isRow, at } = best;
  const isBefore = (cell: number): boolean => (isRow ? Math.floor(cell / columns) : cell % columns) < at;
  return [
    boxed(part.cells.filter(isBefore), columns),
    boxed(
      part.cells.filter((cell) => !isBefore(cell)),
      columns,
    ),
  ];
}

/** First and last column of each row, or first and last row of each column; `Infinity` and 0 where there is none. */
function extentsOf(part: Part, columns: number, isRow: boolean): Float64Array {
  const low = isRow ? part.top : part.left;
  const extents = new Float64Array(2 * ((isRow ? part.bottom : part.right) - low));
  for (let i = 0; i < extents.length; i += 2) extents[i] = Infinity;
  for (const cell of part.cells) {
    const x = cell % columns;
    const y = (cell - x) / columns;
    const at = 2 * ((isRow ? y : x) - low);
    const across = isRow ? x : y;
    extents[at] = Math.min(extents[at], across);
    extents[at + 1] = Math.max(extents[at + 1], across + 1);
  }
  return extents;
}

function areaOf({ left, top, right, bottom }: Part): number {
  return (right - left) * (bottom - top);
}

function boxed(cells: readonly number[], columns: number): Part {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const cell of cells) {
    const x = cell % columns;
    const y = (cell - x) / columns;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  }
  return { cells, left, top, right, bottom };
}
