// Rectangles of a frame as patches of its bytes, for every way in which samples can lie (PS3.5 8.1.1 and 8.2, PS3.3 C.7.6.3.1, 2026d).
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';
import type { FrameLayout } from '../frames/frame.ts';
import type { Fill } from './fill.ts';
import type { Patch } from './patches.ts';

/** Whole pixels inside the frame: fractions widen a rectangle. Undefined when nothing of it is inside. */
export function clipped(rectangle: Rectangle, columns: number, rows: number): Rectangle | undefined {
  const x = Math.max(0, Math.floor(rectangle.x));
  const y = Math.max(0, Math.floor(rectangle.y));
  const width = Math.min(columns, Math.ceil(rectangle.x + rectangle.width)) - x;
  const height = Math.min(rows, Math.ceil(rectangle.y + rectangle.height)) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/**
 * What fills the rectangle. Offsets count from the first byte of the frame; `firstBit` is where a frame of single bits begins in it.
 * `keptBits` stay as they are in every sample: overlay planes in them are blanked by themselves.
 */
export function regionPatches(
  layout: FrameLayout,
  rectangle: Rectangle,
  fill: Fill,
  keptBits = 0,
  firstBit = 0,
): readonly Patch[] {
  const { columns, rows, bitsAllocated, samplesPerPixel, isPlanar, isSubsampled } = layout;
  const region = clipped(rectangle, columns, rows);
  if (region === undefined) return [];
  if (bitsAllocated === 1) {
    if (samplesPerPixel !== 1) throw new InstanceError('codec-failed', 'A colour image has single bits');
    return bitPatches(columns, region, fill[0][0], firstBit);
  }
  const { x, y, width, height } = region;
  const wordBytes = bitsAllocated / 8;
  const run = (pattern: Buffer, pixelBytes: number, from: number, until: number, plane: number): Patch => ({
    start: plane + y * columns * pixelBytes + from * pixelBytes,
    runBytes: (until - from) * pixelBytes,
    strideBytes: columns * pixelBytes,
    runs: height,
    pattern,
    mask: keptBits === 0 ? undefined : maskOf(pattern.length, wordBytes, ~keptBits),
  });
  if (isSubsampled) {
    // A pair of pixels goes as a whole: Y Y Cb Cr.
    const even = x - (x % 2);
    const pattern = Buffer.concat([fill[0], ...fill]);
    return [run(pattern, 2 * wordBytes, even, Math.min(columns, x + width + ((x + width) % 2)), 0)];
  }
  if (!isPlanar) return [run(Buffer.concat(fill), samplesPerPixel * wordBytes, x, x + width, 0)];
  const planeBytes = rows * columns * wordBytes;
  return fill.map((pattern, plane) => run(pattern, wordBytes, x, x + width, plane * planeBytes));
}

/** Sets these bits of every sample in the rectangle to 0. */
export function clearPatches(layout: FrameLayout, rectangle: Rectangle, bits: number): readonly Patch[] {
  const zero = Array.from({ length: layout.samplesPerPixel }, () => Buffer.alloc(layout.bitsAllocated / 8));
  return regionPatches(layout, rectangle, zero, ~bits);
}

function maskOf(length: number, wordBytes: number, bits: number): Buffer {
  const mask = Buffer.alloc(length);
  for (let i = 0; i < length; i++) mask[i] = wordBytes > 4 ? 0xff : (bits >> (8 * (i % wordBytes))) & 0xff;
  return mask;
}

/** Rows of single bits, the first pixel in the lowest one, begin and end inside bytes. */
function bitPatches(columns: number, region: Rectangle, byte: number, firstBit: number): readonly Patch[] {
  const patches: Patch[] = [];
  for (let y = region.y; y < region.y + region.height; y++) {
    const from = firstBit + y * columns + region.x;
    addBits(patches, from, from + region.width, byte);
  }
  return patches;
}

function addBits(patches: Patch[], from: number, until: number, byte: number): void {
  const first = from >> 3;
  const last = (until - 1) >> 3;
  const head = (0xff << (from & 7)) & 0xff;
  const tail = 0xff >> (7 - ((until - 1) & 7));
  const one = (at: number, mask: number): Patch => ({
    start: at,
    runBytes: 1,
    strideBytes: 1,
    runs: 1,
    pattern: Buffer.from([byte]),
    mask: Buffer.from([mask]),
  });
  if (first === last) {
    patches.push(one(first, head & tail));
    return;
  }
  patches.push(one(first, head));
  if (last - first > 1) {
    const runBytes = last - first - 1;
    patches.push({ start: first + 1, runBytes, strideBytes: runBytes, runs: 1, pattern: Buffer.from([byte]) });
  }
  patches.push(one(last, tail));
}
