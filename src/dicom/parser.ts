// The rules that turn bytes into an element tree (PS3.5 section 7 and Annex A), as a machine that asks for the bytes it needs.
import { InstanceError } from '../core/errors.ts';
import { vrOf } from '../standard/dictionary.ts';
import { isVr } from '../standard/vr.ts';
import type { Element, Encoding } from './element.ts';
import { readTag, readUint32 } from './byte-order.ts';
import { IMPLICIT_LITTLE_ENDIAN } from './encodings.ts';
import { Frame } from './frame.ts';
import type { ReadLimits } from './read-limits.ts';
import { DELIMITER_GROUP, implicitVrOf, isPixelTag, nameTag } from './tag-rules.ts';
import { unknownVrForm, unknownVrName, VR_FORM, VR_FORMS, VR_NAMES } from './vr-codes.ts';

const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_DELIMITATION = 0xfffee00d;
const SEQUENCE_DELIMITATION = 0xfffee0dd;
const NO_GROUP = -1;

/** Thrown when a UN turns out not to hold a sequence; never leaves the parser. */
const TRIAL_FAILED = new Error('no sequence in UN');

/**
 * Reads one data set in a single pass. `run` goes on until it needs bytes that were not supplied, or until the end.
 *
 * Invariants: a header, and a value that is not bulk, is taken only when it lies wholly in the window, and nothing has
 * changed before that, so that a suspended step is simply done again. Every length is held against the end of what
 * encloses it before it is used. The stack is explicit and `maxDepth` deep at most.
 */
export class DataSetParser {
  /** Bytes to supply when `run` returned false. `isPassing`: they need not be kept for `DataSet.source`. */
  wantedOffset = 0;
  wantedLength = 0;
  isPassing = false;

  readonly #end: number;
  readonly #limits: ReadLimits;
  readonly #onlyGroup: number;
  readonly #root: Frame;

  #window: Buffer = Buffer.alloc(0);
  #windowStart: number;
  #windowEnd: number;
  #isPassingWindow = false;

  #position: number;
  #frame: Frame | undefined;
  #depth = 0;
  #count = 0;
  /** The start of the data set moved on by every skipped bulk value: position minus this is what `maxHeaderBytes` limits. */
  #headerOrigin: number;
  /** Offset of the bulk value that was skipped last. */
  #bulkStart: number;
  /** The frame to go back to when the sequence that a UN may hold does not parse. */
  #trial: Frame | undefined;
  #opaqueAt = -1;

