// Which codec decodes which transfer syntax, and what photometric interpretation comes out (PS3.5 8.2 and A.4, 2026d).
import { InstanceError } from '../core/errors.ts';
import type { CodestreamFormat } from './codestream.ts';

/** The decoders there are: those of dcmjs-codecs by format, and three that need no codec. */
export type Decoder = CodestreamFormat | 'rle' | 'deflate' | 'none';

export interface Codec {
  readonly decoder: Decoder;
  /** The format stores colour as luminance and chrominance, which come out as RGB. */
  readonly isLossyJpeg: boolean;
}

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ['1.2.840.10008.1.2.1.98', { decoder: 'none', isLossyJpeg: false }],
  ['1.2.840.10008.1.2.5', { decoder: 'rle', isLossyJpeg: false }],
  ['1.2.840.10008.1.2.8.1', { decoder: 'deflate', isLossyJpeg: false }],
  ...jpeg(true, ['50', '51', '52', '53', '54', '55', '56']),
  ...jpeg(false, ['57', '58', '70']),
  ...named('jpeg-ls', ['80', '81']),
  ...named('jpeg-2000', ['90', '91']),
  ...named('jpeg-xl', ['110', '111', '112']),
  ...named('ht-jpeg-2000', ['201', '202', '203']),
]);

function named(decoder: Decoder, suffixes: readonly string[]): [string, Codec][] {
  return suffixes.map((suffix) => [`1.2.840.10008.1.2.4.${suffix}`, { decoder, isLossyJpeg: false }]);
}

function jpeg(isLossyJpeg: boolean, suffixes: readonly string[]): [string, Codec][] {
  return suffixes.map((suffix) => [`1.2.840.10008.1.2.4.${suffix}`, { decoder: 'jpeg', isLossyJpeg }]);
}

/** True when `decompress` can take pixel data of this transfer syntax apart. Video and JPIP cannot. */
export function canDecompress(transferSyntaxUid: string): boolean {
  return CODECS.has(transferSyntaxUid);
}

/** Throws InstanceError `unsupported-transfer-syntax`. */
export function requireCodec(transferSyntaxUid: string): Codec {
  const codec = CODECS.get(transferSyntaxUid);
  if (codec === undefined) {
    throw new InstanceError(
      'unsupported-transfer-syntax',
      'No codec here decodes the transfer syntax of this instance',
    );
  }
  return codec;
}

/**
 * Photometric Interpretation of what the codec gives. The inverse colour transform of JPEG 2000 and JPEG XL is part of decoding; lossy JPEG is
 * asked to undo its own, which most viewers need. What was compressed without a transform keeps its name, and is not subsampled any more.
 */
export function decodedPhotometricInterpretation(codec: Codec, original: string): string {
  if (!original.startsWith('YBR_')) return original;
  if (codec.decoder === 'none' || codec.decoder === 'deflate') return original;
  if (codec.isLossyJpeg || codec.decoder === 'jpeg-xl' || original === 'YBR_RCT' || original === 'YBR_ICT')
    return 'RGB';
  return original === 'YBR_FULL_422' ? 'YBR_FULL' : original;
}
