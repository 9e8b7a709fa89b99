// Every transfer syntax: what is blanked differs inside the region only, as a foreign decoder sees it (DCMTK, GDCM), and says what it is.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BufferSource } from '../../../../src/core/bytes.ts';
import type { Rectangle } from '../../../../src/core/picture.ts';
import { readFile10 } from '../../../../src/dicom/part10.ts';
import { findElement, valueBytes } from '../../../../src/dicom/values.ts';
import { blankRegions } from '../../../../src/pixels/blank/blank-frames.ts';
import type { Blanked } from '../../../../src/pixels/blank/blank-frames.ts';
import { closeIdleWorkers, withFrameWorker } from '../../../../src/pixels/frame-worker.ts';
import { openFrames } from '../../../../src/pixels/frames/frame-source.ts';
import { encodeRle } from '../../../../src/pixels/rle.ts';
import { TAG } from '../../../../src/standard/tags.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import { hasCorpus } from '../../../support/corpus.ts';
import { CORPUS, isInstalled } from '../../../support/programs.ts';
import { compare, fileOf, foreignFramesOf, framesOf, image, keepAll, picture } from '../images.ts';
import type { Overrides } from '../images.ts';

const UID = '1.2.840.10008.1.2';
const hasTools = ['dcmcjpeg', 'dcmcjpls', 'dcmcrle', 'gdcmconv', 'dcmconv'].every(isInstalled);
const [WIDTH, HEIGHT] = [77, 53];
const REGION: Rectangle = { x: 21, y: 13, width: 30, height: 11 };

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lethe-blank-'));
});
afterAll(async () => {
  await closeIdleWorkers();
  rmSync(scratch, { recursive: true });
});

interface Result {
  readonly blanked: Blanked;
  readonly file: Buffer;
  readonly uid: string;
}

async function blank(file: Buffer, regions: ReadonlyMap<number, readonly Rectangle[]>): Promise<Result> {
  const { dataSet, transferSyntax } = await readFile10(new BufferSource(file));
  const scratchDirectory = mkdtempSync(join(scratch, 'work-'));
  const blanked = await blankRegions({ dataSet, output: keepAll(dataSet), transferSyntax, regions, scratchDirectory });
  try {
    expect(readdirSync(scratchDirectory)).toEqual([]);
    return { blanked, file: await fileOf(blanked.plan, blanked.transferSyntax), uid: blanked.transferSyntax.uid };
  } finally {
    await blanked.close();
  }
}

function native(overrides: Overrides, frames: readonly Buffer[]): Buffer {
  const vr = overrides.BitsAllocated === 16 ? 'OW' : 'OB';
  const size = { Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: frames.length };
  return image({ ...size, ...overrides })
    .put('PixelData', vr, Buffer.concat(frames))
    .toFile();
}

const GRAY: Overrides = {};
const DEEP: Overrides = { BitsAllocated: 16, BitsStored: 12, HighBit: 11 };
const COLOUR: Overrides = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 0 };

function frames(overrides: Overrides): readonly Buffer[] {
  const samples = Number(overrides.SamplesPerPixel ?? 1);
  return [0, 1, 2].map((i) => picture(WIDTH, HEIGHT, samples, Number(overrides.BitsStored ?? 8), i * 5));
}

function converted(file: Buffer, program: string, options: readonly string[]): Buffer {
  const [from, to] = [join(scratch, 'native.dcm'), join(scratch, 'encoded.dcm')];
  writeFileSync(from, file);
  execFileSync(program, [...options, from, to], { stdio: 'ignore' });
  return readFileSync(to);
}

/** Only frame 1 has a region: the others must keep their bytes. */
async function expectExact(encoded: Buffer, expectedUid: string): Promise<Result> {
  const result = await blank(encoded, new Map([[1, [REGION]]]));
  expect(result.uid).toBe(expectedUid);
  const before = await foreignFramesOf(
    encoded,
    (await readFile10(new BufferSource(encoded))).transferSyntax.uid,
    scratch,
  );
  const after = await foreignFramesOf(result.file, result.uid, scratch);
  expect(after).toHaveLength(before.length);
  for (const [i, frame] of before.entries()) {
    const { inside, outside } = compare(frame, after[i], WIDTH, HEIGHT, REGION);
    expect(outside).toBe(0);
    expect(inside).toBe(i === 1 ? REGION.width * REGION.height : 0);
  }
  return result;
}