  /**
   * @param start offset of the first element
   * @param end offset of the byte after the data set
   * @param onlyGroup stop before the first element of another group (for file meta information)
   */
  constructor(start: number, end: number, encoding: Encoding, limits: ReadLimits, onlyGroup = NO_GROUP) {
    this.#end = end;
    this.#limits = limits;
    this.#onlyGroup = onlyGroup;
    this.#position = start;
    this.#headerOrigin = start;
    this.#bulkStart = start;
    this.#windowStart = start;
    this.#windowEnd = start;
    this.#root = new Frame('elements', undefined, encoding, {
      start,
      contentStart: start,
      limit: end,
      hasUndefinedLength: false,
    });
    this.#frame = this.#root;
  }

  /** The top-level elements; complete once `run` returned true. */
  get elements(): readonly Element[] {
    return this.#root.elements;
  }

  /** Offset of the first byte that was not read. */
  get position(): number {
    return this.#position;
  }

  /** Offset up to which the window holds something that `DataSet.source` must view: no bulk data that was skipped at its end. */
  get neededEnd(): number {
    const end = this.#position <= this.#windowEnd ? this.#position : Math.min(this.#bulkStart, this.#windowEnd);
    return Math.max(end, this.#windowStart);
  }

  /** Makes `bytes`, which begin at `offset`, the window. One supplied for `isPassing` serves fragment headers only. */
  supply(offset: number, bytes: Buffer): void {
    this.#window = bytes;
    this.#windowStart = offset;
    this.#windowEnd = offset + bytes.length;
    this.#isPassingWindow = this.isPassing;
  }

  /** True at the end of the data set, false when bytes are wanted. Throws `unparsable` or `header-too-large`. */
  run(): boolean {
    for (;;) {
      try {
        return this.#advance();
      } catch (error) {
        if (error !== TRIAL_FAILED) throw error;
        this.#abandonTrial();
      }
    }
  }

  #advance(): boolean {
    for (let frame = this.#frame; frame !== undefined; frame = this.#frame) {
      const goesOn =
        frame.kind === 'elements'
          ? this.#readElements(frame)
          : frame.kind === 'items'
            ? this.#readItems(frame)
            : this.#readFragments(frame);
      if (!goesOn) return false;
    }
    return true;
  }

  /** Reads elements until the frame ends or another one opens (true), or bytes are wanted (false). */
  #readElements(frame: Frame): boolean {
    const { isImplicitVr, isBigEndian } = frame.encoding;
    const { limit, elements } = frame;
    const onlyGroup = frame.parent === undefined ? this.#onlyGroup : NO_GROUP;
    const bytes = this.#window;
    const base = this.#windowStart;
    const windowEnd = this.#windowEnd;
    const { bulkThreshold } = this.#limits;
    let position = this.#position;

    for (;;) {
      this.#position = position;
      const left = limit - position;
      if (left < 8) return this.#endElements(frame, left);
      if (position < base || (position + 12 > windowEnd && windowEnd < this.#end)) {
        return this.#want(position, Math.min(12, this.#end - position));
      }

      const at = position - base;
      const group = isBigEndian ? (bytes[at] << 8) | bytes[at + 1] : bytes[at] | (bytes[at + 1] << 8);
      const element = isBigEndian ? (bytes[at + 2] << 8) | bytes[at + 3] : bytes[at + 2] | (bytes[at + 3] << 8);
      const tag = group * 0x10000 + element;
      if (group === DELIMITER_GROUP) {
        this.#readDelimiterInElements(frame, tag);
        return true;
      }
      if (onlyGroup !== NO_GROUP && group !== onlyGroup) {
        this.#frame = undefined;
        return true;
      }

      let vr: string;
      let encodedVr: string | undefined;
      let form: number = VR_FORM.short;
      let length: number;
      let valueStart = position + 8;
      if (isImplicitVr) {
        vr = implicitVrOf(tag);
        length = readUint32(bytes, at + 4, isBigEndian);
        if (vr === 'SQ') form = VR_FORM.sequence;
      } else {
        const code = (bytes[at + 4] << 8) | bytes[at + 5];
        form = VR_FORMS[code];
        if (form === VR_FORM.short) {
          vr = encodedVr = VR_NAMES[code] as string;
          length = isBigEndian ? (bytes[at + 6] << 8) | bytes[at + 7] : bytes[at + 6] | (bytes[at + 7] << 8);
        } else {
          if (form === VR_FORM.unknown) {
            encodedVr = unknownVrName(code);
            vr = this.#vrInsteadOfUnknown(tag, code);
          } else {
            vr = encodedVr = VR_NAMES[code] as string;
            if (form === VR_FORM.un) vr = vrOf(tag) ?? 'UN';
          }
          if (form === VR_FORM.unknown && unknownVrForm(code) === 'short') {
            length = isBigEndian ? (bytes[at + 6] << 8) | bytes[at + 7] : bytes[at + 6] | (bytes[at + 7] << 8);
          } else {
            if (left < 12) this.#fail(`${nameTag(tag)} needs a header of 12 bytes, ${left} are left`, position);
            length = readUint32(bytes, at + 8, isBigEndian);
            valueStart = position + 12;
          }
        }
      }

      if (length === UNDEFINED_LENGTH) {
        this.#openUndefined(frame, tag, vr, encodedVr, position, valueStart);
        return true;
      }
      const end = valueStart + length;
      if (end > limit) this.#failLength(tag, length, limit - valueStart, position, frame);
      if (form === VR_FORM.sequence || (form === VR_FORM.un && vr === 'SQ')) {
        if (form === VR_FORM.sequence || this.#mayHoldSequence(position)) {
          const isTrial = form === VR_FORM.un;
          this.#open(
            frame,
            'items',
            isTrial ? IMPLICIT_LITTLE_ENDIAN : frame.encoding,
            {
              start: position,
              contentStart: valueStart,
              limit: end,
              hasUndefinedLength: false,
            },
            { tag, vr, encodedVr, isTrial },
          );
          return true;
        }
        vr = 'UN';
      }

      if (length > bulkThreshold || isPixelTag(tag)) {
        this.#headerOrigin += length;
        this.#bulkStart = valueStart;
      } else if (end > windowEnd) {
        return this.#want(position, end - position);
      }
      this.#countOne(position);
      elements.push({
        tag,
        vr,
        encodedVr,
        start: position,
        valueStart,
        valueLength: length,
        end,
        hasUndefinedLength: false,
        items: undefined,
        fragments: undefined,
      });
      position = end;
    }
  }

  /** Nothing, or too little for a header, is left before the limit of the frame. */
  #endElements(frame: Frame, left: number): boolean {
    if (left > 0 && !(frame.parent === undefined && this.#onlyGroup !== NO_GROUP)) {
      this.#fail(`an element needs a header of 8 bytes, ${left} are left`, this.#position);
    }
    if (frame.hasUndefinedLength) {
      this.#fail('the data ends where an item delimitation item should stand', this.#position);
    }
    this.#closeItem(frame, this.#position);
    return true;
  }

  /** A delimiter has the length 0 (PS3.5 7.5.2); another one means nothing, and is passed over as DCMTK does. */
  #readDelimiterInElements(frame: Frame, tag: number): void {
    const position = this.#position;
    if (tag === ITEM_DELIMITATION && frame.parent !== undefined) {
      const end = position + 8;
      // An item of defined length that ends in a delimiter all the same: harmless when nothing follows it.
      if (!frame.hasUndefinedLength && end !== frame.limit) {
        this.#fail('an item delimitation item stands before the end of an item of defined length', position);
      }
      this.#position = end;
      this.#closeItem(frame, end);
      return;
    }
    this.#fail(`${nameTag(tag)} stands where an element should`, position);
  }

  #closeItem(frame: Frame, end: number): void {
    const parent = frame.parent;
    this.#frame = parent;
    parent?.items.push({
      start: frame.start,
      contentStart: frame.contentStart,
      end,
      hasUndefinedLength: frame.hasUndefinedLength,
      elements: frame.elements,
      encoding: frame.encoding,
    });
  }

  /** Reads item headers until an item with content opens, the sequence ends (true), or bytes are wanted (false). */
  #readItems(frame: Frame): boolean {
    const { isBigEndian } = frame.encoding;
    const { limit } = frame;
    for (;;) {
      const position = this.#position;
      const left = limit - position;
      if (left === 0 && !frame.hasUndefinedLength) {
        this.#closeSequence(frame, position, position);
        return true;
      }
      if (left < 8) this.#failMissingDelimiter(frame, left);
      if (!this.#hasWindow(position, 8)) return this.#want(position, 8);
      const at = position - this.#windowStart;
      const tag = readTag(this.#window, at, isBigEndian);
      const length = readUint32(this.#window, at + 4, isBigEndian);
      const contentStart = position + 8;
      if (tag === SEQUENCE_DELIMITATION) {
        this.#endSequenceAtDelimiter(frame, position);
        return true;
      }
      if (tag !== ITEM) {
        const found = nameTag(tag);
        this.#fail(`${found} stands where an item of the sequence ${nameTag(frame.tag)} should`, position);
      }
      this.#countOne(position);
      const hasUndefinedLength = length === UNDEFINED_LENGTH;
      const end = hasUndefinedLength ? limit : contentStart + length;
      if (end > limit) {
        const what = `an item of ${nameTag(frame.tag)}`;
        this.#fail(`${what} announces ${length} bytes, ${limit - contentStart} are left`, position);
      }
      this.#position = contentStart;
      this.#frame = new Frame('elements', frame, frame.encoding, {
        start: position,
        contentStart,
        limit: end,
        hasUndefinedLength,
      });
      return true;
    }
  }

  #endSequenceAtDelimiter(frame: Frame, position: number): void {
    const end = position + 8;
    if (!frame.hasUndefinedLength && end !== frame.limit) {
      this.#fail('a sequence delimitation item stands before the end of a sequence of defined length', position);
    }
    this.#position = end;
    this.#closeSequence(frame, frame.hasUndefinedLength ? position : end, end);
  }

  #closeSequence(frame: Frame, valueEnd: number, end: number): void {
    if (frame.isTrial) this.#trial = undefined;
    this.#close(frame, valueEnd, end);
    this.#depth--;
  }

  #close(frame: Frame, valueEnd: number, end: number): void {
    const isSequence = frame.kind === 'items';
    this.#frame = frame.parent;
    frame.parent?.elements.push({
      tag: frame.tag,
      vr: frame.vr,
      encodedVr: frame.encodedVr,
      start: frame.start,
      valueStart: frame.contentStart,
      valueLength: valueEnd - frame.contentStart,
      end,
      hasUndefinedLength: frame.hasUndefinedLength,
      items: isSequence ? frame.items : undefined,
      fragments: isSequence ? undefined : frame.fragments,
    });
  }

  /** Reads fragment headers of encapsulated pixel data until its end (true), or until bytes are wanted (false). */
  #readFragments(frame: Frame): boolean {
    const { isBigEndian } = frame.encoding;
    for (;;) {
      const position = this.#position;
      const left = frame.limit - position;
      if (left < 8) this.#failMissingDelimiter(frame, left);
      if (!this.#hasWindow(position, 8)) return this.#want(position, 8, true);
      const at = position - this.#windowStart;
      const tag = readTag(this.#window, at, isBigEndian);
      const length = readUint32(this.#window, at + 4, isBigEndian);
      const valueStart = position + 8;
      if (tag === SEQUENCE_DELIMITATION) {
        this.#position = valueStart;
        if (this.#isPassingWindow) this.#windowEnd = this.#windowStart;
        this.#close(frame, position, valueStart);
        return true;
      }
      if (tag !== ITEM) this.#fail(`${nameTag(tag)} stands where a fragment of pixel data should`, position);
      if (length > frame.limit - valueStart) {
        this.#fail(
          `a fragment of pixel data announces ${length} bytes, ${frame.limit - valueStart} are left`,
          position,
        );
      }
      this.#countOne(position);
      frame.fragments.push({ valueStart, length });
      this.#bulkStart = valueStart;
      this.#headerOrigin += length;
      this.#position = valueStart + length;
    }
  }

  /** A value of undefined length: items, or the fragments of pixel data (PS3.5 7.1.3, A.4). Nothing else may have one. */
  #openUndefined(
    frame: Frame,
    tag: number,
    vr: string,
    encodedVr: string | undefined,
    start: number,
    contentStart: number,
  ): void {
    const range = { start, contentStart, limit: frame.limit, hasUndefinedLength: true };
    if (isPixelTag(tag) && (encodedVr === undefined || encodedVr === 'OB' || encodedVr === 'OW')) {
      this.#open(frame, 'fragments', frame.encoding, range, { tag, vr, encodedVr, isTrial: false });
      return;
    }
    // A VR to come is read like UN.
    const isWrapped = encodedVr === 'UN' || (encodedVr !== undefined && !isVr(encodedVr));
    const isSequence = encodedVr === undefined ? vr === 'SQ' || vr === 'UN' : encodedVr === 'SQ';
    if (!isWrapped && !isSequence) {
      this.#fail(`${nameTag(tag)} has a VR that may not have an undefined length`, start);
    }
    const encoding = isWrapped ? IMPLICIT_LITTLE_ENDIAN : frame.encoding;
    this.#open(frame, 'items', encoding, range, { tag, vr: 'SQ', encodedVr, isTrial: false });
  }

  #open(
    frame: Frame,
    kind: 'items' | 'fragments',
    encoding: Encoding,
    range: { start: number; contentStart: number; limit: number; hasUndefinedLength: boolean },
    header: { tag: number; vr: string; encodedVr: string | undefined; isTrial: boolean },
  ): void {
    this.#countOne(range.start);
    if (kind === 'items') {
      if (this.#depth >= this.#limits.maxDepth) {
        this.#fail(`sequences are nested more than ${this.#limits.maxDepth} levels deep`, range.start);
      }
      this.#depth++;
      if (header.isTrial) this.#trial = frame;
    }
    this.#position = range.contentStart;
    this.#frame = new Frame(kind, frame, encoding, range, header);
  }

  /** A UN of defined length whose tag the dictionary knows as SQ is tried once. In implicit VR there is no UN: trials do not nest. */
  #mayHoldSequence(position: number): boolean {
    return position !== this.#opaqueAt;
  }

  /** Back to the UN that was tried: this time it is taken as an opaque value. Each byte is so read twice at most. */
  #abandonTrial(): void {
    const surrounding = this.#trial;
    if (surrounding === undefined) throw new Error('no trial is under way');
    let inner = this.#frame;
    while (inner !== undefined && inner.parent !== surrounding) {
      if (inner.kind === 'items') this.#depth--;
      inner = inner.parent;
    }
    if (inner === undefined) throw new Error('the trial is not on the stack');
    this.#depth--;
    this.#trial = undefined;
    this.#frame = surrounding;
    this.#position = inner.start;
    this.#opaqueAt = inner.start;
  }

  /** What stands for a VR that PS3.5 does not define. Never SQ: its content was not framed as items. */
  #vrInsteadOfUnknown(tag: number, code: number): string {
    if (unknownVrForm(code) === undefined) {
      this.#fail(`${nameTag(tag)} has no VR: is it implicit VR in an explicit VR data set?`, this.#position);
    }
    const vr = implicitVrOf(tag);
    return vr === 'SQ' ? 'UN' : vr;
  }

  #hasWindow(offset: number, length: number): boolean {
    return offset >= this.#windowStart && offset + length <= this.#windowEnd;
  }

  #want(offset: number, length: number, isPassing = false): false {
    this.wantedOffset = offset;
    this.wantedLength = length;
    this.isPassing = isPassing;
    return false;
  }

  #countOne(position: number): void {
    if (++this.#count > this.#limits.maxElements) {
      const message = `more than ${this.#limits.maxElements} elements`;
      throw new InstanceError('header-too-large', message, { offset: position });
    }
    if (position - this.#headerOrigin > this.#limits.maxHeaderBytes) {
      const message = `more than ${this.#limits.maxHeaderBytes} bytes outside bulk data`;
      throw new InstanceError('header-too-large', message, { offset: position });
    }
  }

  #failLength(tag: number, length: number, left: number, position: number, frame: Frame): never {
    const where = frame.parent === undefined ? 'data set' : 'item';
    this.#fail(`${nameTag(tag)} announces ${length} bytes, ${left} are left in the ${where}`, position);
  }

  #failMissingDelimiter(frame: Frame, left: number): never {
    const missing = frame.hasUndefinedLength ? 'its sequence delimitation item' : 'the header of an item';
    this.#fail(`${nameTag(frame.tag)} ends where ${missing} should stand, ${left} bytes are left`, this.#position);
  }

  #fail(message: string, offset: number): never {
    if (this.#trial !== undefined) throw TRIAL_FAILED;
    throw new InstanceError('unparsable', message, { offset });
  }
}
