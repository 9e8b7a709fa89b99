// Single-byte text and text with code extensions (PS3.5 6.1.2.3 to 6.1.2.5, 2026d; ISO/IEC 2022).
import type { Iso2022Repertoire } from './defined-terms.ts';
import { GRAPHIC_SETS, designatedAt } from './graphic-sets.ts';
import type { GraphicSet } from './graphic-sets.ts';
import { splitAtBackslash } from './text-codec.ts';
import type { TextCodec, ValueForm } from './text-codec.ts';

const ESC = 0x1b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const REPLACEMENT = '\uFFFD';

/**
 * Reading is kinder than the standard and says so: an escape sequence that is known but not declared is followed, a G1 byte without
 * designation is read in the one declared G1 set, a missing switch back before a delimiter is supplied. None of these is `isStrict`.
 */
export class Iso2022Codec implements TextCodec {
  readonly #initialG0: GraphicSet;
  readonly #initialG1: GraphicSet | undefined;
  readonly #declared: readonly GraphicSet[];
  /** Read for a G1 byte when nothing is designated; undefined when several sets could be meant. */
  readonly #presumedG1: GraphicSet | undefined;
  readonly #hasYenSign: boolean;

  constructor(repertoire: Iso2022Repertoire) {
    this.#initialG0 = repertoire.initialG0;
    this.#initialG1 = repertoire.initialG1;
    this.#declared = repertoire.declared;
    const high = repertoire.declared.filter((set) => set.area === 'G1');
    this.#presumedG1 = high.length === 1 ? high[0] : undefined;
    this.#hasYenSign = repertoire.initialG0 === GRAPHIC_SETS.isoIr14;
  }

  decode(bytes: Buffer, form: ValueForm, isStrict: boolean): string | undefined {
    let at = 0;
    while (at < bytes.length && this.#isPlain(bytes[at], form)) at++;
    if (at === bytes.length) return bytes.toString('latin1');
    return this.#decodeFrom(at, bytes, form, isStrict);
  }

  encode(text: string, form: ValueForm): Buffer | undefined {
    let at = 0;
    while (at < text.length && this.#isPlain(text.charCodeAt(at), form)) at++;
    if (at === text.length) return Buffer.from(text, 'latin1');
    return this.#encodeFrom(at, text, form);
  }

  split(bytes: Buffer): Buffer[] {
    if (!bytes.includes(ESC)) return splitAtBackslash(bytes);
    const values: Buffer[] = [];
    let isDouble = false;
    let start = 0;
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte === ESC) {
        const set = designatedAt(bytes, at);
        if (set?.area === 'G0') isDouble = set.bytesPerCharacter === 2;
        at += set?.escape.length ?? 1;
      } else if (isDouble && isPairAt(bytes, at)) {
        at += 2;
      } else {
        // PS3.5 6.1.2.5.3: the initial set is active again after a control character and after a delimiter.
        if (byte === BACKSLASH) {
          values.push(bytes.subarray(start, at));
          start = at + 1;
        }
        if (byte === BACKSLASH || (byte >= 0x09 && byte <= 0x0d)) isDouble = false;
        at++;
      }
    }
    values.push(bytes.subarray(start));
    return values;
  }

