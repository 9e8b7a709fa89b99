// How likely each cell of a picture holds text: stroke features on a pyramid and a small convolutional net over the cells, in WebAssembly.
// Built and trained by scripts/text-finder.
import type { GrayPicture } from '../../core/picture.ts';
import { CELL, EDGE_COLUMNS, EDGE_ROWS, layOut, type Layout, type Level } from './cell-memory.ts';
import { loadKernels, PAGE_BYTES, reserve, type Kernels } from './load-kernels.ts';
import { decodeFloats } from './weight-values.ts';
import { WEIGHTS } from './weights.ts';

/** One level of what `CellNet` found. All arrays are views that the next picture overwrites. */
export interface LevelCells {
  readonly level: Level;
  /** Probability of text in each cell, row by row. */
  readonly probability: Float32Array;
  readonly features: Float32Array;
  readonly active: Uint8Array;
  /** The level's pixels, `level.stride` bytes a row, from the first pixel on. */
  readonly plane: Uint8Array;
}

/** A stroke is this part of the picture's range or more. */
const FLOOR_OF_RANGE = 0.012;
/** Three levels of 255: below it there are the steps of quantisation and of JPEG. */
const LEAST_FLOOR = 2;

interface Layer {
  readonly reach: number;
  readonly taps: number;
  readonly weights: number;
  readonly bias: number;
}

/** Net and memory of one thread. Not reentrant: the views of a result hold until the next picture. */
export class CellNet {
  readonly #kernels: Kernels;
  readonly #outside: number;
  readonly #layers: readonly Layer[];
  readonly #output: number;
  readonly #outputBias: number;
  readonly #base: number;
  #size = '';
  #layout: Layout | undefined;
  #cells: readonly LevelCells[] = [];

  private constructor(kernels: Kernels) {
    this.#kernels = kernels;
    const values = decodeFloats(WEIGHTS.values);
    let end = PAGE_BYTES;
    let read = 0;
    const put = (count: number): number => {
      const address = end;
      end += count * 4;
      reserve(kernels, end);
      new Float32Array(kernels.memory.buffer, address, count).set(values.subarray(read, read + count));
      read += count;
      return address;
    };
    const { channels, features, reaches } = WEIGHTS;
    this.#outside = put(features);
    this.#layers = reaches.map((reach, index) => ({
      reach,
      taps: index === 0 ? 0 : put(9 * channels),
      weights: put(index === 0 ? 9 * features * channels : channels * channels),
      bias: put(channels),
    }));
    this.#output = put(channels);
    this.#outputBias = values[read];
    this.#base = end;
  }

  static async load(): Promise<CellNet> {
    return new CellNet(await loadKernels());
  }

  /** The cells of every level, finest first. */
  look(picture: GrayPicture): readonly LevelCells[] {
    const { levels, layers, needs } = this.#layoutFor(picture.width, picture.height);
    const kernels = this.#kernels;
    const floor = Math.max(LEAST_FLOOR, rangeOf(picture) * FLOOR_OF_RANGE);
    this.#copy(picture, levels[0]);
    levels.forEach((level, index) => {
      const { plane, stride, cellColumns, cellRows, blockColumns } = level;
      if (index > 0) {
        const finer = levels[index - 1];
        const columns = Math.ceil(level.width / 16) * 16;
        kernels.halve(finer.plane, finer.stride, plane, stride, columns, level.height);
        repeatEdges(new Uint8Array(kernels.memory.buffer), level);
      }
      kernels.noise(plane, stride, blockColumns, level.blockRows, level.height, level.noiseScratch, level.noise);
      kernels.features(
        plane,
        stride,
        cellColumns,
        cellRows,
        level.noise,
        blockColumns,
        floor,
        level.features,
        level.active,
      );
      this.#run(level, layers, needs);
    });
    return this.#cells;
  }

  #run(level: Level, buffers: readonly [number, number], needs: readonly number[]): void {
    const { cellColumns, cellRows, active } = level;
    const kernels = this.#kernels;
    const last = this.#layers.length - 1;
    const needOf = (index: number): number => (index === last ? active : needs[index]);
    for (let index = last - 1; index >= 0; index--)
      kernels.widen(needOf(index + 1), needs[index], cellColumns, cellRows, this.#layers[index + 1].reach);
    let source = level.features;
    this.#layers.forEach(({ reach, taps, weights, bias }, index) => {
      const target = buffers[index & 1];
      const need = needOf(index);
      if (index === 0) kernels.firstLayer(source, target, weights, bias, this.#outside, cellColumns, cellRows, need);
      else kernels.deepLayer(source, target, taps, weights, bias, cellColumns, cellRows, reach, need);
      source = target;
    });
    kernels.probability(source, this.#output, this.#outputBias, cellColumns * cellRows, active, level.probability);
  }

  #copy({ data, width, height }: GrayPicture, level: Level): void {
    const memory = new Uint8Array(this.#kernels.memory.buffer);
    for (let y = 0; y < height; y++)
      memory.set(data.subarray(y * width, (y + 1) * width), level.plane + y * level.stride);
    repeatEdges(memory, level);
  }

  #layoutFor(width: number, height: number): Layout {
    const size = `${width}x${height}`;
    if (this.#layout !== undefined && size === this.#size) return this.#layout;
    const layout = layOut(width, height, this.#base, this.#layers.length);
    reserve(this.#kernels, layout.end);
    const { buffer } = this.#kernels.memory;
    this.#cells = layout.levels.map((level) => {
      const cells = level.cellColumns * level.cellRows;
      return {
        level,
        probability: new Float32Array(buffer, level.probability, cells),
        features: new Float32Array(buffer, level.features, cells * WEIGHTS.features),
        active: new Uint8Array(buffer, level.active, cells),
        plane: new Uint8Array(buffer, level.plane, level.stride * level.cellRows * CELL),
      };
    });
    this.#size = size;
    this.#layout = layout;
    return layout;
  }
}

/** Repeats the edge pixels of a plane around it, so that the edge of the picture is no stroke. */
function repeatEdges(memory: Uint8Array, { plane, stride, width, height, cellColumns, cellRows }: Level): void {
  const right = cellColumns * CELL + 2 * EDGE_COLUMNS;
  for (let y = 0; y < height; y++) {
    const row = plane + y * stride;
    memory.fill(memory[row], row - EDGE_COLUMNS, row);
    memory.fill(memory[row + width - 1], row + width, row + right);
  }
  const bottom = plane + (height - 1) * stride - EDGE_COLUMNS;
  for (let y = height; y < cellRows * CELL + EDGE_ROWS; y++)
    memory.copyWithin(plane + y * stride - EDGE_COLUMNS, bottom, bottom + stride);
  const top = plane - EDGE_COLUMNS;
  for (let y = 1; y <= EDGE_ROWS; y++) memory.copyWithin(top - y * stride, top, top + stride);
}

/** What lies between the darkest and the brightest hundredth of the picture, on every seventh pixel. */
function rangeOf({ data }: GrayPicture): number {
  const histogram = new Uint32Array(256);
  let count = 0;
  for (let i = 0; i < data.length; i += 7, count++) histogram[data[i]]++;
  const hundredth = count / 100;
  let low = 0;
  for (let sum = histogram[0]; sum < hundredth && low < 255; sum += histogram[low]) low++;
  let high = 255;
  for (let sum = histogram[255]; sum < hundredth && high > 0; sum += histogram[high]) high--;
  return Math.max(0, high - low);
}
