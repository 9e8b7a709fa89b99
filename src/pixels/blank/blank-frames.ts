// Blanks rectangles of the frames of an instance that is about to leave (PS3.15 E.3.1, 2026d): nothing else of its pixels changes.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';
import type { DataSet, Element, OutputDataSet, OutputElement, SplicePlan } from '../../dicom/element.ts';
import { findElement } from '../../dicom/values.ts';
import { splice } from '../../dicom/writer.ts';
import { TAG } from '../../standard/tags.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { readPixelAttributes } from '../pixel-attributes.ts';
import { readPalette } from '../frames/palette.ts';
import type { ImageAttributes } from '../frames/frame-source.ts';
import { blankEncapsulated } from './blank-encapsulated.ts';
import { blankNative } from './blank-native.ts';
import { describePixels } from './describe.ts';

/** Bits of the samples that a plane takes, and where they are set to 0. */
export interface BitRegions {
  /** As a mask over the word of a sample. */
  readonly bits: number;
  readonly rectangles: readonly Rectangle[];
}

export interface BlankJob {
  /** The received one, of which `output` was made. */
  readonly dataSet: DataSet;
  readonly output: OutputDataSet;
  /** Of both. */
  readonly transferSyntax: TransferSyntax;
  /** Rectangles by frame, from 0; they are clipped to the frame. */
  readonly regions: ReadonlyMap<number, readonly Rectangle[]>;
  /** Overlay planes in the bits that samples leave free, and where to clear them, by frame. */
  readonly bitRegions?: ReadonlyMap<number, readonly BitRegions[]>;
  /** Bits of every sample that a blanked rectangle leaves as they are: those of overlay planes that stay. */
  readonly keptBits?: number;
  readonly scratchDirectory: string;
  readonly signal?: AbortSignal;
  /** Longest time that one frame may take; 60 s by default. */
  readonly frameTimeoutMs?: number;
}

export interface Blanked {
  /** Over the received bytes, and what took the place of some of them. */
  readonly output: OutputDataSet;
  /** `splice(output)`: in the encoding of `transferSyntax`, not deflated yet. */
  readonly plan: SplicePlan;
  /** The one that came, or a lossless one where that cannot hold the blanked frames. */
  readonly transferSyntax: TransferSyntax;
  /** Frames whose pixels are others than before, ascending. */
  readonly changedFrames: readonly number[];
  /** How the changed frames were written: in place, by changing only the blocks of a lossy JPEG, encoded again, or all decoded. */
  readonly method: 'none' | 'in-place' | 'blocks' | 'encoded' | 'decoded';
  /** Gives the scratch file back; `plan` cannot be read afterwards. */
  close(): Promise<void>;
}

/** What changes in the pixel data: handed to the ways of doing it. */
export interface PixelChange {
  readonly source: ByteSource;
  readonly pixelData: Element;
  readonly attributes: ImageAttributes;
  readonly regions: ReadonlyMap<number, readonly Rectangle[]>;
  readonly bitRegions: ReadonlyMap<number, readonly BitRegions[]>;
  readonly keptBits: number;
  /** Frames with anything to blank, ascending. */
  readonly frames: readonly number[];
}

const PIXEL_TAGS: ReadonlySet<number> = new Set([TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData]);

/**
 * Blanks the regions. Frames without one keep their bytes, native pixel data keep all bytes outside the regions; compressed frames are encoded again without loss
 * in the same transfer syntax, blocks of baseline JPEG outside the regions keep their coefficients; where a codec cannot do that all frames
 * leave decoded, in Explicit VR Little Endian. Rejects with InstanceError `codec-failed` or `unsupported-transfer-syntax`, with `disk-full` or `disk-failed`,
 * and with the reason of `signal`.
 */
export async function blankRegions(job: BlankJob): Promise<Blanked> {
  const { output, transferSyntax, dataSet } = job;
  const frames = framesToBlank(job);
  const kept = output.elements.find(isPixelData);
  if (frames.length === 0 || kept?.kind !== 'kept') return unchanged(output, transferSyntax);
  const pixelData = kept.element;
  const change: PixelChange = {
    source: output.source,
    pixelData,
    attributes: await attributesOf(dataSet),
    regions: job.regions,
    bitRegions: job.bitRegions ?? new Map<number, never>(),
    keptBits: job.keptBits ?? 0,
    frames,
  };
  job.signal?.throwIfAborted();
  if (pixelData.fragments === undefined) {
    const source = await blankNative(change, dataSet.encoding.isBigEndian);
    const elements = describePixels(output.elements, { attributes: change.attributes });
    const blanked = { ...output, source, elements };
    const close = (): Promise<void> => Promise.resolve();
    return { output: blanked, plan: splice(blanked), transferSyntax, changedFrames: frames, method: 'in-place', close };
  }
  return blankEncapsulated(job, change);
}

function isPixelData(element: OutputElement): boolean {
  return element.kind === 'kept' && PIXEL_TAGS.has(element.element.tag);
}

function framesToBlank({ regions, bitRegions, dataSet }: BlankJob): readonly number[] {
  const frames = new Set<number>();
  for (const [frame, rectangles] of regions) if (rectangles.length > 0) frames.add(frame);
  for (const [frame, planes] of bitRegions ?? [])
    if (planes.some((plane) => plane.rectangles.length > 0)) frames.add(frame);
  if ([...frames].some((frame) => !Number.isSafeInteger(frame) || frame < 0)) {
    throw new RangeError('a frame to blank has no number from 0 on');
  }
  if (frames.size > 0 && findElement(dataSet.elements, TAG.PixelDataProviderURL) !== undefined) {
    throw new InstanceError('unsupported-transfer-syntax', 'Pixels that another system holds cannot be blanked here');
  }
  return [...frames].sort((a, b) => a - b);
}

async function attributesOf({ source, elements, encoding }: DataSet): Promise<ImageAttributes> {
  const stated = readPixelAttributes(source, elements, encoding.isBigEndian);
  const isPalette = stated.photometricInterpretation === 'PALETTE COLOR';
  const palette = isPalette ? await readPalette(source, elements, encoding.isBigEndian, stated.isSigned) : undefined;
  return { ...stated, palette };
}

function unchanged(output: OutputDataSet, transferSyntax: TransferSyntax): Blanked {
  const close = (): Promise<void> => Promise.resolve();
  return { output, plan: splice(output), transferSyntax, changedFrames: [], method: 'none', close };
}
