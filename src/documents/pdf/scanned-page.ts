// A page that is one picture from edge to edge, as scanners write them, mostly with unseen text over it. Drawn with the picture's own pixels it
// stays as it is; at any other resolution each of them is mixed with its neighbours, and the noise of a scan goes with them.
import type { Pdfium } from './pdfium.ts';

/** FPDF_PAGEOBJ_… of fpdf_edit.h. */
const IMAGE = 3;
const SHADING = 4;
const FORM = 5;
/** A scanner's picture may be a little larger or smaller than the page, and its pixels not quite square. */
const TOLERANCE = 0.01;

/** Pixels a point of the picture; undefined for a page that is not one upright picture, or one turned by quarters. */
export function scanScaleOf(pdfium: Pdfium, page: number, widthPt: number, heightPt: number): number | undefined {
  const image = onlyImageOf(pdfium, page);
  if (image === undefined) return undefined;
  const { call, scratch } = pdfium;
  if (call.FPDFPageObj_GetMatrix(image, scratch) === 0) return undefined;
  const [a, b, c, d] = pdfium.floats(4);
  const isTurned = Math.abs(a) < Math.abs(b);
  const [across, up] = isTurned ? [Math.abs(b), Math.abs(c)] : [Math.abs(a), Math.abs(d)];
  const askew = isTurned ? Math.max(Math.abs(a), Math.abs(d)) : Math.max(Math.abs(b), Math.abs(c));
  if (askew > TOLERANCE || !isAlike(across * up, widthPt * heightPt)) return undefined;
  if (call.FPDFImageObj_GetImagePixelSize(image, scratch, scratch + Uint32Array.BYTES_PER_ELEMENT) === 0)
    return undefined;
  const [columns, rows] = pdfium.ints(2);
  return isAlike(columns / across, rows / up) ? Math.sqrt((columns * rows) / (widthPt * heightPt)) : undefined;
}

/** Undefined when there is none, or more that may show one. */
function onlyImageOf({ call }: Pdfium, page: number): number | undefined {
  let image: number | undefined;
  const count = call.FPDFPage_CountObjects(page);
  for (let index = 0; index < count; index++) {
    const object = call.FPDFPage_GetObject(page, index);
    const type = call.FPDFPageObj_GetType(object);
    if (type === FORM || type === SHADING || (type === IMAGE && image !== undefined)) return undefined;
    if (type === IMAGE) image = object;
  }
  return image;
}

function isAlike(one: number, other: number): boolean {
  return Math.abs(one - other) <= TOLERANCE * Math.max(one, other);
}
