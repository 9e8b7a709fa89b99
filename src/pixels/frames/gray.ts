// What a viewer might show of a frame, as gray pictures of 8 bits: one over the full range, and more only where text could hide from that one.
import type { GrayPicture } from '../../core/picture.ts';
import type { ImageAttributes } from './frame-source.ts';
import { words16 } from './frame.ts';
import type { Frame } from './frame.ts';
import { colourPictures, isColour } from './gray-colour.ts';
import { windowsOf } from './gray-windows.ts';

/** Bins of a histogram over 16 bits, and the tables that map them; used again for each frame, as nothing here waits. */
const histogram = new Uint32Array(0x10000);
const table = new Uint8Array(0x10000);

/**
 * The frame as gray pictures, none to three, the full range first; none when all pixels are equal, as nothing can be read there.
 * MONOCHROME1 comes out as it is shown. Modality and VOI transformations are not needed: what a window shows, one of the pictures shows.
 */
export function grayPicturesOf(frame: Frame, attributes: Pick<ImageAttributes, 'palette'>): readonly GrayPicture[] {
  const { layout } = frame;
  if (layout.bitsAllocated === 1) return bitPicture(frame);
  if (isColour(layout)) return colourPictures(frame, attributes.palette);
  const values = monochromeValues(frame);
  const bins = values.bins;
  histogram.fill(0, 0, bins);
  countValues(values);
  const isInverse = layout.photometricInterpretation === 'MONOCHROME1';
  const pictures: GrayPicture[] = [];
  for (const window of windowsOf(histogram.subarray(0, bins))) {
    window.fillTable(table, isInverse);
    pictures.push({ width: layout.columns, height: layout.rows, data: mapped(values) });
  }
  return pictures;
}

/** Samples, and how their bits are brought to the number of a bin: (raw >> shift & mask) ^ flip. */
interface MonochromeValues {
  readonly samples: Uint8Array | Uint16Array;
  readonly shift: number;
  readonly mask: number;
  readonly flip: number;
  readonly bins: number;
}

function monochromeValues({ layout, bytes }: Frame): MonochromeValues {
  const { bitsAllocated, bitsStored, highBit, isSigned, isFloat } = layout;
  if (isFloat || bitsAllocated > 16) {
    const samples = quantised(bytes, bitsAllocated, isFloat, isSigned);
    return { samples, shift: 0, mask: 0xffff, flip: 0, bins: 0x10000 };
  }
  const bins = 2 ** bitsStored;
  const samples = bitsAllocated === 8 ? bytes : words16(bytes);
  return { samples, shift: highBit + 1 - bitsStored, mask: bins - 1, flip: isSigned ? bins / 2 : 0, bins };
}

function countValues({ samples, shift, mask, flip }: MonochromeValues): void {
  if (shift === 0 && flip === 0) {
    for (let i = 0; i < samples.length; i++) histogram[samples[i] & mask]++;
    return;
  }
  for (let i = 0; i < samples.length; i++) histogram[((samples[i] >> shift) & mask) ^ flip]++;
}

function mapped({ samples, shift, mask, flip }: MonochromeValues): Uint8Array {
  const data = new Uint8Array(samples.length);
  if (shift === 0 && flip === 0) {
    for (let i = 0; i < samples.length; i++) data[i] = table[samples[i] & mask];
    return data;
  }
  for (let i = 0; i < samples.length; i++) data[i] = table[((samples[i] >> shift) & mask) ^ flip];
  return data;
}

/** The greatest part of 32-bit and floating-point samples at either end that may lie far from all others, padding values for example. */
const FAR_PART = 0.001;
/** How many times the range of the others makes it far. */
const FAR_TIMES = 1000;
/** Samples of which the range of the others is told. */
const PROBES = 65_536;
/** So many different values are told apart by their order alone. */
const FEW_VALUES = 4096;

/**
 * 32-bit integers and floating-point numbers on 65,536 steps between the least and the greatest; what is no number is the least. A few values
 * far from all others do not flatten these: they count as the nearest of them.
 */
