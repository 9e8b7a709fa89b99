// A PDF as the worker thread holds it: opened, its pages drawn one at a time. Forms and annotations become part of the page; what is not drawn stays behind.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import type { DocumentFinding, DocumentLimits } from '../document.ts';
import { findDrawnAsNamed } from './drawn-text.ts';
import { GlyphShapes } from './glyph-shapes.ts';
import { mayShowText } from './loose-ink.ts';
import { CHAR, type DrawnPage, type OpenedDocument, type OpenedPage, type PagePicture } from './messages.ts';
import { PageBitmap } from './page-bitmap.ts';
import { extractText, isSpace, markUnseen, placementOf, type ExtractedText } from './page-text.ts';
import type { Pdfium } from './pdfium.ts';
import { withoutRules } from './rules.ts';
import { scanScaleOf } from './scanned-page.ts';
import { withUnnamedInk } from './unnamed-ink.ts';

const DPI = 200;
/** A page smaller than A4 is drawn finer, up to this: its letters fill more of it, and so does what drawing them anew takes from their edges. */
const FINEST_DPI = 300;
const A4_POINTS = 595 * 842;
/** A coarser picture is no page that was scanned. */
const LEAST_SCAN_DPI = 70;
/** Coarser than this a page cannot be read any more. */
const LEAST_DPI = 60;
const POINTS_PER_INCH = 72;
const TEXT_OBJECT = 1;
const FLATTEN_FAILED = 0;
const FORM_INFO_BYTES = 256;
const FORM_INFO_VERSION = 2;
/** FORMTYPE_XFA_FULL: the pages are made by a script from XML; what pdfium draws is only the notice that says so. */
const XFA_FULL = 2;
const META_KEYS = ['Title', 'Author', 'Subject', 'Keywords', 'Creator', 'Producer', 'CreationDate', 'ModDate'];

/** Of a page, in points and in the pixels that it is drawn with. */
type PageSize = Pick<OpenedPage, 'widthPt' | 'heightPt' | 'width' | 'height'>;

/** Why a document is refused, in words of ours. */
export class Refused extends Error {}

interface HeldPage {
  readonly handle: number;
  /** The page as it is to be. */
  readonly bitmap: PageBitmap;
  /** In pixels, of the page as it was opened. */
  readonly width: number;
  readonly height: number;
  /** Text and lines alone. */
  readonly isPrint: boolean;
}

export class OpenPdf {
  readonly #pdfium: Pdfium;
  readonly #document: number;
  readonly #form: number;
  readonly #limits: DocumentLimits;
  readonly #shapes: GlyphShapes;
  #held: HeldPage | undefined;

