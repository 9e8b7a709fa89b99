// One encapsulated Pixel Data element to native frames in a file, a frame at a time.
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import type { Element, Fragment } from '../dicom/element.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../dicom/encodings.ts';
import { encodeHeader } from '../dicom/header.ts';
import { findElement } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';
import type { Codec } from './codecs.ts';
import { decodedPhotometricInterpretation } from './codecs.ts';
import { hasEndMarker, isFrameStart, readCodestreamSize } from './codestream.ts';
import type { CodestreamFormat } from './codestream.ts';
import type { FrameDecoder } from './frame-decoder.ts';
import { mapFrames, readOffsets } from './frame-map.ts';
import type { FrameRange } from './frame-map.ts';
import { nativeFrameBytes, readPixelAttributes } from './pixel-attributes.ts';
import type { PixelAttributes } from './pixel-attributes.ts';
import type { PixelFile } from './pixel-file.ts';

/** What takes part in the decompression of one instance. */
export interface Decompression {
  readonly source: ByteSource;
  readonly codec: Codec;
  readonly decoder: FrameDecoder;
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

/** No frame grows this much when it is compressed: what is longer is no frame. */
const MAX_ENCODED_BYTES = 1024 * 1024 * 1024;
/** Longest start of a frame that is recognised. */
const START_BYTES = 12;

/**
 * Appends the native element, header included, to the file. `elements` is the data set or item that holds `pixelData` and its attributes.
 * Throws InstanceError `codec-failed`.
 */
export async function decompressPixelData(
  decompression: Decompression,
  elements: readonly Element[],
  pixelData: Element,
): Promise<NativePixels> {
  const { source, codec, file } = decompression;
  const attributes = readPixelAttributes(source, elements);
  const photometricInterpretation = decodedPhotometricInterpretation(codec, attributes.photometricInterpretation);
  const frameBytes = frameBytesOf(codec, attributes);
  const frames = await locateFrames(decompression, elements, pixelData, attributes);
  const length = frameBytes * attributes.numberOfFrames;
  const vr = attributes.bitsAllocated > 8 ? 'OW' : 'OB';
  const start = file.length;
  const header = encodeHeader(EXPLICIT_LITTLE_ENDIAN, TAG.PixelData, vr, length + (length % 2));
  await file.append(header);
  const fragments = fragmentsOf(pixelData);
  for (const frame of frames) {
    const encoded = await readFrame(source, fragments, frame);
    await file.append(await decodeFrame(decompression, attributes, encoded, frameBytes));
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
    photometricInterpretation,
    isPlanar: attributes.isPlanar && keepsLayout(codec),
  };
}

function keepsLayout(codec: Codec): boolean {
  return codec.decoder === 'none' || codec.decoder === 'deflate';
}

function frameBytesOf(codec: Codec, attributes: PixelAttributes): number {
  const { rows, columns, bitsAllocated, numberOfFrames, photometricInterpretation } = attributes;
  if (codec.decoder !== 'rle' && !keepsLayout(codec) && bitsAllocated !== 8 && bitsAllocated !== 16) {
    throw new InstanceError('codec-failed', 'The codec takes 8 or 16 bits allocated');
  }
  if (bitsAllocated === 1 && numberOfFrames > 1 && (rows * columns) % 8 !== 0) {
    throw new InstanceError(
      'codec-failed',
      'Frames of one bit a pixel do not end at a byte, so that they cannot be joined',
    );
  }
  // PS3.3 C.7.6.3.1.2: two chrominance samples for two pixels.
  const isSubsampled = keepsLayout(codec) && photometricInterpretation === 'YBR_FULL_422';
  return isSubsampled ? (rows * columns * 2 * bitsAllocated) / 8 : nativeFrameBytes(attributes);
}

/** The fragments that hold frames: the first item is the basic offset table. */
function fragmentsOf(pixelData: Element): readonly Fragment[] {
  return (pixelData.fragments ?? []).slice(1).filter((fragment) => fragment.length > 0);
}

async function locateFrames(
  { source, codec }: Decompression,
  elements: readonly Element[],
  pixelData: Element,
  { numberOfFrames }: PixelAttributes,
): Promise<readonly FrameRange[]> {
  const fragments = fragmentsOf(pixelData);
  const extended = findElement(elements, TAG.ExtendedOffsetTable);
  const tables: (readonly number[])[] = [];
  if (extended !== undefined) tables.push(readOffsets(await source.read(extended.valueStart, extended.valueLength), 8));
  const basic = pixelData.fragments?.at(0);
  if (basic !== undefined) tables.push(readOffsets(await source.read(basic.valueStart, basic.length), 4));
  const format = formatOf(codec);
  if (format === undefined || fragments.length === numberOfFrames) {
    return mapFrames(fragments, numberOfFrames, tables, undefined);
  }
  const starts: boolean[] = [];
  for (const fragment of fragments) {
    starts.push(isFrameStart(format, await source.read(fragment.valueStart, Math.min(START_BYTES, fragment.length))));
  }
  return mapFrames(fragments, numberOfFrames, tables, starts);
}

function formatOf({ decoder }: Codec): CodestreamFormat | undefined {
  return decoder === 'rle' || decoder === 'deflate' || decoder === 'none' ? undefined : decoder;
}

async function readFrame(
  source: ByteSource,
  fragments: readonly Fragment[],
  { first, end }: FrameRange,
): Promise<Buffer> {
  const parts = fragments.slice(first, end);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > MAX_ENCODED_BYTES) throw new InstanceError('codec-failed', 'A compressed frame is longer than 1 GiB');
  // A buffer of its own: it is handed over to the worker.
  const encoded = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const part of parts) at += (await source.read(part.valueStart, part.length)).copy(encoded, at);
  return encoded;
}

