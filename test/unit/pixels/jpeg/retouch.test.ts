import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodingTable, encodingTable, optimalTable } from '../../../../src/pixels/jpeg/huffman.ts';
import { retouchJpeg } from '../../../../src/pixels/jpeg/retouch.ts';
import { isInstalled } from '../../../support/programs.ts';
import { image, picture } from '../images.ts';

const RETOUCH = { rectangles: [[8, 8, 20, 10]], fill: 'black', isRgb: false } as const;

describe.skipIf(!isInstalled('dcmcjpeg'))('retouching', () => {
  let jpeg = Buffer.alloc(0);
  const scratch = mkdtempSync(join(tmpdir(), 'lethe-jpeg-'));
  beforeAll(() => {
    const [from, to] = [join(scratch, 'a.dcm'), join(scratch, 'b.dcm')];
    const colour = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 };
    const file = image({ Rows: 50, Columns: 70, ...colour }).put('PixelData', 'OB', picture(70, 50, 3, 8));
    writeFileSync(from, file.toFile());
    execFileSync('dcmcjpeg', ['+eb', from, to]);
    const encoded = readFileSync(to);
    jpeg = encoded.subarray(
      encoded.indexOf(Buffer.from('ffd8ff', 'hex')),
      encoded.lastIndexOf(Buffer.from('ffd9', 'hex')) + 2,
    );
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  it('of nothing keeps every coefficient: doing it twice changes nothing more', () => {
    const once = retouchJpeg(jpeg, { ...RETOUCH, rectangles: [] });
    expect(once).toBeDefined();
    expect(retouchJpeg(once ?? Buffer.alloc(0), { ...RETOUCH, rectangles: [] })?.equals(once ?? Buffer.alloc(0))).toBe(
      true,
    );
  });

  it('leaves out comments and previews, which nobody looked at', () => {
    const comment = Buffer.concat([Buffer.from('fffe0009', 'hex'), Buffer.from('MÜLLER', 'latin1'), Buffer.from([0])]);
    const exif = Buffer.concat([Buffer.from('ffe10008', 'hex'), Buffer.from('Exif\0\0')]);
    const loaded = Buffer.concat([jpeg.subarray(0, 2), comment, exif, jpeg.subarray(2)]);
    const clean = retouchJpeg(loaded, RETOUCH);
    expect(clean?.equals(retouchJpeg(jpeg, RETOUCH) ?? Buffer.alloc(0))).toBe(true);
  });

  it('declines what is damaged, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 255 }), fc.nat(), (place, byte, cut) => {
        const damaged = Buffer.from(jpeg);
        damaged[place % damaged.length] = byte;
        const result = retouchJpeg(damaged.subarray(0, 2 + (cut % damaged.length)), RETOUCH);
        return result === undefined || result.length > 0;
      }),
      { numRuns: 60 },
    );
    for (const empty of ['', 'ffd8', 'ffd8ffd9', 'ffd8ffda00080101000000']) {
      expect(retouchJpeg(Buffer.from(empty, 'hex'), RETOUCH)).toBeUndefined();
    }
  });
});

describe('Huffman tables', () => {
  it('give every symbol that occurs a code of 16 bits at most that decodes to it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 255 }), fc.integer({ min: 1, max: 1 << 24 })), { minLength: 1 }),
        (pairs) => {
          const frequencies = new Uint32Array(256);
          for (const [symbol, count] of pairs) frequencies[symbol] = count;
          const table = optimalTable(frequencies);
          const { codes, lengths } = encodingTable(table);
          const decode = decodingTable(table);
          for (const [symbol] of pairs) {
            expect(lengths[symbol]).toBeGreaterThan(0);
            expect(lengths[symbol]).toBeLessThanOrEqual(16);
            expect(decode[codes[symbol] << (16 - lengths[symbol])]).toBe((lengths[symbol] << 8) | symbol);
          }
          // No code of ones alone (K.2).
          expect(decode[0xffff]).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('stay short enough where frequencies grow like Fibonacci numbers', () => {
    const frequencies = new Uint32Array(256);
    let [a, b] = [1, 1];
    for (let i = 0; i < 40; i++) [frequencies[i], a, b] = [a, b, a + b];
    const { lengths } = encodingTable(optimalTable(frequencies));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(16);
    expect([...lengths.subarray(0, 40)].every((length) => length > 0)).toBe(true);
  });
});
