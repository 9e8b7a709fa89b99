// Frames of native pixel data (PS3.5 8.1.1 and 8.2, 2026d): one after the other in one value, without padding between them.
import type { ByteSource } from '../../core/bytes.ts';
import { InstanceError } from '../../core/errors.ts';
import { swapWords } from '../../dicom/byte-order.ts';
import type { Element } from '../../dicom/element.ts';
import { TAG } from '../../standard/tags.ts';
import type { PixelAttributes } from '../pixel-attributes.ts';
import { frameBitsOf } from './frame.ts';
import type { Frame, FrameLayout } from './frame.ts';
import { storedLayout } from './frame-source.ts';

export interface NativeFrames {
  readonly source: ByteSource;
  readonly element: Element;
  readonly layout: FrameLayout;
  readonly frameBits: number;
  readonly frameCount: number;
  /** Bytes of the words whose order is turned; 1 when none are. */
  readonly wordSize: 1 | 2 | 4 | 8;
}

/** Bits of a tail that is padding: the value is of even length, and single bits fill their last byte. */
const PADDING_BITS = 15;
/** More frames than are stated are looked at up to this number: beyond, the attributes are not those of the value. */
const MAX_SURPLUS_FRAMES = 4096;

/**
 * Where the frames are. What the value holds behind the stated frames counts as frames, so that nothing leaves that nobody looked at;
 * a shorter value has fewer of them, the last perhaps cut. Throws InstanceError `codec-failed` when value and attributes have nothing to do with each other.
 */
export function locateNativeFrames(
  source: ByteSource,
  element: Element,
  attributes: PixelAttributes,
  isBigEndian: boolean,
): NativeFrames {
  const stated = attributes.numberOfFrames;
  const layout = asSampled(storedLayout(attributes, element.tag !== TAG.PixelData), element.valueLength, stated);
  if (layout.isSubsampled && (layout.columns % 2 !== 0 || layout.isPlanar || layout.bitsAllocated !== 8)) {
    throw new InstanceError('codec-failed', 'Pixels that share their chrominance do not come in pairs of bytes');
  }
  const frameBits = frameBitsOf(layout);
  const bits = element.valueLength * 8;
  const held = Math.ceil(Math.max(0, bits - PADDING_BITS) / frameBits);
  if (held > stated + MAX_SURPLUS_FRAMES) {
    throw new InstanceError('codec-failed', 'The pixel data are far longer than the attributes say');
  }
  // A tail that only padding can explain is a frame all the same where one is stated.
  const frameCount = held >= stated ? held : Math.min(stated, Math.ceil(bits / frameBits));
  return { source, element, layout, frameBits, frameCount, wordSize: wordSizeOf(element, layout, isBigEndian) };
}

/**
 * Pixels share their chrominance or do not, as the length of the value has it: who decompresses often forgets to say that they share it no more.
 * What fits neither is as it says.
 */
function asSampled(layout: FrameLayout, valueLength: number, frames: number): FrameLayout {
  if (layout.samplesPerPixel !== 3 || layout.bitsAllocated !== 8) return layout;
  if (layout.photometricInterpretation === 'YBR_PARTIAL_420')
    throw new InstanceError(
      'codec-failed',
      'Nobody defined how pixels lie that share their chrominance with those of the next row',
    );
  if (!layout.photometricInterpretation.startsWith('YBR_')) return layout;
  const holds = (samples: number): boolean =>
    roundUp(layout.rows * layout.columns * samples * frames, 2) === roundUp(valueLength, 2);
  if (layout.isSubsampled && holds(3)) return { ...layout, isSubsampled: false };
  return !layout.isSubsampled && holds(2) ? { ...layout, isSubsampled: true, isPlanar: false } : layout;
}

/** PS3.5 7.3: words of OW, OF and OD are turned in big endian, bytes of OB are not; UN is little endian everywhere. */
function wordSizeOf(element: Element, { bitsAllocated }: FrameLayout, isBigEndian: boolean): 1 | 2 | 4 | 8 {
  if (!isBigEndian || element.encodedVr === 'UN') return 1;
  if (bitsAllocated === 64) return 8;
  if (bitsAllocated === 32) return 4;
  return bitsAllocated === 16 || element.vr === 'OW' ? 2 : 1;
}

/** One frame. Its bytes may be a view of the instance: not to be written to, nor handed over. Rejects as the source does. */
export async function readNativeFrame(frames: NativeFrames, index: number): Promise<Frame> {
  const { source, element, layout, frameBits, wordSize } = frames;
  const firstBit = index * frameBits;
  const wanted = Math.ceil(frameBits / 8);
  const from = Math.floor(firstBit / 8 / wordSize) * wordSize;
  const lead = Math.floor(firstBit / 8) - from;
  const shift = firstBit % 8;
  const end = Math.min(element.valueLength, roundUp(from + lead + Math.ceil((shift + frameBits) / 8), wordSize));
  const stored = await source.read(element.valueStart + from, Math.max(0, end - from));
  const ordered = swapWords(stored, wordSize).subarray(lead);
  const bytes = shift === 0 ? ordered.subarray(0, wanted) : shifted(ordered, shift, wanted);
  const isComplete = (element.valueLength - from) * 8 >= frameBits + (firstBit - from * 8);
  return { index, layout, bytes: bytes.length === wanted ? bytes : filledUp(bytes, wanted), isComplete };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Bits from `shift` on; frames of single bits begin anywhere (PS3.5 8.1.1). */
function shifted(bytes: Buffer, shift: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let i = 0; i < length; i++) out[i] = (bytes[i] >> shift) | ((bytes[i + 1] ?? 0) << (8 - shift));
  return out;
}

function filledUp(bytes: Buffer, length: number): Buffer {
  const out = Buffer.alloc(length);
  bytes.copy(out);
  return out;
}
