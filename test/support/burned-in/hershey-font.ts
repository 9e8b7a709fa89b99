// The plotter fonts of A. V. Hershey (package hershey-fonts-data): letters as strokes of a pen, as older machines draw them.
import { readFileSync } from 'node:fs';

export interface HersheyGlyph {
  readonly left: number;
  readonly right: number;
  /** Lines of the pen; capitals reach from -12 to 9, rows downwards. */
  readonly lines: readonly (readonly (readonly [x: number, y: number])[])[];
}

/** Height of a capital letter in units of the font, and the row that it begins at. */
export const HERSHEY_CAPITAL = 21;
export const HERSHEY_TOP = -12;

const fonts = new Map<string, readonly HersheyGlyph[]>();

/** The characters from the space on; each file is read once. Numbers are letters counted from R. */
export function readHersheyFont(file: string): readonly HersheyGlyph[] {
  const known = fonts.get(file);
  if (known !== undefined) return known;
  const glyphs: HersheyGlyph[] = [];
  let record = '';
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    record += line;
    // Five digits of number, three of how many pairs follow; long records go on in the next line.
    const pairs = Number(record.slice(5, 8));
    if (record.length < 8 || record.length < 8 + 2 * pairs) continue;
    glyphs.push(glyphOf(record.slice(8, 8 + 2 * pairs)));
    record = '';
  }
  fonts.set(file, glyphs);
  return glyphs;
}

function glyphOf(pairs: string): HersheyGlyph {
  const at = (index: number): number => pairs.charCodeAt(index) - 'R'.charCodeAt(0);
  const lines: [number, number][][] = [[]];
  for (let i = 2; i < pairs.length; i += 2) {
    if (pairs.slice(i, i + 2) === ' R') lines.push([]);
    else lines[lines.length - 1].push([at(i), at(i + 1)]);
  }
  return { left: at(0), right: at(1), lines: lines.filter(({ length }) => length > 0) };
}
