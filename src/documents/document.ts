// What every kind of encapsulated document is given to be cleaned with, and what it gives back (PS3.3 A.45, C.24.2; issue 6).
import type { PictureReader } from '../core/picture.ts';
import type { TextJudge } from '../core/text-judge.ts';

/** What cleaning one document may cost. Beyond any of them it rejects with `document-unreadable`. */
export interface DocumentLimits {
  /** Bytes of the document as it came. */
  readonly maxBytes: number;
  readonly maxPages: number;
  /** Pixels of one page as it is drawn; larger pages are drawn coarser, down to `minDpi` of their kind. */
  readonly maxPagePixels: number;
  /** Bytes of text and markup after every compression of the document itself. */
  readonly maxInflatedBytes: number;
  /** Elements, objects or groups within each other. */
  readonly maxDepth: number;
  /** Wall time of reading and writing the whole document, in milliseconds; that of a PictureReader, which has limits of its own, is not counted. */
  readonly timeoutMs: number;
  /** Resident memory that a worker thread may take for one document, in MiB. */
  readonly maxMemoryMib: number;
}

export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxPages: 2000,
  maxPagePixels: 16_000_000,
  maxInflatedBytes: 256 * 1024 * 1024,
  maxDepth: 256,
  timeoutMs: 300_000,
  maxMemoryMib: 450,
};

/** Samples as rows from the top, without padding: one byte each, luminance or red, green, blue. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  readonly data: Uint8Array;
}

/** One document of one instance, and those who judge what it says. */
export interface DocumentJob {
  readonly bytes: Buffer;
  readonly judge: TextJudge;
  /** Undefined when nobody can read pictures: a document that shows any is then `document-unreadable`. */
  readonly pictures: PictureReader | undefined;
  readonly limits: DocumentLimits;
  /** Makes a baseline JPEG of a page that is a photograph or a scan; the same picture gives the same bytes. Without it such pages stay lossless and large. */
  readonly encodeJpeg?: (picture: RawPicture) => Promise<Buffer>;
  readonly signal?: AbortSignal;
}

/** What was taken out of a document. Never a value. */
export interface DocumentFinding {
  /** A stable word: the kinds of IdentifyingKind, 'picture-region', or a part such as 'attachment', 'script', 'metadata', 'comment'. */
  readonly kind: string;
  readonly count: number;
  /** From 1; undefined when it belongs to the whole document. */
  readonly page?: number;
}

export interface CleanDocument {
  /** The clean document, of the same MIME type. The same input gives the same bytes. */
  readonly bytes: Buffer;
  readonly findings: readonly DocumentFinding[];
}