describe.skipIf(!hasTools)('an image that was compressed without loss, one of three frames blanked', () => {
  it.each([
    ['dcmcrle', [], GRAY, '.5'],
    ['dcmcrle', [], DEEP, '.5'],
    ['dcmcrle', [], COLOUR, '.5'],
    ['dcmcjpeg', ['+e1'], GRAY, '.4.70'],
    ['dcmcjpeg', ['+e1'], DEEP, '.4.70'],
    ['dcmcjpeg', ['+el', '+sv', '4'], DEEP, '.4.57'],
    ['dcmcjpls', [], GRAY, '.4.80'],
    ['dcmcjpls', [], DEEP, '.4.80'],
    ['dcmcjpls', [], COLOUR, '.4.80'],
    ['gdcmconv', ['--j2k'], GRAY, '.4.90'],
    ['gdcmconv', ['--j2k'], DEEP, '.4.90'],
    ['gdcmconv', ['--j2k'], COLOUR, '.4.90'],
    ['dcmconv', ['+te'], COLOUR, '.1'],
    ['dcmconv', ['+ti'], DEEP, ''],
    ['dcmconv', ['+tb'], DEEP, '.2'],
    ['dcmconv', ['+td'], GRAY, '.1.99'],
  ] as const)('%s %j %j leaves in %s, the same outside the region', async (program, options, overrides, suffix) => {
    const encoded = converted(native(overrides, frames(overrides)), program, options);
    await expectExact(encoded, `${UID}${suffix}`);
  });

  it('keeps the range of signed pixels, and drops the extremes that may be gone', async () => {
    const signed = frames(DEEP).map((frame) => {
      const copy = Buffer.from(frame);
      for (let i = 0; i < copy.length; i += 2) copy.writeInt16LE(copy.readUInt16LE(i) - 1024, i);
      return copy;
    });
    const file = native(
      { ...DEEP, BitsStored: 16, HighBit: 15, PixelRepresentation: 1, LargestImagePixelValue: 9 },
      signed,
    );
    const { file: blanked } = await expectExact(converted(file, 'dcmcjpls', []), `${UID}.4.80`);
    const after = await foreignFramesOf(blanked, `${UID}.4.80`, scratch);
    expect(after[1].readInt16LE((REGION.y * WIDTH + REGION.x) * 2)).toBe(-1024);
    const { dataSet } = await readFile10(new BufferSource(blanked));
    expect(findElement(dataSet.elements, TAG.LargestImagePixelValue)).toBeUndefined();
  });
});

describe('transfer syntaxes that no program here makes', () => {
  it.each([
    ['ht-jpeg-2000', '.4.201', DEEP],
    ['ht-jpeg-2000', '.4.202', GRAY],
    ['ht-jpeg-2000', '.4.203', COLOUR],
    ['jpeg-xl', '.4.110', GRAY],
    ['jpeg-xl', '.4.112', COLOUR],
    ['deflate', '.8.1', GRAY],
    ['none', '.1.98', DEEP],
  ] as const)('%s %s: the same outside the region', async (decoder, suffix, overrides) => {
    const fragments: Buffer[] = [];
    for (const frame of frames(overrides)) {
      if (decoder === 'none') fragments.push(frame);
      else if (decoder === 'deflate') fragments.push(deflateRawSync(frame));
      else fragments.push(await encoded(decoder, frame, overrides));
    }
    const builder = image({ Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: 3, ...overrides });
    await expectExact(builder.encapsulated(fragments).toFile(`${UID}${suffix}`), `${UID}${suffix}`);
  });
});

function encoded(decoder: 'ht-jpeg-2000' | 'jpeg-xl', frame: Buffer, overrides: Overrides): Promise<Buffer> {
  const job = {
    kind: 'encode',
    decoder,
    bytes: Uint8Array.from(frame),
    rows: HEIGHT,
    columns: WIDTH,
    samplesPerPixel: Number(overrides.SamplesPerPixel ?? 1),
    bitsAllocated: Number(overrides.BitsAllocated ?? 8),
    bitsStored: Number(overrides.BitsStored ?? 8),
    isSigned: false,
    transformsColour: false,
  } as const;
  return withFrameWorker((worker) => worker.run(job, 60_000));
}

