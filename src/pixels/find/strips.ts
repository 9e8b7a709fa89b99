// From regions of cells to boxes: one for each line where a region holds several, grown until the strokes at their edges are inside.
import type { Rectangle } from '../../core/picture.ts';
import type { CellGrid } from './cell-grid.ts';
import { CELL, FEATURES } from './cell-memory.ts';
import type { LevelCells } from './cell-net.ts';
import { partition } from './partition.ts';
import type { Region } from './regions.ts';
import { StrokeMap } from './stroke-map.ts';

export interface CellEvidence {
  readonly mean: number;
  readonly sum: number;
  readonly strongPart: number;
}

export interface Strip extends Rectangle {
  /** The highest probability of a cell in it. */
  readonly score: number;
  /** Of the probabilities of its cells: their mean, their sum, and the part that is 0.9 or more. */
  readonly cells: CellEvidence;
  readonly polarity: 'bright' | 'dark';
  /** Level of the pyramid at which the text is 6 to 24 pixels high. */
  readonly level: number;
}

/** Pixels of the level that every box is wider on each side. */
const MARGIN = 2;
/** Pixels of the level that a box may grow to take in the strokes at its sides: a letter along the line, half of one across. */
const GROWTH_ALONG = 16;
const GROWTH_ACROSS = 6;
/** Empty rows of the level that part two lines. */
const LEAST_LEADING = 2;

/** The boxes of one region, which together cover all of its cells. */
export function stripsOf(
  region: Region,
  grid: CellGrid,
  levels: readonly LevelCells[],
  width: number,
  height: number,
): Strip[] {
  const level = levelOf(region, grid, levels.length);
  const polarity = polarityOf(region, grid, levels);
  const scale = 2 ** level;
  const reach = GROWTH_ALONG * scale;
  const within = clip(
    {
      x: region.left * CELL - reach,
      y: region.top * CELL - reach,
      width: (region.right - region.left) * CELL + 2 * reach,
      height: (region.bottom - region.top) * CELL + 2 * reach,
    },
    width,
    height,
  );
  const strokes = new StrokeMap(levels[level], within, polarity);
  return partition(region, grid.columns)
    .flatMap((cells) => linesOf(cells, grid, strokes))
    .map((line) => ({
      ...clip(grow(line, strokes, scale), width, height),
      ...evidenceOf(line.cells, grid.probability),
      polarity,
      level,
    }));
}

/** From this probability on a cell is sure. */
const STRONG = 0.9;

function evidenceOf(cells: readonly number[], probability: Float32Array): Pick<Strip, 'score' | 'cells'> {
  let [score, sum, strong] = [0, 0, 0];
  for (const cell of cells) {
    score = Math.max(score, probability[cell]);
    sum += probability[cell];
    if (probability[cell] >= STRONG) strong++;
  }
  return { score, cells: { mean: sum / cells.length, sum, strongPart: strong / cells.length } };
}

interface Line extends Rectangle {
  readonly cells: readonly number[];
}

/** Parts cells where rows without strokes run through all of its width; columns likewise when they stand upright. */
function linesOf(all: readonly number[], grid: CellGrid, strokes: StrokeMap): Line[] {
  const box = boxOf(all, grid);
  const rows = strokes.emptyRows(box, LEAST_LEADING);
  const isTurned = box.height > 1.5 * box.width && looksTurned(rows, box);
  const cuts = isTurned ? strokes.emptyColumns(box, LEAST_LEADING) : rows;
  const centre = (cell: number): number =>
    (isTurned ? cell % grid.columns : Math.floor(cell / grid.columns)) * CELL + CELL / 2;
  const ends = [...cuts.map((cut) => cut.middle), Infinity];
  const lines: Line[] = [];
  let start = -Infinity;
  for (const end of ends) {
    const cells = all.filter((cell) => centre(cell) >= start && centre(cell) < end);
    start = end;
    if (cells.length > 0) lines.push({ ...boxOf(cells, grid), cells });
  }
  return lines;
}

/** Letters on top of each other with narrow gaps: a line that runs up or down. */
function looksTurned(cuts: readonly { readonly start: number; readonly end: number }[], box: Rectangle): boolean {
  if (cuts.length < 2) return true;
  let ink = 0;
  let gaps = 0;
  let last = box.y;
  for (const { start, end } of cuts) {
    ink += start - last;
    gaps += end - start;
    last = end;
  }
  const meanInk = ink / cuts.length;
  return gaps < 0.35 * ink && meanInk < 1.2 * box.width;
}

/** Moves each side outwards until it runs through no stroke, as far as it may grow, and adds the margin. */
function grow(line: Rectangle, strokes: StrokeMap, scale: number): Rectangle {
  let [left, top, right, bottom] = [line.x, line.y, line.x + line.width, line.y + line.height];
  const isTall = line.height > line.width;
  const acrossMost = (isTall ? GROWTH_ACROSS : GROWTH_ALONG) * scale;
  const downMost = (isTall ? GROWTH_ALONG : GROWTH_ACROSS) * scale;
  const leftmost = left - acrossMost;
  const topmost = top - downMost;
  const rightmost = right + acrossMost;
  const bottommost = bottom + downMost;
  // Two pixels of quiet, so that the gap between two letters does not end the growth.
  const quiet = 2 * scale;
  while (left > leftmost && strokes.hasStroke(left - quiet, top, left + scale, bottom)) left -= scale;
  while (right < rightmost && strokes.hasStroke(right - scale, top, right + quiet, bottom)) right += scale;
  while (top > topmost && strokes.hasStroke(left, top - scale, right, top + scale)) top -= scale;
  while (bottom < bottommost && strokes.hasStroke(left, bottom - scale, right, bottom + scale)) bottom += scale;
  const margin = MARGIN * scale;
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
}

function boxOf(cells: readonly number[], { columns }: CellGrid): Rectangle {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const cell of cells) {
    const x = cell % columns;
    const y = (cell - x) / columns;
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  }
  return { x: left * CELL, y: top * CELL, width: (right - left) * CELL, height: (bottom - top) * CELL };
}

function clip(box: Rectangle, width: number, height: number): Rectangle {
  const x = Math.max(0, Math.floor(box.x));
  const y = Math.max(0, Math.floor(box.y));
  return {
    x,
    y,
    width: Math.min(width, Math.ceil(box.x + box.width)) - x,
    height: Math.min(height, Math.ceil(box.y + box.height)) - y,
  };
}

/** The level that most of the probability comes from. */
function levelOf({ cells }: Region, { probability, level }: CellGrid, count: number): number {
  const sums = new Array<number>(count).fill(0);
  for (const cell of cells) sums[level[cell]] += probability[cell];
  return sums.indexOf(Math.max(...sums));
}

/** Upright and level strokes answer most at the colour of the letters. Features 0 and 1 are those of bright ones, 4 and 5 of dark ones. */
function polarityOf({ cells }: Region, grid: CellGrid, levels: readonly LevelCells[]): 'bright' | 'dark' {
  let bright = 0;
  let dark = 0;
  for (const cell of cells) {
    const x = cell % grid.columns;
    const y = (cell - x) / grid.columns;
    const at = grid.level[cell];
    const { features, level } = levels[at];
    const first = ((y >> at) * level.cellColumns + (x >> at)) * FEATURES;
    bright += (features[first] + features[first + 1]) * grid.probability[cell];
    dark += (features[first + 4] + features[first + 5]) * grid.probability[cell];
  }
  return bright >= dark ? 'bright' : 'dark';
}
