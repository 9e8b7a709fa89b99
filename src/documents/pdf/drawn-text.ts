// Which text of a page is drawn as its text layer says. A font may draw one letter and name another (a broken or forged ToUnicode map), or a
// picture may lie over it: only what is drawn as it is named need not be read from the picture.
import type { GrayPicture } from '../../core/picture.ts';
import { placeOf, quarterOf, turnOut } from './glyph-place.ts';
import { type GlyphShapes, type Shape, shapeIn } from './glyph-shapes.ts';
import { CHAR, type PageText } from './messages.ts';
import { isSpace, type ExtractedText } from './page-text.ts';

/** Correlation from which on a shape is taken for the letter that it should be. */
const ALIKE = 0.62;
/** And for a Latin letter or digit where another script is named. */
const LATIN = 0.86;
const WORD_SHARE = 0.5;
const LINE_SHARE = 0.7;
const LATIN_SHARE = 0.8;
/** Letters of a word by which it is judged alone; shorter words stand and fall with their line. */
const WORD_LETTERS = 3;
const FIRST_NOT_LATIN = 0x250;
const LATIN_LETTER = /\p{Script=Latin}/u;
const CYRILLIC = /\p{Script=Cyrillic}/u;

interface Tally {
  known: number;
  alike: number;
  foreign: number;
  latin: number;
}

/**
 * For each character 1 when it is drawn as it is named. By words, and by lines: at least half of a word's and seven tenths of a line's
 * letters must look like those of a standard font. A script without known shapes (CJK, Arabic, Cyrillic …) counts as drawn as named unless it
 * draws Latin letters.
 */
export function findDrawnAsNamed(extracted: ExtractedText, picture: GrayPicture, shapes: GlyphShapes): Uint8Array {
  const { count, codes } = extracted.text;
  const trusted = new Uint8Array(count);
  const alike = new Int8Array(count);
  for (let index = 0; index < count; index++) alike[index] = compare(extracted, index, picture, shapes);
  for (let start = 0; start < count;) {
    let end = start;
    while (end < count && codes[end] !== 0x0a && codes[end] !== 0x0d) end++;
    markLine(extracted, alike, start, end, trusted);
    start = end + 1;
  }
  return trusted;
}

const LIKE = 1;
const UNLIKE = 2;
const FOREIGN = 3;
const FOREIGN_LATIN = 4;

/** What a character's drawing says about its name; 0 when it says nothing. Letters that are mirrored or lean over say another one than they show. */
function compare(extracted: ExtractedText, index: number, picture: GrayPicture, shapes: GlyphShapes): number {
  const { text, isUpright } = extracted;
  const code = text.codes[index];
  if (isSpace(code) || (text.flags[index] & CHAR.generated) !== 0) return 0;
  if ((text.flags[index] & CHAR.unmapped) !== 0) return UNLIKE;
  const character = String.fromCodePoint(code);
  const isForeign = code >= FIRST_NOT_LATIN && /\p{L}/u.test(character);
  if (!isForeign && !shapes.isKnown(character)) return 0;
  if (isUpright[index] === 0) return UNLIKE;
  if (isCutOff(extracted, index, picture)) return 0;
  const shape = shapeOf(extracted, index, picture);
  if (isForeign) return shape !== undefined && shapes.likenessToAny(shape) >= LATIN ? FOREIGN_LATIN : FOREIGN;
  if (shape === undefined) return UNLIKE;
  return shapes.likenessTo(shape, character) >= ALIKE ? LIKE : UNLIKE;
}

/** Runs over the edge of the page, or lies beyond it: what of it is seen says nothing. */
function isCutOff({ glyphBoxes }: ExtractedText, index: number, { width, height }: GrayPicture): boolean {
  const [left, top, right, bottom] = glyphBoxes.subarray(index * 4, index * 4 + 4);
  return left < 0 || top < 0 || right > width || bottom > height;
}

/** What the page draws where a character is, as it is read. */
function shapeOf(extracted: ExtractedText, index: number, picture: GrayPicture): Shape | undefined {
  const { text, glyphBoxes } = extracted;
  const quarter = quarterOf(text.directions[index * 2], text.directions[index * 2 + 1]);
  const at = index * 4;
  if (quarter !== undefined)
    return shapeIn(picture, glyphBoxes[at], glyphBoxes[at + 1], glyphBoxes[at + 2], glyphBoxes[at + 3], quarter);
  const place = placeOf(extracted, index);
  if (place === undefined) return undefined;
  const turned = turnOut(picture, place);
  return shapeIn(turned.picture, ...turned.bounds, 0);
}

function markLine({ text }: ExtractedText, alike: Int8Array, start: number, end: number, trusted: Uint8Array): void {
  const line = tallyOf(alike, start, end);
  const isLineTrusted = isTrusted(line, LINE_SHARE);
  if (!isLineTrusted) return;
  for (let from = start; from < end;) {
    let to = from;
    while (to < end && !isSpace(text.codes[to])) to++;
    const word = tallyOf(alike, from, to);
    const isShort = word.known + word.foreign < WORD_LETTERS;
    if ((isShort || isTrusted(word, WORD_SHARE)) && !isOfTwoScripts(text, alike, from, to)) trusted.fill(1, from, to);
    for (; to < end && isSpace(text.codes[to]); to++) trusted[to] = 1;
    from = to;
  }
}

/** A word of Latin letters and of others that look like them: it is read as something else than it says. */
function isOfTwoScripts({ codes }: PageText, alike: Int8Array, start: number, end: number): boolean {
  let isLatin = false;
  let isOther = false;
  for (let index = start; index < end; index++) {
    const character = String.fromCodePoint(codes[index]);
    if (LATIN_LETTER.test(character)) isLatin = true;
    else if (codes[index] >= FIRST_NOT_LATIN && (alike[index] === FOREIGN_LATIN || CYRILLIC.test(character)))
      isOther = true;
  }
  return isLatin && isOther;
}

function tallyOf(alike: Int8Array, start: number, end: number): Tally {
  const tally: Tally = { known: 0, alike: 0, foreign: 0, latin: 0 };
  for (let index = start; index < end; index++) {
    const said = alike[index];
    if (said === LIKE || said === UNLIKE) tally.known++;
    if (said === LIKE) tally.alike++;
    if (said === FOREIGN || said === FOREIGN_LATIN) tally.foreign++;
    if (said === FOREIGN_LATIN) tally.latin++;
  }
  return tally;
}

/** Nothing that could be compared is no trust. */
function isTrusted({ known, alike, foreign, latin }: Tally, share: number): boolean {
  if (known + foreign === 0) return false;
  if (known > 0 && alike < known * share) return false;
  return foreign < WORD_LETTERS || latin < foreign * LATIN_SHARE;
}
