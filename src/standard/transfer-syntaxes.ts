// The transfer syntaxes of PS3.6 Table A-1 (2026d) and how each encodes a data set (PS3.5 section 10, Annex A).

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly isImplicitVr: boolean;
  readonly isBigEndian: boolean;
  /** The whole data set is one deflated stream (PS3.5 A.5); not true of single deflated frames. */
  readonly isDeflated: boolean;
  /** Pixel Data is a sequence of fragments (PS3.5 A.4). */
  readonly isEncapsulated: boolean;
}

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';

type Kind = 'implicit' | 'explicit' | 'big-endian' | 'deflated' | 'encapsulated';

function syntax(kind: Kind, uid: string, name: string): TransferSyntax {
  return {
    uid,
    name,
    isImplicitVr: kind === 'implicit',
    isBigEndian: kind === 'big-endian',
    isDeflated: kind === 'deflated',
    isEncapsulated: kind === 'encapsulated',
  };
}

/**
 * Every transfer syntax that encodes a data set by the rules of PS3.5, retired ones included. JPIP and SMPTE ST 2110
 * carry the pixels elsewhere, so that their data sets are plain explicit VR. RFC 2557 MIME encapsulation and XML Encoding
 * (both retired) are absent: they are no PS3.5 encoding, and what is absent here is unsupported.
 */
export const TRANSFER_SYNTAXES: readonly TransferSyntax[] = [
  syntax('implicit', IMPLICIT_VR_LITTLE_ENDIAN, 'Implicit VR Little Endian'),
  syntax('explicit', EXPLICIT_VR_LITTLE_ENDIAN, 'Explicit VR Little Endian'),
  syntax('encapsulated', '1.2.840.10008.1.2.1.98', 'Encapsulated Uncompressed Explicit VR Little Endian'),
  syntax('deflated', DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, 'Deflated Explicit VR Little Endian'),
  syntax('big-endian', EXPLICIT_VR_BIG_ENDIAN, 'Explicit VR Big Endian'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.50', 'JPEG Baseline (Process 1)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.51', 'JPEG Extended (Process 2 and 4)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.52', 'JPEG Extended (Process 3 and 5)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.53', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.54', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.55', 'JPEG Full Progression, Non-Hierarchical (Process 10 and 12)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.56', 'JPEG Full Progression, Non-Hierarchical (Process 11 and 13)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.57', 'JPEG Lossless, Non-Hierarchical (Process 14)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.58', 'JPEG Lossless, Non-Hierarchical (Process 15)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.59', 'JPEG Extended, Hierarchical (Process 16 and 18)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.60', 'JPEG Extended, Hierarchical (Process 17 and 19)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.61', 'JPEG Spectral Selection, Hierarchical (Process 20 and 22)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.62', 'JPEG Spectral Selection, Hierarchical (Process 21 and 23)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.63', 'JPEG Full Progression, Hierarchical (Process 24 and 26)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.64', 'JPEG Full Progression, Hierarchical (Process 25 and 27)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.65', 'JPEG Lossless, Hierarchical (Process 28)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.66', 'JPEG Lossless, Hierarchical (Process 29)'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.70',
    'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless Image Compression'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.81', 'JPEG-LS Lossy (Near-Lossless) Image Compression'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.90', 'JPEG 2000 Image Compression (Lossless Only)'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.91', 'JPEG 2000 Image Compression'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.92',
    'JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2 Multi-component Image Compression'),
  syntax('explicit', '1.2.840.10008.1.2.4.94', 'JPIP Referenced'),
  syntax('deflated', '1.2.840.10008.1.2.4.95', 'JPIP Referenced Deflate'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile / Main Level'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.100.1', 'Fragmentable MPEG2 Main Profile / Main Level'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.101', 'MPEG2 Main Profile / High Level'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.101.1', 'Fragmentable MPEG2 Main Profile / High Level'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.102', 'MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.102.1', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.103', 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.103.1',
    'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.104', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.104.1',
    'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.105', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.105.1',
    'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.106', 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.106.1', 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.107', 'HEVC/H.265 Main Profile / Level 5.1'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.108', 'HEVC/H.265 Main 10 Profile / Level 5.1'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.110', 'JPEG XL Lossless'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.111', 'JPEG XL JPEG Recompression'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.112', 'JPEG XL'),
  syntax('encapsulated', '1.2.840.10008.1.2.4.201', 'High-Throughput JPEG 2000 Image Compression (Lossless Only)'),
  syntax(
    'encapsulated',
    '1.2.840.10008.1.2.4.202',
    'High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)',
  ),
  syntax('encapsulated', '1.2.840.10008.1.2.4.203', 'High-Throughput JPEG 2000 Image Compression'),
  syntax('explicit', '1.2.840.10008.1.2.4.204', 'JPIP HTJ2K Referenced'),
  syntax('deflated', '1.2.840.10008.1.2.4.205', 'JPIP HTJ2K Referenced Deflate'),
  syntax('encapsulated', '1.2.840.10008.1.2.5', 'RLE Lossless'),
  syntax('explicit', '1.2.840.10008.1.2.7.1', 'SMPTE ST 2110-20 Uncompressed Progressive Active Video'),
  syntax('explicit', '1.2.840.10008.1.2.7.2', 'SMPTE ST 2110-20 Uncompressed Interlaced Active Video'),
  syntax('explicit', '1.2.840.10008.1.2.7.3', 'SMPTE ST 2110-30 PCM Digital Audio'),
  syntax('encapsulated', '1.2.840.10008.1.2.8.1', 'Deflated Image Frame Compression'),
  syntax('implicit', '1.2.840.10008.1.20', 'Papyrus 3 Implicit VR Little Endian'),
];

const BY_UID: ReadonlyMap<string, TransferSyntax> = new Map(TRANSFER_SYNTAXES.map((row) => [row.uid, row]));

/** The transfer syntax of this UID (no padding), or undefined when PS3.6 does not define it as an encoding of data sets. */
export function findTransferSyntax(uid: string): TransferSyntax | undefined {
  return BY_UID.get(uid);
}
