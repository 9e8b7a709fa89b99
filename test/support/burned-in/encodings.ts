// How a drawn frame is stored: grey or coloured, of 8 to 16 bits, through JPEG; and the pictures that the finder is shown of it.
import sharp from 'sharp';
import type { GrayPicture } from '../../../src/core/picture.ts';
import type { FrameLayout } from '../../../src/pixels/frames/frame.ts';
import { grayPicturesOf } from '../../../src/pixels/frames/gray.ts';
import type { Random } from '../../../src/synthetic/random.ts';
import { normal, smoothNoise, type Canvas } from './canvas.ts';

/** Red, green and blue from 0 to 255. */
export type Colour = readonly [number, number, number];

/** What screens write with; the last ones are dark on black. */
export const COLOURS: readonly Colour[] = [
  [255, 255, 0],
  [0, 255, 0],
  [0, 255, 255],
  [255, 160, 60],
  [180, 180, 255],
  [255, 80, 80],
  [255, 0, 255],
  [120, 120, 255],
];

export interface Drawn {
  readonly canvas: Canvas;
  /** The canvas before text was written. */
  readonly before: Float32Array;
  /** How much of each pixel is ink, 0 to 1. */
  readonly cover: Float32Array;
}

export type Encoding = 'grey' | 'inverse' | 'jpeg' | 'deep' | 'colour';

export interface Encoded {
  /** What the finder sees, the full range first. */
  readonly pictures: readonly GrayPicture[];
  /** By how much each pixel differs from what was there before, in 255ths of the anatomy's range, or of a colour. */
  readonly contrast: Float32Array;
}

/** Deep and coloured ink is mostly set anew, of values and colours that grey has not. */
export async function encode(drawn: Drawn, encoding: Encoding, random: Random): Promise<Encoded> {
  const { canvas, before } = drawn;
  const layout = layoutOf(canvas);
  const contrast = before.map((value, i) => Math.abs(canvas.grey[i] - value));
  switch (encoding) {
    case 'grey':
      return { pictures: shown(layout, Buffer.from(levelsOf(canvas.grey))), contrast };
    case 'inverse': {
      const inverse = levelsOf(canvas.grey).map((level) => 255 - level);
      return {
        pictures: shown({ ...layout, photometricInterpretation: 'MONOCHROME1' }, Buffer.from(inverse)),
        contrast,
      };
    }
    case 'jpeg':
      return { pictures: shown(layout, await throughJpeg(levelsOf(canvas.grey), canvas, 1, random)), contrast };
    case 'deep':
      return { pictures: shownDeep(drawn, random, contrast), contrast };
    case 'colour':
      return { pictures: await shownInColour(drawn, random, contrast), contrast };
  }
}

function layoutOf({ width, height }: Canvas): FrameLayout {
  return {
    rows: height,
    columns: width,
    samplesPerPixel: 1,
    bitsAllocated: 8,
    bitsStored: 8,
    highBit: 7,
    isSigned: false,
    isFloat: false,
    isPlanar: false,
    isSubsampled: false,
    photometricInterpretation: 'MONOCHROME2',
  };
}

function shown(layout: FrameLayout, bytes: Buffer): readonly GrayPicture[] {
  const pictures = grayPicturesOf({ index: 0, layout, bytes, isComplete: true }, { palette: undefined });
  // Of one value only: nothing to be seen.
  if (pictures.length > 0) return pictures;
  return [{ width: layout.columns, height: layout.rows, data: new Uint8Array(layout.columns * layout.rows) }];
}

function levelsOf(grey: Float32Array): Uint8Array {
  return Uint8Array.from(grey, (value) => Math.min(255, Math.max(0, Math.round(value))));
}

