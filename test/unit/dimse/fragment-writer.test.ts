import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { FragmentWriter } from '../../../src/dimse/fragment-writer.ts';

interface Fragment {
  contextId: number;
  control: number;
  bytes: Buffer;
}

/** Reads PDUs of one PDV each, and checks their lengths. */
function readFragments(wire: Buffer): Fragment[] {
  const fragments: Fragment[] = [];
  for (let offset = 0; offset < wire.length;) {
    const length = wire.readUInt32BE(offset + 2);
    expect(wire[offset]).toBe(4);
    expect(wire.readUInt32BE(offset + 6)).toBe(length - 4);
    const bytes = wire.subarray(offset + 12, offset + 6 + length);
    fragments.push({ contextId: wire[offset + 10], control: wire[offset + 11], bytes });
    offset += 6 + length;
  }
  return fragments;
}

describe('the fragment writer', () => {
  it('cuts any pieces into fragments of the peer’s size, the last one marked', () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 61, max: 5000 }), fc.boolean(), (sizes, half, takesOften) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        fc.pre(total > 0);
        const content = Buffer.from(Array.from({ length: total }, (_, i) => (i * 7) & 0xff));
        const writer = new FragmentWriter(9, total, 2 * half);
        const wire: Buffer[] = [];
        let offset = 0;
        for (const size of sizes) {
          writer.push(content.subarray(offset, offset + size));
          offset += size;
          if (takesOften) wire.push(...writer.take());
        }
        wire.push(...writer.take());
        const fragments = readFragments(Buffer.concat(wire));
        expect(Buffer.concat(fragments.map(({ bytes }) => bytes)).equals(content)).toBe(true);
        expect(fragments.every(({ contextId }) => contextId === 9)).toBe(true);
        expect(fragments.map(({ control }) => control)).toEqual([...fragments.slice(1).map(() => 0), 2]);
        expect(fragments.slice(0, -1).every(({ bytes }) => bytes.length === 2 * half)).toBe(true);
        expect(writer.missingBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('refers to large pieces instead of copying them', () => {
    const piece = Buffer.alloc(100_000);
    const writer = new FragmentWriter(1, piece.length, 131_066);
    writer.push(piece);
    expect(writer.take().some((buffer) => buffer.buffer === piece.buffer)).toBe(true);
  });

  it('gives an empty data set its last fragment', () => {
    const writer = new FragmentWriter(1, 0, 1000);
    writer.addEmptyFragment();
    expect(readFragments(Buffer.concat(writer.take()))).toEqual([{ contextId: 1, control: 2, bytes: Buffer.alloc(0) }]);
  });

  it('refuses more bytes than were announced', () => {
    const writer = new FragmentWriter(1, 3, 1000);
    expect(() => {
      writer.push(Buffer.alloc(4));
    }).toThrow(RangeError);
  });
});
