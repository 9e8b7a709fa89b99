// What the main thread and the PDF worker tell each other: the document, then page by page what is on it and what of it is to go.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import type { DocumentFinding, DocumentLimits } from '../document.ts';

/** Bits of PageText.flags. */
export const CHAR = {
  /** Not in the document: a space or line end that pdfium read from the distances. */
  generated: 1,
  /** Nothing is drawn where it says to be, though its glyph could be drawn. */
  unseen: 2,
  /** Has no meaning as text: no mapping, a control character, a private code. */
  unmapped: 4,
} as const;

/** The characters of a page in the order of pdfium's text page. All places in pixels of the drawn page, y down. */
export interface PageText {
  readonly count: number;
  /** Code points. */
  readonly codes: Uint32Array;
  readonly flags: Uint8Array;
  /** Left, top, right, bottom of what is drawn and of the cell around it, together; 4 each. */
  readonly boxes: Float32Array;
  /** x, y on the baseline; 2 each. */
  readonly origins: Float32Array;
  /** Direction of writing as a unit vector; 2 each. */
  readonly directions: Float32Array;
  /** Size of the font in pixels. */
  readonly sizes: Float32Array;
}

export interface OpenedDocument {
  readonly kind: 'opened';
  readonly pages: number;
  readonly findings: readonly DocumentFinding[];
}

export interface OpenedPage {
  readonly kind: 'page';
  /** In points of 1/72 inch, as turned by its rotation. */
  readonly widthPt: number;
  readonly heightPt: number;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  readonly text: PageText;
  /** What is drawn beside text that says what it shows; undefined when nothing of it could be read as text. */
  readonly unread: GrayPicture | undefined;
  readonly annotations: number;
}

/** The page's picture as a PDF image: rows with PNG predictors, deflated (ISO 32000-2 7.4.4.4); or as it is, for others to encode. */
export interface PagePicture {
  readonly kind: 'picture';
  readonly width: number;
  readonly height: number;
  readonly encoding: 'flate' | 'raw';
  readonly components: 1 | 3;
  readonly bitsPerComponent: 1 | 4 | 8;
  /** Red, green, blue of each value, when the samples are indices. */
  readonly palette?: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A page for a person to look at: samples as rows from the top, luminance or red, green, blue. */
export interface DrawnPage {
  readonly kind: 'drawn';
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  readonly data: Uint8Array<ArrayBuffer>;
}

export type PdfRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array<ArrayBuffer>; readonly limits: DocumentLimits }
  | { readonly kind: 'page'; readonly index: number }
  /** `hasJpeg`: a page that is a photograph or a scan is asked for as it is. */
  | { readonly kind: 'finish'; readonly blanked: readonly Rectangle[]; readonly hasJpeg: boolean }
  | { readonly kind: 'draw'; readonly index: number; readonly dpi: number }
  /** Lets go of the document. */
  | { readonly kind: 'close' };

/**
 * `message` is a sentence of ours: nothing that the library or the document says. `isRefused`: the document was turned down in good order, and the
 * thread may serve another.
 */
export type PdfAnswer =
  | OpenedDocument
  | OpenedPage
  | PagePicture
  | DrawnPage
  | { readonly kind: 'closed'; readonly heapBytes: number }
  | { readonly kind: 'failed'; readonly message: string; readonly isRefused: boolean };
