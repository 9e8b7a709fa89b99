// Bitmap fonts of X11 (Portable Compiled Format, gzipped), as terminals and consoles of machines use them: package xfonts-base and others.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One character: its bitmap, where it stands on the base line, and how far the next one is. */
export interface PcfGlyph {
  readonly width: number;
  readonly height: number;
  /** Columns from the pen to the bitmap, and rows of it above the base line. */
  readonly left: number;
  readonly ascent: number;
  readonly advance: number;
  /** 1 for ink, row by row. */
  readonly bits: Uint8Array;
}

export interface PcfFont {
  readonly ascent: number;
  readonly descent: number;
  /** Undefined for what the font lacks. */
  glyph(character: string): PcfGlyph | undefined;
}

const METRICS = 4;
const BITMAPS = 8;
const ENCODINGS = 32;
const COMPRESSED_METRICS = 0x100;
const BIG_ENDIAN = 4;
const HIGH_BIT_FIRST = 8;

const fonts = new Map<string, PcfFont>();

/** Reads a font once. Throws when it is none. */
export function readPcfFont(file: string): PcfFont {
  const known = fonts.get(file);
  if (known !== undefined) return known;
  const font = parse(gunzipSync(readFileSync(file)));
  fonts.set(file, font);
  return font;
}

interface Table {
  readonly format: number;
  readonly at: number;
  int(at: number): number;
  short(at: number): number;
}

function parse(bytes: Buffer): PcfFont {
  const tables = new Map<number, Table>();
  for (let i = 0; i < bytes.readUInt32LE(4); i++) {
    const entry = 8 + 16 * i;
    const start = bytes.readUInt32LE(entry + 12);
    const format = bytes.readUInt32LE(start);
    const isBig = (format & BIG_ENDIAN) !== 0;
    tables.set(bytes.readUInt32LE(entry), {
      format,
      at: start + 4,
      int: (at) => (isBig ? bytes.readInt32BE(at) : bytes.readInt32LE(at)),
      short: (at) => (isBig ? bytes.readInt16BE(at) : bytes.readInt16LE(at)),
    });
  }
  const tableOf = (type: number): Table => {
    const table = tables.get(type);
    if (table === undefined) throw new Error(`a font without table ${type}`);
    return table;
  };
  const glyphs = glyphsOf(bytes, tableOf(METRICS), tableOf(BITMAPS));
  const encodings = tableOf(ENCODINGS);
  const [first, last] = [encodings.short(encodings.at), encodings.short(encodings.at + 2)];
  return {
    ascent: Math.max(...glyphs.map(({ ascent }) => ascent)),
    descent: Math.max(...glyphs.map(({ height, ascent }) => height - ascent)),
    glyph: (character) => {
      const code = character.charCodeAt(0);
      if (code < first || code > last) return undefined;
      return glyphs[encodings.short(encodings.at + 10 + 2 * (code - first))];
    },
  };
}

function glyphsOf(bytes: Buffer, metrics: Table, bitmaps: Table): readonly PcfGlyph[] {
  const isCompressed = (metrics.format & COMPRESSED_METRICS) !== 0;
  const count = isCompressed ? metrics.short(metrics.at) : metrics.int(metrics.at);
  const padding = 1 << (bitmaps.format & 3);
  const data = bitmaps.at + 4 + 4 * bitmaps.int(bitmaps.at) + 16;
  const isHighFirst = (bitmaps.format & HIGH_BIT_FIRST) !== 0;
  return Array.from({ length: count }, (_, index) => {
    const at = isCompressed ? metrics.at + 2 + 5 * index : metrics.at + 4 + 12 * index;
    const measure = (i: number): number => (isCompressed ? bytes[at + i] - 0x80 : metrics.short(at + 2 * i));
    const [left, right, advance, ascent, descent] = [0, 1, 2, 3, 4].map(measure);
    const [width, height] = [right - left, ascent + descent];
    const stride = Math.ceil(Math.ceil(width / 8) / padding) * padding;
    const start = data + bitmaps.int(bitmaps.at + 4 + 4 * index);
    const bits = new Uint8Array(Math.max(0, width * height));
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const byte = bytes[start + y * stride + (x >> 3)];
        bits[i] = (byte >> (isHighFirst ? 7 - (x & 7) : x & 7)) & 1;
      }
    return { width, height, left, ascent, advance, bits };
  });
}
