// Icon images (PS3.3 C.7.6.1.1.6, 2026d): a small copy of an image that says what the image says.
import type { Item, OutputDataSet, OutputElement, OutputItem } from '../../dicom/element.ts';
import { TAG } from '../../standard/tags.ts';

/**
 * The output without Icon Image Sequence, at whatever depth: the very output that was given when there is none. An icon of a blanked image goes, because
 * viewers can make one of what is left, and no IOD needs it (type 3, or 1C in directories).
 */
export function withoutIcons(output: OutputDataSet): OutputDataSet {
  const elements = clean(output.elements);
  return elements === output.elements ? output : { ...output, elements };
}

/** True when an icon, or anything else in a sequence, holds pixel data of its own. */
export function holdsNestedPixels(output: OutputDataSet): boolean {
  return output.elements.some((element) => {
    if (element.kind === 'kept') return (element.element.items ?? []).some(itemHoldsPixels);
    return element.kind === 'sequence' && element.items.some((item) => holdsPixels(item.elements));
  });
}

function holdsPixels(elements: readonly OutputElement[]): boolean {
  return elements.some((element) => {
    if (element.kind === 'sequence') return element.items.some((item) => holdsPixels(item.elements));
    if (element.kind === 'written') return element.tag === TAG.PixelData;
    return element.element.tag === TAG.PixelData || (element.element.items ?? []).some(itemHoldsPixels);
  });
}

function itemHoldsPixels({ elements }: Item): boolean {
  return elements.some(({ tag, items }) => tag === TAG.PixelData || (items ?? []).some(itemHoldsPixels));
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
