// Where the planes, features and layers of a picture of one size lie in the memory of the WebAssembly module.

/** A cell is 8 x 8 pixels of its level; level 0 is the picture, each further level half its width and height. */
export const CELL = 8;
/** Features of a cell, and channels of the net; compiled into the kernels. */
export const FEATURES = 16;
export const CHANNELS = 24;
/** Levels of the pyramid: letters of 6 to 24, 14 to 48 and 28 pixels and more in height. */
export const LEVELS = 3;

/** Pixels left and right of a plane, and rows above and below it, that repeat its edge. */
export const EDGE_COLUMNS = 16;
export const EDGE_ROWS = 2;

/** One level. Addresses are bytes; `plane` is that of the first pixel. Sizes of whole cells, an even number of them across. */
export interface Level {
  /** Pixels of the picture to one pixel of the level. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly cellColumns: number;
  readonly cellRows: number;
  readonly blockColumns: number;
  readonly blockRows: number;
  readonly plane: number;
  readonly noise: number;
  readonly noiseScratch: number;
  readonly features: number;
  readonly active: number;
  readonly probability: number;
}

export interface Layout {
  readonly levels: readonly Level[];
  /** Two buffers that the layers of the net fill in turn. */
  readonly layers: readonly [number, number];
  /** Which cells a layer must compute, one map for each layer. */
  readonly needs: readonly number[];
  readonly end: number;
}

const alignUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** The layout for pictures of this size from address `start` on, with a net of `layerCount` layers. */
export function layOut(width: number, height: number, start: number, layerCount: number): Layout {
  let end = start;
  const take = (bytes: number): number => {
    const address = alignUp(end, 16);
    end = address + bytes;
    return address;
  };
  const levels: Level[] = [];
  for (let index = 0; index < LEVELS; index++) {
    const levelWidth = Math.ceil(width / 2 ** index);
    const levelHeight = Math.ceil(height / 2 ** index);
    if (index > 0 && Math.min(levelWidth, levelHeight) < 2 * CELL) break;
    const cellColumns = alignUp(levelWidth, 2 * CELL) / CELL;
    const cellRows = Math.ceil(levelHeight / CELL);
    // Twice 16 columns to the right: halving reads a plane up to twice the width of the next one.
    const stride = cellColumns * CELL + 3 * EDGE_COLUMNS;
    const blockColumns = cellColumns / 2;
    const blockRows = Math.ceil(cellRows / 2);
    const cells = cellColumns * cellRows;
    levels.push({
      scale: 2 ** index,
      width: levelWidth,
      height: levelHeight,
      stride,
      cellColumns,
      cellRows,
      blockColumns,
      blockRows,
      plane: take(stride * (cellRows * CELL + 2 * EDGE_ROWS + CELL)) + EDGE_ROWS * stride + EDGE_COLUMNS,
      noise: take(blockColumns * blockRows * 4),
      noiseScratch: take((blockColumns * blockRows + 25) * 4),
      features: take(cells * FEATURES * 4),
      active: take(cells),
      probability: take(cells * 4),
    });
  }
  const most = levels[0].cellColumns * levels[0].cellRows;
  const layers: [number, number] = [take(most * CHANNELS * 4), take(most * CHANNELS * 4)];
  const needs = Array.from({ length: layerCount }, () => take(most));
  return { levels, layers, needs, end };
}
