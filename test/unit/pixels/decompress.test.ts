import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BufferSource } from '../../../src/core/bytes.ts';
import type { DataSet, OutputDataSet } from '../../../src/dicom/element.ts';
import { readFile10 } from '../../../src/dicom/part10.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { parseDataSetSync } from '../../../src/dicom/reader.ts';
import { findElement, valueBytes } from '../../../src/dicom/values.ts';
import { canDecompress } from '../../../src/pixels/codecs.ts';
import { decompress } from '../../../src/pixels/decompress.ts';
import type { DecompressOptions } from '../../../src/pixels/decompress.ts';
import { closeIdleWorkers } from '../../../src/pixels/frame-worker.ts';
import { TAG } from '../../../src/standard/tags.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../../src/standard/transfer-syntaxes.ts';
import { buildCtSeries } from '../../../src/synthetic/clinic.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { encodeRle } from './rle-frames.ts';

const RLE = '1.2.840.10008.1.2.5';
const DEFLATED_FRAMES = '1.2.840.10008.1.2.8.1';
const ENCAPSULATED_UNCOMPRESSED = '1.2.840.10008.1.2.1.98';
const JPEG_LOSSLESS = '1.2.840.10008.1.2.4.70';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lethe-pixels-'));
});
afterAll(async () => {
  await closeIdleWorkers();
  rmSync(scratch, { recursive: true });
});

function syntax(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) throw new Error(`no transfer syntax ${uid}`);
  return found;
}

function keepAll(dataSet: DataSet): OutputDataSet {
  const elements = dataSet.elements.map((element) => ({ kind: 'kept' as const, element }));
  return { source: dataSet.source, encoding: dataSet.encoding, elements };
}

/** The decompressed data set, parsed again. */
async function decompressed(dataSet: DataSet, uid: string, options?: DecompressOptions): Promise<DataSet> {
  const result = await decompress(dataSet, keepAll(dataSet), syntax(uid), scratch, options);
  try {
    const bytes = await collectPlan(result.plan);
    return parseDataSetSync(bytes, { transferSyntax: syntax(EXPLICIT_VR_LITTLE_ENDIAN) });
  } finally {
    await result.close();
  }
}

function parse(builder: DataSetBuilder, uid: string): DataSet {
  return parseDataSetSync(builder.toBytes(uid), { transferSyntax: syntax(uid) });
}

function valueOf(dataSet: DataSet, tag: number): Buffer | undefined {
  const element = findElement(dataSet.elements, tag);
  return element === undefined ? undefined : valueBytes(dataSet, element);
}

function image(overrides: Readonly<Record<string, string | number>> = {}): DataSetBuilder {
  return new DataSetBuilder().putAll({
    SOPInstanceUID: '1.2.3',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: 2,
    Columns: 4,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    ...overrides,
  });
}

const FRAME = Buffer.from([1, 1, 1, 2, 3, 4, 4, 4]);
const OTHER = Buffer.from([9, 8, 7, 6, 5, 5, 5, 5]);

