// The characters of a page with their places, out of pdfium's text page. Worker thread.
import type { GrayPicture } from '../../core/picture.ts';
import { CHAR, type PageText } from './messages.ts';
import type { Pdfium } from './pdfium.ts';

/** From points of the page to pixels of its picture: x' = a x + c y + e, y' = b x + d y + f. */
export interface Placement {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** What pdfium's text page told, and the text object that each character belongs to (0: to none). */
export interface ExtractedText {
  readonly text: PageText;
  readonly objects: Uint32Array;
  /** Left, top, right, bottom of what its glyph draws; 4 each. */
  readonly glyphBoxes: Float32Array;
  /** 1 where the glyph comes from the document's own font. */
  readonly isEmbedded: Uint8Array;
  /** 1 where the glyph stands on its line as it is printed: neither mirrored nor leaning further than italics do. */
  readonly isUpright: Uint8Array;
}

/** More characters than any page that a person reads. */
const MAX_CHARS = 200_000;
const HYPHEN_MARK = 0x02;
/** A box whose grey levels differ by less shows nothing. */
const UNSEEN_CONTRAST = 20;
/** Cosine of how far letters may lean: italics that are made of an upright font lean by 20 degrees at most. */
const UPRIGHT = 0.9;
const FIRST_NOT_LATIN = 0x250;

/** The placement of a page that is drawn with `width` x `height` pixels; pdfium tells whole pixels only, so that it is asked for a page many times as large. */
export function placementOf(pdfium: Pdfium, page: number, width: number, height: number): Placement {
  const { call, scratch } = pdfium;
  const zoom = 1000;
  const at = (x: number, y: number): readonly [number, number] => {
    call.FPDF_PageToDevice(page, 0, 0, width * zoom, height * zoom, 0, x, y, scratch, scratch + 4);
    const [deviceX, deviceY] = pdfium.ints(2);
    return [deviceX / zoom, deviceY / zoom];
  };
  const span = 100;
  const [e, f] = at(0, 0);
  const [xOfX, yOfX] = at(span, 0);
  const [xOfY, yOfY] = at(0, span);
  return { a: (xOfX - e) / span, b: (yOfX - f) / span, c: (xOfY - e) / span, d: (yOfY - f) / span, e, f };
}

/** @throws Error when the page has more characters than a page can have */
export function extractText(pdfium: Pdfium, page: number, placement: Placement): ExtractedText {
  const { call } = pdfium;
  const textPage = call.FPDFText_LoadPage(page);
  if (textPage === 0) throw new Error('no text page');
  try {
    const count = Math.max(0, call.FPDFText_CountChars(textPage));
    if (count > MAX_CHARS) throw new Error('too many characters on a page');
    const extracted = reserve(count);
    const embedded = new Map<number, number>();
    for (let index = 0; index < count; index++) {
      readMeaning(pdfium, textPage, index, extracted, embedded);
      readPlace(pdfium, textPage, index, extracted, placement);
    }
    joinSurrogates(extracted.text);
    return extracted;
  } finally {
    call.FPDFText_ClosePage(textPage);
  }
}

function reserve(count: number): ExtractedText {
  return {
    text: {
      count,
      codes: new Uint32Array(count),
      flags: new Uint8Array(count),
      boxes: new Float32Array(count * 4),
      origins: new Float32Array(count * 2),
      directions: new Float32Array(count * 2),
      sizes: new Float32Array(count),
    },
    objects: new Uint32Array(count),
    glyphBoxes: new Float32Array(count * 4),
    isEmbedded: new Uint8Array(count),
    isUpright: new Uint8Array(count),
  };
}

function readMeaning(
  { call }: Pdfium,
  textPage: number,
  index: number,
  { text, objects, isEmbedded }: ExtractedText,
  embedded: Map<number, number>,
): void {
  const unicode = call.FPDFText_GetUnicode(textPage, index);
  const code = unicode === HYPHEN_MARK ? 0x2d : unicode;
  text.codes[index] = code;
  if (call.FPDFText_IsGenerated(textPage, index) === 1) {
    text.flags[index] |= CHAR.generated;
    return;
  }
  if (call.FPDFText_HasUnicodeMapError(textPage, index) === 1 || isMeaningless(code))
    text.flags[index] |= CHAR.unmapped;
  const object = call.FPDFText_GetTextObject(textPage, index);
  objects[index] = object;
  if (object === 0) return;
  let known = embedded.get(object);
  if (known === undefined) {
    const font = call.FPDFTextObj_GetFont(object);
    known = font !== 0 && call.FPDFFont_GetIsEmbedded(font) === 1 ? 1 : 0;
    embedded.set(object, known);
  }
  isEmbedded[index] = known;
}

/** No text can be read from it: controls, specials, private use. Line ends and tabs count as spaces elsewhere. */
function isMeaningless(code: number): boolean {
  if (code < 0x20) return code !== 0x09 && code !== 0x0a && code !== 0x0d;
  return (
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0xe000 && code < 0xf900) ||
    (code >= 0xfff0 && code <= 0xffff) ||
    code > 0xe0000
  );
}

