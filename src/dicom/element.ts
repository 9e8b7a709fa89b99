// The element tree: where each element of a data set stands in the received bytes (PS3.5 section 7). Nothing is decoded here.
import type { ByteSource } from '../core/bytes.ts';

/** How the elements of one data set or item are encoded (PS3.5 section 10 and Annex A). */
export interface Encoding {
  readonly isImplicitVr: boolean;
  readonly isBigEndian: boolean;
}

/** One data element: tag, VR and the byte ranges that hold it. All offsets count from the start of `DataSet.source`. */
export interface Element {
  /** Group and element as one unsigned number, `0x00100010`. */
  readonly tag: number;
  /** The VR in effect: the encoded one; for implicit VR and for UN with a known tag the dictionary's (PS3.5 section 6.2.2). */
  readonly vr: string;
  /** The VR on the wire; undefined in implicit VR. */
  readonly encodedVr: string | undefined;
  /** Offset of the tag. */
  readonly start: number;
  /** Offset of the value. */
  readonly valueStart: number;
  /** Length of the value in bytes, without delimitation items; for an undefined length what was found up to the delimiter. */
  readonly valueLength: number;
  /** Offset of the byte after the element, its sequence delimitation item included. */
  readonly end: number;
  readonly hasUndefinedLength: boolean;
  /** Items of a sequence (also of a sequence wrapped in UN); undefined for anything else. */
  readonly items?: readonly Item[] | undefined;
  /** Fragments of encapsulated pixel data, the basic offset table first (PS3.5 A.4); undefined for anything else. */
  readonly fragments?: readonly Fragment[] | undefined;
}

/** One item of a sequence. */
export interface Item {
  /** Offset of the item tag. */
  readonly start: number;
  /** Offset of the first element. */
  readonly contentStart: number;
  /** Offset of the byte after the item, its delimitation item included. */
  readonly end: number;
  readonly hasUndefinedLength: boolean;
  readonly elements: readonly Element[];
  /** Encoding inside this item: a sequence in UN is implicit VR little endian whatever surrounds it (CP-246). */
  readonly encoding: Encoding;
}

/** A byte range of encapsulated pixel data. */
export interface Fragment {
  readonly valueStart: number;
  readonly length: number;
}

/** A parsed data set over the bytes it came in. */
export interface DataSet {
  readonly source: ByteSource;
  readonly encoding: Encoding;
  readonly elements: readonly Element[];
  /** Gives back what reading took (the temporary file of a large deflated data set). Absent when there is nothing to give back. */
  readonly close?: () => Promise<void>;
}

/** An element of a data set that is about to leave. */
export type OutputElement =
  /** Leaves byte for byte as it came. */
  | { readonly kind: 'kept'; readonly element: Element }
  /** A new value; the header is made in the encoding that surrounds it. `value` is already padded to even length, byte order applied. */
  | { readonly kind: 'written'; readonly tag: number; readonly vr: string; readonly value: Buffer }
  /** A sequence of which something inside changed; `original` lends its header and its kind of length. */
  | {
      readonly kind: 'sequence';
      readonly tag: number;
      readonly original?: Element;
      readonly items: readonly OutputItem[];
    };

export interface OutputItem {
  /** The item that this one came from; lends its kind of length and its encoding. Without it: defined length, surrounding encoding. */
  readonly original?: Item;
  readonly elements: readonly OutputElement[];
}

/** A data set that is about to leave: ranges of `source` with new values in between, in ascending tag order. */
export interface OutputDataSet {
  readonly source: ByteSource;
  readonly encoding: Encoding;
  readonly elements: readonly OutputElement[];
}

/** A run of output bytes: held in memory, or a range of the source that is copied when it is written. */
export type Piece = Buffer | SourceRange;

/** A range of the source; `swapBytes` asks for the byte order of each 2-, 4- or 8-byte word to be turned while copying. */
export interface SourceRange {
  readonly offset: number;
  readonly length: number;
  readonly swapBytes?: 2 | 4 | 8;
}

/** The output as a list of pieces: what a file, a socket or a hash takes one after another. */
export interface SplicePlan {
  readonly source: ByteSource;
  readonly pieces: readonly Piece[];
  /** Sum of all pieces in bytes. */
  readonly length: number;
}
