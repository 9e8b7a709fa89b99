// The attributes that tell how pixel data are encoded, brought in line with what was blanked (PS3.3 C.7.6.3 and C.7.6.1.1.5, 2026d).
import type { OutputElement } from '../../dicom/element.ts';
import { padValue } from '../../dicom/values.ts';
import { insertInOrder } from '../../dicom/writer.ts';
import { TAG } from '../../standard/tags.ts';
import type { PixelAttributes } from '../pixel-attributes.ts';

export interface PixelDescription {
  /** As they were. */
  readonly attributes: PixelAttributes;
  readonly photometricInterpretation?: string;
  /** Offset and length of each frame when the instance states them in tables of its own; undefined when it does not. */
  readonly extended?: { readonly offsets: Buffer; readonly lengths: Buffer } | undefined;
  /** Total Length of the encapsulated value in bytes; undefined when it is not stated. */
  readonly totalLength?: number | undefined;
  /** The transfer syntax tells no longer that the pixels went through lossy compression (PS3.5 8.2.1): say so if nothing does. */
  readonly lossyHistory?: { readonly ratio: number; readonly method: string } | undefined;
}

/** Type 3 everywhere, and perhaps the value of a pixel that is blanked now. */
const RANGE_TAGS: ReadonlySet<number> = new Set([TAG.SmallestImagePixelValue, TAG.LargestImagePixelValue]);

/** The elements of an explicit or native data set with the attributes that changed. */
export function describePixels(
  elements: readonly OutputElement[],
  description: PixelDescription,
): readonly OutputElement[] {
  const changes = changesOf(description, new Set(elements.map(tagOf)));
  const replaced = new Set(changes.map(tagOf));
  const others = elements.filter((element) => !RANGE_TAGS.has(tagOf(element)) && !replaced.has(tagOf(element)));
  return insertInOrder(others, changes);
}

function changesOf(description: PixelDescription, present: ReadonlySet<number>): readonly OutputElement[] {
  const { attributes, photometricInterpretation, extended, totalLength, lossyHistory } = description;
  const changes: OutputElement[] = [];
  if (photometricInterpretation !== undefined && photometricInterpretation !== attributes.photometricInterpretation) {
    changes.push(text(TAG.PhotometricInterpretation, 'CS', photometricInterpretation));
  }
  if (extended !== undefined) {
    changes.push({ kind: 'written', tag: TAG.ExtendedOffsetTable, vr: 'OV', value: extended.offsets });
    changes.push({ kind: 'written', tag: TAG.ExtendedOffsetTableLengths, vr: 'OV', value: extended.lengths });
  }
  if (totalLength !== undefined) {
    const value = Buffer.alloc(8);
    value.writeBigUInt64LE(BigInt(totalLength));
    changes.push({ kind: 'written', tag: TAG.EncapsulatedPixelDataValueTotalLength, vr: 'UV', value });
  }
  if (lossyHistory !== undefined) {
    if (!present.has(TAG.LossyImageCompression)) changes.push(text(TAG.LossyImageCompression, 'CS', '01'));
    if (!present.has(TAG.LossyImageCompressionRatio)) {
      changes.push(text(TAG.LossyImageCompressionRatio, 'DS', lossyHistory.ratio.toFixed(2)));
    }
    if (!present.has(TAG.LossyImageCompressionMethod)) {
      changes.push(text(TAG.LossyImageCompressionMethod, 'CS', lossyHistory.method));
    }
  }
  return changes;
}

function text(tag: number, vr: string, value: string): OutputElement {
  return { kind: 'written', tag, vr, value: padValue(Buffer.from(value, 'latin1'), vr) };
}

export function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}