function readPlace(
  pdfium: Pdfium,
  textPage: number,
  index: number,
  extracted: ExtractedText,
  placement: Placement,
): void {
  const { call, scratch } = pdfium;
  const { boxes, origins, directions, sizes } = extracted.text;
  const { a, b, c, d, e, f } = placement;
  if (call.FPDFText_GetCharBox(textPage, index, scratch, scratch + 8, scratch + 16, scratch + 24) === 1) {
    const [left, right, bottom, top] = pdfium.doubles(4);
    setBox(extracted.glyphBoxes, index, left, bottom, right, top, placement);
    boxes.set(extracted.glyphBoxes.subarray(index * 4, index * 4 + 4), index * 4);
  }
  if (call.FPDFText_GetLooseCharBox(textPage, index, scratch) === 1) {
    const [left, top, right, bottom] = pdfium.floats(4);
    widenBox(boxes, index, left, bottom, right, top, placement);
  }
  if (call.FPDFText_GetCharOrigin(textPage, index, scratch, scratch + 8) === 1) {
    const [x, y] = pdfium.doubles(2);
    origins[index * 2] = a * x + c * y + e;
    origins[index * 2 + 1] = b * x + d * y + f;
  }
  const fontSize = call.FPDFText_GetFontSize(textPage, index);
  sizes[index] = Math.abs(fontSize) * Math.hypot(c, d);
  directions[index * 2] = 1;
  if (call.FPDFText_GetMatrix(textPage, index, scratch) === 0) return;
  const [along, alongUp, up, upUp] = pdfium.floats(4);
  const rise = Math.hypot(a * up + c * upUp, b * up + d * upUp);
  sizes[index] = Math.abs(fontSize) * rise;
  // A font of negative size draws to the other side and on its head.
  const length = Math.hypot(a * along + c * alongUp, b * along + d * alongUp) * (fontSize < 0 ? -1 : 1);
  if (length === 0 || rise === 0) return;
  const x = (a * along + c * alongUp) / length;
  const y = (b * along + d * alongUp) / length;
  directions[index * 2] = x;
  directions[index * 2 + 1] = y;
  const upX = (a * up + c * upUp) / rise;
  const upY = (b * up + d * upUp) / rise;
  const lift = (y * upX - x * upY) * (fontSize < 0 ? -1 : 1);
  extracted.isUpright[index] = lift >= UPRIGHT ? 1 : 0;
}

function setBox(
  boxes: Float32Array,
  index: number,
  left: number,
  bottom: number,
  right: number,
  top: number,
  { a, b, c, d, e, f }: Placement,
): void {
  const x1 = a * left + c * bottom + e;
  const x2 = a * right + c * top + e;
  const y1 = b * left + d * bottom + f;
  const y2 = b * right + d * top + f;
  boxes[index * 4] = Math.min(x1, x2);
  boxes[index * 4 + 1] = Math.min(y1, y2);
  boxes[index * 4 + 2] = Math.max(x1, x2);
  boxes[index * 4 + 3] = Math.max(y1, y2);
}

const wider = new Float32Array(4);

function widenBox(
  boxes: Float32Array,
  index: number,
  left: number,
  bottom: number,
  right: number,
  top: number,
  placement: Placement,
): void {
  setBox(wider, 0, left, bottom, right, top, placement);
  const at = index * 4;
  const isEmpty = boxes[at] === boxes[at + 2] && boxes[at + 1] === boxes[at + 3];
  boxes[at] = isEmpty ? wider[0] : Math.min(boxes[at], wider[0]);
  boxes[at + 1] = isEmpty ? wider[1] : Math.min(boxes[at + 1], wider[1]);
  boxes[at + 2] = isEmpty ? wider[2] : Math.max(boxes[at + 2], wider[2]);
  boxes[at + 3] = isEmpty ? wider[3] : Math.max(boxes[at + 3], wider[3]);
}

/** Two halves of a character beyond the basic plane become one, at the place of the first; the other one is left without meaning. */
function joinSurrogates({ count, codes, flags }: PageText): void {
  for (let index = 0; index < count; index++) {
    const code = codes[index];
    if (code < 0xd800 || code > 0xdfff) continue;
    const next = index + 1 < count ? codes[index + 1] : 0;
    if (code < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
      codes[index] = ((code - 0xd800) << 10) + (next - 0xdc00) + 0x10000;
      index++;
      flags[index] |= CHAR.generated;
    }
    if (codes[index] <= 0xffff) flags[index] |= CHAR.unmapped;
  }
}

/** Marks what is written and not seen: white on white, behind a picture's plain part, in a hidden layer. `picture` is the whole page. */
export function markUnseen({ text, glyphBoxes, isEmbedded }: ExtractedText, picture: GrayPicture): void {
  for (let index = 0; index < text.count; index++) {
    if (text.flags[index] !== 0 || isSpace(text.codes[index])) continue;
    // pdfium has no glyphs of its own beyond Latin: a page that leaves its fonts to the reader is drawn without them, and is no secret.
    if (isEmbedded[index] === 0 && text.codes[index] >= FIRST_NOT_LATIN) continue;
    if (contrastIn(picture, glyphBoxes.subarray(index * 4, index * 4 + 4)) < UNSEEN_CONTRAST)
      text.flags[index] |= CHAR.unseen;
  }
}

export function isSpace(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200b) || code === 0x202f;
}

function contrastIn({ width, height, data }: GrayPicture, [left, top, right, bottom]: Float32Array): number {
  let least = 255;
  let most = 0;
  const endX = Math.min(width, Math.ceil(right) + 1);
  const endY = Math.min(height, Math.ceil(bottom) + 1);
  for (let y = Math.max(0, Math.floor(top) - 1); y < endY; y++)
    for (let x = Math.max(0, Math.floor(left) - 1); x < endX; x++) {
      const level = data[y * width + x];
      if (level < least) least = level;
      if (level > most) most = level;
    }
  return most - least;
}
