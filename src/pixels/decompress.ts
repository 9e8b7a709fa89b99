// Takes encapsulated pixel data apart for a destination that will not have it (PS3.5 A.4): native frames in Explicit VR Little Endian.
import type { OpenByteSource } from '../core/bytes.ts';
import type { DataSet, Element, OutputDataSet, OutputElement, OutputItem, SplicePlan } from '../dicom/element.ts';
import { padValue } from '../dicom/values.ts';
import { insertInOrder, splice } from '../dicom/writer.ts';
import { TAG } from '../standard/tags.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import { requireCodec } from './codecs.ts';

import { decompressPixelData } from './frame-decompression.ts';
import type { Decompression, FrameChange, NativePixels } from './frame-decompression.ts';
import { DEFAULT_FRAME_TIMEOUT_MS, withFrameWorker } from './frame-worker.ts';
import { JoinedSource } from './joined-source.ts';
import { PixelFile } from './pixel-file.ts';

/** The output in Explicit VR Little Endian. `output` may be converted further (`convertEncoding`); `plan` is `splice(output)`. */
export interface Decompressed {
  readonly output: OutputDataSet;
  readonly plan: SplicePlan;
  /** Gives the temporary file back; `plan` cannot be read afterwards. */
  close(): Promise<void>;
}

export interface DecompressOptions {
  /** Longest time that one frame may take; 60 s by default. */
  readonly frameTimeoutMs?: number;
  /** Changes each decoded frame of the image itself, icons not; counts frames from 0. */
  readonly change?: FrameChange;
}

/** What an output element stands in: where its new pixel data are, counted in the joined source. */
interface Walk extends Decompression {
  readonly fileStart: number;
}

/** The attributes that only encapsulated pixel data have (PS3.3 C.7.6.3.1.8). */
const ENCAPSULATION_TAGS: ReadonlySet<number> = new Set([
  TAG.ExtendedOffsetTable,
  TAG.ExtendedOffsetTableLengths,
  TAG.EncapsulatedPixelDataValueTotalLength,
]);

/**
 * Decodes every encapsulated Pixel Data element of `output`, icons included, in a killable worker thread, a frame at a time, into a temporary
 * file in `scratchDirectory` that has no name any more. Photometric Interpretation and Planar Configuration tell what came out; offset tables
 * are dropped; everything else stays as `output` has it, the history of lossy compression too. `dataSet` is the one that `output` was made of,
 * `transferSyntax` that of both. Rejects with InstanceError `codec-failed` or `unsupported-transfer-syntax`, with `disk-full` or `disk-failed`.
 */
export async function decompress(
  dataSet: DataSet,
  output: OutputDataSet,
  transferSyntax: TransferSyntax,
  scratchDirectory: string,
  options: DecompressOptions = {},
): Promise<Decompressed> {
  const codec = requireCodec(transferSyntax.uid);
  const { source } = output;
  const file = await PixelFile.create(scratchDirectory);
  try {
    const frameTimeoutMs = options.frameTimeoutMs ?? DEFAULT_FRAME_TIMEOUT_MS;
    const elements = await withFrameWorker((worker) =>
      decompressElements(
        { source, codec, worker, file, frameTimeoutMs, fileStart: source.size },
        output.elements,
        dataSet.elements,
        options.change,
      ),
    );
    return joined(output, elements, file.toSource());
  } catch (error) {
    await file.close();
    throw error;
  }
}

function joined(output: OutputDataSet, elements: readonly OutputElement[], pixels: OpenByteSource): Decompressed {
  const native = { source: new JoinedSource(output.source, pixels), encoding: output.encoding, elements };
  return { output: native, plan: splice(native), close: () => pixels.close() };
}

/** `originals` are the received elements at the same level: they say how their pixel data are laid out. */
async function decompressElements(
  walk: Walk,
  elements: readonly OutputElement[],
  originals: readonly Element[],
  change?: FrameChange,
): Promise<readonly OutputElement[]> {
  const result: OutputElement[] = [];
  let native: NativePixels | undefined;
  for (const element of elements) {
    if (element.kind === 'kept' && isEncapsulated(element.element)) {
      native = await decompressPixelData(walk, originals, element.element, change);
      result.push({ kind: 'kept', element: moved(native.element, walk.fileStart) });
    } else {
      result.push(await decompressInside(walk, element));
    }
  }
  return native === undefined ? result : describe(result, native);
}

/** Pixel data in items: icons, mostly. A sequence without any stays as it is. */
async function decompressInside(walk: Walk, element: OutputElement): Promise<OutputElement> {
  if (element.kind === 'written') return element;
  if (element.kind === 'kept') {
    const { items } = element.element;
    if (items?.some((item) => holdsEncapsulated(item.elements)) !== true) return element;
    const kept = items.map((item): OutputItem => ({ original: item, elements: item.elements.map(keep) }));
    return decompressInside(walk, {
      kind: 'sequence',
      tag: element.element.tag,
      original: element.element,
      items: kept,
    });
  }
  const items: OutputItem[] = [];
  for (const item of element.items) {
    const elements = await decompressElements(walk, item.elements, item.original?.elements ?? []);
    items.push({ ...item, elements });
  }
  return { ...element, items };
}

function holdsEncapsulated(elements: readonly Element[]): boolean {
  return elements.some(
    (element) => isEncapsulated(element) || element.items?.some((item) => holdsEncapsulated(item.elements)) === true,
  );
}

function isEncapsulated(element: Element): boolean {
  return element.fragments !== undefined;
}

function keep(element: Element): OutputElement {
  return { kind: 'kept', element };
}

/** The element with its offsets counted from another place. */
function moved(element: Element, by: number): Element {
  return { ...element, start: element.start + by, valueStart: element.valueStart + by, end: element.end + by };
}

/** The elements with Photometric Interpretation and Planar Configuration as the decoded frames have them, offset tables left out. */
function describe(elements: readonly OutputElement[], native: NativePixels): readonly OutputElement[] {
  const { attributes, photometricInterpretation, isPlanar } = native;
  const changes: OutputElement[] = [];
  if (photometricInterpretation !== attributes.photometricInterpretation) {
    const value = padValue(Buffer.from(photometricInterpretation, 'latin1'), 'CS');
    changes.push({ kind: 'written', tag: TAG.PhotometricInterpretation, vr: 'CS', value });
  }
  if (attributes.samplesPerPixel > 1 && isPlanar !== attributes.isPlanar) {
    changes.push({ kind: 'written', tag: TAG.PlanarConfiguration, vr: 'US', value: Buffer.alloc(2) });
  }
  const replaced = new Set(changes.map(tagOf));
  const others = elements.filter((element) => {
    const tag = tagOf(element);
    return !replaced.has(tag) && !ENCAPSULATION_TAGS.has(tag);
  });
  return insertInOrder(others, changes);
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}
