// A second, deliberately plain encoder of PS3.5 section 7, which shares no code with src: what the reader and the writer are held against.

export interface Style {
  readonly isImplicitVr: boolean;
  readonly isBigEndian: boolean;
}

export const IMPLICIT: Style = { isImplicitVr: true, isBigEndian: false };
export const EXPLICIT: Style = { isImplicitVr: false, isBigEndian: false };
export const BIG: Style = { isImplicitVr: false, isBigEndian: true };

export interface Leaf {
  readonly tag: number;
  readonly vr: string;
  /** In little endian; `words` tells how many bytes turn for big endian. */
  readonly value: Buffer;
}

export interface Sequence {
  readonly tag: number;
  readonly items: readonly ItemNode[];
  readonly isUndefined: boolean;
  /** Written as UN with implicit VR little endian items, in explicit VR. */
  readonly isWrapped?: boolean;
}

export interface ItemNode {
  readonly nodes: readonly Node[];
  readonly isUndefined: boolean;
}

export type Node = Leaf | Sequence;

const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const WORDS: Record<string, number> = { AT: 2, FD: 8, FL: 4, OD: 8, OF: 4, OL: 4, OV: 8, OW: 2 };
Object.assign(WORDS, { SL: 4, SS: 2, SV: 8, UL: 4, US: 2, UV: 8 });

export function u16(value: number, big = false): Buffer {
  const bytes = Buffer.from([value & 0xff, (value >> 8) & 0xff]);
  return big ? bytes.reverse() : bytes;
}

export function u32(value: number, big = false): Buffer {
  const bytes = Buffer.from([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff]);
  return big ? bytes.reverse() : bytes;
}

export function tagBytes(tag: number, big = false): Buffer {
  return Buffer.concat([u16(tag >>> 16, big), u16(tag & 0xffff, big)]);
}

/** An element header and its value; `length` states another length than the value has. */
export function element(style: Style, tag: number, vr: string, value: Buffer, length = value.length): Buffer {
  const big = style.isBigEndian;
  if (style.isImplicitVr) return Buffer.concat([tagBytes(tag), u32(length), value]);
  const head = Buffer.concat([tagBytes(tag, big), Buffer.from(vr, 'latin1')]);
  if (LONG.includes(vr)) return Buffer.concat([head, u16(0), u32(length, big), value]);
  return Buffer.concat([head, u16(length, big), value]);
}

export function item(style: Style, content: Buffer, isUndefined = false): Buffer {
  const big = style.isBigEndian;
  const start = tagBytes(0xfffee000, big);
  if (!isUndefined) return Buffer.concat([start, u32(content.length, big), content]);
  return Buffer.concat([start, u32(0xffffffff), content, delimiter(style, 0xfffee00d)]);
}

export function delimiter(style: Style, tag: number): Buffer {
  return Buffer.concat([tagBytes(tag, style.isBigEndian), u32(0)]);
}

export function turned(value: Buffer, words: number): Buffer {
  const out = Buffer.alloc(value.length);
  for (let i = 0; i < value.length; i++) {
    const word = i - (i % words);
    out[i] = word + words <= value.length ? value[word + words - 1 - (i - word)] : value[i];
  }
  return out;
}

export function encode(nodes: readonly Node[], style: Style): Buffer {
  return Buffer.concat(nodes.map((node) => encodeNode(node, style)));
}

function encodeNode(node: Node, style: Style): Buffer {
  if ('value' in node) {
    const words = style.isBigEndian ? (WORDS[node.vr] ?? 1) : 1;
    return element(style, node.tag, node.vr, turned(node.value, words));
  }
  const isWrapped = node.isWrapped === true && !style.isImplicitVr;
  const inside = isWrapped ? IMPLICIT : style;
  const content = Buffer.concat(node.items.map((one) => item(inside, encode(one.nodes, inside), one.isUndefined)));
  const vr = isWrapped ? 'UN' : 'SQ';
  if (!node.isUndefined) return element(style, node.tag, vr, content);
  return Buffer.concat([element(style, node.tag, vr, content, 0xffffffff), delimiter(inside, 0xfffee0dd)]);
}
