import { describe, expect, it } from 'vitest';
import type { Fragment } from '../../../src/dicom/element.ts';
import { mapFrames, readOffsets } from '../../../src/pixels/frame-map.ts';

function fragments(...lengths: readonly number[]): readonly Fragment[] {
  return lengths.map((length, i) => ({ valueStart: 1000 * i, length }));
}

describe('mapping fragments to frames', () => {
  it.each([
    ['no fragment at all', fragments(), 1, [], undefined],
    ['fewer fragments than frames', fragments(10, 10), 3, [], undefined],
    ['more fragments than frames and nothing to tell them apart', fragments(10, 10, 10), 2, [], undefined],
    ['offsets that point into a fragment', fragments(10, 10, 10), 2, [[0, 20]], undefined],
    ['offsets that do not ascend', fragments(10, 10, 10), 2, [[0, 0]], undefined],
    ['offsets that do not begin at 0', fragments(10, 10, 10), 2, [[18, 36]], undefined],
    ['offsets behind the last fragment', fragments(10, 10, 10), 2, [[0, 54]], undefined],
    ['one frame stated, two codestreams there', fragments(10, 10), 1, [], [true, true]],
    ['one frame in the table, two codestreams there', fragments(10, 10), 1, [[0]], [true, true]],
    ['codestreams of which none begins the first fragment', fragments(10, 10, 10), 2, [], [false, true, true]],
  ])('refuses %s', (_, list, frames, tables, starts) => {
    expect(() => mapFrames(list, frames, tables, starts)).toThrow('do not divide');
  });

  it('puts all fragments into the only frame', () => {
    expect(mapFrames(fragments(10, 10, 10), 1, [], [true, false, false])).toEqual([{ first: 0, end: 3 }]);
  });

  it('follows an offset table, the item headers counted', () => {
    expect(mapFrames(fragments(10, 20, 30), 2, [[0, 46]], undefined)).toEqual([
      { first: 0, end: 2 },
      { first: 2, end: 3 },
    ]);
  });

  it('takes the table that fits when another does not', () => {
    expect(
      mapFrames(
        fragments(10, 20, 30),
        2,
        [
          [0, 99],
          [0, 18],
        ],
        undefined,
      ),
    ).toHaveLength(2);
  });

  it('falls back to one fragment a frame, then to where codestreams begin', () => {
    expect(mapFrames(fragments(10, 20), 2, [[0, 5]], undefined)).toHaveLength(2);
    expect(mapFrames(fragments(10, 20, 30, 40), 2, [], [true, false, true, false])).toEqual([
      { first: 0, end: 2 },
      { first: 2, end: 4 },
    ]);
  });

  it('reads tables of 32 and 64 bits, and nothing from one that is cut', () => {
    expect(readOffsets(Buffer.from('000000002a000000', 'hex'), 4)).toEqual([0, 42]);
    expect(readOffsets(Buffer.from('00000000010000002a00000000000000', 'hex'), 8)).toEqual([0x100000000, 42]);
    expect(readOffsets(Buffer.alloc(6), 4)).toEqual([]);
  });
});
