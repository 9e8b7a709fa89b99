// The splice writer: what is kept leaves as ranges of the received bytes, what changed is encoded in between.
import { wordSizeOf } from '../standard/vr.ts';
import type { Element, Encoding, Item, OutputDataSet, OutputElement, OutputItem, SplicePlan } from './element.ts';
import { IMPLICIT_LITTLE_ENDIAN } from './encodings.ts';
import {
  definedLength,
  encodeHeader,
  encodeHeaderAndValue,
  encodeItemHeader,
  patchLength,
  vrThatHolds,
} from './header.ts';
import { PlanBuilder } from './plan-builder.ts';
import { swapWords } from './byte-order.ts';

type OutputSequence = Extract<OutputElement, { kind: 'sequence' }>;

/**
 * The output as pieces, in the order given. Kept elements are byte-identical. A sequence or item of defined length gets its
 * new length; one of undefined length keeps its header and delimiter as they came. A written value that a 16-bit length
 * cannot state (over 65,534 bytes) goes out as UN, as PS3.5 6.2.2 note 2 provides. When everything is kept the plan is one range.
 */
export function splice(output: OutputDataSet): SplicePlan {
  const plan = new PlanBuilder();
  addElements(plan, output.elements, output.encoding);
  return plan.build(output.source);
}

/**
 * `elements` with `additions` put in front of the first element that has a greater tag (after one that has the same).
 * Both stay in their own order, so that a data set that came out of order is not reordered.
 */
export function insertInOrder(
  elements: readonly OutputElement[],
  additions: readonly OutputElement[],
): readonly OutputElement[] {
  if (additions.length === 0) return elements;
  const pending = [...additions].sort((a, b) => tagOf(a) - tagOf(b));
  const merged: OutputElement[] = [];
  let next = 0;
  for (const element of elements) {
    const tag = tagOf(element);
    while (next < pending.length && tagOf(pending[next]) < tag) merged.push(pending[next++]);
    merged.push(element);
  }
  return merged.concat(pending.slice(next));
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}

function addElements(plan: PlanBuilder, elements: readonly OutputElement[], encoding: Encoding): void {
  for (const element of elements) {
    if (element.kind === 'kept') plan.keep(element.element.start, element.element.end);
    else if (element.kind === 'written') plan.add(encodeElement(encoding, element.tag, element.vr, element.value));
    else addSequence(plan, element, encoding);
  }
}

/** Header and value. The value is of even length and in the byte order of `encoding`. */
export function encodeElement(encoding: Encoding, tag: number, vr: string, value: Buffer): Buffer {
  if (value.length % 2 !== 0) throw new RangeError('the value of an element has an odd length');
  if (encoding.isImplicitVr) return encodeHeaderAndValue(encoding, tag, vr, value);
  const written = vrThatHolds(vr, value.length);
  const isTurned = written !== vr && encoding.isBigEndian;
  return encodeHeaderAndValue(encoding, tag, written, isTurned ? swapWords(value, wordSizeOf(vr)) : value);
}

/** True for a sequence in UN, or in a VR that PS3.5 does not define: its items are implicit VR little endian (CP-246). */
export function isWrappedSequence(original: Element | undefined): boolean {
  return original?.encodedVr !== undefined && original.encodedVr !== 'SQ';
}

function addSequence(plan: PlanBuilder, sequence: OutputSequence, encoding: Encoding): void {
  const { original, tag, items } = sequence;
  const isWrapped = isWrappedSequence(original);
  const inside = isWrapped ? IMPLICIT_LITTLE_ENDIAN : encoding;
  if (original?.hasUndefinedLength === true) {
    plan.keep(original.start, original.valueStart);
    for (const item of items) addItem(plan, item, inside);
    plan.keep(original.valueStart + original.valueLength, original.end);
    return;
  }
  const before = plan.mark();
  const header = encodeHeader(encoding, tag, isWrapped ? 'UN' : 'SQ', 0);
  plan.add(header);
  const content = plan.mark();
  for (const item of items) addItem(plan, item, inside);
  if (original !== undefined && plan.holdsOnly(content, original.valueStart, contentEndOfSequence(original))) {
    plan.rewind(before);
    plan.keep(original.start, original.end);
    return;
  }
  patchLength(header, definedLength(plan.length - content.length), encoding);
}

/** One item; `surrounding` is the encoding of an item that has no original. */
export function addItem(plan: PlanBuilder, item: OutputItem, surrounding: Encoding): void {
  const { original, elements } = item;
  const encoding = original?.encoding ?? surrounding;
  if (original?.hasUndefinedLength === true) {
    plan.keep(original.start, original.contentStart);
    addElements(plan, elements, encoding);
    plan.keep(original.end - DELIMITER_BYTES, original.end);
    return;
  }
  const before = plan.mark();
  const header = encodeItemHeader(encoding, 0);
  plan.add(header);
  const content = plan.mark();
  addElements(plan, elements, encoding);
  if (original !== undefined && plan.holdsOnly(content, original.contentStart, contentEndOfItem(original))) {
    plan.rewind(before);
    plan.keep(original.start, original.end);
    return;
  }
  patchLength(header, definedLength(plan.length - content.length), encoding);
}

const DELIMITER_BYTES = 8;

/** End of the last item; a delimiter that a sequence of defined length ended in all the same is not counted. */
function contentEndOfSequence(sequence: Element): number {
  return sequence.items?.at(-1)?.end ?? sequence.valueStart;
}

function contentEndOfItem(item: Item): number {
  return item.elements.at(-1)?.end ?? item.contentStart;
}
