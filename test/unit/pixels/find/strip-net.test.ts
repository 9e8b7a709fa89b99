import { describe, expect, it } from 'vitest';
import { LAYERS, SIGHTS, STRIP_NET_WEIGHTS, StripNet } from '../../../../src/pixels/find/strip-net.ts';
import { createRandom } from '../../../../src/synthetic/random.ts';

/** The net as its definition says it, pixel by pixel: planes[channel][y][x]. */
function slowSights(width: number, height: number, values: Float32Array, weights: Float32Array): number[] {
  let planes = [Array.from({ length: height }, (_, y) => Array.from(values.subarray(y * width, (y + 1) * width)))];
  let read = 0;
  for (const { inputs, outputs, stride } of LAYERS) {
    const taps = weights.subarray(read, read + 9 * inputs * outputs);
    const biases = weights.subarray(read + taps.length, read + taps.length + outputs);
    read += taps.length + outputs;
    const [rows, columns] = [Math.ceil(planes[0].length / stride), Math.ceil(planes[0][0].length / stride)];
    const last = planes;
    planes = Array.from({ length: outputs }, (_, output) =>
      Array.from({ length: rows }, (_, y) =>
        Array.from({ length: columns }, (_, x) => {
          let sum = biases[output];
          for (let ky = 0; ky < 3; ky++)
            for (let kx = 0; kx < 3; kx++)
              for (let input = 0; input < inputs; input++)
                sum +=
                  (last[input][y * stride + ky - 1]?.[x * stride + kx - 1] ?? 0) *
                  taps[((ky * 3 + kx) * inputs + input) * outputs + output];
          return Math.max(0, sum);
        }),
      ),
    );
  }
  const all = planes.map((plane) => plane.flat());
  return [
    ...all.map((plane) => plane.reduce((sum, value) => sum + value, 0) / plane.length),
    ...all.map((plane) => Math.max(...plane)),
  ];
}

describe('the net over the pixels of a box', () => {
  it.each([
    [16, 16],
    [33, 17],
    [128, 48],
  ])('sees in %i x %i pixels what its definition says', async (width, height) => {
    const random = createRandom(width);
    const values = Float32Array.from({ length: width * height }, () => 2 * random.next() - 1);
    const weights = Float32Array.from({ length: STRIP_NET_WEIGHTS }, () => 0.4 * (random.next() - 0.5));
    const net = await StripNet.load(weights);
    // What a larger patch left in its memory does not show in the next one.
    net.sightsOf({ width: 128, height: 48, values: new Float32Array(128 * 48).fill(9) });
    const sights = net.sightsOf({ width, height, values });
    expect(sights).toHaveLength(SIGHTS);
    slowSights(width, height, values, weights).forEach((value, i) => {
      expect(sights[i]).toBeCloseTo(value, 3);
    });
  });
});
