// One encapsulated Pixel Data element to native frames in a file, a frame at a time.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import type { Element } from '../dicom/element.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../dicom/encodings.ts';
import { encodeHeader } from '../dicom/header.ts';
import { TAG } from '../standard/tags.ts';
import type { Codec } from './codecs.ts';
import type { FrameWorker } from './frame-worker.ts';
import { decodeFrame, locateFrames, readEncodedFrame } from './frames/encapsulated-frames.ts';
import { readPixelAttributes } from './pixel-attributes.ts';
import type { PixelAttributes } from './pixel-attributes.ts';
import type { PixelFile } from './pixel-file.ts';

/** What takes part in the decompression of one instance. */
export interface Decompression {
  readonly source: ByteSource;
  readonly codec: Codec;
  readonly worker: FrameWorker;
  readonly file: PixelFile;
  readonly frameTimeoutMs: number;
}

export interface NativePixels {
  /** The native element; its offsets count in the file. */
  readonly element: Element;
  readonly attributes: PixelAttributes;
  readonly photometricInterpretation: string;
  readonly isPlanar: boolean;
}

/** Changes a decoded frame in place before it is written. */
export type FrameChange = (frame: Buffer, index: number) => void;

/**
 * Appends the native element, header included, to the file. `elements` is the data set or item that holds `pixelData` and its attributes.
 * Throws InstanceError `codec-failed`.
 */
export async function decompressPixelData(
  { source, codec, worker, file, frameTimeoutMs }: Decompression,
  elements: readonly Element[],
  pixelData: Element,
  change?: FrameChange,
): Promise<NativePixels> {
  const attributes = readPixelAttributes(source, elements);
  const { rows, columns, bitsAllocated, numberOfFrames } = attributes;
  if (bitsAllocated === 1 && numberOfFrames > 1 && (rows * columns) % 8 !== 0) {
    const message = 'Frames of one bit a pixel do not end at a byte, so that they cannot be joined';
    throw new InstanceError('codec-failed', message);
  }
  const frames = await locateFrames(source, elements, pixelData, codec, attributes);
  const length = frames.decodedBytes * numberOfFrames;
  const vr = bitsAllocated > 8 ? 'OW' : 'OB';
  const start = file.length;
  const header = encodeHeader(EXPLICIT_LITTLE_ENDIAN, TAG.PixelData, vr, length + (length % 2));
  await file.append(header);
  for (let index = 0; index < numberOfFrames; index++) {
    const frame = await decodeFrame(frames, await readEncodedFrame(frames, index), worker, frameTimeoutMs);
    change?.(frame, index);
    await file.append(frame);
  }
  if (length % 2 === 1) await file.append(Buffer.alloc(1));
  return {
    element: {
      tag: TAG.PixelData,
      vr,
      encodedVr: vr,
      start,
      valueStart: start + header.length,
      valueLength: file.length - start - header.length,
      end: file.length,
      hasUndefinedLength: false,
    },
    attributes,
    photometricInterpretation: frames.decodedPhotometricInterpretation,
    isPlanar: attributes.isPlanar && frames.keepsLayout,
  };
}