describe('what cannot be decompressed', () => {
  it.each(['1.2.840.10008.1.2.4.102', '1.2.840.10008.1.2.4.94', EXPLICIT_VR_LITTLE_ENDIAN])(
    'refuses %s',
    async (uid) => {
      const dataSet = parseDataSetSync(image().toBytes(), { transferSyntax: syntax(EXPLICIT_VR_LITTLE_ENDIAN) });
      expect(canDecompress(uid)).toBe(false);
      await expect(decompress(dataSet, keepAll(dataSet), syntax(uid), scratch)).rejects.toMatchObject({
        code: 'unsupported-transfer-syntax',
      });
    },
  );

  it.each([
    ['no rows', image({ Rows: 0 })],
    ['no frames', image({ NumberOfFrames: 0 })],
    ['frames that are no number', image({ NumberOfFrames: 'many' })],
    ['a number of frames that is longer than any number', image({ NumberOfFrames: '1'.repeat(70) })],
    ['two samples a pixel', image({ SamplesPerPixel: 2 })],
    ['a depth that does not exist', image({ BitsAllocated: 12, BitsStored: 12 })],
    ['more bits stored than allocated', image({ BitsStored: 9 })],
    ['frames that would fill 4 GiB', image({ Rows: 60_000, Columns: 60_000, BitsAllocated: 16 })],
    ['more frames than a native element holds', image({ Rows: 2000, Columns: 2000, NumberOfFrames: 2000 })],
    ['fewer fragments than frames', image({ NumberOfFrames: 2 })],
    ['a frame that is shorter than its attributes say', image({ Rows: 3 })],
    ['a frame that is longer than its attributes say', image({ Rows: 1 })],
  ])('refuses %s as codec-failed and leaves nothing behind', async (_, builder) => {
    const dataSet = parse(builder.encapsulated([encodeRle(FRAME, 1, 1)]), RLE);
    await expect(decompressed(dataSet, RLE)).rejects.toMatchObject({ code: 'codec-failed' });
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('refuses a deflated frame that inflates to more than its attributes say', async () => {
    const bomb = deflateRawSync(Buffer.alloc(100_000_000));
    const dataSet = parse(image().encapsulated([bomb]), DEFLATED_FRAMES);
    await expect(decompressed(dataSet, DEFLATED_FRAMES)).rejects.toMatchObject({ code: 'codec-failed' });
  });

  it('refuses a JPEG whose own size is not that of the attributes, before a codec sees it', async () => {
    const liar = Buffer.from('ffd8ffc3000b08ffffffff01001100ffda0008010100000000ffd9', 'hex');
    const dataSet = parse(image().encapsulated([liar]), JPEG_LOSSLESS);
    await expect(decompressed(dataSet, JPEG_LOSSLESS)).rejects.toThrow('has another size');
  });

  it('refuses a JPEG whose codec breaks off, and decodes the next instance all the same', async () => {
    const broken = Buffer.from('ffd8ffc3000b08000200040101110000ffda00080101000100000000ffd9', 'hex');
    const dataSet = parse(image().encapsulated([broken]), JPEG_LOSSLESS);
    await expect(decompressed(dataSet, JPEG_LOSSLESS)).rejects.toMatchObject({ code: 'codec-failed' });
    const good = await decompressed(parse(image().encapsulated([encodeRle(FRAME, 1, 1)]), RLE), RLE);
    expect(valueOf(good, TAG.PixelData)).toEqual(FRAME);
  });

  it('kills a codec that does not come to an end', async () => {
    const dataSet = parse(image().encapsulated([encodeRle(FRAME, 1, 1)]), RLE);
    await closeIdleWorkers();
    await expect(decompressed(dataSet, RLE, { frameTimeoutMs: 1 })).rejects.toThrow('within 1 ms');
  });

  it('says so when the scratch directory cannot be written', async () => {
    const dataSet = parse(image().encapsulated([encodeRle(FRAME, 1, 1)]), RLE);
    const attempt = decompress(dataSet, keepAll(dataSet), syntax(RLE), join(scratch, 'missing'));
    await expect(attempt).rejects.toMatchObject({ code: 'disk-failed', kind: 'transient' });
  });
});

describe('what comes out', () => {
  it('is native pixel data in a data set that is otherwise the same, byte for byte', async () => {
    const builder = image({ LossyImageCompression: '01', LossyImageCompressionRatio: '7.5' }).put(
      0xfffcfffc,
      'OB',
      Buffer.alloc(4),
    );
    const dataSet = parse(builder.encapsulated([encodeRle(FRAME, 1, 1)], [0]), RLE);
    const result = await decompressed(dataSet, RLE);
    expect(
      (result.source.view(0, result.source.size) ?? Buffer.alloc(0)).equals(
        builder.put('PixelData', 'OB', FRAME).toBytes(),
      ),
    ).toBe(true);
  });

  it('has 16-bit words in OW, an odd frame padded at the end of all frames only', async () => {
    const words = Buffer.concat([FRAME, OTHER]);
    const deep = image({ BitsAllocated: 16, BitsStored: 12 }).encapsulated([encodeRle(words, 1, 2)]);
    const result = await decompressed(parse(deep, RLE), RLE);
    expect(findElement(result.elements, TAG.PixelData)?.vr).toBe('OW');
    expect(valueOf(result, TAG.PixelData)).toEqual(words);
    const odd = image({ Rows: 1, Columns: 3, NumberOfFrames: 3 });
    odd.encapsulated(
      [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ].map((pixels) => encodeRle(Buffer.from(pixels), 1, 1)),
    );
    expect(valueOf(await decompressed(parse(odd, RLE), RLE), TAG.PixelData)).toEqual(
      Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]),
    );
  });

  it('is colour by pixel, with Planar Configuration 0', async () => {
    const colour = image({ SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 1, Rows: 1 });
    const pixels = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const result = await decompressed(parse(colour.encapsulated([encodeRle(pixels, 3, 1)]), RLE), RLE);
    expect(valueOf(result, TAG.PixelData)).toEqual(pixels);
    expect(valueOf(result, TAG.PlanarConfiguration)).toEqual(Buffer.alloc(2));
  });

  it('follows the extended offset table and drops it', async () => {
    const frames = [FRAME, OTHER].map((pixels) => encodeRle(pixels, 1, 1));
    const offsets = Buffer.alloc(16);
    offsets.writeBigUInt64LE(BigInt(frames[0].length + 8), 8);
    const builder = image({ NumberOfFrames: 2 })
      .put('ExtendedOffsetTable', 'OV', offsets)
      .put('ExtendedOffsetTableLengths', 'OV', Buffer.alloc(16));
    const result = await decompressed(parse(builder.encapsulated(frames), RLE), RLE);
    expect(valueOf(result, TAG.PixelData)).toEqual(Buffer.concat([FRAME, OTHER]));
    expect(findElement(result.elements, TAG.ExtendedOffsetTable)).toBeUndefined();
    expect(findElement(result.elements, TAG.ExtendedOffsetTableLengths)).toBeUndefined();
  });

  it('takes the pixel data of icons apart too, by the attributes of their own item', async () => {
    const icon = image({ Rows: 1, Columns: 8 }).encapsulated([encodeRle(OTHER, 1, 1)]);
    const builder = image().sequence('IconImageSequence', [icon], { hasUndefinedLength: true });
    const result = await decompressed(parse(builder.encapsulated([encodeRle(FRAME, 1, 1)]), RLE), RLE);
    const items = findElement(result.elements, TAG.IconImageSequence)?.items ?? [];
    const inside = { source: result.source, elements: items[0].elements };
    expect(valueBytes(inside, findElement(inside.elements, TAG.PixelData) ?? items[0].elements[0])).toEqual(OTHER);
    expect(valueOf(result, TAG.PixelData)).toEqual(FRAME);
  });

  it.each([
    [DEFLATED_FRAMES, deflateRawSync(FRAME)],
    [ENCAPSULATED_UNCOMPRESSED, FRAME],
  ])('is the same for frames that no codec made (%s)', async (uid, frame) => {
    const result = await decompressed(parse(image().encapsulated([frame]), uid), uid);
    expect(valueOf(result, TAG.PixelData)).toEqual(FRAME);
  });

  it('is the data set as it was when it has no pixel data', async () => {
    const dataSet = parse(image(), RLE);
    const result = await decompressed(dataSet, RLE);
    expect(result.elements).toHaveLength(dataSet.elements.length);
  });
});

