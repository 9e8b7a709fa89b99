// Cells that belong together: strong cells and the weaker ones that touch them, followed along the line that they form.
import type { CellGrid } from './cell-grid.ts';

export interface Thresholds {
  /** A region holds a cell of this probability or more … */
  readonly strong: number;
  /** … or one of this probability, and its probabilities sum up to `fairSum`: many cells that are fairly likely are a line. */
  readonly fair: number;
  readonly fairSum: number;
  /** Cells that touch a region join it from this probability on. */
  readonly weak: number;
  /** Cells that continue a line join it from this probability on. */
  readonly faint: number;
  /** Sum of probabilities that a region reaches; less is a speck. */
  readonly leastSum: number;
}

/** Cells of one region, as indices into the grid, and the box around them in cells, ends exclusive. */
export interface Region {
  readonly cells: readonly number[];
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How many cells a line is followed beyond its strong part, and how wide a gap in it may be. */
const LONGEST_TAIL = 14;
const WIDEST_GAP = 2;

/** The regions of a grid, none overlapping. Linear in the cells. */
export function findRegions(grid: CellGrid, thresholds: Thresholds): Region[] {
  const found = markStrong(grid, thresholds);
  const followed = followLines(grid, found, thresholds.faint);
  closeGaps(grid, followed);
  return [...regionsOf(grid, followed)];
}

/** The grid without the cells of these regions: what is left of it. */
export function withoutRegions(grid: CellGrid, regions: readonly Region[]): CellGrid {
  const probability = grid.probability.slice();
  for (const { cells } of regions) for (const cell of cells) probability[cell] = 0;
  return { ...grid, probability };
}

/** 1 for each cell of a region that is strong enough. */
function markStrong(grid: CellGrid, { strong, fair, fairSum, weak, leastSum }: Thresholds): Uint8Array {
  const { probability } = grid;
  const marked = new Uint8Array(probability.length);
  const seen = new Uint8Array(probability.length);
  for (let start = 0; start < probability.length; start++) {
    if (seen[start] === 1 || probability[start] < fair) continue;
    const cells = flood(grid, start, seen, (cell) => probability[cell] >= weak);
    let sum = 0;
    let most = 0;
    for (const cell of cells) {
      sum += probability[cell];
      most = Math.max(most, probability[cell]);
    }
    if (sum < (most >= strong ? leastSum : fairSum)) continue;
    for (const cell of cells) marked[cell] = 1;
  }
  return marked;
}

/** Marks what continues a run of cells to either side, in rows (of 2 cells and more) and in columns (of 3 and more). */
function followLines({ columns, rows, probability }: CellGrid, marked: Uint8Array, faint: number): Uint8Array {
  const followed = marked.slice();
  const walk = (from: number, step: number, left: number): void => {
    for (let taken = 0, cell = from + step; taken < Math.min(LONGEST_TAIL, left); taken++, cell += step) {
      if (marked[cell] === 1) return;
      const isFaint = probability[cell] >= faint;
      const bridges = taken + 1 < left && probability[cell + step] >= faint;
      if (!isFaint && !bridges) return;
      followed[cell] = 1;
    }
  };
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const cell = y * columns + x;
      if (marked[cell] === 0) continue;
      if (x >= 1 && x + 1 < columns && marked[cell - 1] === 1 && marked[cell + 1] === 0) walk(cell, 1, columns - 1 - x);
      if (x >= 1 && x + 1 < columns && marked[cell + 1] === 1 && marked[cell - 1] === 0) walk(cell, -1, x);
      if (y >= 2 && y + 1 < rows && marked[cell - columns] === 1 && marked[cell - 2 * columns] === 1)
        if (marked[cell + columns] === 0) walk(cell, columns, rows - 1 - y);
      if (y >= 1 && y + 2 < rows && marked[cell + columns] === 1 && marked[cell + 2 * columns] === 1)
        if (marked[cell - columns] === 0) walk(cell, -columns, y);
    }
  return followed;
}

/** Fills gaps of up to two cells within rows and of one within columns. */
function closeGaps({ columns, rows }: CellGrid, marked: Uint8Array): void {
  const before = marked.slice();
  for (let y = 0; y < rows; y++)
    for (let x = 0, last = -columns; x < columns; x++) {
      if (before[y * columns + x] === 0) continue;
      if (x - last <= WIDEST_GAP + 1) marked.fill(1, y * columns + last + 1, y * columns + x);
      last = x;
    }
  for (let cell = columns; cell < marked.length - columns; cell++)
    if (before[cell - columns] === 1 && before[cell + columns] === 1) marked[cell] = 1;
}

function* regionsOf(grid: CellGrid, marked: Uint8Array): Generator<Region> {
  const seen = new Uint8Array(marked.length);
  for (let start = 0; start < marked.length; start++) {
    if (marked[start] === 0 || seen[start] === 1) continue;
    const cells = flood(grid, start, seen, (cell) => marked[cell] === 1);
    let [left, top, right, bottom] = [grid.columns, grid.rows, 0, 0];
    for (const cell of cells) {
      const x = cell % grid.columns;
      const y = (cell - x) / grid.columns;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }
    yield { cells, left, top, right, bottom };
  }
}

/** The cells that hang together with `start` in all eight directions; marks them in `seen`. */
function flood(
  { columns, rows }: CellGrid,
  start: number,
  seen: Uint8Array,
  belongs: (cell: number) => boolean,
): number[] {
  const cells = [start];
  seen[start] = 1;
  for (const cell of cells) {
    const x = cell % columns;
    const y = (cell - x) / columns;
    for (let row = Math.max(0, y - 1); row <= Math.min(rows - 1, y + 1); row++)
      for (let column = Math.max(0, x - 1); column <= Math.min(columns - 1, x + 1); column++) {
        const next = row * columns + column;
        if (seen[next] === 1 || !belongs(next)) continue;
        seen[next] = 1;
        cells.push(next);
      }
  }
  return cells;
}