describe('offset tables', () => {
  const fragments = (): readonly Buffer[] =>
    frames(GRAY).map((frame) => encodeRle(frame, { columns: WIDTH, samplesPerPixel: 1, bitsAllocated: 8 }));

  async function offsetsAfter(
    file: Buffer,
  ): Promise<{ table: readonly number[]; starts: readonly number[]; elements: Result }> {
    const result = await blank(file, new Map([[1, [REGION]]]));
    const { dataSet } = await readFile10(new BufferSource(result.file));
    const pixelData = findElement(dataSet.elements, TAG.PixelData);
    const parts = pixelData?.fragments ?? [];
    const bytes = dataSet.source.view(parts[0].valueStart, parts[0].length) ?? Buffer.alloc(0);
    const table = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
    const first = parts[1].valueStart;
    return { table, starts: parts.slice(1).map(({ valueStart }) => valueStart - first), elements: result };
  }

  it('are rewritten when there was a basic one', async () => {
    const parts = fragments();
    let at = 0;
    const offsets = parts.map((part) => {
      const offset = at;
      at += part.length + 8;
      return offset;
    });
    const builder = image({ Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: 3 }).encapsulated(parts, offsets);
    const { table, starts } = await offsetsAfter(builder.toFile(`${UID}.5`));
    expect(table).toEqual(starts);
    expect(table).not.toEqual(offsets);
  });

  it('stay empty when the basic one was', async () => {
    const builder = image({ Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: 3 }).encapsulated(fragments());
    expect((await offsetsAfter(builder.toFile(`${UID}.5`))).table).toEqual([]);
  });

  it('are rewritten when they are extended ones, lengths and total length as well', async () => {
    const builder = image({ Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: 3 })
      .put('ExtendedOffsetTable', 'OV', Buffer.alloc(24))
      .put('ExtendedOffsetTableLengths', 'OV', Buffer.alloc(24))
      .put('EncapsulatedPixelDataValueTotalLength', 'UV', Buffer.alloc(8))
      .encapsulated(fragments());
    const { table, starts, elements } = await offsetsAfter(builder.toFile(`${UID}.5`));
    expect(table).toEqual([]);
    const { dataSet } = await readFile10(new BufferSource(elements.file));
    const values = (tag: number): readonly number[] => {
      const element = findElement(dataSet.elements, tag);
      const bytes = element === undefined ? Buffer.alloc(0) : valueBytes(dataSet, element);
      return Array.from({ length: bytes.length / 8 }, (_, i) => Number(bytes.readBigUInt64LE(i * 8)));
    };
    expect(values(TAG.ExtendedOffsetTable)).toEqual(starts);
    const lengths = values(TAG.ExtendedOffsetTableLengths);
    expect(values(TAG.EncapsulatedPixelDataValueTotalLength)).toEqual([
      (starts.at(-1) ?? 0) + 8 + (lengths.at(-1) ?? 0),
    ]);
  });
});

/** What lossy JPEG may change: the blocks that the region touches, two of them where chrominance is halved, and a pixel around for its interpolation. */
function touched({ x, y, width, height }: Rectangle): Rectangle {
  const [left, top] = [Math.floor(x / 16) * 16 - 1, Math.floor(y / 16) * 16 - 1];
  return {
    x: left,
    y: top,
    width: Math.ceil((x + width) / 16) * 16 + 1 - left,
    height: Math.ceil((y + height) / 16) * 16 + 1 - top,
  };
}

