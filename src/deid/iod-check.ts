// What leaves is as valid as what came (PS3.3, PS3.5 7.4): no attribute that the IOD requires was taken away or emptied by us.
import { InstanceError } from '../core/errors.ts';
import type { DataSet, Element, OutputDataSet, OutputElement } from '../dicom/element.ts';
import { hasIod, typeOf } from '../standard/attribute-types.ts';
import { formatTag } from '../standard/tags.ts';

/**
 * Returns when every attribute of Type 1 that had a value still has one, and every one of Type 2 is still there. Faults that
 * the original had are its own. IODs that are not known are not judged. Overlay planes, which leave whole, are not either.
 * @throws InstanceError `iod-broken` with the path of the attribute
 */
export function checkIod(original: DataSet, output: OutputDataSet, sopClassUid: string): void {
  if (hasIod(sopClassUid)) compare(original.elements, output.elements, sopClassUid, undefined, '');
}

/** Both lists are in the same order, but for what was left out and what was added. */
function compare(
  before: readonly Element[],
  after: readonly OutputElement[],
  sopClassUid: string,
  sequence: number | undefined,
  prefix: string,
): void {
  let next = 0;
  for (const element of before) {
    const { tag } = element;
    while (next < after.length && tagOf(after[next]) < tag) next++;
    const atPlace = next < after.length && tagOf(after[next]) === tag ? after[next] : undefined;
    if (atPlace?.kind === 'kept') continue;
    const type = tag >>> 24 === 0x60 ? undefined : typeOf(sopClassUid, tag, sequence);
    const mayBreak = type === '2' || ((type === '1' || type === '1C') && hasValue(element));
    const found = atPlace ?? (mayBreak ? find(after, tag) : undefined);
    if (found === undefined) {
      if (mayBreak && type !== '1C') throw broken(prefix, tag);
    } else if (mayBreak && type !== '2' && isEmpty(found)) throw broken(prefix, tag);
    if (found?.kind !== 'sequence') continue;
    for (const [index, { original, elements }] of found.items.entries()) {
      if (original !== undefined)
        compare(original.elements, elements, sopClassUid, tag, `${prefix}${formatTag(tag)}[${index + 1}].`);
    }
  }
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

function broken(prefix: string, tag: number): InstanceError {
  return new InstanceError(
    'iod-broken',
    `${prefix}${formatTag(tag)}, which the IOD requires, could not be kept valid.`,
  );
}
