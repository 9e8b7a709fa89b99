// What passes between the frame decoder and its worker thread.
import type { CodestreamFormat } from './codestream.ts';

export interface FrameJob {
  readonly decoder: CodestreamFormat | 'rle' | 'deflate';
  readonly encoded: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly isSigned: boolean;
  readonly photometricInterpretation: string;
  readonly convertToRgb: boolean;
  /** Length that the decoded frame must have. */
  readonly decodedBytes: number;
}

export type FrameAnswer =
  | { readonly kind: 'decoded'; readonly frame: Uint8Array }
  /** The codec gave up, or gave something else than was asked for. The thread is not to be used again. */
  | { readonly kind: 'failed' };
