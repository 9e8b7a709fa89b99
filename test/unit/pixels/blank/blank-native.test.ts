// Native pixel data, blanked where they are: laws over all layouts, against a plain model.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../../../src/core/bytes.ts';
import type { Rectangle } from '../../../../src/core/picture.ts';
import { collectPlan, readPlan } from '../../../../src/dicom/plan-io.ts';
import { blankRegions } from '../../../../src/pixels/blank/blank-frames.ts';
import { PatchedSource } from '../../../../src/pixels/blank/patched-source.ts';
import { RopeSource } from '../../../../src/pixels/blank/rope-source.ts';
import { openFrames } from '../../../../src/pixels/frames/frame-source.ts';
import { EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import { parseDataSetSync } from '../../../../src/dicom/reader.ts';
import { image, keepAll, parse, syntax } from '../images.ts';
import type { Overrides } from '../images.ts';

const LAYOUTS: readonly (readonly [string, Overrides, string, string])[] = [
  ['8 bits', {}, 'OB', EXPLICIT_VR_LITTLE_ENDIAN],
  ['8 bits in big endian words', {}, 'OW', EXPLICIT_VR_BIG_ENDIAN],
  ['16 bits', { BitsAllocated: 16, BitsStored: 16, HighBit: 15 }, 'OW', EXPLICIT_VR_LITTLE_ENDIAN],
  ['16 bits, big endian', { BitsAllocated: 16, BitsStored: 16, HighBit: 15 }, 'OW', EXPLICIT_VR_BIG_ENDIAN],
  ['32 bits', { BitsAllocated: 32, BitsStored: 32, HighBit: 31 }, 'OW', EXPLICIT_VR_LITTLE_ENDIAN],
  ['single bits', { BitsAllocated: 1, BitsStored: 1, HighBit: 0 }, 'OB', EXPLICIT_VR_LITTLE_ENDIAN],
  ['single bits in big endian words', { BitsAllocated: 1, BitsStored: 1, HighBit: 0 }, 'OW', EXPLICIT_VR_BIG_ENDIAN],
  [
    'RGB',
    { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 },
    'OB',
    EXPLICIT_VR_LITTLE_ENDIAN,
  ],
  [
    'RGB by plane',
    { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 1 },
    'OB',
    EXPLICIT_VR_LITTLE_ENDIAN,
  ],
  [
    'YBR',
    { SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL', PlanarConfiguration: 0 },
    'OB',
    EXPLICIT_VR_LITTLE_ENDIAN,
  ],
];

const [WIDTH, HEIGHT, FRAMES] = [11, 7, 3];

/** The samples of a pixel as numbers. */
function pixelOf(bytes: Buffer, overrides: Overrides, index: number): readonly number[] {
  const bits = Number(overrides.BitsAllocated ?? 8);
  if (bits === 1) return [(bytes[index >> 3] >> (index & 7)) & 1];
  if (bits > 8) return [bytes.readUIntLE((index * bits) / 8, bits / 8)];
  if (overrides.SamplesPerPixel !== 3) return [bytes[index]];
  const isPlanar = overrides.PlanarConfiguration === 1;
  return [0, 1, 2].map((i) => bytes[isPlanar ? i * WIDTH * HEIGHT + index : index * 3 + i]);
}

const rectangle = fc.record({
  x: fc.integer({ min: -3, max: WIDTH + 2 }),
  y: fc.integer({ min: -3, max: HEIGHT + 2 }),
  width: fc.integer({ min: 1, max: WIDTH }),
  height: fc.integer({ min: 1, max: HEIGHT }),
});

describe.each(LAYOUTS)('native pixel data of %s', (_, overrides, vr, uid) => {
  const bits = WIDTH * HEIGHT * FRAMES * Number(overrides.BitsAllocated ?? 8) * Number(overrides.SamplesPerPixel ?? 1);
  const length = Math.ceil(bits / 16) * 2;

  it('are black inside the rectangles, and byte for byte the same outside', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.integer({ min: 0, max: FRAMES - 1 }),
        fc.array(rectangle, { minLength: 1, maxLength: 3 }),
        async (random, index, rectangles) => {
          const size = { Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: FRAMES };
          const builder = image({ ...size, ...overrides }).put('PixelData', vr, Buffer.from(random));
          const dataSet = parse(builder, uid);
          const regions = new Map([[index, rectangles]]);
          const job = {
            dataSet,
            output: keepAll(dataSet),
            transferSyntax: syntax(uid),
            regions,
            scratchDirectory: '/',
          };
          const blanked = await blankRegions(job);
          const after = parseDataSetSync(await collectPlan(blanked.plan), { transferSyntax: syntax(uid) });
          expect(blanked.plan.length).toBe(dataSet.source.size);
          const [a, b] = [await openFrames(dataSet, syntax(uid)), await openFrames(after, syntax(uid))];
          for (let i = 0; i < FRAMES; i++) {
            const [before, now] = [await a?.frame(i), await b?.frame(i)];
            if (before === undefined || now === undefined) throw new Error('no frame');
            const blank = blankOf(before.bytes, overrides);
            for (let p = 0; p < WIDTH * HEIGHT; p++) {
              const isInside = i === index && rectangles.some((one) => contains(one, p % WIDTH, Math.floor(p / WIDTH)));
              expect(pixelOf(now.bytes, overrides, p)).toEqual(isInside ? blank : pixelOf(before.bytes, overrides, p));
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

/** Black of colour; else the least value of the frame. */
function blankOf(frame: Buffer, overrides: Overrides): readonly number[] {
  if (overrides.PhotometricInterpretation === 'RGB') return [0, 0, 0];
  if (overrides.PhotometricInterpretation === 'YBR_FULL') return [0, 128, 128];
  if (overrides.BitsAllocated === 1) return [0];
  return [Math.min(...Array.from({ length: WIDTH * HEIGHT }, (_, i) => pixelOf(frame, overrides, i)[0]))];
}

function contains({ x, y, width, height }: Rectangle, px: number, py: number): boolean {
  return px >= x && px < x + width && py >= y && py < y + height;
}

describe('an instance with nothing to blank', () => {
  it('leaves as it is', async () => {
    const dataSet = parse(image().put('PixelData', 'OB', Buffer.alloc(8, 5)));
    const output = keepAll(dataSet);
    const regions = new Map([[0, []]]);
    const transferSyntax = syntax(EXPLICIT_VR_LITTLE_ENDIAN);
    const blanked = await blankRegions({ dataSet, output, transferSyntax, regions, scratchDirectory: '/' });
    expect(blanked).toMatchObject({ method: 'none', changedFrames: [] });
    expect(blanked.output).toBe(output);
  });

  it('rejects what was cancelled before it began', async () => {
    const dataSet = parse(image().put('PixelData', 'OB', Buffer.alloc(8, 5)));
    const regions = new Map([[0, [{ x: 0, y: 0, width: 1, height: 1 }]]]);
    const transferSyntax = syntax(EXPLICIT_VR_LITTLE_ENDIAN);
    const signal = AbortSignal.abort(new Error('cancelled'));
    const job = { dataSet, output: keepAll(dataSet), transferSyntax, regions, scratchDirectory: '/', signal };
    await expect(blankRegions(job)).rejects.toThrow('cancelled');
  });
});

describe('sources', () => {
  it('give the same bytes whatever the chunks they are read in', async () => {
    const base = new BufferSource(Buffer.alloc(1000, 1));
    const pattern = Buffer.from([7, 8, 9]);
    const patched = new PatchedSource(base, [
      { start: 100, runBytes: 20, strideBytes: 50, runs: 9, pattern },
      { start: 510, runBytes: 3, strideBytes: 3, runs: 1, pattern, mask: Buffer.from([0xf0, 0x0f, 0]) },
    ]);
    const rope = new RopeSource([
      { source: patched, offset: 90, length: 600 },
      { source: base, offset: 0, length: 7 },
      { source: patched, offset: 0, length: 1000 },
    ]);
    const whole = await rope.read(0, rope.size);
    const plan = { source: rope, pieces: [{ offset: 0, length: rope.size }], length: rope.size };
    for (const size of [8, 24, 1600]) {
      const chunks: Buffer[] = [];
      for await (const chunk of readPlan(plan, size)) chunks.push(Buffer.from(chunk));
      expect(Buffer.concat(chunks).equals(whole)).toBe(true);
    }
    expect([...whole.subarray(9, 14)]).toEqual([1, 7, 8, 9, 7]);
    await expect(rope.read(rope.size - 1, 2)).rejects.toThrow(RangeError);
  });

  it('give a view only where no byte differs', () => {
    const patched = new PatchedSource(new BufferSource(Buffer.alloc(100)), [
      { start: 50, runBytes: 5, strideBytes: 5, runs: 1, pattern: Buffer.from([1]) },
    ]);
    expect(patched.view(0, 50)).toHaveLength(50);
    expect(patched.view(40, 11)).toBeUndefined();
    expect(patched.view(55, 45)).toHaveLength(45);
  });
});