describe.skipIf(!hasTools)('a lossy JPEG', () => {
  it.each([
    ['+eb', GRAY, '.4.50'],
    ['+eb', COLOUR, '.4.50'],
    ['+ee', DEEP, '.4.51'],
  ] as const)(
    '%s %j keeps the values of the blocks that no region touches, in its own transfer syntax',
    async (option, overrides, suffix) => {
      const encodedFile = converted(native(overrides, frames(overrides)), 'dcmcjpeg', [option, '+q', '90']);
      const { uid, file, blanked } = await blank(encodedFile, new Map([[2, [REGION]]]));
      expect(uid).toBe(`${UID}${suffix}`);
      expect(blanked.method).toBe('blocks');
      const before = await foreignFramesOf(encodedFile, uid, scratch);
      const after = await foreignFramesOf(file, uid, scratch);
      for (const i of [0, 1]) expect(after[i].equals(before[i])).toBe(true);
      expect(compare(before[2], after[2], WIDTH, HEIGHT, touched(REGION)).outside).toBe(0);
      expect(compare(before[2], after[2], WIDTH, HEIGHT, REGION).inside).toBe(REGION.width * REGION.height);
      const wordBytes = after[2].length / (WIDTH * HEIGHT);
      const black = after[2].subarray(
        (REGION.y * WIDTH + REGION.x) * wordBytes,
        (REGION.y * WIDTH + REGION.x + REGION.width) * wordBytes,
      );
      expect(Math.max(...black)).toBeLessThan(16);
    },
  );

  it('of a kind without such blocks leaves decoded, its history kept', async () => {
    const encodedFile = converted(native(COLOUR, frames(COLOUR)), 'dcmcjpeg', ['+ep']);
    const { uid, file, blanked } = await blank(encodedFile, new Map([[0, [REGION]]]));
    expect([uid, blanked.method]).toEqual([EXPLICIT_VR_LITTLE_ENDIAN, 'decoded']);
    const before = await framesOf(encodedFile);
    const after = await framesOf(file);
    for (const i of [1, 2]) expect(after[i].equals(before[i])).toBe(true);
    expect(compare(before[0], after[0], WIDTH, HEIGHT, REGION).outside).toBe(0);
    const { dataSet } = await readFile10(new BufferSource(file));
    expect(findElement(dataSet.elements, TAG.LossyImageCompression)).toBeDefined();
    expect(findElement(dataSet.elements, TAG.LossyImageCompressionMethod)).toBeDefined();
  });
});

/** Files that DCMTK and GDCM decode to another layout, or not at all, with a region of the last frame. */
const FOR_PYDICOM = [
  'general/013', 'general/028', 'general/109', 'general/111', 'burned-in/140', 'burned-in/144',
  'burned-in/146', 'burned-in/148',
]; // prettier-ignore
const LOSSY_HTJ2K = 'general/109';
const COMPARE = fileURLToPath(new URL('../../../support/burned-in/differing_pixels.py', import.meta.url));
const hasPydicom =
  spawnSync('/usr/bin/python3', [
    '-c',
    'import pydicom, numpy; from PIL import features; assert features.check("jpg_2000")',
  ]).status === 0;

interface Differences {
  readonly inside: number;
  readonly outside: number;
  readonly elsewhere: number;
  readonly most: number;
}

