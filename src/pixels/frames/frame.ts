// One frame in native form, and how its samples lie in it (PS3.5 8.1.1 and 8.2, PS3.3 C.7.6.3, 2026d).

export interface FrameLayout {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  /** 1, 8, 16, 32 or 64. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly isSigned: boolean;
  /** The samples are IEEE 754 numbers: Float or Double Float Pixel Data. */
  readonly isFloat: boolean;
  /** One plane after the other: Planar Configuration 1. */
  readonly isPlanar: boolean;
  /** Two pixels share their chrominance, Y Y Cb Cr: native YBR_FULL_422. */
  readonly isSubsampled: boolean;
  /** What the samples mean now: a codec may have turned them into RGB. */
  readonly photometricInterpretation: string;
}

export interface Frame {
  readonly index: number;
  readonly layout: FrameLayout;
  /** Words little endian; a picture of one bit a pixel begins at the lowest bit of the first byte. */
  readonly bytes: Buffer;
  /** False when the value ended before the frame did; what is missing is zero. */
  readonly isComplete: boolean;
}

/** Bits of one frame as it is stored. */
export function frameBitsOf(layout: FrameLayout): number {
  const { rows, columns, samplesPerPixel, bitsAllocated, isSubsampled } = layout;
  return rows * columns * (isSubsampled ? 2 : samplesPerPixel) * bitsAllocated;
}

/** The samples as 16-bit words; a copy when they do not begin at an even address. */
export function words16(bytes: Buffer): Uint16Array {
  const count = bytes.length >>> 1;
  if (bytes.byteOffset % 2 === 0) return new Uint16Array(bytes.buffer, bytes.byteOffset, count);
  return new Uint16Array(Uint8Array.from(bytes).buffer, 0, count);
}
