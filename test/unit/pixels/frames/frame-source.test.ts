import { afterAll, describe, expect, it } from 'vitest';
import type { DataSet } from '../../../../src/dicom/element.ts';
import { closeIdleWorkers } from '../../../../src/pixels/frame-worker.ts';
import { openFrames } from '../../../../src/pixels/frames/frame-source.ts';
import type { FrameSource } from '../../../../src/pixels/frames/frame-source.ts';
import { encodeRle } from '../../../../src/pixels/rle.ts';
import { EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import type { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';
import { image, parse, syntax } from '../images.ts';

const RLE = '1.2.840.10008.1.2.5';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const MPEG4 = '1.2.840.10008.1.2.4.102';
const BYTES = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]);

afterAll(closeIdleWorkers);

function open(builder: DataSetBuilder, uid = EXPLICIT_VR_LITTLE_ENDIAN): Promise<FrameSource | undefined> {
  return openFrames(parse(builder, uid), syntax(uid));
}

async function opened(builder: DataSetBuilder, uid?: string): Promise<FrameSource> {
  const source = await open(builder, uid);
  if (source === undefined) throw new Error('no pixel data');
  return source;
}

describe('what holds no frames', () => {
  it('is undefined for a data set without pixel data, or with an empty value', async () => {
    expect(await open(image())).toBeUndefined();
    expect(await open(image().put('PixelData', 'OB', Buffer.alloc(0)))).toBeUndefined();
  });

  it.each([
    ['no rows', image({ Rows: 0 }).put('PixelData', 'OB', BYTES)],
    ['a depth that does not exist', image({ BitsAllocated: 12 }).put('PixelData', 'OB', BYTES)],
    [
      'pixels in pairs that have an odd width',
      image({ SamplesPerPixel: 3, PhotometricInterpretation: 'YBR_FULL_422', Columns: 3 }).put(
        'PixelData',
        'OB',
        BYTES,
      ),
    ],
    ['pixel data of two kinds', image().put('FloatPixelData', 'OF', Buffer.alloc(32)).put('PixelData', 'OB', BYTES)],
    [
      'a value far longer than one frame of one pixel',
      image({ Rows: 1, Columns: 1 }).put('PixelData', 'OB', Buffer.alloc(9000)),
    ],
  ])('refuses %s as codec-failed', async (_, builder) => {
    await expect(open(builder)).rejects.toMatchObject({ code: 'codec-failed' });
  });

  it('says that a video cannot be decoded, and rejects its frames', async () => {
    const source = await opened(image({ NumberOfFrames: 9 }).encapsulated([BYTES]), MPEG4);
    expect([source.canDecode, source.frameCount]).toEqual([false, 9]);
    await expect(source.frame(0)).rejects.toMatchObject({ code: 'unsupported-transfer-syntax' });
  });

  it('says that pixels on a JPIP server cannot be decoded', async () => {
    const source = await opened(image().put('PixelDataProviderURL', 'UR', 'http://host/x'));
    expect(source.canDecode).toBe(false);
  });
});

describe('native frames', () => {
  it('come one at a time', async () => {
    const source = await opened(image({ NumberOfFrames: 2, Rows: 1 }).put('PixelData', 'OB', BYTES));
    expect([source.frameCount, source.canDecode]).toEqual([2, true]);
    expect((await source.frame(1)).bytes).toEqual(Buffer.from([5, 6, 7, 8]));
  });

  it('that nobody stated are frames all the same', async () => {
    const source = await opened(image({ Rows: 1 }).put('PixelData', 'OB', Buffer.concat([BYTES, Buffer.from([9, 9])])));
    expect([source.frameCount, source.attributes.numberOfFrames]).toEqual([3, 1]);
    expect(await source.frame(2)).toMatchObject({ bytes: Buffer.from([9, 9, 0, 0]), isComplete: false });
  });

  it('do not count the padding of an odd value', async () => {
    const source = await opened(image({ Rows: 1, Columns: 7 }).put('PixelData', 'OB', BYTES));
    expect(source.frameCount).toBe(1);
  });

  it('that the value does not hold are not there, and a cut one is filled up', async () => {
    const source = await opened(image({ NumberOfFrames: 9, Rows: 3 }).put('PixelData', 'OB', Buffer.alloc(14, 7)));
    expect(source.frameCount).toBe(2);
    const { bytes, isComplete } = await source.frame(1);
    expect([isComplete, ...bytes]).toEqual([false, 7, 7, ...Array.from({ length: 10 }, () => 0)]);
  });

  it('of single bits begin inside bytes', async () => {
    const bits = image({ NumberOfFrames: 3, Rows: 1, Columns: 3, BitsAllocated: 1, BitsStored: 1, HighBit: 0 });
    const source = await opened(bits.put('PixelData', 'OB', Buffer.from([0b11_010_101, 0b0])));
    const frames = await Promise.all([0, 1, 2].map(async (index) => (await source.frame(index)).bytes[0] & 7));
    expect(frames).toEqual([0b101, 0b010, 0b011]);
  });

  it('have their words turned when they are big endian', async () => {
    const deep = image({ BitsAllocated: 16, BitsStored: 16, HighBit: 15, Rows: 1, Columns: 2 });
    const source = await opened(deep.put('PixelData', 'OW', Buffer.from([1, 2, 3, 4])), EXPLICIT_VR_BIG_ENDIAN);
    const { bytes } = await source.frame(0);
    const little = await opened(deep, EXPLICIT_VR_LITTLE_ENDIAN);
    expect(bytes).toEqual((await little.frame(0)).bytes);
  });

  it('of floating-point numbers are frames too', async () => {
    const floats = Buffer.alloc(32);
    floats.writeFloatLE(1.5, 4);
    const source = await opened(image({ BitsAllocated: 32, BitsStored: 32 }).put('FloatPixelData', 'OF', floats));
    expect(source.layout).toMatchObject({ isFloat: true, bitsAllocated: 32 });
  });
});

describe('compressed frames', () => {
  it('are decoded one at a time', async () => {
    const shape = { columns: 4, samplesPerPixel: 1, bitsAllocated: 8 };
    const fragments = [BYTES, Buffer.from(BYTES).reverse()].map((frame) => encodeRle(frame, shape));
    const source = await opened(image({ NumberOfFrames: 2 }).encapsulated(fragments), RLE);
    expect((await source.frame(1)).bytes).toEqual(Buffer.from(BYTES).reverse());
  });

  it.each([
    ['is refused before a codec sees it', 8_193, 'grow more than a hundredfold'],
    ['is left to the codec up to 64 MiB, as blank pictures are', 8_192, 'does not begin as'],
  ])('that claims to grow a millionfold %s', async (_, rows, words) => {
    const bomb = image({ Rows: rows, Columns: 8_192 }).encapsulated([BYTES]);
    const source = await opened(bomb, JPEG_2000);
    await expect(source.frame(0)).rejects.toMatchObject({ code: 'codec-failed' });
    await expect(source.frame(0)).rejects.toThrow(words);
  });

  it('of an icon are decoded where they stand', async () => {
    const icon = image().put('PixelData', 'OB', BYTES);
    const dataSet: DataSet = parse(image().sequence('IconImageSequence', [icon]));
    const item = dataSet.elements.at(-1)?.items?.[0];
    if (item === undefined) throw new Error('no icon');
    const source = await openFrames(dataSet, syntax(EXPLICIT_VR_LITTLE_ENDIAN), { elements: item.elements });
    expect((await source?.frame(0))?.bytes).toEqual(BYTES);
  });
});
