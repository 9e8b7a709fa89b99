// Blanks compressed frames (PS3.5 A.4 and 8.2, 2026d): those with regions are written anew, all others keep their bytes.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { OutputDataSet } from '../../dicom/element.ts';
import { splice } from '../../dicom/writer.ts';
import { TAG } from '../../standard/tags.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN, findTransferSyntax } from '../../standard/transfer-syntaxes.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { requireCodec } from '../codecs.ts';
import { decompress } from '../decompress.ts';
import { DEFAULT_FRAME_TIMEOUT_MS, withFrameWorker } from '../frame-worker.ts';
import type { FrameWorker } from '../frame-worker.ts';
import { locateFrames } from '../frames/encapsulated-frames.ts';
import type { EncapsulatedFrames } from '../frames/encapsulated-frames.ts';
import { decodedLayout } from '../frames/frame-source.ts';
import { JoinedSource } from '../joined-source.ts';
import { PixelFile } from '../pixel-file.ts';
import type { Blanked, BlankJob, PixelChange } from './blank-frames.ts';
import { describePixels, tagOf } from './describe.ts';
import { encapsulate } from './encapsulate.ts';
import type { NewFrame } from './encapsulate.ts';
import { framePatches } from './frame-patches.ts';
import { applyPatch } from './patches.ts';
import { encodedPhotometricInterpretation, rewriteFrame } from './rewrite-frame.ts';

/** JPEG recompression holds nothing but what was JPEG; JPEG XL holds both. */
const JPEG_XL_RECOMPRESSION = '1.2.840.10008.1.2.4.111';
const JPEG_XL = '1.2.840.10008.1.2.4.112';

/** The encoder of JPEG XL takes 3 to 5 s a megapixel: more frames than this leave decoded. */
const MAX_JPEG_XL_FRAMES = 8;

/** As `blankRegions`, for encapsulated pixel data. */
export async function blankEncapsulated(job: BlankJob, change: PixelChange): Promise<Blanked> {
  const { dataSet, transferSyntax } = job;
  const codec = requireCodec(transferSyntax.uid);
  const frames = await locateFrames(change.source, dataSet.elements, change.pixelData, codec, change.attributes);
  const numberOfFrames = frames.ranges.length;
  if (change.frames.some((index) => index >= numberOfFrames)) {
    throw new InstanceError('codec-failed', 'A frame to blank is not in the instance');
  }
  const photometricInterpretation = codec.isLossyJpeg
    ? change.attributes.photometricInterpretation
    : encodedPhotometricInterpretation(frames);
  // One attribute tells the colour space of all frames: when it changes, all of them are written anew.
  const isRelabelled = photometricInterpretation !== change.attributes.photometricInterpretation;
  const rewritten = isRelabelled ? Array.from({ length: numberOfFrames }, (_, i) => i) : change.frames;
  if (codec.decoder === 'jpeg-xl' && rewritten.length > MAX_JPEG_XL_FRAMES) return decodeAll(job, change, frames);
  const file = await PixelFile.create(job.scratchDirectory);
  try {
    const written = await withFrameWorker((worker) => writeFrames(job, change, frames, rewritten, worker, file));
    if (written !== undefined) return assemble(job, change, frames, written, file, photometricInterpretation);
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return decodeAll(job, change, frames);
}

/** The frames written anew, in the file; undefined when the codec cannot hold one of them without loss. */
async function writeFrames(
  job: BlankJob,
  change: PixelChange,
  frames: EncapsulatedFrames,
  indices: readonly number[],
  worker: FrameWorker,
  file: PixelFile,
): Promise<ReadonlyMap<number, NewFrame> | undefined> {
  const written = new Map<number, NewFrame>();
  for (const index of indices) {
    job.signal?.throwIfAborted();
    const frame = await rewriteFrame(change, frames, index, worker, job.frameTimeoutMs ?? DEFAULT_FRAME_TIMEOUT_MS);
    if (frame === undefined) return undefined;
    written.set(index, { offset: file.length, length: frame.length + (frame.length % 2), dataLength: frame.length });
    await file.append(frame);
    if (frame.length % 2 === 1) await file.append(Buffer.alloc(1));
  }
  return written;
}

function assemble(
  job: BlankJob,
  change: PixelChange,
  frames: EncapsulatedFrames,
  written: ReadonlyMap<number, NewFrame>,
  file: PixelFile,
  photometricInterpretation: string,
): Blanked {
  const { output, transferSyntax } = job;
  const { pixelData, attributes } = change;
  const scratch = file.toSource();
  const states = new Set(output.elements.map(tagOf));
  const isExtended = states.has(TAG.ExtendedOffsetTable);
  const made = encapsulate(pixelData, frames, written, scratch, isExtended);
  const elements = describePixels(output.elements, {
    attributes,
    photometricInterpretation,
    extended: isExtended ? made.extended : undefined,
    totalLength: states.has(TAG.EncapsulatedPixelDataValueTotalLength) ? made.totalLength : undefined,
  });
  const source: ByteSource = new JoinedSource(output.source, made.source);
  const element = made.elementAt(output.source.size);
  const blanked: OutputDataSet = {
    source,
    encoding: output.encoding,
    elements: elements.map((one) =>
      one.kind === 'kept' && one.element === pixelData ? { kind: 'kept', element } : one,
    ),
  };
  return {
    output: blanked,
    plan: splice(blanked),
    transferSyntax: transferSyntax.uid === JPEG_XL_RECOMPRESSION ? known(JPEG_XL) : transferSyntax,
    changedFrames: change.frames,
    method: frames.codec.isLossyJpeg ? 'blocks' : 'encoded',
    close: () => scratch.close(),
  };
}

/** All frames native: what the codec cannot write keeps its values all the same. */
async function decodeAll(job: BlankJob, change: PixelChange, frames: EncapsulatedFrames): Promise<Blanked> {
  const { dataSet, output, transferSyntax, scratchDirectory } = job;
  const layout = decodedLayout(frames);
  const wanted = new Set(change.frames);
  const decoded = await decompress(dataSet, output, transferSyntax, scratchDirectory, {
    ...(job.frameTimeoutMs === undefined ? {} : { frameTimeoutMs: job.frameTimeoutMs }),
    change: (bytes, index) => {
      job.signal?.throwIfAborted();
      if (!wanted.has(index)) return;
      for (const patch of framePatches(change, { index, layout, bytes, isComplete: true })) applyPatch(bytes, 0, patch);
    },
  });
  const compressed = frames.fragments.reduce((sum, fragment) => sum + fragment.length, 0);
  const lossyHistory = frames.codec.isLossyJpeg
    ? { ratio: (frames.decodedBytes * frames.ranges.length) / Math.max(1, compressed), method: 'ISO_10918_1' }
    : undefined;
  const elements = describePixels(decoded.output.elements, { attributes: change.attributes, lossyHistory });
  const blanked = { ...decoded.output, elements };
  return {
    output: blanked,
    plan: splice(blanked),
    transferSyntax: known(EXPLICIT_VR_LITTLE_ENDIAN),
    changedFrames: change.frames,
    method: 'decoded',
    close: () => decoded.close(),
  };
}

function known(uid: string): TransferSyntax {
  const found = findTransferSyntax(uid);
  if (found === undefined) throw new TypeError(`the table of transfer syntaxes lacks ${uid}`);
  return found;
}
