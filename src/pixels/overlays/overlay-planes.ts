// Overlay planes (PS3.3 C.9.2, 2026d; embedded in unused bits of the pixels until 2004, PS3.5 8.1.2) as pictures of black and white.
import type { GrayPicture } from '../../core/picture.ts';
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { DataSet, Element } from '../../dicom/element.ts';
import { findElement, trimPadding, valueBytes } from '../../dicom/values.ts';
import { TAG } from '../../standard/tags.ts';
import { words16 } from '../frames/frame.ts';
import type { Frame } from '../frames/frame.ts';

export interface OverlayPlane {
  /** 0x6000 to 0x60FE, even (PS3.5 7.6). */
  readonly group: number;
  readonly rows: number;
  readonly columns: number;
  readonly frameCount: number;
  /** Column and row of the image, from 0, that the first pixel lies on. */
  readonly origin: { readonly x: number; readonly y: number };
  /** Frame of the image, from 0, that the first frame of the plane lies on. */
  readonly firstImageFrame: number;
  /** Overlay Data; undefined when the plane is in the pixels. */
  readonly data: Element | undefined;
  /** The bit of each pixel that holds the plane, from 0; undefined when it has data of its own. */
  readonly bitPosition: number | undefined;
}

/** A plane longer than this is no drawing. */
const MAX_PLANE_BYTES = 256 * 1024 * 1024;
const MAX_ATTRIBUTE_BYTES = 64;

/** The planes of a data set that have bits. Throws InstanceError `codec-failed` when one is not described, or shorter than it is said to be. */
export function overlayPlanesOf(dataSet: DataSet): readonly OverlayPlane[] {
  const groups = new Set(dataSet.elements.filter(({ tag }) => tag >>> 24 === 0x60).map(({ tag }) => tag >>> 16));
  return [...groups].filter((group) => group % 2 === 0).flatMap((group) => planeOf(dataSet, group) ?? []);
}

/** The planes that can be looked at, and the groups of those that cannot: not described, shorter or longer than they are said to be. */
export function sortPlanes(dataSet: DataSet): {
  readonly planes: readonly OverlayPlane[];
  readonly broken: ReadonlySet<number>;
} {
  const planes: OverlayPlane[] = [];
  const broken = new Set<number>();
  for (const { tag } of dataSet.elements) {
    const group = tag >>> 16;
    if (tag >>> 24 !== 0x60 || group % 2 !== 0 || broken.has(group) || planes.some((plane) => plane.group === group))
      continue;
    try {
      const plane = planeOf(dataSet, group);
      if (plane === undefined) continue;
      // What lies behind the drawing is shown by nobody, and may say anything.
      if (plane.data !== undefined && plane.data.valueLength > evenBytesOf(plane)) broken.add(group);
      else planes.push(plane);
    } catch (error) {
      if (!(error instanceof InstanceError)) throw error;
      broken.add(group);
    }
  }
  return { planes, broken };
}

function evenBytesOf({ rows, columns, frameCount }: OverlayPlane): number {
  return 2 * Math.ceil((rows * columns * frameCount) / 16);
}

function planeOf(dataSet: DataSet, group: number): OverlayPlane | undefined {
  const { elements, encoding } = dataSet;
  const find = (tag: number): Element | undefined => findElement(elements, withGroup(tag, group));
  const words = (tag: number): readonly number[] => {
    const element = find(tag);
    if (element === undefined || element.valueLength > MAX_ATTRIBUTE_BYTES) return [];
    const bytes = valueBytes(dataSet, element);
    return Array.from({ length: bytes.length >> 1 }, (_, i) =>
      encoding.isBigEndian ? bytes.readInt16BE(i * 2) : bytes.readInt16LE(i * 2),
    );
  };
  const data = find(TAG.OverlayData);
  const rows = (words(TAG.OverlayRows)[0] ?? 0) & 0xffff;
  const columns = (words(TAG.OverlayColumns)[0] ?? 0) & 0xffff;
  const bitPosition = words(TAG.OverlayBitPosition)[0] ?? 0;
  const isEmbedded = (data?.valueLength ?? 0) === 0;
  // Some writers describe planes that they never draw: bit 0 of the pixels is the image's own.
  if (isEmbedded && bitPosition === 0) return undefined;
  const frameCount = countOf(dataSet, find(TAG.NumberOfFramesInOverlay));
  const origin = words(TAG.OverlayOrigin);
  const plane: OverlayPlane = {
    group,
    rows,
    columns,
    frameCount,
    origin: { x: (origin.at(1) ?? 1) - 1, y: (origin.at(0) ?? 1) - 1 },
    firstImageFrame: Math.max(0, ((words(0x60000051)[0] ?? 1) & 0xffff) - 1),
    data: isEmbedded ? undefined : data,
    bitPosition: isEmbedded ? bitPosition : undefined,
  };
  check(plane);
  return plane;
}

