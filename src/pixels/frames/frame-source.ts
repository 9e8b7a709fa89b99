// The frames of an image, one at a time, whatever its transfer syntax (PS3.5 8.1.1, 8.2 and A.4, PS3.3 C.7.6.3 and C.7.6.24, 2026d).
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { DataSet, Element, Encoding } from '../../dicom/element.ts';
import { findElement } from '../../dicom/values.ts';
import { TAG } from '../../standard/tags.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { canDecompress, requireCodec } from '../codecs.ts';
import { DEFAULT_FRAME_TIMEOUT_MS, withFrameWorker } from '../frame-worker.ts';
import { readPixelAttributes } from '../pixel-attributes.ts';
import type { PixelAttributes } from '../pixel-attributes.ts';
import { decodeFrame, locateFrames, readEncodedFrame } from './encapsulated-frames.ts';
import type { EncapsulatedFrames } from './encapsulated-frames.ts';
import { readFrameNotes } from './frame-notes.ts';
import type { FrameNote } from './frame-notes.ts';
import type { Frame, FrameLayout } from './frame.ts';
import { locateNativeFrames, readNativeFrame } from './native-frames.ts';
import type { NativeFrames } from './native-frames.ts';
import { readPalette } from './palette.ts';
import type { Palette } from './palette.ts';

export interface ImageAttributes extends PixelAttributes {
  /** The colours of PALETTE COLOR; undefined for anything else, and when the palette is not in the data set. */
  readonly palette: Palette | undefined;
}

export interface FrameSource {
  /** Frames that can be asked for: those that are stated, and those that the value holds beyond. */
  readonly frameCount: number;
  /** As the data set states them. */
  readonly attributes: ImageAttributes;
  /** How the frames that `frame` gives are laid out. */
  readonly layout: FrameLayout;
  /** False when no codec here decodes the transfer syntax: `frame` rejects then. */
  readonly canDecode: boolean;
  /** Which of PixelData, FloatPixelData and DoubleFloatPixelData it is. */
  readonly tag: number;
  /** Frame [0, frameCount). Rejects with InstanceError `codec-failed` or `unsupported-transfer-syntax`. */
  frame(index: number): Promise<Frame>;
  /** What a compressed frame carries beside its picture. Rejects as `frame` does, but for damage that only decoding finds. */
  notes(index: number): Promise<readonly FrameNote[]>;
  /** Ends it; a frame that is being decoded comes to its end. */
  close(): Promise<void>;
}

export interface FrameOptions {
  /** Longest time that one frame may take; 60 s by default. */
  readonly frameTimeoutMs?: number;
  /** The item that holds the pixel data, an icon's for example; the data set itself by default. */
  readonly elements?: readonly Element[];
  readonly encoding?: Encoding;
}

const PIXEL_TAGS = [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData] as const;

/**
 * The frames of the data set; undefined when it holds no pixel data. Nothing is decoded yet; sizes are checked against the lengths that are there.
 * Rejects with InstanceError `codec-failed` when the attributes are missing or contradict the value.
 */
export async function openFrames(
  dataSet: DataSet,
  transferSyntax: TransferSyntax,
  options: FrameOptions = {},
): Promise<FrameSource | undefined> {
  const elements = options.elements ?? dataSet.elements;
  const { isBigEndian } = options.encoding ?? dataSet.encoding;
  const found = PIXEL_TAGS.map((tag) => findElement(elements, tag)).filter((element) => element !== undefined);
  const pixelData = found.find(isFilled);
  if (pixelData === undefined)
    return refersToPixels(elements) ? elsewhere(dataSet.source, elements, isBigEndian) : undefined;
  if (found.filter(isFilled).length > 1) {
    throw new InstanceError('codec-failed', 'The data set has pixel data of more than one kind');
  }
  const stated = readPixelAttributes(dataSet.source, elements, isBigEndian);
  const isPalette = stated.photometricInterpretation === 'PALETTE COLOR';
  const palette = isPalette ? await readPalette(dataSet.source, elements, isBigEndian, stated.isSigned) : undefined;
  const attributes = { ...stated, palette };
  if (pixelData.fragments === undefined) {
    return new NativeFrameSource(locateNativeFrames(dataSet.source, pixelData, attributes, isBigEndian), attributes);
  }
  if (!canDecompress(transferSyntax.uid)) return new OpaqueFrameSource(attributes);
  const codec = requireCodec(transferSyntax.uid);
  const frames = await locateFrames(dataSet.source, elements, pixelData, codec, attributes);
  return new EncapsulatedFrameSource(frames, attributes, options.frameTimeoutMs ?? DEFAULT_FRAME_TIMEOUT_MS);
}

