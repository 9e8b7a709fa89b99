// The document of an instance before and after, for a person who may see the original.
import type { OutputDataSet, DataSet } from '../dicom/element.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../documents/document.ts';
import type { DocumentLimits, RawPicture } from '../documents/document.ts';
import type { DocumentKind } from '../documents/kinds.ts';
import { DrawnPdf } from '../documents/pdf/draw-pages.ts';
import { shownText } from '../documents/shown-text.ts';
import { documentOf } from '../documents/stage.ts';
import { TAG } from '../standard/tags.ts';

/** A page before and after; undefined where that document has no such page. */
export interface PagePair {
  readonly before: RawPicture | undefined;
  readonly after: RawPicture | undefined;
}

export interface PagesPreview {
  readonly kind: 'pdf';
  /** Of the longer one of both. */
  readonly pages: number;
  /** @param index from 0. Rejects with InstanceError `document-unreadable`. */
  draw(index: number): Promise<PagePair>;
  close(): Promise<void>;
}

export interface TextPreview {
  readonly kind: Exclude<DocumentKind, 'pdf'>;
  readonly before: string;
  /** Empty when the profile takes the document out. */
  readonly after: string;
}

export type DocumentPreview = PagesPreview | TextPreview;

/**
 * Both documents, opened; undefined when the instance has none. Rejects with InstanceError `document-unreadable`.
 * @param dataSet as it came; to stay open
 * @param output what leaves of it
 */
export async function previewDocument(
  dataSet: DataSet,
  output: OutputDataSet,
  sopClassUid: string,
  limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS,
): Promise<DocumentPreview | undefined> {
  const held = await documentOf(dataSet, sopClassUid, limits);
  if (held === undefined) return undefined;
  const { kind, bytes } = held;
  const leaving = leavingDocument(output, bytes);
  if (kind !== 'pdf')
    return { kind, before: shownText(kind, bytes), after: leaving === undefined ? '' : shownText(kind, leaving) };
  const before = await DrawnPdf.open(bytes, limits);
  try {
    const after = leaving === undefined ? undefined : await DrawnPdf.open(leaving, limits);
    return pagesOf(before, after);
  } catch (error) {
    await before.close();
    throw error;
  }
}

/** The document that leaves, with the padding of its value; undefined when none does. */
function leavingDocument({ elements }: OutputDataSet, original: Buffer): Buffer | undefined {
  for (const element of elements) {
    if (element.kind === 'written' && element.tag === TAG.EncapsulatedDocument) return element.value;
    if (element.kind === 'kept' && element.element.tag === TAG.EncapsulatedDocument) return original;
  }
  return undefined;
}

function pagesOf(before: DrawnPdf, after: DrawnPdf | undefined): PagesPreview {
  const drawn = async (pdf: DrawnPdf | undefined, index: number): Promise<RawPicture | undefined> =>
    pdf === undefined || index >= pdf.pages ? undefined : pdf.draw(index);
  return {
    kind: 'pdf',
    pages: Math.max(before.pages, after?.pages ?? 0),
    draw: async (index) => ({ before: await drawn(before, index), after: await drawn(after, index) }),
    async close() {
      await before.close();
      await after?.close();
    },
  };
}
