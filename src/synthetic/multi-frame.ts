// A multi-frame instance of any size that is never in memory as a whole (Multi-frame Grayscale Word Secondary Capture, PS3.3 A.8.4, 2026d).
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { chooseStudy, ctDevice } from './ct.ts';
import { createRandom } from './random.ts';
import { beginInstance } from './study.ts';

const MULTIFRAME_GRAYSCALE_WORD = '1.2.840.10008.5.1.4.1.1.7.3';
const ROWS = 1024;
const COLUMNS = 1024;
const FRAME_BYTES = ROWS * COLUMNS * 2;
/** Longest even value length that is not the undefined one. */
const MAX_PIXEL_BYTES = 0xfffffffe;

export interface StreamedInstance {
  /** Everything up to the first pixel byte. */
  readonly header: Buffer;
  /** Bytes of pixel data that follow the header: whole frames of 2 MiB, at least as many as asked for. */
  readonly pixelBytes: number;
  /** Fills `chunk` with the pixel bytes from `offset` on. The same offset always gives the same bytes. */
  readonly fill: (chunk: Buffer, offset: number) => void;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

/** Throws RangeError above 4 GiB, the most that one native Pixel Data element holds. */
export function buildMultiframe(options: { readonly pixelBytes: number; readonly seed?: number }): StreamedInstance {
  const { seed = 1 } = options;
  const frames = Math.max(2, Math.ceil(options.pixelBytes / FRAME_BYTES));
  const pixelBytes = frames * FRAME_BYTES;
  if (pixelBytes > MAX_PIXEL_BYTES) throw new RangeError('native pixel data hold less than 4 GiB');
  const random = createRandom(seed);
  const study = chooseStudy(seed, 0, 8, 'Cine capture', random);
  const sopInstanceUid = `${study.uid}.1.1`;
  const series = {
    study,
    uid: `${study.uid}.1`,
    number: 1,
    modality: 'OT',
    description: 'Cine',
    device: ctDevice(random),
    startSecond: 60,
  };
  const header = beginInstance(series, MULTIFRAME_GRAYSCALE_WORD, sopInstanceUid, 1)
    .putAll({
      ImageType: ['DERIVED', 'SECONDARY'],
      ConversionType: 'WSD',
      FrameTime: '40',
      Laterality: undefined,
      PatientOrientation: undefined,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      NumberOfFrames: frames,
      FrameIncrementPointer: 0x0018_1063,
      Rows: ROWS,
      Columns: COLUMNS,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      BurnedInAnnotation: 'NO',
      RescaleIntercept: '0',
      RescaleSlope: '1',
      RescaleType: 'US',
      PresentationLUTShape: 'IDENTITY',
    })
    .toFileHead(EXPLICIT_VR_LITTLE_ENDIAN, 'OW', pixelBytes);
  return {
    header,
    pixelBytes,
    fill,
    sopClassUid: MULTIFRAME_GRAYSCALE_WORD,
    sopInstanceUid,
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
  };
}

/** A ramp of 16-bit words, little endian; its prime period keeps it from repeating at frame or chunk borders. */
const RAMP = Buffer.from(Uint16Array.from({ length: 65_521 }, (_, i) => i).buffer);

function fill(chunk: Buffer, offset: number): void {
  let from = offset % RAMP.length;
  for (let at = 0; at < chunk.length; from = 0) at += RAMP.copy(chunk, at, from);
}
