// The file format of CTP's DicomPixelAnonymizer: text in which a condition between braces is followed by regions (x,y,w,h) between
// parentheses. Everything else is a comment; the last line of it in front of a condition says what the condition is for.
import { LetheError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';

/** A condition with the regions that stand behind it. */
export interface PixelSignature {
  /** Without the braces. */
  readonly condition: string;
  /** The comment in front of it; empty when there is none. */
  readonly title: string;
  /** Line of the condition in the file. */
  readonly line: number;
  readonly regions: readonly Rectangle[];
  /** Regions that are none, with their lines. */
  readonly broken: readonly { readonly text: string; readonly line: number }[];
}

const MAX_SIGNATURES = 1000;
const MAX_REGIONS = 200;
const MAX_TITLE = 60;
/** Coordinates of a frame are 16 bits. */
const MAX_SIZE = 65_535;
/** A region, or a comment in parentheses; CTP takes what has three commas. */
const PARENTHESES = /\(([^()]{0,100})\)/g;
const TEST_BETWEEN_BRACES =
  /\{[^"{}]{1,300}\.(?:equals|contains|matches|startsWith|endsWith|isLessThan|isGreaterThan)[A-Za-z]{0,10}\s{0,20}\("/;
const LOOKED_AT = 100_000;
/** Counted as a region that went wrong, and not as a comment. */
const NUMBERS = /^[\s\d,.+-]+$/;

/** True for a text that has one of CTP's tests between braces, near enough to its start. */
export function looksLikePixelScript(text: string): boolean {
  return TEST_BETWEEN_BRACES.test(text.slice(0, LOOKED_AT));
}

/** @throws LetheError `profile-invalid` with file:line:column when there is no condition, one without end, or more than any script has */
export function readPixelScript(source: string, file: string): readonly PixelSignature[] {
  const lines = new LineCounter(source);
  const refuse = (at: number, message: string): LetheError =>
    new LetheError('profile-invalid', `${file}:${lines.lineAt(at)}:${lines.columnAt(at)}: ${message}`);
  const signatures: PixelSignature[] = [];
  let title = '';
  let before = 0;
  for (let open = source.indexOf('{'); open !== -1;) {
    if (signatures.length >= MAX_SIGNATURES) throw refuse(open, `more than ${MAX_SIGNATURES} conditions`);
    const close = source.indexOf('}', open);
    if (close === -1) throw refuse(open, 'this { is never closed');
    const next = source.indexOf('{', close);
    const end = next === -1 ? source.length : next;
    title = titleOf(source.slice(before, open)) ?? title;
    const line = lines.lineAt(open);
    const { regions, broken } = readRegions(source.slice(close + 1, end), close + 1, lines);
    if (regions.length > MAX_REGIONS) throw refuse(open, `more than ${MAX_REGIONS} regions behind one condition`);
    signatures.push({ condition: source.slice(open + 1, close), title, line, regions, broken });
    before = close + 1;
    open = next;
  }
  if (signatures.length === 0) throw refuse(0, 'no script of the DicomPixelAnonymizer: no condition stands in { }');
  return signatures;
}

/** The last line that is neither ruled nor a region. */
function titleOf(comment: string): string | undefined {
  const lines = comment
    .slice(-4000)
    .split('\n')
    .map((line) => line.replace(PARENTHESES, (whole, inside: string) => (NUMBERS.test(inside) ? '' : whole)));
  const last = lines.findLast((line) => /[\p{L}\p{N}]/u.test(line));
  const plain = last?.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ').replace(/\s+/g, ' ');
  return plain === undefined ? undefined : Array.from(plain.trim()).slice(0, MAX_TITLE).join('').trim();
}

function readRegions(text: string, offset: number, lines: LineCounter): Pick<PixelSignature, 'regions' | 'broken'> {
  const regions: Rectangle[] = [];
  const broken: { text: string; line: number }[] = [];
  for (const match of text.matchAll(PARENTHESES)) {
    const region = regionOf(match[1]);
    if (region !== undefined) regions.push(region);
    else if (NUMBERS.test(match[1])) broken.push({ text: match[0], line: lines.lineAt(offset + match.index) });
  }
  return { regions, broken };
}

/** What of `x,y,w,h` lies to the right of and below the upper left corner of a frame. */
function regionOf(text: string): Rectangle | undefined {
  const numbers = text.split(',').map((part) => (/^\s*[+-]?\d{1,7}\s*$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.length !== 4 || numbers.some(Number.isNaN)) return undefined;
  const [left, top, wide, high] = numbers;
  const [x, y] = [Math.max(0, left), Math.max(0, top)];
  const width = Math.min(MAX_SIZE, left + wide) - x;
  const height = Math.min(MAX_SIZE, top + high) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** Lines of places that are asked for in the order of the file, each line counted once. */
class LineCounter {
  readonly #source: string;
  #line = 1;
  #counted = 0;

  constructor(source: string) {
    this.#source = source;
  }

  lineAt(offset: number): number {
    for (let next = this.#source.indexOf('\n', this.#counted); next !== -1 && next < offset;) {
      this.#line++;
      this.#counted = next + 1;
      next = this.#source.indexOf('\n', this.#counted);
    }
    return this.#line;
  }

  columnAt(offset: number): number {
    return offset === 0 ? 1 : offset - this.#source.lastIndexOf('\n', offset - 1);
  }
}
