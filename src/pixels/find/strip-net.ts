// A small convolutional net over the pixels of a found box, in WebAssembly: what it sees of letters, as numbers beside the traits of the box.
import { loadKernels, PAGE_BYTES, reserve, type Kernels } from './load-kernels.ts';
import { MOST_COLUMNS, MOST_ROWS, type Patch } from './strip-patch.ts';

/** Channels of each layer. All have 3 x 3 taps and rectified outputs; the first two halve width and height. */
export const LAYERS = [
  { inputs: 1, outputs: 12, stride: 2 },
  { inputs: 12, outputs: 16, stride: 2 },
  { inputs: 16, outputs: 24, stride: 1 },
] as const;
/** Mean and maximum of each channel of the last layer. */
export const SIGHTS = 48;
/** Numbers that `StripNet` takes from the weights: taps, laid out by row, column, input, output, then biases, layer by layer. */
export const STRIP_NET_WEIGHTS = LAYERS.reduce((sum, { inputs, outputs }) => sum + (9 * inputs + 1) * outputs, 0);

const FLOAT_BYTES = 4;
/** A plane has a border of one pixel, and no layer more values than the first. */
const PLANE_BYTES = (MOST_COLUMNS / 2 + 2) * (MOST_ROWS / 2 + 2) * LAYERS[0].outputs * FLOAT_BYTES;

/** Net and memory of one thread. */
export class StripNet {
  readonly #kernels: Kernels;
  /** Two planes that the layers fill in turn. */
  readonly #planes: readonly [number, number];

  private constructor(kernels: Kernels, weights: Float32Array) {
    this.#kernels = kernels;
    const first = PAGE_BYTES + STRIP_NET_WEIGHTS * FLOAT_BYTES;
    this.#planes = [first, first + PLANE_BYTES];
    reserve(kernels, first + 2 * PLANE_BYTES);
    new Float32Array(kernels.memory.buffer, PAGE_BYTES, STRIP_NET_WEIGHTS).set(weights.subarray(0, STRIP_NET_WEIGHTS));
  }

  static async load(weights: Float32Array): Promise<StripNet> {
    return new StripNet(await loadKernels(), weights);
  }

  /** About 2 million multiplications for the largest patch: a third of a millisecond. */
  sightsOf(patch: Patch): Float32Array {
    let { width, height } = patch;
    let [source, target] = this.#planes;
    this.#copy(patch, source);
    let taps = PAGE_BYTES;
    for (const { inputs, outputs, stride } of LAYERS) {
      const biases = taps + 9 * inputs * outputs * FLOAT_BYTES;
      this.#kernels.convolve(source, target, taps, biases, inputs, outputs, stride, width, height);
      [source, target] = [target, source];
      [width, height] = [Math.ceil(width / stride), Math.ceil(height / stride)];
      taps = biases + outputs * FLOAT_BYTES;
    }
    return this.#gather(source, width, height);
  }

  #copy({ width, height, values }: Patch, address: number): void {
    const plane = this.#plane(address, (width + 2) * (height + 2));
    plane.fill(0);
    for (let y = 0; y < height; y++) plane.set(values.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
  }

  #gather(address: number, width: number, height: number): Float32Array {
    const channels = SIGHTS / 2;
    const stride = (width + 2) * channels;
    const plane = this.#plane(address, stride * (height + 2));
    const sights = new Float32Array(SIGHTS);
    for (let y = 1; y <= height; y++)
      for (let at = y * stride + channels; at < (y + 1) * stride - channels; at += channels)
        for (let channel = 0; channel < channels; channel++) {
          const value = plane[at + channel];
          sights[channel] += value;
          if (value > sights[channels + channel]) sights[channels + channel] = value;
        }
    for (let channel = 0; channel < channels; channel++) sights[channel] /= width * height;
    return sights;
  }

  #plane(address: number, values: number): Float32Array {
    return new Float32Array(this.#kernels.memory.buffer, address, values);
  }
}