function isFilled(element: Element): boolean {
  return element.fragments === undefined
    ? element.valueLength > 0
    : element.fragments.some(({ length }, i) => i > 0 && length > 0);
}

function refersToPixels(elements: readonly Element[]): boolean {
  return findElement(elements, TAG.PixelDataProviderURL) !== undefined;
}

/** Pixels that a JPIP server holds (PS3.5 A.6): nobody here sees them. */
function elsewhere(source: ByteSource, elements: readonly Element[], isBigEndian: boolean): FrameSource {
  return new OpaqueFrameSource({ ...readPixelAttributes(source, elements, isBigEndian), palette: undefined });
}

/** How frames are laid out that no codec touched. */
export function storedLayout(attributes: PixelAttributes, isFloat: boolean): FrameLayout {
  const { samplesPerPixel, photometricInterpretation } = attributes;
  const { rows, columns, bitsAllocated, bitsStored, highBit, isSigned, isPlanar } = attributes;
  return {
    rows,
    columns,
    samplesPerPixel,
    bitsAllocated,
    bitsStored,
    highBit,
    isSigned,
    isFloat,
    isPlanar: isPlanar && samplesPerPixel > 1,
    isSubsampled: samplesPerPixel === 3 && photometricInterpretation.endsWith('_422'),
    photometricInterpretation,
  };
}

/** How the frames are laid out when they are decoded. */
export function decodedLayout(frames: EncapsulatedFrames): FrameLayout {
  const stored = storedLayout(frames.attributes, false);
  if (frames.keepsLayout) return stored;
  const photometricInterpretation = frames.decodedPhotometricInterpretation;
  return { ...stored, isPlanar: false, isSubsampled: false, photometricInterpretation };
}

class NativeFrameSource implements FrameSource {
  readonly attributes: ImageAttributes;
  readonly layout: FrameLayout;
  readonly tag: number;
  readonly frameCount: number;
  readonly canDecode = true;
  readonly #frames: NativeFrames;

  constructor(frames: NativeFrames, attributes: ImageAttributes) {
    this.attributes = attributes;
    this.layout = frames.layout;
    this.tag = frames.element.tag;
    this.frameCount = frames.frameCount;
    this.#frames = frames;
  }

  frame(index: number): Promise<Frame> {
    return readNativeFrame(this.#frames, index);
  }

  notes(): Promise<readonly FrameNote[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class EncapsulatedFrameSource implements FrameSource {
  readonly attributes: ImageAttributes;
  readonly layout: FrameLayout;
  readonly tag = TAG.PixelData;
  readonly frameCount: number;
  readonly canDecode = true;
  readonly #frames: EncapsulatedFrames;
  readonly #timeoutMs: number;

  constructor(frames: EncapsulatedFrames, attributes: ImageAttributes, timeoutMs: number) {
    this.attributes = attributes;
    this.layout = decodedLayout(frames);
    this.frameCount = frames.ranges.length;
    this.#frames = frames;
    this.#timeoutMs = timeoutMs;
  }

  async frame(index: number): Promise<Frame> {
    const encoded = await readEncodedFrame(this.#frames, index);
    const bytes = await withFrameWorker((worker) => decodeFrame(this.#frames, encoded, worker, this.#timeoutMs));
    return { index, layout: this.layout, bytes, isComplete: true };
  }

  notes(index: number): Promise<readonly FrameNote[]> {
    return readFrameNotes(this.#frames, index);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Video, JPIP and what else has no codec here. */
class OpaqueFrameSource implements FrameSource {
  readonly attributes: ImageAttributes;
  readonly layout: FrameLayout;
  readonly tag = TAG.PixelData;
  readonly frameCount: number;
  readonly canDecode = false;

  constructor(attributes: ImageAttributes) {
    this.attributes = attributes;
    this.layout = storedLayout(attributes, false);
    this.frameCount = attributes.numberOfFrames;
  }

  frame(): Promise<Frame> {
    const message = 'No codec here decodes the pixel data of this instance';
    return Promise.reject(new InstanceError('unsupported-transfer-syntax', message));
  }

  notes(): Promise<readonly FrameNote[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
