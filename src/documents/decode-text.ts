// The characters of a document whose encoding its bytes, or what came with it, tell. Nothing is guessed away: bytes that the
// encoding does not have make the document unreadable.
import { unreadable } from './unreadable.ts';

export interface DecodedText {
  readonly text: string;
  /** A label of the WHATWG encoding standard. */
  readonly encoding: string;
  readonly hasByteOrderMark: boolean;
}

const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/**
 * The text, without its byte order mark. A mark tells the encoding before anything that is declared.
 * @param declared a label, for example ISO-8859-2
 * @throws InstanceError `document-unreadable` for an unknown label or bytes that do not fit
 */
export function decodeText(bytes: Buffer, declared: string | undefined): DecodedText {
  const marked = MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined)
    return { text: decodeAs(marked[1], bytes.subarray(marked[0].length)), encoding: marked[1], hasByteOrderMark: true };
  const encoding = declared?.trim().toLowerCase() ?? 'utf-8';
  // What declares itself in ASCII characters of one byte cannot be of two.
  const label = /^utf-?16/.test(encoding) ? wideEncoding(bytes) : encoding;
  return { text: decodeAs(label, bytes), encoding: label, hasByteOrderMark: false };
}

/** The text as UTF-8 when it is that, else as Windows-1252, which has a character for every byte but five. */
export function decodeUndeclared(bytes: Buffer): DecodedText {
  try {
    return decodeText(bytes, undefined);
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252', hasByteOrderMark: false };
  }
}

/** UTF-16 without a mark: the zero half of the first character tells the order. */
export function wideEncoding(bytes: Buffer): 'utf-16le' | 'utf-16be' | 'utf-8' {
  if (bytes.length >= 2 && bytes[0] === 0 && bytes[1] !== 0) return 'utf-16be';
  return bytes.length >= 2 && bytes[1] === 0 && bytes[0] !== 0 ? 'utf-16le' : 'utf-8';
}

function decodeAs(label: string, bytes: Buffer): string {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unreadable('The text of the document does not fit its character encoding.', error);
  }
}

const SINGLE_BYTES = new Map<string, ReadonlyMap<string, number>>();

/** The text in an encoding of one byte per character; undefined when it has other characters. */
export function encodeSingleByte(text: string, label: string): Buffer | undefined {
  let table = SINGLE_BYTES.get(label);
  if (table === undefined) {
    const decoder = new TextDecoder(label);
    table = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
    SINGLE_BYTES.set(label, table);
  }
  const bytes = Buffer.allocUnsafe(text.length);
  for (let i = 0; i < text.length; i++) {
    const byte = table.get(text[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
