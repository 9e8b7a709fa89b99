// The unseen text of the new pages: every character where it was read, in fonts without outlines (Type 3, ISO 32000-2 9.6.4), so that it can be
// searched and copied and never shows. A code stands for a character of a certain width, as tools tell words apart by distances.
import { CHAR, type OpenedPage, type PageText } from './messages.ts';
import { isSpace } from './page-text.ts';
import { fragmentsOf, type Fragment } from './readings.ts';

const CODES_PER_FONT = 255;
/** Widths are kept in steps of this many thousandths of the size. */
const WIDTH_STEP = 20;
const MOST_WIDTH = 4000;
const SIZE_STEP = 1.05;
const REPLACEMENT_FONT = 'H';

export interface FontCode {
  readonly font: number;
  readonly code: number;
  readonly width: number;
}

/** A character that has a code: what the font says of it. */
export interface CodedCharacter {
  readonly character: string;
  readonly width: number;
}

/** The fonts of one document. Codes are given in the order in which characters come. */
export class LayerFonts {
  readonly #codes = new Map<number, FontCode>();
  readonly #fonts: CodedCharacter[][] = [];

  /** @param width in thousandths of the size */
  codeOf(codePoint: number, width: number): FontCode {
    const rounded = Math.min(MOST_WIDTH, Math.max(WIDTH_STEP, Math.round(width / WIDTH_STEP) * WIDTH_STEP));
    const key = codePoint * (MOST_WIDTH + 1) + rounded;
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    let characters = this.#fonts.at(-1);
    if (characters === undefined || characters.length === CODES_PER_FONT) {
      characters = [];
      this.#fonts.push(characters);
    }
    characters.push({ character: String.fromCodePoint(codePoint), width: rounded });
    const code = { font: this.#fonts.length - 1, code: characters.length, width: rounded };
    this.#codes.set(key, code);
    return code;
  }

  /** By font; the codes of each count from 1. */
  get fonts(): readonly (readonly CodedCharacter[])[] {
    return this.#fonts;
  }
}

/** Pixels of a page to points of the new one, whose origin is the lower left corner. */
export class PagePoints {
  readonly #x: number;
  readonly #y: number;
  readonly #height: number;

  constructor({ width, height, widthPt, heightPt }: OpenedPage) {
    this.#x = widthPt / width;
    this.#y = heightPt / height;
    this.#height = heightPt;
  }

