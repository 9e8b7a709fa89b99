// A page as pdfium draws it: rendered into its memory, read as luminance, blanked, and packed as a PDF image. Worker thread.
import { deflateSync } from 'node:zlib';
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import type { RawPicture } from '../document.ts';
import type { PagePicture } from './messages.ts';
import type { Pdfium } from './pdfium.ts';
import { commonColor } from './background.ts';
import { packBytes, packRows, rowsOf } from './png-rows.ts';
import { PrintColors } from './print-colors.ts';

/** FPDFBitmap_BGRx: 4 bytes a pixel. */
const BGRX = 3;
const BYTES_PER_PIXEL = 4;
const WHITE = -1;
/** FPDF_RENDER_NO_SMOOTHIMAGE. */
const NO_SMOOTH_IMAGE = 0x2000;
/** Differences between the channels below this are grey: sub-pixel noise of scanners. */
const GRAY_TOLERANCE = 10;

/** White paper of `width` x `height` pixels in pdfium's memory. To be closed. */
export class PageBitmap {
  readonly width: number;
  readonly height: number;
  readonly #pdfium: Pdfium;
  readonly #handle: number;

  constructor(pdfium: Pdfium, width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#pdfium = pdfium;
    this.#handle = pdfium.call.FPDFBitmap_CreateEx(width, height, BGRX, 0, 0);
    if (this.#handle === 0) throw new Error('no memory for the picture of a page');
    pdfium.call.FPDFBitmap_FillRect(this.#handle, 0, 0, width, height, WHITE);
  }

  /**
   * Draws the page over what is there. Annotations are drawn when they were flattened into it.
   * @param isScan its picture has as many pixels as the page: none is mixed with its neighbours
   */
  draw(page: number, isScan = false): void {
    const flags = isScan ? NO_SMOOTH_IMAGE : 0;
    this.#pdfium.call.FPDF_RenderPageBitmap(this.#handle, page, 0, 0, this.width, this.height, 0, flags);
  }

  /** BGRx, row by row without padding. A view: good until pdfium is called again. */
  #pixels(): Uint8Array {
    const { call } = this.#pdfium;
    if (call.FPDFBitmap_GetStride(this.#handle) !== this.width * BYTES_PER_PIXEL) throw new Error('padded rows');
    return this.#pdfium.bytes(call.FPDFBitmap_GetBuffer(this.#handle), this.width * this.height * BYTES_PER_PIXEL);
  }

  /** Luminance (ITU-R BT.601), a copy. */
  toGray(): GrayPicture {
    const pixels = this.#pixels();
    const data = new Uint8Array(this.width * this.height);
    for (let at = 0, from = 0; at < data.length; at++, from += BYTES_PER_PIXEL)
      data[at] = (pixels[from] * 29 + pixels[from + 1] * 150 + pixels[from + 2] * 77 + 128) >> 8;
    return { width: this.width, height: this.height, data };
  }

  /** Fills a rectangle with the colour around it. */
  blank(rectangle: Rectangle): void {
    const left = Math.max(0, Math.floor(rectangle.x));
    const top = Math.max(0, Math.floor(rectangle.y));
    const right = Math.min(this.width, Math.ceil(rectangle.x + rectangle.width));
    const bottom = Math.min(this.height, Math.ceil(rectangle.y + rectangle.height));
    if (right <= left || bottom <= top) return;
    const pixels = this.#pixels();
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, this.width * this.height);
    const color = commonColor(words, this.width, this.height, { left, top, right, bottom });
    for (let row = top; row < bottom; row++) words.fill(color, row * this.width + left, row * this.width + right);
  }

  /** The picture as it is: grey where nothing of it has a colour. A copy. */
  toPicture(): Pick<RawPicture, 'components'> & { readonly data: Uint8Array<ArrayBuffer> } {
    const pixels = this.#pixels();
    const components = levelsOf(pixels).isColored ? 3 : 1;
    return { components, data: rowsOf(pixels, { width: this.width, height: this.height, components }) };
  }

  /**
   * The picture as a PDF image: two levels, grey or colour, whichever loses nothing that is seen.
   * @param how `print`: of letters and lines sixteen levels are enough, in colour as many of each; `raw`: for others to encode, unless it has
   *   two levels
   */
  pack(how: 'print' | 'lossless' | 'raw'): PagePicture {
    const pixels = this.#pixels();
    const { width, height } = this;
    const { isColored, isBilevel } = levelsOf(pixels);
    const components = isColored ? 3 : 1;
    const picture = { kind: 'picture', encoding: 'flate', width, height, components } as const;
    if (isBilevel) return this.#packed(picture, packRows(pixels, { ...picture, bitsPerComponent: 1 }), 1);
    if (how === 'raw') {
      const data = rowsOf(pixels, picture);
      return { ...picture, encoding: 'raw', bitsPerComponent: 8, data };
    }
    const print = how === 'print' ? new PrintColors() : undefined;
    const indices = isColored ? print?.indicesOf(pixels) : undefined;
    if (print !== undefined && indices !== undefined) {
      const indexed = { ...picture, components: 1, palette: print.palette() } as const;
      return this.#packed(indexed, packBytes(indices, width, height), 8);
    }
    const bitsPerComponent = print !== undefined && !isColored ? 4 : 8;
    return this.#packed(picture, packRows(pixels, { ...picture, bitsPerComponent }), bitsPerComponent);
  }

  #packed(
    picture: Omit<PagePicture, 'bitsPerComponent' | 'data'>,
    rows: Buffer,
    bitsPerComponent: PagePicture['bitsPerComponent'],
  ): PagePicture {
    const packed = deflateSync(rows, { level: 6 });
    const data = new Uint8Array(packed.length);
    data.set(packed);
    return { ...picture, bitsPerComponent, data };
  }

  close(): void {
    this.#pdfium.call.FPDFBitmap_Destroy(this.#handle);
  }
}

function levelsOf(pixels: Uint8Array): { readonly isColored: boolean; readonly isBilevel: boolean } {
  let isBilevel = true;
  for (let at = 0; at < pixels.length; at += BYTES_PER_PIXEL) {
    const blue = pixels[at];
    const green = pixels[at + 1];
    const red = pixels[at + 2];
    if (Math.max(blue, green, red) - Math.min(blue, green, red) > GRAY_TOLERANCE)
      return { isColored: true, isBilevel: false };
    if (green !== 0 && green !== 255) isBilevel = false;
  }
  return { isColored: false, isBilevel };
}