function quantised(bytes: Buffer, bits: number, isFloat: boolean, isSigned: boolean): Uint16Array {
  const read = readerOf(bytes, bits, isFloat, isSigned);
  const count = bytes.length / (bits / 8);
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < count; i++) {
    const value = read(i);
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const [low, high] = bulkOf(read, count);
  if (greatest - least > FAR_TIMES * (high - low)) {
    const ranks = high > low ? undefined : ranksOf(read, count);
    if (ranks !== undefined) return ranks;
    if (high > low) [least, greatest] = [Math.max(least, 2 * low - high), Math.min(greatest, 2 * high - low)];
  }
  const steps = new Uint16Array(count);
  const scale = greatest > least ? 0xffff / (greatest - least) : 0;
  for (let i = 0; i < count; i++) {
    const value = read(i);
    steps[i] = Number.isFinite(value) ? (Math.min(greatest, Math.max(least, value)) - least) * scale : 0;
  }
  return steps;
}

/** Between which values all but a few samples lie. */
function bulkOf(read: (index: number) => number, count: number): readonly [number, number] {
  const step = Math.max(1, Math.floor(count / PROBES));
  const probes = new Float64Array(Math.ceil(count / step));
  let length = 0;
  for (let i = 0; i < count; i += step) {
    const value = read(i);
    if (Number.isFinite(value)) probes[length++] = value;
  }
  const sorted = probes.subarray(0, length).sort();
  const far = Math.ceil(length * FAR_PART);
  return length > 2 * far ? [sorted[far], sorted[length - 1 - far]] : [0, 0];
}

/** The samples by the order of their values; undefined when there are too many different ones. */
function ranksOf(read: (index: number) => number, count: number): Uint16Array | undefined {
  const values = new Set<number>();
  for (let i = 0; i < count && values.size <= FEW_VALUES; i++) {
    const value = read(i);
    if (Number.isFinite(value)) values.add(value);
  }
  if (values.size > FEW_VALUES) return undefined;
  const step = 0xffff / Math.max(1, values.size - 1);
  const rankOf = new Map([...values].sort((a, b) => a - b).map((value, rank) => [value, Math.round(rank * step)]));
  return Uint16Array.from({ length: count }, (_, i) => rankOf.get(read(i)) ?? 0);
}

function readerOf(bytes: Buffer, bits: number, isFloat: boolean, isSigned: boolean): (index: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isFloat) {
    return bits === 64 ? (i) => view.getFloat64(i * 8, true) : (i) => view.getFloat32(i * 4, true);
  }
  if (bits === 64) {
    return isSigned ? (i) => Number(view.getBigInt64(i * 8, true)) : (i) => Number(view.getBigUint64(i * 8, true));
  }
  return isSigned ? (i) => view.getInt32(i * 4, true) : (i) => view.getUint32(i * 4, true);
}

function bitPicture({ layout, bytes }: Frame): readonly GrayPicture[] {
  const { rows, columns, photometricInterpretation } = layout;
  const zero = photometricInterpretation === 'MONOCHROME1' ? 255 : 0;
  const data = new Uint8Array(rows * columns);
  let ones = 0;
  for (let i = 0; i < data.length; i++) {
    const bit = (bytes[i >> 3] >> (i & 7)) & 1;
    ones += bit;
    data[i] = bit === 1 ? 255 - zero : zero;
  }
  return ones === 0 || ones === data.length ? [] : [{ width: columns, height: rows, data }];
}

/**
 * Bits that are no part of a sample and yet are set in some: an overlay plane, what somebody hid there, or what a lossy codec overshot.
 * The sign of a signed sample that goes on to the top does not count. 8 and 16 bits allocated only, else 0.
 */
export function strayBitsOf({ layout, bytes }: Frame): number {
  const { bitsAllocated, bitsStored, highBit, isSigned, isFloat } = layout;
  if (bitsAllocated > 16 || bitsAllocated < 8 || bitsStored === bitsAllocated || isFloat) return 0;
  const full = 2 ** bitsAllocated - 1;
  const own = ((1 << bitsStored) - 1) << (highBit + 1 - bitsStored);
  const above = full & ~((2 << highBit) - 1);
  const samples = bitsAllocated === 8 ? bytes : words16(bytes);
  let seen = 0;
  if (!isSigned) {
    for (let i = 0; i < samples.length; i++) seen |= samples[i];
    return seen & full & ~own;
  }
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i];
    const isExtended = ((sample >> highBit) & 1) === 1 && (sample & above) === above;
    seen |= isExtended ? sample & ~above : sample;
  }
  return seen & full & ~own;
}
