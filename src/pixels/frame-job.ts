// What passes between a frame worker and its thread.
import type { CodestreamFormat } from './codestream.ts';

interface FrameShape {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly isSigned: boolean;
}

export interface DecodeJob extends FrameShape {
  readonly kind: 'decode';
  readonly decoder: CodestreamFormat | 'rle' | 'deflate';
  readonly bytes: Uint8Array;
  readonly photometricInterpretation: string;
  readonly convertToRgb: boolean;
  /** Length that the decoded frame must have. */
  readonly decodedBytes: number;
}

/** Encodes without loss, decodes what came out again and answers only when it is the same. */
export interface EncodeJob extends FrameShape {
  readonly kind: 'encode';
  readonly decoder: CodestreamFormat | 'rle' | 'deflate';
  /** The frame in native form, samples interleaved (for `deflate` in any layout), words little endian. */
  readonly bytes: Uint8Array;
  /** Use the reversible colour transform of JPEG 2000. */
  readonly transformsColour: boolean;
}

/** Puts rectangles of a lossy JPEG to one colour; blocks that none of them touches keep their coefficients. */
export interface RetouchJob {
  readonly kind: 'retouch';
  readonly bytes: Uint8Array;
  /** x, y, width, height of each. */
  readonly rectangles: readonly (readonly [number, number, number, number])[];
  readonly fill: 'black' | 'white';
  /** Three components are red, green and blue as the data set says; else, and where the stream says so itself, luminance and chrominance. */
  readonly isRgb: boolean;
}

export type FrameJob = DecodeJob | EncodeJob | RetouchJob;

export type FrameAnswer =
  | { readonly kind: 'done'; readonly frame: Uint8Array }
  /** The codec cannot do this, without harm to the thread: the encoder lost something, or the JPEG is of a kind that cannot be retouched. */
  | { readonly kind: 'declined' }
  /** The codec gave up, or gave something else than was asked for. The thread is not to be used again. */
  | { readonly kind: 'failed' };
