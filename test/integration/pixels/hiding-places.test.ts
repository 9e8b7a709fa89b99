// Where a name may hide from whoever looks at the picture alone: beside it in a compressed frame, in icons, in sequences, in retired groups, in
// frames that nobody stated, in colours and windows that one picture does not show.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BufferSource } from '../../../src/core/bytes.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { findElement } from '../../../src/dicom/values.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { closeIdleWorkers } from '../../../src/pixels/frame-worker.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { TAG } from '../../../src/standard/tags.ts';
import type { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import {
  blankedIn,
  cleanImage,
  drawn,
  forEachInk,
  imageOf,
  isInside,
  NAME,
  SIDE,
} from '../../support/burned-in/drawn-images.ts';
import { isInstalled } from '../../support/programs.ts';
import { framesOf, image } from '../../unit/pixels/images.ts';

const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lethe-hiding-'));
});
afterAll(async () => {
  await closePixelThreads();
  await closeIdleWorkers();
  rmSync(scratch, { recursive: true });
});

const small = (pixels: Buffer): DataSetBuilder => image({ Rows: SIDE, Columns: SIDE }).put('PixelData', 'OB', pixels);

const ink = new Uint8Array(SIDE * SIDE);
forEachInk(NAME, (x, y) => {
  ink[y * SIDE + x] = 1;
});

describe.skipIf(!isInstalled('dcmcjpeg'))('a compressed frame', { timeout: 120_000 }, () => {
  async function withSegment(marker: number, said: string, tail = ''): Promise<Buffer> {
    const [from, to] = [join(scratch, 'native.dcm'), join(scratch, 'jpeg.dcm')];
    writeFileSync(from, imageOf(drawn([])).toFile());
    execFileSync('dcmcjpeg', ['+e1', from, to], { stdio: 'ignore' });
    const { dataSet } = await readFile10(new BufferSource(readFileSync(to)));
    const [, fragment] = findElement(dataSet.elements, TAG.PixelData)?.fragments ?? [];
    const stream = Buffer.from(await dataSet.source.read(fragment.valueStart, fragment.length));
    const head = Buffer.from([0xff, marker, 0, said.length + 2]);
    const text = Buffer.from(said, 'latin1');
    const frame = Buffer.concat([stream.subarray(0, 2), head, text, stream.subarray(2), Buffer.from(tail, 'latin1')]);
    return imageOf(Buffer.alloc(0)).encapsulated([frame]).toFile(JPEG_LOSSLESS);
  }

  it.each([
    ['a comment that tells the name', 0xfe, 'Quimby Josephine', ''],
    ['Exif', 0xe1, `Exif\0\0${'QUIMBY '.repeat(4)}`, ''],
    ['something behind its end', 0xfe, 'Lavf58.29', 'QUIMBY JOSEPHINE '],
  ])('leaves without %s, its picture bit for bit', async (_, marker, said, tail) => {
    const file = await withSegment(marker, said, tail);
    const cleaned = await cleanImage(file);
    expect(cleaned.file.toString('latin1')).not.toMatch(/quimby/i);
    expect((await framesOf(cleaned.file))[0].equals(drawn([]))).toBe(true);
    expect(cleaned.pixels).toMatchObject({ method: 'in-place', regions: [] });
    expect(cleaned.pixels?.clearedBytes).toBeGreaterThan(10);
  });

  it('keeps the name of its encoder', async () => {
    const file = await withSegment(0xfe, 'LEAD Technologies Inc. V1.01');
    const cleaned = await cleanImage(file);
    expect(cleaned.file.includes('LEAD Technologies Inc. V1.01')).toBe(true);
    expect(cleaned.pixels).toMatchObject({ method: 'none' });
  });
});

describe('pixel data beside those of the image', { timeout: 120_000 }, () => {
  const withIcon = parseProfile(
    'name: p\nversion: 1\nprivateSopClasses: pass\noptions: [clean-pixel-data]\nrules:\n  - { tag: IconImageSequence, action: keep }\n',
    'p.yaml',
  );
  const iconed = (icon: Buffer): Buffer =>
    imageOf(drawn([]))
      .sequence('IconImageSequence', [small(icon)])
      .toFile();
  const holdsIcon = async (file: Buffer): Promise<boolean> =>
    findElement((await cleanImage(file, withIcon)).dataSet.elements, TAG.IconImageSequence) !== undefined;

  it('an icon that shows text goes, though the image shows none', async () => {
    expect(await holdsIcon(iconed(drawn([NAME])))).toBe(false);
  });

  it('an icon without text stays where the profile keeps it', async () => {
    expect(await holdsIcon(iconed(drawn([])))).toBe(true);
  });

  it('another picture in a sequence that shows text holds the instance back', async () => {
    const file = imageOf(drawn([]))
      .sequence('AnatomicRegionSequence', [small(drawn([NAME]))])
      .toFile();
    await expect(cleanImage(file)).rejects.toMatchObject({ reason: 'burned-in-unresolved' });
  });

  it('Variable Pixel Data and what else group 7Fxx held once go', async () => {
    const name = drawn([NAME]);
    const file = imageOf(drawn([])).put(0x7f000010, 'OW', name).put(0x7fe00020, 'OW', name).toFile();
    const { dataSet } = await cleanImage(file);
    expect(dataSet.elements.filter(({ tag }) => tag >>> 24 === 0x7f).map(({ tag }) => tag)).toEqual([TAG.PixelData]);
  });
});

