// ISO_IR 192: UTF-8 (PS3.5 6.1.2.3, 2026d). No byte of a longer character is below 0x80, so delimiters are plain.
import { isUtf8 } from 'node:buffer';
import { splitAtBackslash } from './text-codec.ts';
import type { TextCodec } from './text-codec.ts';

/** A surrogate that is no half of a pair: text that has no encoding. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export class Utf8Codec implements TextCodec {
  decode(bytes: Buffer, _form: unknown, isStrict: boolean): string | undefined {
    return isStrict && !isUtf8(bytes) ? undefined : bytes.toString('utf8');
  }

  encode(text: string): Buffer | undefined {
    return LONE_SURROGATE.test(text) ? undefined : Buffer.from(text, 'utf8');
  }

  split(bytes: Buffer): Buffer[] {
    return splitAtBackslash(bytes);
  }
}
