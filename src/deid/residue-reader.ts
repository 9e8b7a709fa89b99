// Reads the values of an output one by one for identifiers that are left, and tells where the first one stands.
import { InstanceError } from '../core/errors.ts';
import type { Element, OutputElement } from '../dicom/element.ts';
import { trimPadding } from '../dicom/values.ts';
import { formatTag, TAG } from '../standard/tags.ts';

import { CODE_TAGS, GIVEN_NAME_TAGS, MARKER_TAGS } from './attribute-classes.ts';
import { outsideTerms } from './code-values.ts';
import { DUMMY_TEXT } from './dummies.ts';
import type { ResidueJob } from './residue-check.ts';
import type { ResidueSet } from './residue-set.ts';
import type { Span, TextKind } from './residual-scanner.ts';

/** How the value of a VR is read; of all others only what no chance puts there counts. */
const KIND_BY_VR: ReadonlyMap<string, TextKind> = new Map<string, TextKind>([
  ...['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT'].map((vr) => [vr, 'free'] as const),
  ...['AE', 'AS', 'CS', 'DA', 'DT', 'TM', 'UI'].map((vr) => [vr, 'code'] as const),
  ...['DS', 'IS'].map((vr) => [vr, 'number'] as const),
]);
/** Long values of these hold samples, in which chance writes many short texts: only long ones count. */
const SAMPLE_VRS: ReadonlySet<string> = new Set([
  'FD',
  'FL',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SL',
  'SS',
  'SV',
  'UL',
  'US',
  'UV',
]);
const PIXEL_DATA_GROUP = 0x7fe0;
const LONG_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Around a trace in a long value. */
const WINDOW_BYTES = 512;
/** An identifier of this many characters inside what we wrote ourselves, or among samples, is no coincidence. */
const LONG_IDENTIFIER = 8;
/** Where written: dates were made by us, and eight digits of a replacement UID may be a day too. */
const NOT_DATED: ReadonlySet<string> = new Set(['DA', 'DT', 'TM', 'UI']);
/** Four components, or the two of a UUID's and the rest (PS3.5 B.2). */
const UID_RUN = /\d+(?:\.\d+){3,}|2\.25\.\d+/g;

/** A trace in a written value. */
export const WRITTEN = -1;

interface LongValue {
  readonly element: Element;
  readonly path: string;
}

export class ResidueReader {
  /** Values that are not in memory. */
  readonly unread: LongValue[] = [];
  readonly #job: ResidueJob;
  readonly #set: ResidueSet;
  readonly #uids: ReadonlySet<string>;

  readonly #traces: readonly number[] | undefined;

  /** `traces`: where anchors end, as offsets in the source or WRITTEN; undefined when every value is to be read. */
  constructor(job: ResidueJob & { readonly set: ResidueSet; readonly traces: readonly number[] | undefined }) {
    this.#job = job;
    this.#set = job.set;
    this.#traces = job.traces;
    this.#uids = job.identifiers.uids;
  }

  /** @throws InstanceError `residual-identifier` */
  readAll(): void {
    this.#readList(this.#job.output.elements, '');
  }

  /** What `readAll` left because it has to be read from the disk. Rejects with `residual-identifier`. */
  async readUnread(): Promise<void> {
    const { source } = this.#job.output;
    for (const { element, path } of this.unread) {
      const { valueStart, valueLength } = element;
      const end = valueStart + valueLength;
      // Chunks overlap, so that what lies across two of them is seen whole.
      for (let at = valueStart; at < end; at += CHUNK_BYTES - 2 * WINDOW_BYTES) {
        const chunk = await source.read(at, Math.min(CHUNK_BYTES, end - at));
        if (this.#isInLong(chunk, element.tag, element.vr)) throw residue(path);
      }
    }
  }

  #readList(elements: readonly OutputElement[], prefix: string): void {
    for (const element of elements) {
      if (element.kind === 'kept') this.#readKept(element.element, prefix);
      else if (element.kind === 'written') this.#readWritten(element, prefix);
      else {
        const path = prefix + formatTag(element.tag);
        for (const [index, item] of element.items.entries()) this.#readList(item.elements, `${path}[${index + 1}].`);
      }
    }
  }

