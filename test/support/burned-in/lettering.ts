// Lines of text as maps of coverage, drawn from strokes and bitmaps in code, or with the fonts of the machine where it has some.
import sharp from 'sharp';
import type { Random } from '../../../src/synthetic/random.ts';
import type { FontFiles } from './fonts.ts';
import { CAPITAL_ROWS, GLYPH_COLUMNS, GLYPH_ROWS, hasInk, strokesOf } from './glyphs.ts';
import { HERSHEY_CAPITAL, HERSHEY_TOP, readHersheyFont } from './hershey-font.ts';
import { readPcfFont } from './pcf-font.ts';

/** Ink of a line, 0 to 1 a pixel, and which word each column belongs to. */
export interface Lettering {
  readonly width: number;
  readonly height: number;
  readonly ink: Float32Array;
  /** Words from 0 on, a pixel each; -1 where there is none. */
  readonly words: Int16Array;
}

export interface Face {
  readonly family: 'vector' | 'bitmap' | 'outline' | 'pcf' | 'hershey';
  /** Height of a capital letter in pixels; whole multiples of 7 for bitmaps, about it for `pcf`. */
  readonly capital: number;
  readonly isSmooth: boolean;
  /** Width of strokes in pixels, for vectors and plotter fonts. */
  readonly stroke: number;
  /** Columns of slant to one row, and width against height, for vectors. */
  readonly slant: number;
  readonly stretch: number;
  readonly fontFile: string;
}

/** A face of about this height, of the fonts that there are or of letters made in code. */
export function pickFace(random: Random, capital: number, fonts: FontFiles): Face {
  const families: Face['family'][] = ['vector', 'bitmap'];
  if (fonts.outline.length > 0) families.push('outline', 'outline');
  else families.push('vector');
  if (fonts.pcf.length > 0) families.push('pcf');
  if (fonts.hershey.length > 0) families.push('hershey');
  const family = random.pick(families);
  return {
    family,
    capital: family === 'bitmap' ? Math.max(1, Math.round(capital / CAPITAL_ROWS)) * CAPITAL_ROWS : capital,
    isSmooth: random.next() < 0.7,
    stroke: Math.max(1, capital * (0.08 + 0.09 * random.next())),
    slant: random.next() < 0.15 ? 0.2 : 0,
    stretch: 0.8 + 0.4 * random.next(),
    fontFile: family === 'vector' || family === 'bitmap' ? '' : random.pick(fonts[family]),
  };
}

/** A line in a face. Rejects when a font cannot be drawn. */
export async function letter(line: string, face: Face): Promise<Lettering> {
  switch (face.family) {
    case 'outline':
      return letterOutline(line, face);
    case 'pcf':
      return letterPcf(line, face);
    case 'hershey':
      return letterHershey(line, face);
    case 'bitmap':
      return letterBitmap(line, face);
    case 'vector':
      return letterVector(line, face);
  }
}

/** A bitmap font of the machine, at the whole multiple of its size that is nearest. */
function letterPcf(line: string, { capital, fontFile }: Face): Lettering {
  const font = readPcfFont(fontFile);
  const scale = Math.max(1, Math.round(capital / (font.glyph('H')?.ascent ?? capital)));
  const glyphs = Array.from(line, (character) => font.glyph(character) ?? font.glyph('?'));
  const starts: number[] = [];
  let end = 0;
  for (const glyph of glyphs) {
    starts.push(end * scale);
    end += glyph?.advance ?? 0;
  }
  const width = (end + 2) * scale;
  const height = (font.ascent + font.descent) * scale;
  const ink = new Float32Array(width * height);
  glyphs.forEach((glyph, index) => {
    if (glyph === undefined) return;
    for (let y = 0; y < glyph.height * scale; y++)
      for (let x = 0; x < glyph.width * scale; x++) {
        if (glyph.bits[Math.floor(y / scale) * glyph.width + Math.floor(x / scale)] === 0) continue;
        const column = starts[index] + glyph.left * scale + x;
        const row = (font.ascent - glyph.ascent) * scale + y;
        if (column >= 0 && column < width) ink[row * width + column] = 1;
      }
  });
  return withWords(line, { width, height, ink }, (x) => starts.findLastIndex((start) => start <= x));
}

