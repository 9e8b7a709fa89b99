// What every family of character sets offers to CharacterSet, and what ends a run of text inside a value.

/** Where the initial character set is active again (PS3.5 6.1.2.5.3): after a control character, and at the delimiters of the VR. */
export interface ValueForm {
  /** 1 for each 7-bit byte at which the state of code extensions is reset. */
  readonly resets: Uint8Array;
  /** True when 0x5C stands between values. */
  readonly isMultiValued: boolean;
}

function formOf(delimiters: string): ValueForm {
  const resets = new Uint8Array(128);
  for (const byte of Buffer.from(`\t\n\f\r${delimiters}`, 'latin1')) resets[byte] = 1;
  return { resets, isMultiValued: delimiters.includes('\\') };
}

/** ST, LT, UT: one value, in which the backslash is text. */
export const SINGLE_TEXT = formOf('');
/** LO, SH, UC: values between backslashes. */
export const VALUES = formOf('\\');
/** PN: component groups and components too. */
export const PERSON_NAMES = formOf('\\^=');

export interface TextCodec {
  /** The text; what cannot be decoded becomes U+FFFD, or undefined when `isStrict`. */
  decode(bytes: Buffer, form: ValueForm, isStrict: boolean): string | undefined;
  /** The bytes without padding; undefined when a character is not in the set. */
  encode(text: string, form: ValueForm): Buffer | undefined;
  /** The values between backslashes, as views. A 0x5C inside a multi-byte character is no delimiter. */
  split(bytes: Buffer): Buffer[];
}

/** Splits where every 0x5C is a delimiter. */
export function splitAtBackslash(bytes: Buffer): Buffer[] {
  const values: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0x5c); at >= 0; at = bytes.indexOf(0x5c, start)) {
    values.push(bytes.subarray(start, at));
    start = at + 1;
  }
  values.push(bytes.subarray(start));
  return values;
}
