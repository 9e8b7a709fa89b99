// Specific Character Set: text of a data set to strings and back in the same set (PS3.3 C.12.1.1.2, PS3.5 6.1, 2026d).
import { repertoireOf } from './character-sets/defined-terms.ts';
import type { Repertoire } from './character-sets/defined-terms.ts';
import { GbCodec } from './character-sets/gb18030.ts';
import { Iso2022Codec } from './character-sets/iso-2022.ts';
import { PERSON_NAMES, SINGLE_TEXT, VALUES } from './character-sets/text-codec.ts';
import type { TextCodec, ValueForm } from './character-sets/text-codec.ts';
import { Utf8Codec } from './character-sets/utf-8.ts';

/** The VRs that (0008,0005) affects (PS3.5 6.1.2.2). Every other VR is in the default repertoire. */
const FORM_BY_VR: ReadonlyMap<string, ValueForm> = new Map([
  ['LO', VALUES],
  ['SH', VALUES],
  ['UC', VALUES],
  ['PN', PERSON_NAMES],
  ['LT', SINGLE_TEXT],
  ['ST', SINGLE_TEXT],
  ['UT', SINGLE_TEXT],
]);

const MAX_CACHED = 64;
const cached = new Map<string, CharacterSet>();

/** The character sets that one data set or item declares. Immutable; the same terms give the same object. */
export class CharacterSet {
  readonly #codec: TextCodec;

  private constructor(codec: TextCodec) {
    this.#codec = codec;
  }

  /**
   * The character set that the values of (0008,0005) declare; no value, or one empty value, is the default repertoire.
   * Padding, case and the usual misspellings are understood. Throws InstanceError `unknown-character-set`.
   */
  static of(terms: readonly string[]): CharacterSet {
    const key = terms.join('\\');
    let found = cached.get(key);
    if (found === undefined) {
      found = new CharacterSet(codecOf(repertoireOf(terms)));
      // What a peer declares must not grow the cache without bound.
      if (cached.size < MAX_CACHED) cached.set(key, found);
    }
    return found;
  }

  /**
   * The text of a value field, all values with their delimiters, padding included. What cannot be decoded becomes U+FFFD; known escape
   * sequences are followed even where they are not declared. For a VR that (0008,0005) does not affect: the default repertoire.
   */
  decode(bytes: Buffer, vr: string): string {
    return this.#decode(bytes, vr, false) ?? '';
  }

  /** Like `decode`; undefined when the bytes break the declared sets anywhere. */
  decodeStrict(bytes: Buffer, vr: string): string | undefined {
    return this.#decode(bytes, vr, true);
  }

  /**
   * The bytes of a text in this set, without padding; undefined when a character is not representable. Escape sequences are written
   * where they are needed and switched back before delimiters, at line ends and at the end (PS3.5 6.1.2.5.3).
   */
  encode(text: string, vr: string): Buffer | undefined {
    const form = FORM_BY_VR.get(vr);
    return form === undefined ? DEFAULT_CODEC.encode(text, SINGLE_TEXT) : this.#codec.encode(text, form);
  }

  /** The values of a multi-valued field as views; a 0x5C that is part of a multi-byte character does not separate. ST, LT, UT: one value. */
  split(bytes: Buffer, vr: string): Buffer[] {
    const form = FORM_BY_VR.get(vr);
    if (form === undefined) return DEFAULT_CODEC.split(bytes);
    return form.isMultiValued ? this.#codec.split(bytes) : [bytes];
  }

  #decode(bytes: Buffer, vr: string, isStrict: boolean): string | undefined {
    const form = FORM_BY_VR.get(vr);
    return form === undefined
      ? DEFAULT_CODEC.decode(bytes, SINGLE_TEXT, isStrict)
      : this.#codec.decode(bytes, form, isStrict);
  }
}

const DEFAULT_CODEC = codecOf(repertoireOf([]));

function codecOf(repertoire: Repertoire): TextCodec {
  switch (repertoire.kind) {
    case 'utf-8':
      return new Utf8Codec();
    case 'gb':
      return new GbCodec(repertoire.hasFourByteCodes);
    case 'iso-2022':
      return new Iso2022Codec(repertoire);
  }
}

/** The default repertoire, ISO-IR 6: what holds without Specific Character Set. */
export const DEFAULT_CHARACTER_SET = CharacterSet.of([]);
