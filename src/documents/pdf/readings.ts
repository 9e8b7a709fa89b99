// The texts that a page can be read as: its own order, visual lines across columns, columns downwards, and across the ends of lines. Each
// remembers which character of the page every unit of it came from.
import { CHAR, type PageText } from './messages.ts';

/** A text and, for each of its UTF-16 units, the character of the page that it is of; -1 where it was added. */
export interface Reading {
  readonly text: string;
  readonly chars: Int32Array;
  /** True when line ends were taken for spaces: what it finds within one line was found before, with more right. */
  readonly isAcrossLines: boolean;
}

/** Characters that follow each other on one baseline. */
export interface Fragment {
  readonly start: number;
  readonly end: number;
  /** Of the direction of writing. */
  readonly directionX: number;
  readonly directionY: number;
  /** Along the direction: from, to; and across it: the baseline. In pixels. */
  readonly from: number;
  readonly to: number;
  readonly baseline: number;
  readonly size: number;
  readonly isRightToLeft: boolean;
}

/** Cosine within which two directions are one. */
const SAME_DIRECTION = 0.99;
/** In sizes of the font. */
const SAME_BASELINE = 0.45;
const NEXT_LINE = 2.4;
const COLUMN_GAP = 3;
const HYPHENS = /[-\u2010\u00ad]$/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u;

/** All the texts that a page is judged as. Linear in its characters but for sorting its lines. */
export function readingsOf(text: PageText): readonly Reading[] {
  const fragments = fragmentsOf(text);
  const lines = visualLines(fragments);
  const columns = columnsOf(fragments);
  const inOrder = fragments.map((fragment) => [fragment]);
  return [
    compose(text, lines, '\n', false),
    compose(
      text,
      columns.flat().map((fragment) => [fragment]),
      '\n',
      false,
    ),
    compose(text, inOrder, '\n', false),
    ...columns
      .filter((column) => column.length > 1)
      .map((column) =>
        compose(
          text,
          column.map((one) => [one]),
          ' ',
          true,
        ),
      ),
    compose(text, inOrder, ' ', true),
    compose(text, lines, ' ', true),
    ...spacedOut(compose(text, lines, '\n', false)),
  ];
}

/** What is left of the page's order when it is cut where the line, the direction or the baseline changes. */
export function fragmentsOf(text: PageText): readonly Fragment[] {
  const fragments: Fragment[] = [];
  let start = -1;
  for (let index = 0; index <= text.count; index++) {
    const isBreak = index === text.count || isLineEnd(text.codes[index]) || (start >= 0 && turns(text, start, index));
    if (isBreak && start >= 0) {
      const fragment = fragmentOf(text, start, index);
      if (fragment !== undefined) fragments.push(fragment);
      start = -1;
    }
    if (index < text.count && start < 0 && !isLineEnd(text.codes[index])) start = index;
  }
  return fragments;
}

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

function turns({ flags, directions, origins, sizes }: PageText, first: number, index: number): boolean {
  if ((flags[index] & CHAR.generated) !== 0 || (flags[first] & CHAR.generated) !== 0) return false;
  const x = directions[first * 2];
  const y = directions[first * 2 + 1];
  if (x * directions[index * 2] + y * directions[index * 2 + 1] < SAME_DIRECTION) return true;
  const deltaX = origins[index * 2] - origins[first * 2];
  const deltaY = origins[index * 2 + 1] - origins[first * 2 + 1];
  // Sub- and superscripts stay in their line.
  return Math.abs(x * deltaY - y * deltaX) > Math.max(sizes[first], sizes[index]) * 0.8;
}

function fragmentOf(
  { flags, directions, origins, boxes, sizes, codes }: PageText,
  start: number,
  end: number,
): Fragment | undefined {
  let first = -1;
  let from = Infinity;
  let to = -Infinity;
  let rightToLeft = 0;
  let placed = 0;
  for (let index = start; index < end; index++) {
    if ((flags[index] & CHAR.generated) !== 0) continue;
    if (first < 0) first = index;
    const x = directions[first * 2];
    const y = directions[first * 2 + 1];
    const [left, top, right, bottom] = boxes.subarray(index * 4, index * 4 + 4);
    from = Math.min(from, Math.min(left * x, right * x) + Math.min(top * y, bottom * y));
    to = Math.max(to, Math.max(left * x, right * x) + Math.max(top * y, bottom * y));
    placed++;
    if (RIGHT_TO_LEFT.test(String.fromCodePoint(codes[index]))) rightToLeft++;
  }
  if (first < 0) return undefined;
  const directionX = directions[first * 2];
  const directionY = directions[first * 2 + 1];
  const baseline = directionX * origins[first * 2 + 1] - directionY * origins[first * 2];
  const size = Math.max(4, sizes[first]);
  return { start, end, directionX, directionY, from, to, baseline, size, isRightToLeft: rightToLeft * 2 > placed };
}