  #readKept(element: Element, prefix: string): void {
    const { tag, vr, items, valueStart, valueLength } = element;
    if (tag >>> 16 === PIXEL_DATA_GROUP || valueLength === 0) return;
    const isLong = valueLength > LONG_BYTES && items === undefined;
    if (!isLong && !this.#hasTraceIn(valueStart, valueStart + valueLength)) return;
    if (items !== undefined) {
      for (const [index, item] of items.entries()) {
        const inside = `${prefix}${formatTag(tag)}[${index + 1}].`;
        for (const nested of item.elements) this.#readKept(nested, inside);
      }
      return;
    }
    const path = prefix + formatTag(tag);
    const bytes = this.#job.output.source.view(valueStart, valueLength);
    if (bytes === undefined) this.unread.push({ element, path });
    else if (isLong ? this.#isInLong(bytes, tag, vr) : this.#isTraced(bytes) && this.#isIn(bytes, tag, vr))
      throw residue(path);
  }

  #readWritten({ tag, vr, value }: Extract<OutputElement, { kind: 'written' }>, prefix: string): void {
    if (this.#traces?.includes(WRITTEN) === false || !this.#isTraced(value)) return;
    const { subject, areDatesMoved } = this.#job;
    const text = trimPadding(value).toString('latin1');
    const looking = areDatesMoved || NOT_DATED.has(vr) ? this.#set.timeless : this.#set.scanner;
    // Only a text may have something of the original in it; what else was written was made from nothing of it.
    const kind = KIND_BY_VR.get(vr) === 'free' ? 'free' : 'code';
    const isOurs =
      text === subject.subjectId || text === subject.subjectName || text === DUMMY_TEXT || MARKER_TAGS.has(tag);
    const isFound = decodings(value).some((decoded) => {
      const found = looking.find(decoded, kind, this.#uids);
      const spans = found === undefined || kind === 'free' ? found : outsideTerms(tag, decoded, found);
      if (spans === undefined) return false;
      return !isOurs || spans.some((span) => isTelling(span, decoded));
    });
    if (isFound) throw residue(prefix + formatTag(tag));
  }

  #hasTraceIn(start: number, end: number): boolean {
    return this.#traces === undefined || this.#traces.some((at) => at > start && at <= end);
  }

  #isTraced(bytes: Buffer): boolean {
    return this.#set.patterns.isInValue(bytes, 0, bytes.length);
  }

  /** Reads around each trace. */
  #isInLong(bytes: Buffer, tag: number, vr: string): boolean {
    const { patterns } = this.#set;
    const { length } = bytes;
    const shortest = SAMPLE_VRS.has(vr) ? LONG_IDENTIFIER : 0;
    let readTo = 0;
    for (let at = patterns.search(bytes, 0, length); at !== -1; at = patterns.search(bytes, at, length, 0)) {
      if (at + WINDOW_BYTES / 2 <= readTo) continue;
      readTo = Math.min(bytes.length, at + WINDOW_BYTES);
      if (this.#isIn(bytes.subarray(Math.max(0, at - WINDOW_BYTES), readTo), tag, vr, shortest)) return true;
    }
    return false;
  }

  #isIn(bytes: Buffer, tag: number, vr: string, shortest = 0): boolean {
    const kind = kindOf(tag, vr);
    const scanner = vr === 'UI' ? this.#set.timeless : this.#set.scanner;
    if (kind !== undefined)
      return decodings(bytes).some((text) => {
        const found = scanner.find(text, kind, this.#uids);
        return found !== undefined && (kind !== 'code' || outsideTerms(tag, text, found) !== undefined);
      });
    return decodings(bytes).some((text) => scanner.isInBytes(text, shortest) || this.#hasUid(text));
  }

  #hasUid(text: string): boolean {
    for (const [uid] of text.matchAll(UID_RUN)) if (this.#uids.has(uid)) return true;
    return false;
  }
}

function residue(path: string): InstanceError {
  return new InstanceError('residual-identifier', `An identifier of the original is left in ${path}.`);
}

function kindOf(tag: number, vr: string): TextKind | undefined {
  // A piece of a code is another code.
  if (GIVEN_NAME_TAGS.has(tag)) return 'free';
  return CODE_TAGS.has(tag) && tag !== TAG.CodeMeaning ? 'code' : KIND_BY_VR.get(vr);
}

/** A pseudonym may be what another patient's id was, `0001`; it may also be the whole of it, when a list assigned it so. */
function isTelling({ start, end }: Span, text: string): boolean {
  return end - start >= LONG_IDENTIFIER && end - start < text.trim().length;
}

/** What the bytes may say: as they stand, in UTF-8, in UTF-16 of either byte order and alignment. */
function decodings(bytes: Buffer): readonly string[] {
  const texts = [bytes.toString('latin1')];
  let hasHigh = false;
  let hasNul = false;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] >= 0x80) hasHigh = true;
    else if (bytes[at] === 0 && at < bytes.length - 1) hasNul = true;
  }
  if (hasHigh) texts.push(bytes.toString('utf8'));
  if (hasNul || hasHigh) {
    const even = bytes.subarray(0, bytes.length & ~1);
    const odd = bytes.subarray(1, 1 + ((bytes.length - 1) & ~1));
    for (const wide of [even, odd])
      texts.push(wide.toString('utf16le'), Buffer.from(wide).swap16().toString('utf16le'));
  }
  return texts;
}
