// Pixel data that are not the image's own: icons (PS3.3 C.7.6.1.1.6, 2026d), other pixel data in sequences, and kinds of them that are retired.
import type { Item, OutputDataSet, OutputElement, OutputItem } from '../../dicom/element.ts';
import { TAG } from '../../standard/tags.ts';

const PIXEL_TAGS: ReadonlySet<number> = new Set([TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData]);

/**
 * The output without Icon Image Sequence, at whatever depth: the very output that was given when there is none. An icon of a blanked image goes, because
 * viewers can make one of what is left, and no IOD needs it (type 3, or 1C in directories).
 */
export function withoutIcons(output: OutputDataSet): OutputDataSet {
  const elements = clean(output.elements);
  return elements === output.elements ? output : { ...output, elements };
}

/** What group 7FE0 holds besides: offset tables and the length of the value. */
const BESIDE_PIXELS: ReadonlySet<number> = new Set([
  TAG.ExtendedOffsetTable,
  TAG.ExtendedOffsetTableLengths,
  TAG.EncapsulatedPixelDataValueTotalLength,
]);

/**
 * The output without what held pixels once, Variable Pixel Data (7Fxx,0010) and the coefficients of (7FE0,0020) to (7FE0,0040): nobody here
 * sees them, and no IOD has them. The very output that was given when there are none.
 */
export function withoutRetiredPixels(output: OutputDataSet): OutputDataSet {
  const isRetired = (tag: number): boolean => tag >>> 24 === 0x7f && !PIXEL_TAGS.has(tag) && !BESIDE_PIXELS.has(tag);
  const elements = output.elements.filter(
    (element) => !isRetired(element.kind === 'kept' ? element.element.tag : element.tag),
  );
  return elements.length === output.elements.length ? output : { ...output, elements };
}

/** An item with pixel data of its own. */
export interface NestedPixels {
  readonly item: Item;
  /** It stands in an Icon Image Sequence, which nothing needs. */
  readonly isIcon: boolean;
}

/** The items of the output that hold pixel data, at whatever depth; those of sequences that are new hold none. */
export function nestedPixelsOf({ elements }: Pick<OutputDataSet, 'elements'>): readonly NestedPixels[] {
  const found: NestedPixels[] = [];
  for (const element of elements) {
    if (element.kind === 'kept')
      for (const item of element.element.items ?? []) collect(item, element.element.tag, found);
    if (element.kind !== 'sequence') continue;
    for (const { original, elements: left } of element.items) {
      const holds = left.some((one) => one.kind === 'kept' && PIXEL_TAGS.has(one.element.tag));
      if (holds && original !== undefined)
        found.push({ item: original, isIcon: element.tag === TAG.IconImageSequence });
      found.push(...nestedPixelsOf({ elements: left }));
    }
  }
  return found;
}

function collect(item: Item, sequence: number, found: NestedPixels[]): void {
  for (const { tag, items } of item.elements) {
    if (PIXEL_TAGS.has(tag)) found.push({ item, isIcon: sequence === TAG.IconImageSequence });
    for (const inner of items ?? []) collect(inner, tag, found);
  }
}

function itemHoldsIcon({ elements }: Item): boolean {
  return elements.some(({ tag, items }) => tag === TAG.IconImageSequence || (items ?? []).some(itemHoldsIcon));
}

function clean(elements: readonly OutputElement[]): readonly OutputElement[] {
  let isChanged = false;
  const result: OutputElement[] = [];
  for (const element of elements) {
    const kept = cleanElement(element);
    if (kept !== element) isChanged = true;
    if (kept !== undefined) result.push(kept);
  }
  return isChanged ? result : elements;
}

function cleanElement(element: OutputElement): OutputElement | undefined {
  if (element.kind === 'written') return element;
  if (element.kind === 'sequence') {
    if (element.tag === TAG.IconImageSequence) return undefined;
    const items = element.items.map(cleanItem);
    return items.some((item, i) => item !== element.items[i]) ? { ...element, items } : element;
  }
  const { element: original } = element;
  if (original.tag === TAG.IconImageSequence) return undefined;
  if (original.items?.some(itemHoldsIcon) !== true) return element;
  const items = original.items.map((item) =>
    cleanItem({ original: item, elements: item.elements.map((one) => ({ kind: 'kept', element: one })) }),
  );
  return { kind: 'sequence', tag: original.tag, original, items };
}

function cleanItem(item: OutputItem): OutputItem {
  const elements = clean(item.elements);
  return elements === item.elements ? item : { ...item, elements };
}