async function decodeFrame(
  { codec, decoder, frameTimeoutMs }: Decompression,
  attributes: PixelAttributes,
  encoded: Buffer,
  decodedBytes: number,
): Promise<Buffer> {
  if (codec.decoder === 'none') {
    const surplus = encoded.length - decodedBytes;
    if (surplus !== 0 && surplus !== 1)
      throw new InstanceError('codec-failed', 'A frame is not as long as its attributes say');
    return encoded.subarray(0, decodedBytes);
  }
  const format = formatOf(codec);
  if (format !== undefined) checkCodestream(format, encoded, attributes);
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, isSigned, photometricInterpretation } = attributes;
  const convertToRgb = codec.isLossyJpeg && photometricInterpretation.startsWith('YBR_');
  const shape = { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, isSigned, photometricInterpretation };
  return decoder.decode({ decoder: codec.decoder, encoded, ...shape, convertToRgb, decodedBytes }, frameTimeoutMs);
}

/** The codecs believe the attributes or the codestream, not both: where these differ they read or write past their buffers, or leave a part empty. */
function checkCodestream(format: CodestreamFormat, encoded: Buffer, attributes: PixelAttributes): void {
  const size = readCodestreamSize(format, encoded);
  if (size === undefined) throw new InstanceError('codec-failed', 'A frame does not begin as its transfer syntax says');
  const isAsStated =
    size.rows === attributes.rows &&
    size.columns === attributes.columns &&
    (size.components ?? attributes.samplesPerPixel) === attributes.samplesPerPixel &&
    (size.bitsPerSample ?? 1) <= attributes.bitsAllocated;
  if (!isAsStated)
    throw new InstanceError('codec-failed', 'The size of a compressed frame is not that of the attributes');
  // The decoder of HTJ2K fills up what is missing without a word; the others say so.
  if (format === 'ht-jpeg-2000' && !hasEndMarker(encoded)) {
    throw new InstanceError('codec-failed', 'A compressed frame ends before its end marker');
  }
}