function countOf(dataSet: DataSet, element: Element | undefined): number {
  if (element === undefined || element.valueLength === 0) return 1;
  if (element.valueLength > MAX_ATTRIBUTE_BYTES) return 0;
  const text = trimPadding(valueBytes(dataSet, element)).toString('latin1').trim();
  return /^\+?\d{1,6}$/.test(text) ? Number(text) : 0;
}

function check({ rows, columns, frameCount, data, bitPosition }: OverlayPlane): void {
  if (bitPosition !== undefined) {
    if (bitPosition < 0 || bitPosition > 15)
      throw damaged('An overlay plane is said to be in a bit that pixels do not have');
    return;
  }
  if (rows === 0 || columns === 0 || frameCount === 0) throw damaged('An overlay plane does not say how large it is');
  const bytes = Math.ceil((rows * columns * frameCount) / 8);
  if (bytes > MAX_PLANE_BYTES) throw damaged('An overlay plane is too large');
  if ((data?.valueLength ?? 0) < bytes) throw damaged('An overlay plane is shorter than it says');
}

function damaged(message: string): InstanceError {
  return new InstanceError('codec-failed', message);
}

/** A tag of the repeating group 60xx in one of its groups. */
export function withGroup(tag: number, group: number): number {
  return group * 0x10000 + (tag & 0xffff);
}

/** One frame of a plane with data of its own, 255 where a bit is set; undefined when none or all are. Rejects as the source does. */
export async function overlayPicture(
  dataSet: { readonly source: ByteSource; readonly encoding: DataSet['encoding'] },
  plane: OverlayPlane,
  frame: number,
): Promise<GrayPicture | undefined> {
  const { rows, columns, data } = plane;
  if (data === undefined) throw new RangeError('a plane in the bits of the pixels is read from their frames');
  const bits = await readOverlayBits(dataSet, data);
  const first = frame * rows * columns;
  return blackAndWhite(columns, rows, (i) => (bits[(first + i) >> 3] >> ((first + i) & 7)) & 1);
}

/** The value with its bits in ascending order: the bytes of big endian words turned. */
export async function readOverlayBits(
  { source, encoding }: { readonly source: ByteSource; readonly encoding: DataSet['encoding'] },
  data: Element,
): Promise<Buffer> {
  const bytes = Buffer.from(await source.read(data.valueStart, data.valueLength));
  return isTurned(encoding.isBigEndian, data) ? bytes.subarray(0, bytes.length & ~1).swap16() : bytes;
}

export function isTurned(isBigEndian: boolean, data: Element): boolean {
  return isBigEndian && data.vr === 'OW' && data.encodedVr !== 'UN';
}

/** A plane in the bits of a frame; also any other bit that samples leave free. 255 where it is set; undefined where none or all are. */
export function bitPicture({ layout, bytes }: Frame, bit: number): GrayPicture | undefined {
  const { bitsAllocated, samplesPerPixel, rows, columns } = layout;
  if (samplesPerPixel !== 1 || (bitsAllocated !== 8 && bitsAllocated !== 16)) {
    throw new InstanceError('codec-failed', 'Overlay planes are in the bits of gray pixels of 8 or 16 bits only');
  }
  const samples = bitsAllocated === 8 ? bytes : words16(bytes);
  return blackAndWhite(columns, rows, (i) => (samples[i] >> bit) & 1);
}

function blackAndWhite(width: number, height: number, bitAt: (index: number) => number): GrayPicture | undefined {
  const data = new Uint8Array(width * height);
  let ones = 0;
  for (let i = 0; i < data.length; i++) {
    const bit = bitAt(i);
    ones += bit;
    data[i] = -bit;
  }
  return ones === 0 || ones === data.length ? undefined : { width, height, data };
}