  x(pixels: number): string {
    return decimal(pixels * this.#x);
  }

  y(pixels: number): string {
    return decimal(this.#height - pixels * this.#y);
  }

  size(pixels: number): string {
    return decimal(pixels * this.#y);
  }
}

function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** One character of a run: where it begins along the direction of writing, and how wide it is, in pixels. */
interface Placed {
  readonly codePoint: number;
  readonly from: number;
  readonly width: number;
}

interface Run {
  readonly x: number;
  readonly y: number;
  readonly directionX: number;
  readonly directionY: number;
  readonly size: number;
  readonly chars: readonly Placed[];
}

/** The content stream that lays the characters that stay over a page. `stays` has 1 for each of them. */
export function writeTextLayer(text: PageText, stays: Uint8Array, points: PagePoints, fonts: LayerFonts): string {
  const runs = fragmentsOf(text).flatMap((fragment) => runsOf(text, fragment, stays));
  if (runs.length === 0) return '';
  return `BT\n3 Tr\n${runs.map((run) => writeRun(run, points, fonts)).join('')}ET\n`;
}

/** The characters of a fragment that stay, cut where the size or the baseline changes, each from left to right as fonts are written. */
function runsOf(text: PageText, fragment: Fragment, stays: Uint8Array): readonly Run[] {
  const { directionX, directionY } = fragment;
  const { origins, boxes, sizes, codes, flags } = text;
  const alongOf = (x: number, y: number): number => x * directionX + y * directionY;
  const runs: Run[] = [];
  let chars: Placed[] = [];
  let first = -1;
  let end = -Infinity;
  const close = (): void => {
    if (first >= 0 && chars.length > 0) {
      const sorted = fragment.isRightToLeft ? chars.toSorted((one, other) => one.from - other.from) : chars;
      const origin = alongOf(origins[first * 2], origins[first * 2 + 1]);
      // The point of the baseline at which the leftmost character begins.
      const shift = sorted[0].from - origin;
      const x = origins[first * 2] + shift * directionX;
      const y = origins[first * 2 + 1] + shift * directionY;
      runs.push({ x, y, directionX, directionY, size: sizes[first], chars: sorted });
    }
    chars = [];
    first = -1;
  };
  for (let index = fragment.start; index < fragment.end; index++) {
    if ((flags[index] & CHAR.generated) !== 0) {
      const next = index + 1 < fragment.end ? alongOf(boxes[index * 4 + 4], boxes[index * 4 + 5]) : -Infinity;
      if (isSpace(codes[index]) && first >= 0 && next > end)
        chars.push({ codePoint: 0x20, from: end, width: next - end });
      continue;
    }
    if (stays[index] === 0 || sizes[index] < 0.5) continue;
    const ratio = first < 0 ? 1 : sizes[index] / sizes[first];
    const level = directionX * origins[index * 2 + 1] - directionY * origins[index * 2];
    const base = first < 0 ? level : directionX * origins[first * 2 + 1] - directionY * origins[first * 2];
    if (ratio > SIZE_STEP || ratio < 1 / SIZE_STEP || Math.abs(level - base) > 1) close();
    if (first < 0) first = index;
    const start = alongOf(origins[index * 2], origins[index * 2 + 1]);
    const { part, parts } = ligatureAt(text, index, fragment);
    const width = Math.max(farEnd(boxes, index, alongOf) - start, sizes[index] * 0.02) / parts;
    const from = start + part * width;
    end = from + width;
    chars.push({ codePoint: isSpace(codes[index]) ? 0x20 : codes[index], from, width });
  }
  close();
  return runs;
}

/** Characters that one glyph stands for have its place: which of them a character is, and how many they are. */
function ligatureAt(
  { origins, boxes, flags }: PageText,
  index: number,
  { start, end, isRightToLeft }: Fragment,
): { readonly part: number; readonly parts: number } {
  const isSame = (other: number): boolean =>
    other >= start &&
    other < end &&
    (flags[other] & CHAR.generated) === 0 &&
    [0, 1].every((at) => origins[other * 2 + at] === origins[index * 2 + at]) &&
    [0, 1, 2, 3].every((at) => boxes[other * 4 + at] === boxes[index * 4 + at]);
  let first = index;
  let last = index;
  while (isSame(first - 1)) first--;
  while (isSame(last + 1)) last++;
  return { part: isRightToLeft ? last - index : index - first, parts: last - first + 1 };
}

function farEnd(boxes: Float32Array, index: number, alongOf: (x: number, y: number) => number): number {
  const [left, top, right, bottom] = boxes.subarray(index * 4, index * 4 + 4);
  return Math.max(alongOf(left, top), alongOf(right, bottom), alongOf(left, bottom), alongOf(right, top));
}

function writeRun({ x, y, directionX, directionY, size, chars }: Run, points: PagePoints, fonts: LayerFonts): string {
  const cosine = decimal4(directionX);
  const sine = decimal4(-directionY);
  let written = `${cosine} ${sine} ${decimal4(directionY)} ${cosine} ${points.x(x)} ${points.y(y)} Tm\n`;
  let font = -1;
  let at = chars[0].from;
  let isOpen = false;
  for (const { codePoint, from, width } of chars) {
    const coded = fonts.codeOf(codePoint, (width / size) * 1000);
    if (coded.font !== font) {
      written += `${isOpen ? '>] TJ\n' : ''}/T${coded.font} ${points.size(size)} Tf [<`;
      font = coded.font;
      isOpen = true;
    }
    const gap = Math.round(((from - at) / size) * 1000);
    if (Math.abs(gap) > 2) {
      written += `>${-gap}<`;
      at += (gap * size) / 1000;
    }
    written += coded.code.toString(16).padStart(2, '0');
    at += (coded.width * size) / 1000;
  }
  return `${written}>] TJ\n`;
}

function decimal4(value: number): string {
  return String(Math.round(value * 10_000) / 10_000);
}

/** Text that is seen, in Helvetica, fitted between two points of a baseline. Empty when it has characters that this cannot write. */
export function writeReplacement(text: string, page: PageText, chars: readonly number[], points: PagePoints): string {
  const [first] = chars;
  const last = chars.at(-1);
  if (last === undefined || !/^[\x20-\x7e]+$/.test(text)) return '';
  const { origins, directions, sizes, boxes } = page;
  const x = directions[first * 2];
  const y = directions[first * 2 + 1];
  const alongOf = (left: number, top: number): number => left * x + top * y;
  const from = alongOf(origins[first * 2], origins[first * 2 + 1]);
  const room = farEnd(boxes, last, alongOf) - from;
  const level = x * origins[first * 2 + 1] - y * origins[first * 2];
  const lastLevel = x * origins[last * 2 + 1] - y * origins[last * 2];
  // Broken over two lines it has no place of its own.
  if (room <= 0 || Math.abs(level - lastLevel) > sizes[first] / 2) return '';
  const natural = Array.from(text).reduce((sum, character) => sum + widthInHelvetica(character), 0) * sizes[first];
  const stretch = Math.round(Math.min(1.1, room / natural) * 100);
  const escaped = text.replace(/[\\()]/g, '\\$&');
  return `BT\n0 g 0 Tr ${stretch} Tz /${REPLACEMENT_FONT} ${points.size(sizes[first])} Tf ${decimal4(x)} ${decimal4(-y)} ${decimal4(y)} ${decimal4(x)} ${points.x(origins[first * 2])} ${points.y(origins[first * 2 + 1])} Tm (${escaped}) Tj\nET\n`;
}

/** In sizes: exact for what dates are made of, the wider letters' for the rest. */
function widthInHelvetica(character: string): number {
  if (/\d/.test(character)) return 0.556;
  if (' ./,:'.includes(character)) return 0.278;
  return character === '-' ? 0.333 : 0.6;
}
