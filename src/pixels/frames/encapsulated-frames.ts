// Frames of encapsulated pixel data (PS3.5 A.4, 2026d): where each one is, its bytes as they are, and decoded.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { Element, Fragment } from '../../dicom/element.ts';
import { findElement } from '../../dicom/values.ts';
import { TAG } from '../../standard/tags.ts';
import { decodedPhotometricInterpretation } from '../codecs.ts';
import type { Codec } from '../codecs.ts';
import { hasEndMarker, isFrameStart, readCodestreamSize } from '../codestream.ts';
import type { CodestreamFormat } from '../codestream.ts';
import type { FrameWorker } from '../frame-worker.ts';
import { mapFrames, readOffsets } from '../frame-map.ts';
import type { FrameRange } from '../frame-map.ts';
import { nativeFrameBytes } from '../pixel-attributes.ts';
import type { PixelAttributes } from '../pixel-attributes.ts';

/** No frame grows this much when it is compressed: what is longer is no frame. */
const MAX_ENCODED_BYTES = 1024 * 1024 * 1024;
/** Decoded bytes of a frame that are taken whatever it was compressed to, blank ones among them; a codec takes eight times of them. */
const FREE_DECODED_BYTES = 64 * 1024 * 1024;
/** Beyond these, decoded bytes for each compressed one: a picture does not shrink as far, a bomb does (RELIABILITY.md, G6). */
const MAX_RATIO = 100;
/** Longest start of a frame that is recognised. */
const START_BYTES = 12;

export interface EncapsulatedFrames {
  readonly source: ByteSource;
  readonly codec: Codec;
  /** As the data set states them. */
  readonly attributes: PixelAttributes;
  /** The fragments that hold frames: not the basic offset table, none that is empty. */
  readonly fragments: readonly Fragment[];
  readonly ranges: readonly FrameRange[];
  /** Length of each frame when decoded. */
  readonly decodedBytes: number;
  readonly decodedPhotometricInterpretation: string;
  /** The format stores the samples as native pixel data do, Planar Configuration and subsampling included. */
  readonly keepsLayout: boolean;
}

/** Finds the frames. `elements` is the data set or item that holds `pixelData`. Throws InstanceError `codec-failed`. */
export async function locateFrames(
  source: ByteSource,
  elements: readonly Element[],
  pixelData: Element,
  codec: Codec,
  attributes: PixelAttributes,
): Promise<EncapsulatedFrames> {
  const keepsLayout = codec.decoder === 'none' || codec.decoder === 'deflate';
  const fragments = (pixelData.fragments ?? []).slice(1).filter((fragment) => fragment.length > 0);
  return {
    source,
    codec,
    attributes,
    fragments,
    ranges: await rangesOf(source, elements, pixelData, codec, attributes.numberOfFrames, fragments),
    decodedBytes: decodedBytesOf(codec, keepsLayout, attributes),
    decodedPhotometricInterpretation: decodedPhotometricInterpretation(codec, attributes.photometricInterpretation),
    keepsLayout,
  };
}

function decodedBytesOf(codec: Codec, keepsLayout: boolean, attributes: PixelAttributes): number {
  const { rows, columns, bitsAllocated, photometricInterpretation } = attributes;
  if (codec.decoder !== 'rle' && !keepsLayout && bitsAllocated !== 8 && bitsAllocated !== 16) {
    throw new InstanceError('codec-failed', 'The codec takes 8 or 16 bits allocated');
  }
  // PS3.3 C.7.6.3.1.2: two chrominance samples for two pixels.
  const isSubsampled = keepsLayout && photometricInterpretation.endsWith('_422');
  return isSubsampled ? (rows * columns * 2 * bitsAllocated) / 8 : nativeFrameBytes(attributes);
}

async function rangesOf(
  source: ByteSource,
  elements: readonly Element[],
  pixelData: Element,
  codec: Codec,
  numberOfFrames: number,
  fragments: readonly Fragment[],
): Promise<readonly FrameRange[]> {
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

export function formatOf({ decoder }: Codec): CodestreamFormat | undefined {
  return decoder === 'rle' || decoder === 'deflate' || decoder === 'none' ? undefined : decoder;
}

/**
 * The bytes of one frame as they are, its fragments joined, in a buffer of its own. Throws InstanceError `codec-failed`, with the frame and the byte
 * where it begins, when it is not what transfer syntax and attributes say.
 */
export async function readEncodedFrame(frames: EncapsulatedFrames, index: number): Promise<Buffer> {
  const { first, end } = frames.ranges[index];
  const parts = frames.fragments.slice(first, end);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > MAX_ENCODED_BYTES) throw new InstanceError('codec-failed', 'A compressed frame is longer than 1 GiB');
  if (frames.decodedBytes > Math.max(FREE_DECODED_BYTES, MAX_RATIO * length))
    throw new InstanceError('codec-failed', 'A compressed frame would grow more than a hundredfold, beyond 64 MiB');
  // A buffer of its own: it is handed over to the worker.
  const encoded = Buffer.from(new ArrayBuffer(length));
  let at = 0;
  for (const part of parts) at += (await frames.source.read(part.valueStart, part.length)).copy(encoded, at);
  const format = formatOf(frames.codec);
  if (format !== undefined) checkCodestream(format, encoded, frames.attributes, index, parts[0]?.valueStart);
  return encoded;
}

/** One frame decoded, `decodedBytes` long, words little endian. Takes `encoded` over. Throws InstanceError `codec-failed`. */
export async function decodeFrame(
  frames: EncapsulatedFrames,
  encoded: Buffer,
  worker: FrameWorker,
  timeoutMs: number,
): Promise<Buffer> {
  const { codec, attributes, decodedBytes } = frames;
  if (codec.decoder === 'none') {
    const surplus = encoded.length - decodedBytes;
    if (surplus !== 0 && surplus !== 1)
      throw new InstanceError('codec-failed', 'A frame is not as long as its attributes say');
    return encoded.subarray(0, decodedBytes);
  }
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, isSigned, photometricInterpretation } = attributes;
  const convertToRgb = codec.isLossyJpeg && photometricInterpretation.startsWith('YBR_');
  const shape = { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, isSigned, photometricInterpretation };
  const job = { kind: 'decode', decoder: codec.decoder, bytes: encoded, ...shape, convertToRgb, decodedBytes } as const;
  return worker.run(job, timeoutMs);
}

/** The codecs believe the attributes or the codestream, not both: where these differ they read or write past their buffers, or leave a part empty. */
function checkCodestream(
  format: CodestreamFormat,
  encoded: Buffer,
  attributes: PixelAttributes,
  index: number,
  offset: number | undefined,
): void {
  const failed = (what: string): InstanceError =>
    new InstanceError('codec-failed', `Frame ${index + 1} ${what}`, offset === undefined ? {} : { offset });
  const size = readCodestreamSize(format, encoded);
  if (size === undefined) throw failed('does not begin as its transfer syntax says');
  const isAsStated =
    size.rows === attributes.rows &&
    size.columns === attributes.columns &&
    (size.components ?? attributes.samplesPerPixel) === attributes.samplesPerPixel &&
    (size.bitsPerSample ?? 1) <= attributes.bitsAllocated;
  if (!isAsStated) throw failed('has another size than the attributes state');
  // The decoder of HTJ2K fills up what is missing without a word; the others say so.
  if (format === 'ht-jpeg-2000' && !hasEndMarker(encoded)) throw failed('ends before its end marker');
}
