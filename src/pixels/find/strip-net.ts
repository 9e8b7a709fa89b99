// A small convolutional net over the pixels of a found box: what it sees of letters, as numbers beside the traits of the box.
import type { Patch } from './strip-patch.ts';

/** Channels of each layer. All have 3 x 3 taps and rectified outputs; the first two halve width and height. */
export const LAYERS = [
  { inputs: 1, outputs: 12, stride: 2 },
  { inputs: 12, outputs: 16, stride: 2 },
  { inputs: 16, outputs: 24, stride: 1 },
] as const;
/** Mean and maximum of each channel of the last layer. */
export const SIGHTS = 48;
/** Numbers that `sightsOf` takes from the weights: taps, then biases, layer by layer. */
export const STRIP_NET_WEIGHTS = LAYERS.reduce((sum, { inputs, outputs }) => sum + (9 * inputs + 1) * outputs, 0);

interface Plane {
  readonly width: number;
  readonly height: number;
  /** Channels of a pixel lie together. */
  readonly values: Float32Array;
}

/** About 3 million multiplications for the largest patch. */
export function sightsOf(patch: Patch, weights: Float32Array): Float32Array {
  let plane: Plane = patch;
  let read = 0;
  for (const layer of LAYERS) {
    const taps = 9 * layer.inputs * layer.outputs;
    plane = convolve(plane, layer, weights.subarray(read, read + taps), weights.subarray(read + taps, read + taps + layer.outputs)); // prettier-ignore
    read += taps + layer.outputs;
  }
  const channels = SIGHTS / 2;
  const sights = new Float32Array(SIGHTS);
  for (let i = 0; i < plane.values.length; i += channels)
    for (let channel = 0; channel < channels; channel++) {
      const value = plane.values[i + channel];
      sights[channel] += value;
      if (value > sights[channels + channel]) sights[channels + channel] = value;
    }
  for (let channel = 0; channel < channels; channel++) sights[channel] /= plane.width * plane.height;
  return sights;
}

/** `taps` are laid out by row, column, input, output. Beyond the edges there are zeros. */
function convolve(
  { width, height, values }: Plane,
  { inputs, outputs, stride }: (typeof LAYERS)[number],
  taps: Float32Array,
  biases: Float32Array,
): Plane {
  const [columns, rows] = [Math.ceil(width / stride), Math.ceil(height / stride)];
  const result = new Float32Array(columns * rows * outputs);
  const sums = new Float64Array(outputs);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at += outputs) {
      sums.set(biases);
      for (let ky = 0; ky < 3; ky++) {
        const y = row * stride + ky - 1;
        if (y < 0 || y >= height) continue;
        for (let kx = 0; kx < 3; kx++) {
          const x = column * stride + kx - 1;
          if (x < 0 || x >= width) continue;
          const source = (y * width + x) * inputs;
          for (let input = 0; input < inputs; input++) {
            const value = values[source + input];
            if (value === 0) continue;
            const tap = ((ky * 3 + kx) * inputs + input) * outputs;
            for (let output = 0; output < outputs; output++) sums[output] += value * taps[tap + output];
          }
        }
      }
      for (let output = 0; output < outputs; output++) result[at + output] = sums[output] > 0 ? sums[output] : 0;
    }
  return { width: columns, height: rows, values: result };
}