function letterHershey(line: string, { capital, stroke, isSmooth, fontFile }: Face): Lettering {
  const font = readHersheyFont(fontFile);
  const unit = capital / HERSHEY_CAPITAL;
  const margin = Math.ceil(stroke / 2 + 1);
  const glyphs = Array.from(line, (character) => font[character.charCodeAt(0) - 0x20] ?? font[0x1f]);
  const starts: number[] = [];
  let end = margin;
  for (const { left, right } of glyphs) {
    starts.push(end);
    end += (right - left) * unit;
  }
  const width = Math.ceil(end) + margin;
  const height = Math.ceil(capital * 1.5) + 2 * margin;
  const ink = new Float32Array(width * height);
  glyphs.forEach(({ left, lines }, index) => {
    const place = ([x, y]: readonly [number, number]): [number, number] => {
      const at: [number, number] = [starts[index] + (x - left) * unit, margin + (y - HERSHEY_TOP) * unit];
      return isSmooth ? at : [Math.round(at[0]), Math.round(at[1])];
    };
    for (const points of lines)
      points.forEach((point, at) => {
        drawStroke(ink, width, height, place(points[Math.max(0, at - 1)]), place(point), stroke, isSmooth);
      });
  });
  return withWords(line, { width, height, ink }, (x) => starts.findLastIndex((start) => start <= x));
}

function letterBitmap(line: string, { capital }: Face): Lettering {
  const scale = capital / CAPITAL_ROWS;
  const width = line.length * (GLYPH_COLUMNS + 1) * scale;
  const height = GLYPH_ROWS * scale;
  const ink = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / scale);
      const character = line[Math.floor(column / (GLYPH_COLUMNS + 1))];
      if (hasInk(character, column % (GLYPH_COLUMNS + 1), Math.floor(y / scale))) ink[y * width + x] = 1;
    }
  return withWords(line, { width, height, ink }, (x) => Math.floor(x / scale / (GLYPH_COLUMNS + 1)));
}

function letterVector(line: string, { capital, stroke, isSmooth, slant, stretch }: Face): Lettering {
  const unit = capital / (CAPITAL_ROWS - 1);
  const unitX = unit * stretch;
  const pitch = (GLYPH_COLUMNS + 0.6) * unitX;
  const margin = Math.ceil(stroke / 2 + 1);
  const height = Math.ceil(GLYPH_ROWS * unit) + 2 * margin;
  const lean = slant * height;
  const width = Math.ceil(line.length * pitch + lean) + 2 * margin;
  const ink = new Float32Array(width * height);
  Array.from(line).forEach((character, index) => {
    for (const [x0, y0, x1, y1] of strokesOf(character)) {
      const place = (x: number, y: number): [number, number] => [
        margin + index * pitch + x * unitX + lean - slant * y * unit,
        margin + y * unit,
      ];
      drawStroke(ink, width, height, place(x0, y0), place(x1, y1), stroke, isSmooth);
    }
  });
  return withWords(line, { width, height, ink }, (x) => Math.floor((x - margin - lean / 2 + unitX * 0.3) / pitch));
}

/** Draws a stroke with round ends into a map. */
export function drawStroke(
  ink: Float32Array,
  width: number,
  height: number,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  stroke: number,
  isSmooth: boolean,
): void {
  const reach = stroke / 2 + 1;
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length = dx * dx + dy * dy;
  for (
    let y = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    y <= Math.min(height - 1, Math.max(y0, y1) + reach);
    y++
  )
    for (
      let x = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
      x <= Math.min(width - 1, Math.max(x0, x1) + reach);
      x++
    ) {
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
      const distance = Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
      const cover = isSmooth ? Math.min(1, Math.max(0, stroke / 2 + 0.5 - distance)) : distance <= stroke / 2 ? 1 : 0;
      if (cover > ink[y * width + x]) ink[y * width + x] = cover;
    }
}

