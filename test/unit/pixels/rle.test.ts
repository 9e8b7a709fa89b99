import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRle } from '../../../src/pixels/rle.ts';
import { encodeRle } from './rle-frames.ts';

const GREY = { pixels: 4, samplesPerPixel: 1, bitsAllocated: 8 };

function frame(...segment: readonly number[]): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  return Buffer.concat([header, Buffer.from(segment)]);
}

describe('RLE', () => {
  it.each([
    ['no header', Buffer.alloc(10)],
    ['another number of segments', encodeRle(Buffer.alloc(8), 1, 2)],
    ['a literal run over the end of its segment', frame(3, 1, 2)],
    ['a run over the end of the frame', frame(0xfb, 7)],
    ['a segment that ends before its pixels do', frame(0, 1, 0, 2)],
    ['a segment of nothing', frame(128, 128, 128, 128)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeRle(bytes, GREY)).toThrow();
  });

  it('refuses segments that lie behind the frame or before each other', () => {
    const bytes = encodeRle(Buffer.alloc(8), 1, 2);
    bytes.writeUInt32LE(9999, 8);
    expect(() => decodeRle(bytes, { ...GREY, bitsAllocated: 16 })).toThrow('out of order');
    bytes.writeUInt32LE(0, 8);
    expect(() => decodeRle(bytes, { ...GREY, bitsAllocated: 16 })).toThrow('out of order');
  });

  it('reads the literal, the replicate and the empty run', () => {
    expect([...decodeRle(frame(128, 1, 5, 6, 0xff, 7), GREY)]).toEqual([5, 6, 7, 7]);
  });

  it('gives back what was encoded, interleaved and little endian', () => {
    const shapes = fc.record({ samplesPerPixel: fc.constantFrom(1, 3), bitsAllocated: fc.constantFrom(8, 16, 32) });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.nat(3)), (shape, pixels, noise) => {
        const bytes = (pixels * shape.samplesPerPixel * shape.bitsAllocated) / 8;
        const original = Buffer.from([...noise.take(bytes)]);
        const encoded = encodeRle(original, shape.samplesPerPixel, shape.bitsAllocated / 8);
        expect(decodeRle(encoded, { pixels, ...shape }).equals(original)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('never does anything but return a whole frame or throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          expect(decodeRle(frame(...noise), GREY)).toHaveLength(4);
        } catch (error) {
          expect(error).not.toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
