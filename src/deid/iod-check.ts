// What leaves is as valid as what came (PS3.3, PS3.5 7.4): no attribute that the IOD requires was taken away or emptied by us.
import { InstanceError } from '../core/errors.ts';
import type { DataSet, Element, OutputDataSet, OutputElement } from '../dicom/element.ts';
import { hasIod, typesAt } from '../standard/attribute-types.ts';
import { formatTag } from '../standard/tags.ts';

/**
 * Returns when every attribute of Type 1 that had a value still has one, and every one of Type 2 is still there. Faults that
 * the original had are its own. IODs that are not known are not judged. Overlay planes, which leave whole, are not either.
 * @throws InstanceError `iod-broken` with the path of the attribute
 */
export function checkIod(original: DataSet, output: OutputDataSet, sopClassUid: string): void {
  const path = hasIod(sopClassUid) ? findBroken(original.elements, output.elements, sopClassUid, undefined) : undefined;
  if (path !== undefined)
    throw new InstanceError('iod-broken', `${path}, which the IOD requires, could not be kept valid.`);
}

/**
 * The path of the first attribute that was not kept valid. Both lists are in the same order, but for what was left out and what was added.
 * Paths are put together on the way back: nearly every instance needs none.
 */
function findBroken(
  before: readonly Element[],
  after: readonly OutputElement[],
  sopClassUid: string,
  sequence: number | undefined,
): string | undefined {
  const types = typesAt(sopClassUid, sequence);
  let next = 0;
  for (const element of before) {
    const { tag } = element;
    while (next < after.length && tagOf(after[next]) < tag) next++;
    const atPlace = next < after.length && tagOf(after[next]) === tag ? after[next] : undefined;
    if (atPlace?.kind === 'kept') continue;
    const type = tag >>> 24 === 0x60 ? undefined : types?.get(tag);
    const mayBreak = type === '2' || ((type === '1' || type === '1C') && hasValue(element));
    const found = atPlace ?? (mayBreak ? find(after, tag) : undefined);
    if (found === undefined) {
      if (mayBreak && type !== '1C') return formatTag(tag);
    } else if (mayBreak && type !== '2' && isEmpty(found)) return formatTag(tag);
    if (found?.kind !== 'sequence') continue;
    for (const [index, { original, elements }] of found.items.entries()) {
      const inside = original === undefined ? undefined : findBroken(original.elements, elements, sopClassUid, tag);
      if (inside !== undefined) return `${formatTag(tag)}[${index + 1}].${inside}`;
    }
  }
  return undefined;
}

/** For data sets that are out of order. */
function find(elements: readonly OutputElement[], tag: number): OutputElement | undefined {
  return elements.find((element) => tagOf(element) === tag);
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}

function hasValue({ items, valueLength }: Element): boolean {
  return items === undefined ? valueLength > 0 : items.length > 0;
}

function isEmpty(element: OutputElement): boolean {
  if (element.kind === 'kept') return !hasValue(element.element);
  return element.kind === 'sequence' ? element.items.length === 0 : element.value.length === 0;
}
