// GB18030 and GBK (PS3.5 6.1.2.3 and Annex J, 2026d): one, two or four bytes a character, no escape sequences.
// The second byte of a character may be 0x5C, so delimiters are only seen between characters.
import { assignedCodePoint } from './graphic-sets.ts';
import type { TextCodec } from './text-codec.ts';

const REPLACEMENT = '\uFFFD';
/** Second bytes 0x40-0x7E and 0x80-0xFE. */
const TRAILS = 190;
const LEADS = 126;
/** Four-byte codes 81 30 81 30 to 84 31 A4 39 hold the rest of the basic plane, those from 90 30 81 30 the other planes in order. */
const BASIC_PLANE_CODES = 39_420;
const FIRST_SUPPLEMENTARY_CODE = 189_000;

export class GbCodec implements TextCodec {
  readonly #hasFourByteCodes: boolean;
  readonly #encoding: 'gb18030' | 'gbk';
  #pairs: Uint32Array | undefined;
  #quads: Uint32Array | undefined;
  #codes: ReadonlyMap<number, number> | undefined;

  constructor(hasFourByteCodes: boolean) {
    this.#hasFourByteCodes = hasFourByteCodes;
    this.#encoding = hasFourByteCodes ? 'gb18030' : 'gbk';
  }

  decode(bytes: Buffer, _form: unknown, isStrict: boolean): string | undefined {
    let at = 0;
    while (at < bytes.length && bytes[at] < 0x80) at++;
    if (at === bytes.length) return bytes.toString('latin1');
    let text = bytes.toString('latin1', 0, at);
    while (at < bytes.length) {
      const width = this.#widthAt(bytes, at);
      const codePoint = this.#codePointAt(bytes, at, width);
      if (codePoint < 0 && isStrict) return undefined;
      text += codePoint < 0 ? REPLACEMENT : String.fromCodePoint(codePoint);
      at += width;
    }
    return text;
  }

  encode(text: string): Buffer | undefined {
    const out: number[] = [];
    for (let at = 0; at < text.length; at++) {
      const codePoint = text.codePointAt(at) ?? 0;
      if (codePoint < 0x80) {
        out.push(codePoint);
        continue;
      }
      if (codePoint > 0xffff) at++;
      const code = (this.#codes ??= this.#invert()).get(codePoint) ?? this.#supplementaryCode(codePoint);
      if (code === undefined) return undefined;
      if (code < LEADS * TRAILS) pushPair(out, code);
      else pushQuad(out, code - LEADS * TRAILS);
    }
    return Buffer.from(out);
  }

  split(bytes: Buffer): Buffer[] {
    const values: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += this.#widthAt(bytes, at)) {
      if (bytes[at] !== 0x5c) continue;
      values.push(bytes.subarray(start, at));
      start = at + 1;
    }
    values.push(bytes.subarray(start));
    return values;
  }

  /** Bytes of the character at `at`; 1 also for a byte that begins none. */
  #widthAt(bytes: Buffer, at: number): 1 | 2 | 4 {
    if (!isLead(bytes[at]) || at + 1 >= bytes.length) return 1;
    const second = bytes[at + 1];
    if (isTrail(second)) return 2;
    if (!this.#hasFourByteCodes || !isDigit(second) || at + 3 >= bytes.length) return 1;
    return isLead(bytes[at + 2]) && isDigit(bytes[at + 3]) ? 4 : 1;
  }

  /** Code point of the character at `at`; -1 when it is none. */
  #codePointAt(bytes: Buffer, at: number, width: 1 | 2 | 4): number {
    if (width === 1) return bytes[at] < 0x80 ? bytes[at] : -1;
    if (width === 2) return (this.#pairs ??= derivePairs(this.#encoding))[pairIndex(bytes[at], bytes[at + 1])] || -1;
    const index = quadIndex(bytes, at);
    if (index < BASIC_PLANE_CODES) return (this.#quads ??= deriveQuads())[index] || -1;
    const codePoint = index - FIRST_SUPPLEMENTARY_CODE + 0x10000;
    return codePoint >= 0x10000 && codePoint <= 0x10ffff ? codePoint : -1;
  }

  #supplementaryCode(codePoint: number): number | undefined {
    if (!this.#hasFourByteCodes || codePoint < 0x10000) return undefined;
    return LEADS * TRAILS + FIRST_SUPPLEMENTARY_CODE + codePoint - 0x10000;
  }

  /** Code point → index of the pair, or number of pairs + index of the four-byte code. */
  #invert(): ReadonlyMap<number, number> {
    const codes = new Map<number, number>();
    const add = (table: Uint32Array, base: number): void => {
      for (const [index, codePoint] of table.entries()) {
        if (codePoint !== 0 && !codes.has(codePoint)) codes.set(codePoint, base + index);
      }
    };
    add((this.#pairs ??= derivePairs(this.#encoding)), 0);
    if (this.#hasFourByteCodes) add((this.#quads ??= deriveQuads()), LEADS * TRAILS);
    return codes;
  }
}

function isLead(byte: number): boolean {
  return byte > 0x80 && byte < 0xff;
}

function isTrail(byte: number): boolean {
  return byte >= 0x40 && byte !== 0x7f && byte !== 0xff;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function pairIndex(lead: number, trail: number): number {
  return (lead - 0x81) * TRAILS + trail - (trail > 0x7f ? 0x41 : 0x40);
}

function quadIndex(bytes: Buffer, at: number): number {
  const row = ((bytes[at] - 0x81) * 10 + bytes[at + 1] - 0x30) * 126 + bytes[at + 2] - 0x81;
  return row * 10 + bytes[at + 3] - 0x30;
}

function pushPair(out: number[], index: number): void {
  const trail = (index % TRAILS) + 0x40;
  out.push(Math.floor(index / TRAILS) + 0x81, trail >= 0x7f ? trail + 1 : trail);
}

function pushQuad(out: number[], index: number): void {
  const row = Math.floor(index / 10);
  const block = Math.floor(row / 126);
  out.push(Math.floor(block / 10) + 0x81, (block % 10) + 0x30, (row % 126) + 0x81, (index % 10) + 0x30);
}

function derivePairs(encoding: 'gb18030' | 'gbk'): Uint32Array {
  return derive(encoding, LEADS * TRAILS, pushPair);
}

function deriveQuads(): Uint32Array {
  return derive('gb18030', BASIC_PLANE_CODES, pushQuad);
}

/** Decodes all codes in one call, a line feed behind each. GB18030 assigns the private use area too; GBK does not. */
function derive(encoding: 'gb18030' | 'gbk', count: number, push: (out: number[], index: number) => void): Uint32Array {
  const bytes: number[] = [];
  for (let index = 0; index < count; index++) {
    push(bytes, index);
    bytes.push(0x0a);
  }
  const lines = new TextDecoder(encoding).decode(Uint8Array.from(bytes)).split('\n');
  return Uint32Array.from({ length: count }, (_, i) =>
    encoding === 'gbk' ? assignedCodePoint(lines[i]) : singleCodePoint(lines[i]),
  );
}

function singleCodePoint(decoded: string): number {
  const codePoint = decoded.codePointAt(0) ?? 0;
  return codePoint >= 0x80 && codePoint !== 0xfffd && decoded.length === (codePoint > 0xffff ? 2 : 1) ? codePoint : 0;
}
