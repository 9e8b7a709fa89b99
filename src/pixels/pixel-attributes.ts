// The Image Pixel attributes that say how frames are laid out (PS3.3 C.7.6.3, 2026d), checked before anything is decoded.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import type { Element } from '../dicom/element.ts';
import { findElement, trimPadding, valueBytes } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

export interface PixelAttributes {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  /** Place of the most significant bit of a sample; one less than `bitsStored` in all that is not retired. */
  readonly highBit: number;
  readonly isSigned: boolean;
  readonly isPlanar: boolean;
  readonly photometricInterpretation: string;
  readonly numberOfFrames: number;
}

/** More than any frame of any modality; twice of it fits the codecs' memory. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024;
/** Longer than any value that is read here: what exceeds it may not even be in memory. */
const MAX_ATTRIBUTE_BYTES = 64;
/** The longest value of even length that a native element can state (PS3.5 7.1.1). */
const MAX_VALUE_BYTES = 0xfffffffe;

/**
 * Reads the attributes of the data set or item that holds the pixel data; little endian, as every encapsulated transfer syntax is, unless told otherwise.
 * Throws InstanceError `codec-failed` when they are missing or describe more than 512 MiB a frame or 4 GiB in all.
 */
export function readPixelAttributes(
  source: ByteSource,
  elements: readonly Element[],
  isBigEndian = false,
): PixelAttributes {
  const number = (tag: number): number | undefined => {
    const element = findElement(elements, tag);
    if (element === undefined || element.valueLength < 2 || element.valueLength > MAX_ATTRIBUTE_BYTES) return undefined;
    const value = valueBytes({ source }, element);
    return isBigEndian ? value.readUInt16BE(0) : value.readUInt16LE(0);
  };
  const text = (tag: number): string => {
    const element = findElement(elements, tag);
    if (element === undefined) return '';
    if (element.valueLength > MAX_ATTRIBUTE_BYTES) return '?';
    return trimPadding(valueBytes({ source }, element)).toString('latin1').trim();
  };
  const bitsAllocated = number(TAG.BitsAllocated) ?? 0;
  const bitsStored = number(TAG.BitsStored) ?? bitsAllocated;
  const highBit = number(TAG.HighBit) ?? bitsStored - 1;
  const attributes: PixelAttributes = {
    rows: number(TAG.Rows) ?? 0,
    columns: number(TAG.Columns) ?? 0,
    samplesPerPixel: number(TAG.SamplesPerPixel) ?? 1,
    bitsAllocated,
    bitsStored,
    highBit: isPlace(highBit, bitsStored, bitsAllocated) ? highBit : bitsStored - 1,
    isSigned: number(TAG.PixelRepresentation) === 1,
    isPlanar: number(TAG.PlanarConfiguration) === 1,
    photometricInterpretation: text(TAG.PhotometricInterpretation),
    numberOfFrames: frameCount(text(TAG.NumberOfFrames)),
  };
  check(attributes);
  return attributes;
}

function isPlace(highBit: number, bitsStored: number, bitsAllocated: number): boolean {
  return highBit >= bitsStored - 1 && highBit < bitsAllocated;
}

function frameCount(text: string): number {
  if (text === '') return 1;
  return /^\+?\d{1,10}$/.test(text) ? Number(text) : 0;
}

function check(attributes: PixelAttributes): void {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, numberOfFrames } = attributes;
  const isWhole =
    rows > 0 &&
    columns > 0 &&
    numberOfFrames > 0 &&
    (samplesPerPixel === 1 || samplesPerPixel === 3) &&
    [1, 8, 16, 32, 64].includes(bitsAllocated) &&
    bitsStored > 0 &&
    bitsStored <= bitsAllocated;
  if (!isWhole) {
    throw new InstanceError('codec-failed', 'The attributes that describe the pixel data are missing or out of range');
  }
  const frameBytes = nativeFrameBytes(attributes);
  if (frameBytes > MAX_FRAME_BYTES || frameBytes * numberOfFrames > MAX_VALUE_BYTES) {
    throw new InstanceError('codec-failed', 'The pixel data would be larger than a native element or a codec can hold');
  }
}

/** Bytes of one frame when decoded, every sample stored. */
export function nativeFrameBytes({ rows, columns, samplesPerPixel, bitsAllocated }: PixelAttributes): number {
  return Math.ceil((rows * columns * samplesPerPixel * bitsAllocated) / 8);
}
