// What a blanked pixel holds: black as a viewer shows it, and never a value outside the range that the frame has already.
import { InstanceError } from '../../core/errors.ts';
import { words16 } from '../frames/frame.ts';
import type { Frame, FrameLayout } from '../frames/frame.ts';
import { colourAt } from '../frames/palette.ts';
import type { Palette } from '../frames/palette.ts';

/** One sample of each kind as the bytes of its word, little endian: one of them, or three. */
export type Fill = readonly Buffer[];

/** The fill of a frame in native form: its least value, the greatest of MONOCHROME1, the darkest colour of a palette, black of RGB and YBR. */
export function fillOf(frame: Frame, palette: Palette | undefined): Fill {
  const { layout } = frame;
  const { samplesPerPixel, photometricInterpretation, bitsStored } = layout;
  if (samplesPerPixel === 1) {
    if (photometricInterpretation === 'PALETTE COLOR') return [sample(darkest(layout, palette), layout)];
    return [extreme(frame, photometricInterpretation === 'MONOCHROME1')];
  }
  if (photometricInterpretation === 'RGB') return [sample(0, layout), sample(0, layout), sample(0, layout)];
  if (!photometricInterpretation.startsWith('YBR_')) {
    throw new InstanceError('codec-failed', 'What is black in this photometric interpretation is not known');
  }
  // PS3.3 C.7.6.3.1.2: no chrominance is half of the range; the partial ranges begin at 16 of 256.
  const half = 2 ** (bitsStored - 1);
  const black = photometricInterpretation.startsWith('YBR_PARTIAL') ? half / 8 : 0;
  return [sample(black, layout), sample(half, layout), sample(half, layout)];
}

/** The word of a sample value; its bits stand where those of the layout do. */
function sample(value: number, { bitsAllocated, bitsStored, highBit }: FrameLayout): Buffer {
  const word = Buffer.alloc(Math.max(1, bitsAllocated / 8));
  word.writeUIntLE(value * 2 ** (highBit + 1 - bitsStored), 0, Math.min(6, word.length));
  return word;
}

function darkest({ bitsStored, isSigned }: FrameLayout, palette: Palette | undefined): number {
  if (palette === undefined) return 0;
  const values = 2 ** Math.min(16, bitsStored);
  let found = 0;
  let least = Infinity;
  for (let raw = 0; raw < values; raw++) {
    const [red, green, blue] = colourAt(palette, isSigned && raw >= values / 2 ? raw - values : raw);
    const luminance = red * 77 + green * 150 + blue * 29;
    if (luminance < least) [found, least] = [raw, luminance];
  }
  return found;
}

/** The word of the least or greatest sample of the frame, without the bits that are no part of it; the sign goes on to the top. */
function extreme({ layout, bytes }: Frame, isGreatest: boolean): Buffer {
  const { bitsAllocated, bitsStored, highBit, isSigned, isFloat } = layout;
  if (bitsAllocated === 1) return Buffer.from([isGreatest ? 0xff : 0]);
  if (isFloat || bitsAllocated > 16) return wideExtreme(layout, bytes, isGreatest);
  const samples = bitsAllocated === 8 ? bytes : words16(bytes);
  const shift = highBit + 1 - bitsStored;
  const mask = 2 ** bitsStored - 1;
  const flip = isSigned ? 2 ** (bitsStored - 1) : 0;
  // Counted from the wanted end of the range, so that nothing is left to look for once that end was seen.
  const turn = isGreatest ? flip ^ mask : flip;
  let least = mask;
  for (let i = 0; i < samples.length && least > 0; i++) {
    const bin = ((samples[i] >> shift) & mask) ^ turn;
    if (bin < least) least = bin;
  }
  const raw = least ^ turn;
  const extended = isSigned && raw >= flip ? raw - 2 * flip : raw;
  const word = Buffer.alloc(bitsAllocated / 8);
  word.writeUIntLE((extended * 2 ** shift) & (2 ** bitsAllocated - 1), 0, word.length);
  return word;
}

function wideExtreme(layout: FrameLayout, bytes: Buffer, isGreatest: boolean): Buffer {
  const { bitsAllocated, isFloat, isSigned } = layout;
  const width = bitsAllocated / 8;
  if (bytes.length < width) throw new InstanceError('codec-failed', 'A frame is shorter than one sample');
  const read = (at: number): number => {
    if (isFloat) return width === 8 ? bytes.readDoubleLE(at) : bytes.readFloatLE(at);
    if (width === 8) return Number(isSigned ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at));
    return isSigned ? bytes.readInt32LE(at) : bytes.readUInt32LE(at);
  };
  let best: number | undefined;
  for (let at = 0; at + width <= bytes.length; at += width) {
    const value = read(at);
    if (!Number.isFinite(value)) continue;
    if (best === undefined || (isGreatest ? value > read(best) : value < read(best))) best = at;
  }
  return best === undefined ? Buffer.alloc(width) : Buffer.from(bytes.subarray(best, best + width));
}
