// Turns a data set of one native encoding into another: implicit or explicit VR, little or big endian (PS3.5 Annex A).
import type { ByteSource } from '../core/bytes.ts';
import { InstanceError } from '../core/errors.ts';
import { TAG } from '../standard/tags.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import { isVr, wordSizeOf } from '../standard/vr.ts';
import type { Element, Encoding, OutputDataSet, OutputElement, OutputItem, SplicePlan } from './element.ts';
import { encodingOf, IMPLICIT_LITTLE_ENDIAN } from './encodings.ts';
import { explicitVrOf, NO_VR_CONTEXT, vrContextOf, type VrContext } from './explicit-vr.ts';
import {
  definedLength,
  encodeDelimiter,
  encodeHeader,
  encodeItemHeader,
  ITEM_DELIMITATION,
  patchLength,
  SEQUENCE_DELIMITATION,
  UNDEFINED_LENGTH,
  vrThatHolds,
} from './header.ts';
import { PlanBuilder } from './plan-builder.ts';
import { swapWords } from './byte-order.ts';
import { addItem, isWrappedSequence, splice } from './writer.ts';

type OutputSequence = Extract<OutputElement, { kind: 'sequence' }>;

/**
 * The output in the encoding of `to`; a deflated one is to be deflated yet (`encodePlan`). Bulk data stays ranges of the source, words turned while
 * copying. Sequences keep their kind of length; UN stays what it is, little endian (PS3.5 6.2.2); group lengths,
 * which would be wrong, are dropped. Throws `unsupported-transfer-syntax` when either side is encapsulated, and when the byte order
 * of pixel cells wider than 16 bits would change.
 */
export function convertEncoding(output: OutputDataSet, from: TransferSyntax, to: TransferSyntax): SplicePlan {
  if (from.uid !== to.uid && (from.isEncapsulated || to.isEncapsulated)) refuseEncapsulated();
  if (from.isImplicitVr === to.isImplicitVr && from.isBigEndian === to.isBigEndian) return splice(output);
  return new Conversion(output.source, output.encoding, encodingOf(to)).run(output.elements);
}

function refuseEncapsulated(): never {
  throw new InstanceError(
    'unsupported-transfer-syntax',
    'An encapsulated transfer syntax cannot be converted without a codec',
  );
}

/**
 * OW has words of 16 bits, so that a cell of 32 bits is two words, the lower one first (PS3.5 8.1.1, 8.2); but big endian files
 * exist that have the bytes of the whole cell turned. To guess would spoil every pixel silently.
 */
function refuseWideCells(offset: number): never {
  const message = 'The byte order of pixel cells wider than 16 bits cannot be changed: writers differ on it';
  throw new InstanceError('unsupported-transfer-syntax', message, { offset });
}

class Conversion {
  readonly #source: ByteSource;
  readonly #from: Encoding;
  readonly #to: Encoding;
  readonly #plan = new PlanBuilder();

  constructor(source: ByteSource, from: Encoding, to: Encoding) {
    this.#source = source;
    this.#from = from;
    this.#to = to;
  }

  run(elements: readonly OutputElement[]): SplicePlan {
    this.#addElements(elements, NO_VR_CONTEXT);
    return this.#plan.build(this.#source);
  }

  #addElements(elements: readonly OutputElement[], surrounding: VrContext): void {
    const context = vrContextOf(this.#source, elements, this.#from, surrounding);
    for (const one of elements) {
      if (one.kind === 'written') this.#addWritten(one.tag, one.vr, one.value);
      else if (one.kind === 'sequence') this.#addSequence(one, context);
      else if (one.element.items !== undefined) this.#addSequence(keptSequence(one.element), context);
      else if (one.element.fragments !== undefined) refuseEncapsulated();
      else if (!isGroupLength(one.element.tag)) this.#addKept(one.element, context);
    }
  }

  #addWritten(tag: number, vr: string, value: Buffer): void {
    const written = this.#to.isImplicitVr ? vr : vrThatHolds(vr, value.length);
    const isTurned = this.#from.isBigEndian !== this.#isBigEndianIn(written);
    this.#plan.add(encodeHeader(this.#to, tag, written, value.length));
    this.#plan.add(isTurned ? swapWords(value, wordSizeOf(vr)) : value);
  }

  #addKept(element: Element, context: VrContext): void {
    const { tag, valueStart, valueLength } = element;
    const vr = this.#vrOf(element, context);
    const written = this.#to.isImplicitVr ? vr : vrThatHolds(vr, valueLength);
    this.#plan.add(encodeHeader(this.#to, tag, written, valueLength));
    // The value of UN is little endian wherever it stands.
    const isBigEndian = element.encodedVr !== 'UN' && this.#from.isBigEndian;
    const wordSize = wordSizeOf(vr);
    const end = valueStart + valueLength;
    if (wordSize === 1 || isBigEndian === this.#isBigEndianIn(written)) {
      this.#plan.keep(valueStart, end);
      return;
    }
    if (tag === TAG.PixelData && (context.bitsAllocated ?? 0) > 16) refuseWideCells(valueStart);
    this.#plan.keepSwapped(valueStart, end, wordSize);
  }

  /** The VR to state: the encoded one where it is one of PS3.5, else what the dictionary says. */
  #vrOf({ tag, vr, encodedVr }: Element, context: VrContext): string {
    if (encodedVr === undefined) return explicitVrOf(tag, vr, context);
    return isVr(encodedVr) ? encodedVr : vr;
  }

  #isBigEndianIn(writtenVr: string): boolean {
    return this.#to.isBigEndian && writtenVr !== 'UN';
  }

  #addSequence({ original, tag, items }: OutputSequence, context: VrContext): void {
    const plan = this.#plan;
    const isWrapped = isWrappedSequence(original);
    const isUndefined = original?.hasUndefinedLength === true;
    const header = encodeHeader(this.#to, tag, isWrapped ? 'UN' : 'SQ', isUndefined ? UNDEFINED_LENGTH : 0);
    plan.add(header);
    const contentStart = plan.length;
    for (const item of items) {
      if (isWrapped) addItem(plan, item, IMPLICIT_LITTLE_ENDIAN);
      else this.#addItem(item, context);
    }
    if (!isUndefined) patchLength(header, definedLength(plan.length - contentStart), this.#to);
    else plan.add(encodeDelimiter(isWrapped ? IMPLICIT_LITTLE_ENDIAN : this.#to, SEQUENCE_DELIMITATION));
  }

  #addItem({ original, elements }: OutputItem, context: VrContext): void {
    const plan = this.#plan;
    const isUndefined = original?.hasUndefinedLength === true;
    const header = encodeItemHeader(this.#to, isUndefined ? UNDEFINED_LENGTH : 0);
    plan.add(header);
    const contentStart = plan.length;
    this.#addElements(elements, context);
    if (!isUndefined) patchLength(header, definedLength(plan.length - contentStart), this.#to);
    else plan.add(encodeDelimiter(this.#to, ITEM_DELIMITATION));
  }
}

function isGroupLength(tag: number): boolean {
  return (tag & 0xffff) === 0;
}

function keptSequence(original: Element): OutputSequence {
  return { kind: 'sequence', tag: original.tag, original, items: (original.items ?? []).map(keptItem) };
}

function keptItem(original: NonNullable<Element['items']>[number]): OutputItem {
  return { original, elements: original.elements.map((element) => ({ kind: 'kept', element })) };
}