  /** @throws Refused when it is encrypted, broken, or beyond the limits */
  constructor(pdfium: Pdfium, bytes: Uint8Array, limits: DocumentLimits) {
    this.#pdfium = pdfium;
    this.#limits = limits;
    const { call } = pdfium;
    this.#document = call.FPDF_LoadMemDocument(pdfium.copyIn(bytes), bytes.length, 0);
    if (this.#document === 0) throw new Refused('The PDF is broken or encrypted');
    if (call.FPDF_GetSecurityHandlerRevision(this.#document) !== -1) throw new Refused('The PDF is encrypted');
    if (call.FPDF_GetFormType(this.#document) === XFA_FULL) throw new Refused('The PDF is an XFA form without pages');
    if (this.pages < 1) throw new Refused('The PDF has no page');
    if (this.pages > limits.maxPages) throw new Refused(`The PDF has more than ${limits.maxPages} pages`);
    // With a form environment pdfium makes the appearances of fields that have none.
    const info = pdfium.allocate(FORM_INFO_BYTES);
    pdfium.bytes(info, FORM_INFO_BYTES).fill(0);
    new DataView(call.memory.buffer).setUint32(info, FORM_INFO_VERSION, true);
    this.#form = call.FPDFDOC_InitFormFillEnvironment(this.#document, info);
    this.#shapes = GlyphShapes.of(pdfium);
  }

  get pages(): number {
    return this.#pdfium.call.FPDF_GetPageCount(this.#document);
  }

  describe(): OpenedDocument {
    const { call } = this.#pdfium;
    const counts: readonly (readonly [string, number])[] = [
      ['attachment', call.FPDFDoc_GetAttachmentCount(this.#document)],
      ['script', call.FPDFDoc_GetJavaScriptActionCount(this.#document)],
      ['signature', call.FPDF_GetSignatureCount(this.#document)],
      ['form-package', call.FPDF_GetXFAPacketCount(this.#document)],
      ['bookmark', call.FPDFBookmark_GetFirstChild(this.#document, 0) === 0 ? 0 : 1],
      ['metadata', META_KEYS.filter((key) => this.#hasMeta(key)).length],
    ];
    const findings: DocumentFinding[] = counts.flatMap(([kind, count]) => (count > 0 ? [{ kind, count }] : []));
    return { kind: 'opened', pages: this.pages, findings };
  }

  /** An empty text takes 2 bytes. */
  #hasMeta(key: string): boolean {
    const { call } = this.#pdfium;
    const tag = this.#pdfium.copyIn(Buffer.from(`${key}\0`, 'latin1'));
    const length = call.FPDF_GetMetaText(this.#document, tag, 0, 0);
    call.free(tag);
    return length > 2;
  }

  /** Draws a page and tells what is on it. The page is held until `finish`. */
  openPage(index: number): OpenedPage {
    const { handle, annotations } = this.#loadFlat(index);
    const size = this.#sizeOf(handle, (area) => {
      return Math.min(FINEST_DPI, DPI * Math.max(1, Math.sqrt(A4_POINTS / area)));
    });
    const { widthPt, heightPt, width, height } = size;
    const extracted = extractText(this.#pdfium, handle, placementOf(this.#pdfium, handle, width, height));
    const bitmap = new PageBitmap(this.#pdfium, width, height);
    bitmap.draw(handle);
    const whole = bitmap.toGray();
    markUnseen(extracted, whole);
    const unread = this.#drawUnread(handle, extracted, whole);
    this.#held = {
      handle,
      bitmap: this.#asScanned(handle, size, bitmap),
      width,
      height,
      isPrint: unread === undefined,
    };
    return { kind: 'page', widthPt, heightPt, width, height, text: extracted.text, unread, annotations };
  }

  /** A scan with the pixels that it has, whatever it was drawn with to be read; else the page as it was drawn. */
  #asScanned(page: number, { widthPt, heightPt }: PageSize, drawn: PageBitmap): PageBitmap {
    const dpi = (scanScaleOf(this.#pdfium, page, widthPt, heightPt) ?? 0) * POINTS_PER_INCH;
    if (dpi < LEAST_SCAN_DPI || dpi > FINEST_DPI + 1) return drawn;
    const { width, height } = this.#sizeOf(page, () => dpi);
    drawn.close();
    const bitmap = new PageBitmap(this.#pdfium, width, height);
    bitmap.draw(page, true);
    return bitmap;
  }

  /** The page with its annotations and form fields as part of its content. */
  #loadFlat(index: number): { readonly handle: number; readonly annotations: number } {
    const first = this.#load(index);
    const { call } = this.#pdfium;
    const annotations = Math.max(0, call.FPDFPage_GetAnnotCount(first));
    if (annotations === 0) return { handle: first, annotations };
    const flattened = call.FPDFPage_Flatten(first, 0);
    if (flattened === FLATTEN_FAILED) throw new Refused('The annotations of a page could not be drawn');
    this.#close(first);
    return { handle: this.#load(index), annotations };
  }

  #load(index: number): number {
    const { call } = this.#pdfium;
    const page = call.FPDF_LoadPage(this.#document, index);
    if (page === 0) throw new Refused('A page of the PDF is broken');
    if (this.#form !== 0) call.FORM_OnAfterLoadPage(page, this.#form);
    return page;
  }

  #close(page: number): void {
    const { call } = this.#pdfium;
    if (this.#form !== 0) call.FORM_OnBeforeClosePage(page, this.#form);
    call.FPDF_ClosePage(page);
  }

  /** @param dpiOf the resolution that is wanted for so many square points */
  #sizeOf(page: number, dpiOf: (area: number) => number): PageSize {
    const { call } = this.#pdfium;
    const widthPt = call.FPDF_GetPageWidthF(page);
    const heightPt = call.FPDF_GetPageHeightF(page);
    const scale = this.#scaleOf(widthPt, heightPt, dpiOf(widthPt * heightPt));
    const width = Math.max(1, Math.round(widthPt * scale));
    const height = Math.max(1, Math.round(heightPt * scale));
    return { widthPt, heightPt, width, height };
  }

  #scaleOf(widthPt: number, heightPt: number, dpi: number): number {
    const isSize = Number.isFinite(widthPt) && Number.isFinite(heightPt) && widthPt >= 1 && heightPt >= 1;
    if (!isSize) throw new Refused('A page of the PDF has no size');
    const fitting = Math.sqrt(this.#limits.maxPagePixels / (widthPt * heightPt));
    const scale = Math.min(dpi / POINTS_PER_INCH, fitting);
    if (scale < LEAST_DPI / POINTS_PER_INCH) throw new Refused('A page of the PDF is too large to be drawn');
    return scale;
  }

  /** The page without the text that is drawn as it is named; undefined when what is left cannot show any text. */
  #drawUnread(page: number, extracted: ExtractedText, whole: GrayPicture): GrayPicture | undefined {
    const { objects, text } = extracted;
    const trusted = findDrawnAsNamed(extracted, whole, this.#shapes);
    const named = new Set(objects);
    const doubtful = new Set<number>();
    for (let index = 0; index < text.count; index++)
      if (trusted[index] === 0 && (text.flags[index] & CHAR.generated) === 0 && !isSpace(text.codes[index]))
        doubtful.add(objects[index]);
    for (const object of doubtful) named.delete(object);
    named.delete(0);
    const rest =
      doubtful.size === 0 && this.#isAllText(page, named) ? undefined : this.#drawWithout(page, named, whole);
    const unread = withUnnamedInk(whole, rest, extracted, trusted);
    if (!mayShowText(unread)) return undefined;
    const drawn = withoutRules(unread);
    return mayShowText(drawn) ? drawn : undefined;
  }

  /** The page, drawn as large as `whole`, without some of its objects. */
  #drawWithout(page: number, objects: ReadonlySet<number>, { width, height }: GrayPicture): GrayPicture {
    const { call } = this.#pdfium;
    for (const object of objects) call.FPDFPageObj_SetIsActive(object, 0);
    const bitmap = new PageBitmap(this.#pdfium, width, height);
    bitmap.draw(page);
    for (const object of objects) call.FPDFPageObj_SetIsActive(object, 1);
    const picture = bitmap.toGray();
    bitmap.close();
    return picture;
  }

  /** A page as it is seen, with its annotations and form fields. */
  drawPage(index: number, dpi: number): DrawnPage {
    const { handle } = this.#loadFlat(index);
    const { width, height } = this.#sizeOf(handle, () => dpi);
    const bitmap = new PageBitmap(this.#pdfium, width, height);
    bitmap.draw(handle);
    const picture = bitmap.toPicture();
    bitmap.close();
    this.#close(handle);
    return { kind: 'drawn', width, height, ...picture };
  }

  #isAllText(page: number, known: ReadonlySet<number>): boolean {
    const { call } = this.#pdfium;
    const count = call.FPDFPage_CountObjects(page);
    for (let index = 0; index < count; index++) {
      const object = call.FPDFPage_GetObject(page, index);
      if (call.FPDFPageObj_GetType(object) !== TEXT_OBJECT || !known.has(object)) return false;
    }
    return true;
  }

  /**
   * Blanks parts of the page that is held, packs its picture and lets it go.
   * @param blanked in pixels of the page as it was opened
   */
  finish({ blanked, hasJpeg }: { readonly blanked: readonly Rectangle[]; readonly hasJpeg: boolean }): PagePicture {
    if (this.#held === undefined) throw new Error('no page is held');
    const { handle, bitmap, width, height, isPrint } = this.#held;
    this.#held = undefined;
    const [across, down] = [bitmap.width / width, bitmap.height / height];
    for (const { x, y, ...area } of blanked)
      bitmap.blank({ x: x * across, y: y * down, width: area.width * across, height: area.height * down });
    const picture = bitmap.pack(isPrint ? 'print' : hasJpeg ? 'raw' : 'lossless');
    bitmap.close();
    this.#close(handle);
    return picture;
  }
}
