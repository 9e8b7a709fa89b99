// Outlines out of a TrueType font (OpenType 1.9: head, loca, glyf), so that tests can draw letters as paths.

export interface TrueType {
  readonly unitsPerEm: number;
  /** PDF path operators of a glyph in font units; empty for a space. Composite glyphs are left out. */
  path(glyph: number): string;
  /** In font units. */
  advance(glyph: number): number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly isOn: boolean;
}

const ON_CURVE = 0x01;
const X_SHORT = 0x02;
const Y_SHORT = 0x04;
const REPEAT = 0x08;
const X_SAME = 0x10;
const Y_SAME = 0x20;

export function readTrueType(font: Buffer): TrueType {
  const tables = new Map<string, number>();
  for (let at = 12; at < 12 + font.readUInt16BE(4) * 16; at += 16)
    tables.set(font.toString('latin1', at, at + 4), font.readUInt32BE(at + 8));
  const table = (name: string): number => tables.get(name) ?? 0;
  const isLong = font.readInt16BE(table('head') + 50) === 1;
  const offset = (glyph: number): number =>
    isLong ? font.readUInt32BE(table('loca') + glyph * 4) : font.readUInt16BE(table('loca') + glyph * 2) * 2;
  const metrics = font.readUInt16BE(table('hhea') + 34);
  return {
    unitsPerEm: font.readUInt16BE(table('head') + 18),
    advance: (glyph) => font.readUInt16BE(table('hmtx') + Math.min(glyph, metrics - 1) * 4),
    path(glyph) {
      const start = offset(glyph);
      if (offset(glyph + 1) === start) return '';
      return contoursOf(font, table('glyf') + start)
        .map(contourPath)
        .join('');
    },
  };
}

function contoursOf(font: Buffer, start: number): readonly (readonly Point[])[] {
  const count = font.readInt16BE(start);
  if (count <= 0) return [];
  const ends = Array.from({ length: count }, (_, at) => font.readUInt16BE(start + 10 + at * 2));
  const points = ends[count - 1] + 1;
  let at = start + 10 + count * 2;
  at += 2 + font.readUInt16BE(at);
  const flags: number[] = [];
  while (flags.length < points) {
    const flag = font[at++];
    flags.push(flag);
    if ((flag & REPEAT) !== 0) for (let times = font[at++]; times > 0; times--) flags.push(flag);
  }
  const coordinates = (short: number, same: number): number[] => {
    let value = 0;
    return flags.map((flag) => {
      if ((flag & short) !== 0) value += (flag & same) !== 0 ? font[at++] : -font[at++];
      else if ((flag & same) === 0) {
        value += font.readInt16BE(at);
        at += 2;
      }
      return value;
    });
  };
  const xs = coordinates(X_SHORT, X_SAME);
  const ys = coordinates(Y_SHORT, Y_SAME);
  const all = flags.map((flag, index) => ({ x: xs[index], y: ys[index], isOn: (flag & ON_CURVE) !== 0 }));
  return ends.map((end, index) => all.slice(index === 0 ? 0 : ends[index - 1] + 1, end + 1));
}

/** Quadratic curves as cubic ones, which is what PDF has. */
function contourPath(contour: readonly Point[]): string {
  const points = contour.flatMap((point, at) => {
    const next = contour[(at + 1) % contour.length];
    return point.isOn || next.isOn ? [point] : [point, { ...middleOf(point, next), isOn: true }];
  });
  const first = points.findIndex(({ isOn }) => isOn);
  const ring = [...points.slice(first), ...points.slice(0, first), points[first]];
  let [last] = ring;
  let path = `${last.x} ${last.y} m `;
  for (let at = 1; at < ring.length; at++) {
    const point = ring[at];
    if (point.isOn) path += `${point.x} ${point.y} l `;
    else {
      const end = ring[++at];
      const near = (one: Point): string => `${(one.x + 2 * point.x) / 3} ${(one.y + 2 * point.y) / 3}`;
      path += `${near(last)} ${near(end)} ${end.x} ${end.y} c `;
      last = end;
      continue;
    }
    last = point;
  }
  return `${path}h `;
}

function middleOf(one: Point, other: Point): { readonly x: number; readonly y: number } {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}