/** Fragments of one direction and baseline, in reading order, whatever column they are in. */
export function visualLines(fragments: readonly Fragment[]): readonly (readonly Fragment[])[] {
  const sorted = [...fragments].sort((one, other) => angleOf(one) - angleOf(other) || one.baseline - other.baseline);
  const lines: Fragment[][] = [];
  for (const fragment of sorted) {
    const line = lines.at(-1);
    const last = line?.at(-1);
    if (line !== undefined && last !== undefined && areLevel(last, fragment)) line.push(fragment);
    else lines.push([fragment]);
  }
  for (const line of lines) {
    const isRightToLeft = line.filter((fragment) => fragment.isRightToLeft).length * 2 > line.length;
    line.sort((one, other) => (isRightToLeft ? other.from - one.from : one.from - other.from));
  }
  return lines;
}

/** Rounded, so that lines that are a little askew sort by their baselines. */
function angleOf({ directionX, directionY }: Fragment): number {
  return Math.round(Math.atan2(directionY, directionX) * 20);
}

function areLevel(one: Fragment, other: Fragment): boolean {
  const isParallel = one.directionX * other.directionX + one.directionY * other.directionY > SAME_DIRECTION;
  return isParallel && Math.abs(one.baseline - other.baseline) <= SAME_BASELINE * Math.min(one.size, other.size);
}

/** Fragments below each other. A column ends where no fragment within two lines overlaps its last. */
function columnsOf(fragments: readonly Fragment[]): readonly (readonly Fragment[])[] {
  const sorted = [...fragments].sort((one, other) => angleOf(one) - angleOf(other) || one.baseline - other.baseline);
  const columns: Fragment[][] = [];
  let open: Fragment[][] = [];
  for (const fragment of sorted) {
    open = open.filter((column) => isWithinReach(column.at(-1), fragment));
    const column = open.find((one) => isBelow(one.at(-1), fragment));
    if (column === undefined) {
      const opened = [fragment];
      columns.push(opened);
      open.push(opened);
    } else {
      column.push(fragment);
    }
  }
  return columns;
}

function isWithinReach(last: Fragment | undefined, next: Fragment): boolean {
  if (last === undefined) return false;
  const isParallel = last.directionX * next.directionX + last.directionY * next.directionY > SAME_DIRECTION;
  return isParallel && next.baseline - last.baseline <= NEXT_LINE * Math.max(last.size, next.size);
}

function isBelow(last: Fragment | undefined, next: Fragment): boolean {
  if (last === undefined || !isWithinReach(last, next)) return false;
  const isLevel = areLevel(last, next);
  if (isLevel) return Math.abs(next.from - last.to) < last.size * COLUMN_GAP;
  return Math.min(last.to, next.to) > Math.max(last.from, next.from);
}

function compose(
  text: PageText,
  lines: readonly (readonly Fragment[])[],
  lineEnd: '\n' | ' ',
  isAcrossLines: boolean,
): Reading {
  const parts: string[] = [];
  const chars: number[] = [];
  const add = (part: string, char: number): void => {
    parts.push(part);
    for (let unit = 0; unit < part.length; unit++) chars.push(char);
  };
  for (const line of lines) {
    for (const [at, fragment] of line.entries()) {
      if (at > 0) add(' ', -1);
      for (let index = fragment.start; index < fragment.end; index++) {
        if ((text.flags[index] & CHAR.unmapped) !== 0) continue;
        add(String.fromCodePoint(text.codes[index]), index);
      }
    }
    const last = parts.at(-1);
    // A word that is broken at the end of a line is one word.
    if (isAcrossLines && last !== undefined && HYPHENS.test(last)) {
      parts.pop();
      chars.pop();
    } else add(lineEnd, -1);
  }
  return { text: parts.join(''), chars: Int32Array.from(chars), isAcrossLines };
}

/** W o r d s whose letters stand apart, put together again; nothing when there are none. */
function spacedOut({ text, chars }: Reading): readonly Reading[] {
  const spaced = /(?<!\S)\S(?: {1,3}\S){2,}(?!\S)/gu;
  let isAny = false;
  const units: number[] = [];
  let joined = '';
  let from = 0;
  for (const match of text.matchAll(spaced)) {
    isAny = true;
    for (let at = from; at < match.index; at++) units.push(at);
    joined += text.slice(from, match.index);
    for (let at = match.index; at < match.index + match[0].length; at++)
      if (text[at] !== ' ' || text.slice(at, at + 2) === '  ') {
        units.push(at);
        joined += text[at];
      }
    from = match.index + match[0].length;
  }
  if (!isAny) return [];
  for (let at = from; at < text.length; at++) units.push(at);
  joined += text.slice(from);
  return [{ text: joined, chars: Int32Array.from(units, (unit) => chars[unit]), isAcrossLines: false }];
}