describe('a name in the picture', { timeout: 120_000 }, () => {
  const colour = { SamplesPerPixel: 3, PlanarConfiguration: 0 };
  const gray = drawn([NAME]);
  const words = (valueAt: (at: number) => number): Buffer => {
    const bytes = Buffer.alloc(SIDE * SIDE * 2);
    for (let at = 0; at < SIDE * SIDE; at++) bytes.writeUInt16LE(valueAt(at), at * 2);
    return bytes;
  };
  const pixels = (pixelAt: (at: number) => readonly number[]): Buffer =>
    Buffer.from(Array.from({ length: SIDE * SIDE }, (_, at) => pixelAt(at)).flat());
  const anatomy = (at: number): number =>
    at < 60 * SIDE ? 0 : Math.round(2000 + 1900 * Math.sin((at % SIDE) / 23) * Math.cos(at / SIDE / 19));
  const DEEP = { BitsAllocated: 16, BitsStored: 12, HighBit: 11 };

  it.each([
    [
      'in a hue as bright and as saturated as its ground',
      pixels((at) => (ink[at] === 1 ? [0, 50, 150] : [150, 0, 0])),
      { ...colour, PhotometricInterpretation: 'RGB' },
      1,
    ],
    ['that only a narrow window shows', words((at) => anatomy(at) + 3 * ink[at]), DEEP, 1],
    [
      'that only a narrow window shows, in the second of two frames that are equal otherwise',
      Buffer.concat([words(anatomy), words((at) => anatomy(at) + 3 * ink[at])]),
      { ...DEEP, NumberOfFrames: 2 },
      2,
    ],
    [
      'whose chrominance is not subsampled as it says',
      pixels((at) => [gray[at], 128, 128]),
      { ...colour, PhotometricInterpretation: 'YBR_FULL_422' },
      1,
    ],
    ['in a frame that nobody stated', Buffer.concat([drawn([]), gray]), { NumberOfFrames: 1 }, 2],
    ['in a frame of fewer than are stated', gray, { NumberOfFrames: 5 }, 1],
  ])('%s is found', async (_, bytes, attributes, frame) => {
    const cleaned = await cleanImage(imageOf(bytes, attributes).toFile());
    const blanked = blankedIn(cleaned, frame);
    let left = 0;
    forEachInk(NAME, (x, y) => {
      if (!isInside(blanked, x, y)) left++;
    });
    expect(left).toBe(0);
  });

  it.each([
    ['samples that are packed in 12 bits', { BitsAllocated: 12, BitsStored: 12, HighBit: 11 }],
    ['four samples a pixel', { ...colour, SamplesPerPixel: 4, PhotometricInterpretation: 'ARGB' }],
    ['chrominance that rows share', { ...colour, PhotometricInterpretation: 'YBR_PARTIAL_420' }],
    ['no frames', { NumberOfFrames: 0 }],
  ])('is held back with %s, which nothing here can look at', async (_, attributes) => {
    await expect(cleanImage(imageOf(gray, attributes).toFile())).rejects.toMatchObject({ reason: 'codec-failed' });
  });

  it('in the bits of colour that no sample has is cleared', async () => {
    const bytes = Buffer.alloc(SIDE * SIDE * 6);
    for (let at = 0; at < SIDE * SIDE * 3; at++)
      bytes.writeUInt16LE(40 + (ink[Math.floor(at / 3)] === 1 ? 0x4000 : 0), at * 2);
    const attributes = { ...colour, PhotometricInterpretation: 'RGB', BitsAllocated: 16, BitsStored: 8, HighBit: 7 };
    const cleaned = await cleanImage(imageOf(bytes, attributes).toFile());
    expect(cleaned.pixels).toMatchObject({ clearedBits: 0x4000 });
    const [after] = await framesOf(cleaned.file);
    for (let at = 0; at < after.length; at += 2) if (after[at + 1] !== 0) expect.fail('a bit is left');
  });
});
