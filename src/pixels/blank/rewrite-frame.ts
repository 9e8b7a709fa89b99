// One compressed frame with its regions blanked, in the format that it came in.
import { InstanceError } from '../../core/errors.ts';
import { readCodestreamSize } from '../codestream.ts';
import type { FrameWorker } from '../frame-worker.ts';
import { decodeFrame, formatOf, readEncodedFrame } from '../frames/encapsulated-frames.ts';
import type { EncapsulatedFrames } from '../frames/encapsulated-frames.ts';
import { decodedLayout } from '../frames/frame-source.ts';
import type { PixelChange } from './blank-frames.ts';
import { framePatches } from './frame-patches.ts';
import { applyPatch } from './patches.ts';
import { clipped } from './region-patches.ts';

/** Photometric Interpretation of frames that are encoded again without loss (PS3.5 8.2.4 and 8.2.14, 2026d). */
export function encodedPhotometricInterpretation(frames: EncapsulatedFrames): string {
  const { codec, attributes, decodedPhotometricInterpretation } = frames;
  const isJpeg2000 = codec.decoder === 'jpeg-2000' || codec.decoder === 'ht-jpeg-2000';
  const { photometricInterpretation } = attributes;
  const hasTransform = photometricInterpretation === 'YBR_RCT' || photometricInterpretation === 'YBR_ICT';
  return isJpeg2000 && hasTransform ? 'YBR_RCT' : decodedPhotometricInterpretation;
}

/**
 * The frame, of odd length perhaps; undefined when the codec cannot write it so that it decodes to the very same values.
 * Rejects with InstanceError `codec-failed`.
 */
export async function rewriteFrame(
  change: PixelChange,
  frames: EncapsulatedFrames,
  index: number,
  worker: FrameWorker,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  const encoded = await readEncodedFrame(frames, index);
  const { codec, attributes } = frames;
  if (codec.isLossyJpeg) return retouch(change, frames, index, encoded, worker, timeoutMs);
  const format = formatOf(codec);
  // Read before the buffer is handed over. What the stream holds may be wider than Bits Stored says.
  const precision = format === undefined ? undefined : readCodestreamSize(format, encoded)?.bitsPerSample;
  const bytes = await decodeFrame(frames, encoded, worker, timeoutMs);
  for (const patch of framePatches(change, { index, layout: decodedLayout(frames), bytes, isComplete: true })) {
    applyPatch(bytes, 0, patch);
  }
  if (codec.decoder === 'none') return bytes;
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, isSigned } = attributes;
  return worker.tryRun(
    {
      kind: 'encode',
      decoder: codec.decoder,
      bytes,
      rows,
      columns,
      samplesPerPixel,
      bitsAllocated,
      bitsStored: precision ?? bitsStored,
      isSigned,
      transformsColour: encodedPhotometricInterpretation(frames) === 'YBR_RCT',
    },
    timeoutMs,
  );
}

function retouch(
  change: PixelChange,
  { attributes }: EncapsulatedFrames,
  index: number,
  bytes: Buffer,
  worker: FrameWorker,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  if ((change.bitRegions.get(index) ?? []).length > 0) {
    throw new InstanceError('codec-failed', 'A lossy JPEG has no bits for overlay planes');
  }
  const { columns, rows, photometricInterpretation, samplesPerPixel } = attributes;
  const rectangles = (change.regions.get(index) ?? []).flatMap((rectangle) => {
    const region = clipped(rectangle, columns, rows);
    return region === undefined ? [] : [[region.x, region.y, region.width, region.height] as const];
  });
  // How dark the darkest is in the stream's own colour space is found there: 0 of each, or 0 with no chrominance.
  const fill = samplesPerPixel === 3 ? 'black' : photometricInterpretation === 'MONOCHROME1' ? 'white' : 'black';
  return worker.tryRun(
    { kind: 'retouch', bytes, rectangles, fill, isRgb: photometricInterpretation === 'RGB' },
    timeoutMs,
  );
}
