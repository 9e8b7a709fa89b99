// The levels of the pyramid put together on cells of 8 x 8 pixels of the picture.
import { CELL } from './cell-memory.ts';
import type { LevelCells } from './cell-net.ts';

export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  /** The highest probability of any level, row by row. */
  readonly probability: Float32Array;
  /** The level that gave it: the coarser, the larger the letters. */
  readonly level: Uint8Array;
}

/** Puts the levels together for a picture of this size. */
export function joinLevels(levels: readonly LevelCells[], width: number, height: number): CellGrid {
  const columns = Math.ceil(width / CELL);
  const rows = Math.ceil(height / CELL);
  const probability = new Float32Array(columns * rows);
  const level = new Uint8Array(columns * rows);
  levels.forEach((cells, index) => {
    const { cellColumns } = cells.level;
    for (let y = 0; y < rows; y++) {
      const coarse = (y >> index) * cellColumns;
      const fine = y * columns;
      for (let x = 0; x < columns; x++) {
        const value = cells.probability[coarse + (x >> index)];
        if (value <= probability[fine + x]) continue;
        probability[fine + x] = value;
        level[fine + x] = index;
      }
    }
  });
  return { columns, rows, probability, level };
}