const hasCompressors = ['dcmcjpeg', 'dcmcjpls', 'dcmcrle', 'gdcmconv'].every(
  (tool) => spawnSync(tool, ['--version']).error === undefined,
);

describe.skipIf(!hasCompressors)('a CT slice that DCMTK and GDCM compressed', () => {
  it.each([
    ['dcmcjpeg', '+e1'],
    ['dcmcjpeg', '+el'],
    ['dcmcjpls', '+el'],
    ['dcmcrle', '+te'],
    ['gdcmconv', '--j2k'],
  ])('%s %s: comes back bit for bit', async (tool, option) => {
    const directory = mkdtempSync(join(tmpdir(), 'lethe-compress-'));
    try {
      const [original, compressed] = [join(directory, 'original'), join(directory, 'compressed')];
      for (const slice of buildCtSeries({ slices: 1, rows: 128, columns: 96 })) writeFileSync(original, slice.bytes);
      execFileSync(tool, option === '+te' ? [original, compressed] : [option, original, compressed], {
        stdio: 'ignore',
      });
      const before = await readFile10(new BufferSource(readFileSync(original)));
      const { dataSet, transferSyntax } = await readFile10(new BufferSource(readFileSync(compressed)));
      expect(transferSyntax.isEncapsulated).toBe(true);
      const result = await decompressed(dataSet, transferSyntax.uid);
      expect(valueOf(result, TAG.PixelData)).toEqual(valueOf(before.dataSet, TAG.PixelData));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

const CORPUS = new URL('../../../../shared/corpus/', import.meta.url);
const REFERENCES: readonly (readonly [file: string, tool: string, options: readonly string[]])[] = [
  ['general/073', 'dcmdjpeg', []], // JPEG baseline, YBR_FULL_422
  ['general/005', 'dcmdjpeg', []], // JPEG baseline in RGB
  ['general/083', 'dcmdjpeg', []], // two frames in 136 fragments
  ['general/025', 'dcmdjpeg', []], // eight frames in 44 fragments, no offset table
  ['general/056', 'dcmdjpeg', []], // JPEG extended, 12 bits
  ['general/021', 'dcmdjpeg', []], // JPEG full progression, 12 bits
  ['general/022', 'dcmdjpeg', []], // JPEG lossless, signed 16 bits
  ['general/039', 'dcmdjpeg', []], // JPEG lossless, first-order prediction
  ['general/070', 'dcmdjpls', []], // JPEG-LS lossless
  ['general/110', 'dcmdjpls', []], // JPEG-LS lossless, signed 15 bits
  ['general/024', 'dcmdjpls', []], // JPEG-LS near lossless, two frames in eight fragments
  ['general/012', 'dcmdjpls', []], // JPEG-LS, 25 frames in colour
  ['general/047', 'dcmdrle', []],
  ['burned-in/155', 'gdcmconv', ['--raw']], // RLE, palette colour
  ['burned-in/146', 'gdcmconv', ['--raw']], // RLE, YBR_FULL by plane
  ['general/072', 'gdcmconv', ['--raw']], // JPEG 2000 lossless
  ['general/099', 'gdcmconv', ['--raw']], // JPEG 2000, signed 14 bits
  ['general/100', 'gdcmconv', ['--raw']], // JPEG 2000, YBR_RCT
  ['burned-in/153', 'gdcmconv', ['--raw']], // JPEG 2000, YBR_ICT
  ['general/067', 'gdcmconv', ['--raw']], // JPEG 2000, 19 frames
];

describe.skipIf(!existsSync(CORPUS) || !hasCompressors)('files of the corpus', () => {
  function find(prefix: string): URL {
    const [folder, number] = prefix.split('/');
    const name = readdirSync(new URL(`${folder}/`, CORPUS)).find((file) => file.startsWith(`${number}_`)) ?? '';
    return new URL(`${folder}/${name}`, CORPUS);
  }

  it.each(REFERENCES)('%s: the same pixel data as from %s', async (prefix, tool, options) => {
    const directory = mkdtempSync(join(tmpdir(), 'lethe-reference-'));
    try {
      const file = find(prefix);
      const reference = join(directory, 'reference');
      execFileSync(tool, [...options, file.pathname, reference], { stdio: 'ignore' });
      const { dataSet: expected } = await readFile10(new BufferSource(readFileSync(reference)));
      const { dataSet, transferSyntax } = await readFile10(new BufferSource(readFileSync(file)));
      const result = await decompressed(dataSet, transferSyntax.uid);
      expect(valueOf(result, TAG.PixelData)?.equals(valueOf(expected, TAG.PixelData) ?? Buffer.alloc(0))).toBe(true);
      expect(valueOf(result, TAG.PhotometricInterpretation)).toEqual(valueOf(expected, TAG.PhotometricInterpretation));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('deflated and run-length frames of the same one-bit picture agree', async () => {
    const pixels = await Promise.all(
      ['general/112', 'general/113'].map(async (prefix) => {
        const { dataSet, transferSyntax } = await readFile10(new BufferSource(readFileSync(find(prefix))));
        return valueOf(await decompressed(dataSet, transferSyntax.uid), TAG.PixelData);
      }),
    );
    expect(pixels[0]?.length).toBe((3 * 512 * 512) / 8);
    expect(pixels[0]).toEqual(pixels[1]);
  });

  it.each(['general/004', 'general/039', 'general/070', 'general/072', 'general/109', 'general/027', 'general/047'])(
    '%s: a frame that is cut is refused',
    async (prefix) => {
      const { dataSet, transferSyntax } = await readFile10(new BufferSource(readFileSync(find(prefix))));
      const elements = dataSet.elements.map((element) => {
        if (element.fragments === undefined) return element;
        const fragments = element.fragments.map((fragment) => ({
          ...fragment,
          length: fragment.length - (fragment.length >> 2),
        }));
        return { ...element, fragments };
      });
      await expect(decompressed({ ...dataSet, elements }, transferSyntax.uid)).rejects.toMatchObject({
        code: 'codec-failed',
      });
    },
  );
});