describe.skipIf(!hasCorpus || !hasPydicom)('as pydicom decodes them', () => {
  it('files by plane, of shared chrominance, of single bits, of HTJ2K: nothing outside the region differs', async () => {
    const jobs: { before: string; after: string; frame: number; region: readonly number[]; isLossy: boolean }[] = [];
    const add = async (name: string, file: Buffer): Promise<void> => {
      const { dataSet, transferSyntax } = await readFile10(new BufferSource(file));
      const source = await openFrames(dataSet, transferSyntax);
      if (source === undefined) throw new Error('no pixel data');
      const { columns, rows } = source.layout;
      // Pairs of pixels that share their chrominance are blanked as a whole.
      const [x, width] = [(columns >> 3) * 2, Math.max(2, (columns >> 3) * 2)];
      const [y, height] = [rows >> 2, Math.max(1, rows >> 3)];
      const frame = source.frameCount - 1;
      const { file: blanked, uid } = await blank(file, new Map([[frame, [{ x, y, width, height }]]]));
      expect(uid).toBe(transferSyntax.uid);
      const [before, after] = ['before', 'after'].map((when) => join(scratch, `${name.replace('/', '-')}.${when}`));
      writeFileSync(before, file);
      writeFileSync(after, blanked);
      jobs.push({ before, after, frame, region: [x, y, width, height], isLossy: name === LOSSY_HTJ2K });
    };
    for (const name of FOR_PYDICOM) {
      const [category, number] = name.split('/');
      const found = readdirSync(join(CORPUS, category)).find((file) => file.startsWith(`${number}_`)) ?? '';
      await add(name, readFileSync(join(CORPUS, category, found)));
    }
    for (const [suffix, overrides] of [
      ['201', DEEP],
      ['202', GRAY],
      ['203', COLOUR],
    ] as const) {
      const fragments = await Promise.all(frames(overrides).map((frame) => encoded('ht-jpeg-2000', frame, overrides)));
      const builder = image({ Rows: HEIGHT, Columns: WIDTH, NumberOfFrames: 3, ...overrides });
      await add(suffix, builder.encapsulated(fragments).toFile(`${UID}.4.${suffix}`));
    }
    const { stdout, stderr } = spawnSync('/usr/bin/python3', [COMPARE], {
      input: JSON.stringify(jobs),
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('Traceback');
    const differences = JSON.parse(stdout) as readonly Differences[];
    expect(differences).toHaveLength(jobs.length);
    for (const [at, { outside, elsewhere, most }] of differences.entries()) {
      // What was compressed with loss, two decoders round to neighbouring values; here one of them does before, the other after.
      if (jobs[at].isLossy) expect(most).toBeLessThanOrEqual(1);
      else expect(outside).toBe(0);
      expect(elsewhere).toBe(0);
    }
    expect(differences.filter(({ inside }) => inside > 0).length).toBeGreaterThan(jobs.length - 3);
  }, 60_000);
});

/** One file of the corpus for each transfer syntax that it has, and each layout of pixels. */
const CORPUS_FILES = [
  'general/009', 'general/012', 'general/020', 'general/022', 'general/024', 'general/031', 'general/033', 'general/048',
  'general/053', 'general/056', 'general/066', 'general/067', 'general/070', 'general/085', 'general/099', 'general/101', 'general/105', 'general/109',
  'general/110', 'general/111', 'general/112', 'general/113', 'general/114', 'burned-in/137', 'burned-in/140',
  'burned-in/142', 'burned-in/144', 'burned-in/145', 'burned-in/146', 'burned-in/148', 'burned-in/149', 'burned-in/151', 'burned-in/153', 'burned-in/155',
]; // prettier-ignore

describe.skipIf(!hasCorpus || !hasTools)('files of the corpus', () => {
  it.each(CORPUS_FILES)('%s: no pixel outside the region differs', async (name) => {
    const [category, number] = name.split('/');
    const found = readdirSync(join(CORPUS, category)).find((file) => file.startsWith(`${number}_`)) ?? '';
    const file = readFileSync(join(CORPUS, category, found));
    const { dataSet, transferSyntax } = await readFile10(new BufferSource(file));
    const source = await openFrames(dataSet, transferSyntax);
    if (source === undefined) throw new Error('no pixel data');
    const { columns, rows, isSubsampled, isPlanar, bitsAllocated } = source.layout;
    const region = {
      x: (columns >> 3) * 2,
      y: rows >> 2,
      width: Math.max(2, (columns >> 3) * 2),
      height: Math.max(1, rows >> 3),
    };
    const last = source.frameCount - 1;
    const { file: after, uid, blanked } = await blank(file, new Map([[last, [region]]]));
    expect(blanked.method).not.toBe('decoded');
    const isLossy = blanked.method === 'blocks';
    const asForeign = isSubsampled || source.attributes.isPlanar || bitsAllocated === 1 ? framesOf : foreign;
    const [a, b] = [await asForeign(file, transferSyntax.uid), await asForeign(after, uid)];
    expect(b).toHaveLength(a.length);
    for (const [i, frame] of a.entries()) {
      if (i !== last) expect(b[i].equals(frame)).toBe(true);
      else if (bitsAllocated > 1 && !isPlanar)
        expect(compare(frame, b[i], columns, rows, isLossy ? touched(region) : region).outside).toBe(0);
    }
  });
});

function foreign(file: Buffer, uid: string): Promise<readonly Buffer[]> {
  return foreignFramesOf(file, uid, scratch);
}
