import { describe, expect, it } from 'vitest';
import { LoadedSource } from '../../../src/dicom/loaded-source.ts';
import { FileLikeSource } from './support/sources.ts';

const BYTES = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 256));

function loaded(...segments: readonly (readonly [number, number])[]): {
  source: LoadedSource;
  beneath: FileLikeSource;
} {
  const beneath = new FileLikeSource(BYTES);
  const source = new LoadedSource(beneath);
  for (const [start, end] of segments) source.keep(start, BYTES.subarray(start, end));
  return { source, beneath };
}

describe('a source of which parts are loaded', () => {
  it('views what lies in one part, at its edges too', () => {
    const { source } = loaded([0, 100], [300, 400]);
    expect(source.view(0, 100)).toEqual(BYTES.subarray(0, 100));
    expect(source.view(300, 1)).toEqual(BYTES.subarray(300, 301));
    expect(source.view(399, 1)).toEqual(BYTES.subarray(399, 400));
    expect(source.view(350, 0)).toHaveLength(0);
  });

  it('views nothing that is not wholly in a part', () => {
    const { source } = loaded([0, 100], [100, 200], [300, 400]);
    for (const [offset, length] of [
      [99, 2],
      [200, 1],
      [250, 10],
      [290, 20],
      [390, 20],
      [400, 1],
    ]) {
      expect(source.view(offset, length)).toBeUndefined();
    }
  });

  it('finds parts that overlap and parts that came out of order', () => {
    const { source } = loaded([0, 100], [90, 120], [50, 200], [180, 190]);
    expect(source.view(60, 130)).toEqual(BYTES.subarray(60, 190));
    expect(source.view(195, 5)).toEqual(BYTES.subarray(195, 200));
    expect(source.view(40, 20)).toEqual(BYTES.subarray(40, 60));
  });

  it('reads the rest from beneath', async () => {
    const { source, beneath } = loaded([0, 100]);
    expect(await source.read(10, 20)).toEqual(BYTES.subarray(10, 30));
    expect(beneath.reads).toEqual([]);
    expect(await source.read(90, 20)).toEqual(BYTES.subarray(90, 110));
    expect(beneath.reads).toEqual([{ offset: 90, length: 20 }]);
    expect(source.size).toBe(1_000);
  });
});
