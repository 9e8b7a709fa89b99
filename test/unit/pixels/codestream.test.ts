import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasEndMarker, readCodestreamSize } from '../../../src/pixels/codestream.ts';

function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

// SOI, a comment of 4 bytes, fill byte, SOF3: 12 bits, 768 rows, 1024 columns, 1 component
const JPEG = fromHex('ffd8 fffe0006 61626364 ff ffc3 000b 0c 0300 0400 01 00 11 00');
// SOI, SOF55: 16 bits, 512 x 256, 3 components
const JPEG_LS = fromHex('ffd8 fff7 0011 10 0200 0100 03 010000 020000 030000');
// SOC, SIZ: grid 138 x 108 from (10, 8), 3 components of 8 bits
const JPEG_2000 = fromHex(
  `ff4f ff51 002f 0000 0000008a 0000006c 0000000a 00000008 00000080 00000064 00000000 00000000 0003 07 01 01 07 01 01 07 01 01`,
);

describe('the header of a codestream', () => {
  it('tells the size in JPEG, JPEG-LS and JPEG 2000', () => {
    expect(readCodestreamSize('jpeg', JPEG)).toEqual({ rows: 768, columns: 1024, components: 1, bitsPerSample: 12 });
    expect(readCodestreamSize('jpeg-ls', JPEG_LS)).toEqual({
      rows: 512,
      columns: 256,
      components: 3,
      bitsPerSample: 16,
    });
    expect(readCodestreamSize('jpeg-2000', JPEG_2000)).toEqual({
      rows: 100,
      columns: 128,
      components: 3,
      bitsPerSample: 8,
    });
  });

  it('tells the size in JPEG 2000 that is wrapped in a JP2 file', () => {
    const jp2 = Buffer.concat([fromHex('0000000c 6a502020 0d0a870a 00000000 6a703263'), JPEG_2000]);
    expect(readCodestreamSize('ht-jpeg-2000', jp2)).toMatchObject({ rows: 100, columns: 128 });
  });

  it.each([
    // 1 (small), rows 16 = (1 + 1) * 8: bits 1 00001, ratio 1 (1:1)
    ['ff0a 43 00 0000000000000000', 16, 16],
    // not small, selector 0, 9 bits: rows 300 - 1 = 299, ratio 0, selector 0, columns 400 - 1 = 399
    ['ff0a', 300, 400],
  ])('tells the size in JPEG XL (%s)', (hex, rows, columns) => {
    let frame = fromHex(hex);
    if (rows === 300) {
      const bits = ['0', '00', reversed(299, 9), '000', '00', reversed(399, 9)].join('');
      frame = Buffer.concat([frame, packed(bits), Buffer.alloc(12)]);
    }
    expect(readCodestreamSize('jpeg-xl', frame)).toMatchObject({ rows, columns });
  });

  it('is not taken for that of another format, and not found where there is none', () => {
    expect(readCodestreamSize('jpeg-2000', JPEG)).toBeUndefined();
    expect(readCodestreamSize('jpeg', JPEG_2000)).toBeUndefined();
    expect(readCodestreamSize('jpeg', fromHex('ffd8 ffda 0008 000000000000 00000000'))).toBeUndefined();
    expect(readCodestreamSize('jpeg', fromHex('ffd8 ff00'))).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const formats = fc.constantFrom('jpeg', 'jpeg-ls', 'jpeg-2000', 'ht-jpeg-2000', 'jpeg-xl');
    const starts = fc.constantFrom(
      'ffd8ff',
      'ff4fff51',
      'ff0a',
      '0000000c4a584c200d0a870a',
      '0000000c6a5020200d0a870a',
      '',
    );
    fc.assert(
      fc.property(formats, starts, fc.uint8Array({ maxLength: 80 }), (format, start, noise) => {
        readCodestreamSize(format, Buffer.concat([fromHex(start), noise]));
      }),
      { numRuns: 500 },
    );
  });

  it('ends with its end marker, padding aside', () => {
    expect(hasEndMarker(fromHex('ff4f 0102 ffd9'))).toBe(true);
    expect(hasEndMarker(fromHex('ff4f 0102 ffd9 00'))).toBe(true);
    expect(hasEndMarker(fromHex('ff4f 0102 ffd8'))).toBe(false);
    expect(hasEndMarker(Buffer.alloc(0))).toBe(false);
  });
});

/** The bits of a number, least significant first. */
function reversed(value: number, bits: number): string {
  return value.toString(2).padStart(bits, '0').split('').reverse().join('');
}

function packed(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.split('').reverse().join(''), 2)));
}