async function throughJpeg(
  samples: Uint8Array,
  { width, height }: Canvas,
  channels: 1 | 3,
  random: Random,
): Promise<Buffer> {
  const image = sharp(samples, { raw: { width, height, channels } });
  const chromaSubsampling = random.pick(['4:2:0', '4:4:4']);
  const file = await image.jpeg({ quality: random.between(40, 92), chromaSubsampling, mozjpeg: false }).toBuffer();
  const decoded = sharp(file);
  return (channels === 1 ? decoded.toColourspace('b-w') : decoded).raw().toBuffer();
}

/** 10 to 16 bits of which the anatomy takes a part; the ink is the largest value there is, or of the anatomy, or beyond the window. */
function shownDeep({ canvas, before, cover }: Drawn, random: Random, contrast: Float32Array): readonly GrayPicture[] {
  const bitsStored = random.pick([10, 12, 12, 16]);
  const most = 2 ** bitsStored - 1;
  const low = most * random.pick([0, 0.1 * random.next()]);
  const high = low + (most - low) * (0.12 + 0.6 * random.next());
  const place = (grey: number): number => low + (grey / 255) * (high - low);
  const value = random.pick([
    undefined,
    undefined,
    most,
    high,
    high + (0.03 + 0.3 * random.next()) * (most - high),
    low > most * 0.03 ? low * (0.2 + 0.5 * random.next()) : most,
  ]);
  const samples = new Uint16Array(before.length);
  const noise = random.pick([0, 0, 0.004]) * (high - low);
  for (let i = 0; i < samples.length; i++) {
    let sample = place(canvas.grey[i]);
    if (value !== undefined) {
      const ground = place(before[i]);
      sample = ground + (value - ground) * cover[i];
      contrast[i] = (Math.abs(sample - ground) * 255) / (high - low);
    }
    samples[i] = Math.min(most, Math.max(0, Math.round(sample + (noise === 0 ? 0 : noise * normal(random)))));
  }
  // One pixel in a thousand that is brighter than all else: a marker, a dead detector element.
  if (random.next() < 0.15) for (let i = 0; i < 40; i++) samples[random.between(0, samples.length - 1)] = most;
  const layout = { ...layoutOf(canvas), bitsAllocated: 16, bitsStored, highBit: bitsStored - 1 };
  return shown(layout, Buffer.from(samples.buffer));
}

/** Coloured letters on grey, or on tinted or patchily coloured ground. */
async function shownInColour(
  { canvas, before, cover }: Drawn,
  random: Random,
  contrast: Float32Array,
): Promise<readonly GrayPicture[]> {
  const { width, height, grey } = canvas;
  const colour = random.next() < 0.7 ? random.pick(COLOURS) : undefined;
  const tint: Colour = random.next() < 0.4 ? [0.6 + 0.4 * random.next(), 0.6 + 0.4 * random.next(), 1] : [1, 1, 1];
  const patches = random.next() < 0.25 ? smoothNoise(random, width, height, 60) : undefined;
  const samples = new Uint8Array(3 * grey.length);
  for (let i = 0; i < grey.length; i++) {
    const ground = colour === undefined ? grey[i] : before[i];
    let most = 0;
    for (let channel = 0; channel < 3; channel++) {
      let value = ground * tint[channel];
      // A flow of colour, red one way and blue the other.
      if (patches !== undefined && Math.abs(patches[i]) > 0.9)
        value += (patches[i] > 0 ? 2 - channel : channel) * 60 - 20;
      const change = colour === undefined ? 0 : (colour[channel] - value) * cover[i];
      most = Math.max(most, Math.abs(change));
      samples[3 * i + channel] = Math.min(255, Math.max(0, Math.round(value + change)));
    }
    if (colour !== undefined) contrast[i] = most;
  }
  const layout = { ...layoutOf(canvas), samplesPerPixel: 3, photometricInterpretation: 'RGB' };
  const bytes = random.next() < 0.4 ? await throughJpeg(samples, canvas, 3, random) : Buffer.from(samples);
  return shown(layout, bytes);
}