  /**
   * True for what is the same in bytes and text and changes no state. 0x5C between values is the delimiter whatever G0 shows for it
   * (PS3.5 6.1.2.3: "BACKSLASH in ISO-IR 6 or YEN SIGN in ISO-IR 14"); in ST, LT and UT it is a yen sign there.
   */
  #isPlain(code: number, form: ValueForm): boolean {
    if (code >= DELETE || code === ESC) return false;
    return !this.#hasYenSign || !(code === 0x7e || (code === BACKSLASH && !form.isMultiValued));
  }

  #decodeFrom(start: number, bytes: Buffer, form: ValueForm, isStrict: boolean): string | undefined {
    let text = bytes.toString('latin1', 0, start);
    let g0 = this.#initialG0;
    let g1 = this.#initialG1;
    let isExact = true;
    let at = start;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte === ESC) {
        const set = designatedAt(bytes, at);
        if (set === undefined) text += REPLACEMENT;
        else if (set.area === 'G0') g0 = set;
        else g1 = set;
        isExact &&= set !== undefined && this.#mayDesignate(set);
        at += set?.escape.length ?? 1;
      } else if (byte < 0x20 || byte === DELETE) {
        text += String.fromCharCode(byte);
        if (byte < 0x20 && form.resets[byte] === 1) [g0, g1] = [this.#initialG0, this.#initialG1];
        at++;
      } else if (byte < 0x80 && g0.bytesPerCharacter === 2 && byte !== 0x20 && isPairAt(bytes, at)) {
        const codePoint = g0.codePointOf((byte << 8) | bytes[at + 1]);
        text += codePoint === 0 ? REPLACEMENT : String.fromCodePoint(codePoint);
        isExact &&= codePoint !== 0;
        at += 2;
      } else if (byte < 0x80 && form.resets[byte] === 1) {
        text += String.fromCharCode(byte);
        isExact &&= g0.bytesPerCharacter === 1;
        [g0, g1] = [this.#initialG0, this.#initialG1];
        at++;
      } else if (byte < 0x80) {
        const codePoint = g0.bytesPerCharacter === 1 ? g0.codePointOf(byte) : byte === 0x20 ? 0x20 : 0;
        text += codePoint === 0 ? REPLACEMENT : String.fromCharCode(codePoint);
        isExact &&= codePoint !== 0;
        at++;
      } else {
        const set = g1 ?? this.#presumedG1;
        const width = set?.bytesPerCharacter === 2 && isHighPairAt(bytes, at) ? 2 : 1;
        const codePoint = set?.bytesPerCharacter === width ? highCodePointAt(set, bytes, at) : 0;
        text += codePoint === 0 ? REPLACEMENT : String.fromCodePoint(codePoint);
        isExact &&= codePoint !== 0 && g1 !== undefined;
        at += width;
      }
      if (isStrict && !isExact) return undefined;
    }
    return text;
  }

  /** The default G0 set needs no declaration: every declared single-byte set stands on it, and writers switch back to it. */
  #mayDesignate(set: GraphicSet): boolean {
    return set === GRAPHIC_SETS.isoIr6 ? this.#declared.length > 1 : this.#declared.includes(set);
  }

  #encodeFrom(start: number, text: string, form: ValueForm): Buffer | undefined {
    const out: number[] = [];
    for (let i = 0; i < start; i++) out.push(text.charCodeAt(i));
    let g0 = this.#initialG0;
    let g1 = this.#initialG1;
    const restore = (): void => {
      if (g0 !== this.#initialG0) out.push(...this.#initialG0.escape);
      if (g1 !== this.#initialG1 && this.#initialG1 !== undefined) out.push(...this.#initialG1.escape);
      [g0, g1] = [this.#initialG0, this.#initialG1];
    };
    let at = start;
    while (at < text.length) {
      const codePoint = text.codePointAt(at) ?? 0;
      at += codePoint > 0xffff ? 2 : 1;
      if (codePoint < 0x80 && form.resets[codePoint] === 1) {
        restore();
        out.push(codePoint);
        continue;
      }
      if (codePoint < 0x20 || codePoint === DELETE) {
        if (codePoint === ESC) return undefined;
        out.push(codePoint);
        continue;
      }
      const set = this.#chooseSet(codePoint, g0, g1);
      if (set === undefined) return undefined;
      if (set !== g0 && set !== g1) {
        out.push(...set.escape);
        if (set.area === 'G0') g0 = set;
        else g1 = set;
      }
      const code = set.codeOf(codePoint);
      const highBit = set.area === 'G1' ? 0x80 : 0;
      if (set.bytesPerCharacter === 2) out.push((code >> 8) | highBit);
      out.push((code & 0xff) | highBit);
    }
    restore();
    return Buffer.from(out);
  }

  /** The set to write a character in: an active one if it can, else the first declared that has the character. */
  #chooseSet(codePoint: number, g0: GraphicSet, g1: GraphicSet | undefined): GraphicSet | undefined {
    if (g0.codeOf(codePoint) !== 0) return g0;
    if (g1 !== undefined && g1.codeOf(codePoint) !== 0) return g1;
    return this.#declared.find((set) => set.codeOf(codePoint) !== 0);
  }
}

/** Whether two bytes of a 94 x 94 set in G0 stand at `at`. */
function isPairAt(bytes: Buffer, at: number): boolean {
  if (at + 1 >= bytes.length) return false;
  const [first, second] = [bytes[at], bytes[at + 1]];
  return first > 0x20 && first < DELETE && second > 0x20 && second < DELETE;
}

function isHighPairAt(bytes: Buffer, at: number): boolean {
  if (at + 1 >= bytes.length) return false;
  const [first, second] = [bytes[at], bytes[at + 1]];
  return first > 0xa0 && first < 0xff && second > 0xa0 && second < 0xff;
}

function highCodePointAt(set: GraphicSet, bytes: Buffer, at: number): number {
  if (bytes[at] < 0xa0) return 0;
  return set.codePointOf(
    set.bytesPerCharacter === 2 ? ((bytes[at] & 0x7f) << 8) | (bytes[at + 1] & 0x7f) : bytes[at] & 0x7f,
  );
}
