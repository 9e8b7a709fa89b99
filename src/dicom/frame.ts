// One level of the parser's explicit stack: the elements of a data set or item, the items of a sequence, or the fragments of pixel data.
import type { Element, Encoding, Fragment, Item } from './element.ts';

export type FrameKind = 'elements' | 'items' | 'fragments';

/** What is being read, and what its header said. One class for all kinds keeps the hot loop monomorphic. */
export class Frame {
  readonly kind: FrameKind;
  readonly parent: Frame | undefined;
  /** Encoding of what stands inside. */
  readonly encoding: Encoding;
  /** No byte of the content stands at or after this offset: its own end, or that of what encloses it when its length is undefined. */
  readonly limit: number;
  readonly hasUndefinedLength: boolean;
  /** Offset of the tag of the sequence, pixel data or item. */
  readonly start: number;
  readonly contentStart: number;
  /** The header of the sequence or pixel data; unused for items and the data set. */
  readonly tag: number;
  readonly vr: string;
  readonly encodedVr: string | undefined;
  /** A sequence that UN may or may not hold: a fault inside means that it does not. */
  readonly isTrial: boolean;

  readonly elements: Element[] = [];
  readonly items: Item[] = [];
  readonly fragments: Fragment[] = [];

  constructor(
    kind: FrameKind,
    parent: Frame | undefined,
    encoding: Encoding,
    range: { start: number; contentStart: number; limit: number; hasUndefinedLength: boolean },
    header: { tag: number; vr: string; encodedVr: string | undefined; isTrial: boolean } = NO_HEADER,
  ) {
    this.kind = kind;
    this.parent = parent;
    this.encoding = encoding;
    this.limit = range.limit;
    this.hasUndefinedLength = range.hasUndefinedLength;
    this.start = range.start;
    this.contentStart = range.contentStart;
    this.tag = header.tag;
    this.vr = header.vr;
    this.encodedVr = header.encodedVr;
    this.isTrial = header.isTrial;
  }
}

const NO_HEADER = { tag: 0, vr: '', encodedVr: undefined, isTrial: false };