async function letterOutline(line: string, { capital, isSmooth, fontFile }: Face): Promise<Lettering> {
  const escaped = line.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const { data, info } = await sharp({
    text: {
      text: escaped,
      fontfile: fontFile,
      font: familyOf(fontFile, Math.max(6, Math.round(capital * 1.38))),
      dpi: 72,
    },
  })
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const ink = Float32Array.from(data, (value) => (isSmooth ? value / 255 : value >= 128 ? 1 : 0));
  const gaps = wordGaps({ width, height, ink }, line.split(' ').length - 1);
  // The first letter of each word stands for the columns up to the next gap.
  const starts = Array.from(line).flatMap((character, index) => (character === ' ' ? [index] : []));
  return withWords(line, { width, height, ink }, (x) => {
    const word = gaps.filter((gap) => x >= gap).length;
    return word === 0 ? 0 : starts[word - 1] + 1;
  });
}

/** Pango asks for a family by name; the file name of these fonts is theirs without its spaces. */
function familyOf(file: string, size: number): string {
  const name = file.slice(file.lastIndexOf('/') + 1, file.lastIndexOf('.'));
  const [family, style = ''] = name.split('-');
  const spaced = family
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/DejaVu|Deja Vu/, 'DejaVu')
    .replace(/^URW(?=[A-Z])/, 'URW ')
    .replace('Fallback Full', 'Fallback');
  const styles = ['Bold', 'Italic', 'Oblique', 'Light'].filter((one) => style.includes(one));
  return [spaced, ...styles, size].join(' ');
}

/** Where the widest gaps between letters are: between words. */
function wordGaps({ width, height, ink }: Pick<Lettering, 'width' | 'height' | 'ink'>, count: number): number[] {
  const runs: { readonly length: number; readonly middle: number }[] = [];
  let start = -1;
  for (let x = 0; x < width; x++) {
    let hasAny = false;
    for (let y = 0; y < height && !hasAny; y++) hasAny = ink[y * width + x] > 0.05;
    if (!hasAny && start < 0) start = x;
    if (hasAny && start >= 0) {
      if (start > 0) runs.push({ length: x - start, middle: (x + start) / 2 });
      start = -1;
    }
  }
  const widest = runs.sort((a, b) => b.length - a.length).slice(0, count);
  return widest.map((run) => run.middle).sort((a, b) => a - b);
}

function withWords(
  line: string,
  map: Pick<Lettering, 'width' | 'height' | 'ink'>,
  characterAt: (x: number) => number,
): Lettering {
  const words = new Int16Array(map.width * map.height).fill(-1);
  let word = 0;
  const wordOf = Array.from(line).map((character) => (character === ' ' ? (word++, -1) : word));
  for (let x = 0; x < map.width; x++) {
    const character = Math.min(line.length - 1, Math.max(0, characterAt(x)));
    const owner = wordOf[character] >= 0 ? wordOf[character] : wordOf[character - 1];
    for (let y = 0; y < map.height; y++) if (map.ink[y * map.width + x] >= 0.3) words[y * map.width + x] = owner;
  }
  return { ...map, words };
}

/** The line turned by quarter turns clockwise, and mirrored first when told. */
export function turn(lettering: Lettering, quarters: number, isMirrored: boolean): Lettering {
  let current = isMirrored
    ? remap(lettering, lettering.width, lettering.height, (x, y) => [lettering.width - 1 - x, y])
    : lettering;
  for (let i = 0; i < quarters; i++) {
    const from = current;
    current = remap(from, from.height, from.width, (x, y) => [y, from.height - 1 - x]);
  }
  return current;
}

/** The line tilted by a few degrees. */
export function tilt(lettering: Lettering, degrees: number): Lettering {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const width = Math.ceil(lettering.width * cos + lettering.height * Math.abs(sin));
  const height = Math.ceil(lettering.width * Math.abs(sin) + lettering.height * cos);
  return remap(lettering, width, height, (x, y) => {
    const [dx, dy] = [x - width / 2, y - height / 2];
    return [
      Math.round(dx * cos + dy * sin + lettering.width / 2),
      Math.round(-dx * sin + dy * cos + lettering.height / 2),
    ];
  });
}

function remap(
  from: Lettering,
  width: number,
  height: number,
  source: (x: number, y: number) => [number, number],
): Lettering {
  const ink = new Float32Array(width * height);
  const words = new Int16Array(width * height).fill(-1);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const [sx, sy] = source(x, y);
      if (sx < 0 || sy < 0 || sx >= from.width || sy >= from.height) continue;
      ink[i] = from.ink[sy * from.width + sx];
      words[i] = from.words[sy * from.width + sx];
    }
  return { width, height, ink, words };
}
