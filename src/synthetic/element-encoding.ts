// Bytes of single elements for the data set builder (PS3.5 section 7 and Annex A, 2026d).
import type { CharacterSet } from '../dicom/character-set.ts';
import { formatTag } from '../standard/tags.ts';
import { EXPLICIT_VR_BIG_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { hasLongLength, isTextVr, paddingOf, wordSizeOf } from '../standard/vr.ts';

/**
 * A value as a test writes it. Text VRs: a string, a number (DS, IS) or several, joined by backslashes. Binary VRs: a number or several
 * (AT: tag numbers; SV, UV: bigint too), or a Buffer whose words are little endian whatever the transfer syntax. Undefined: empty.
 */
export type BuilderValue = string | number | bigint | Buffer | readonly (string | number | bigint)[] | undefined;

export interface Form {
  readonly isImplicitVr: boolean;
  readonly isBigEndian: boolean;
}

export const UNDEFINED_LENGTH = 0xffffffff;
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;
export const PIXEL_DATA = 0x7fe00010;

export function formOf(transferSyntaxUid: string): Form {
  return {
    isImplicitVr: transferSyntaxUid === IMPLICIT_VR_LITTLE_ENDIAN,
    isBigEndian: transferSyntaxUid === EXPLICIT_VR_BIG_ENDIAN,
  };
}

/** Tag, VR and length of an element. Throws RangeError when the length does not fit the VR's 16-bit field. */
export function headerBytes(form: Form, tag: number, vr: string, length: number): Buffer {
  if (form.isImplicitVr) return tagAndLength(form, tag, length);
  const isLong = hasLongLength(vr);
  if (!isLong && length > 0xffff) throw new RangeError(`${formatTag(tag)}: ${length} bytes do not fit VR ${vr}`);
  const header = Buffer.alloc(isLong ? 12 : 8);
  writeTag(form, header, tag);
  header.write(vr, 4, 'latin1');
  if (isLong) writeUint32(form, header, length, 8);
  else if (form.isBigEndian) header.writeUInt16BE(length, 6);
  else header.writeUInt16LE(length, 6);
  return header;
}

/** Header of an item or a delimitation item: no VR in any encoding (PS3.5 7.5). */
export function itemHeader(form: Form, tag: number, length: number): Buffer {
  return tagAndLength(form, tag, length);
}

/** Encapsulated pixel data with its basic offset table, the empty one included (PS3.5 A.4). */
export function fragmentBytes(form: Form, offsetTable: readonly number[], fragments: readonly Buffer[]): Buffer[] {
  const table = Buffer.alloc(offsetTable.length * 4);
  for (const [i, offset] of offsetTable.entries()) table.writeUInt32LE(offset, i * 4);
  const items = [table, ...fragments.map((fragment) => padded(fragment, 0))];
  return [
    headerBytes(form, PIXEL_DATA, 'OB', UNDEFINED_LENGTH),
    ...items.flatMap((item) => [itemHeader(form, ITEM, item.length), item]),
    itemHeader(form, SEQUENCE_END, 0),
  ];
}

/** The value field, padded to even length, in the byte order of `form`. Throws RangeError for a value that the VR or the set cannot hold. */
export function valueBytes(
  form: Form,
  tag: number,
  vr: string,
  value: BuilderValue,
  characterSet: CharacterSet,
): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(value)) return padded(form.isBigEndian ? swapped(value, wordSizeOf(vr)) : value, paddingOf(vr));
  if (!isTextVr(vr)) return Buffer.concat(listOf(value).map((word) => binaryWord(form, tag, vr, word)));
  const text = listOf(value).map(String).join('\\');
  const bytes = characterSet.encode(text, vr);
  if (bytes === undefined) throw new RangeError(`${formatTag(tag)}: text is not representable in the character set`);
  return padded(bytes, paddingOf(vr));
}

export function listOf(value: BuilderValue): readonly (string | number | bigint)[] {
  if (value === undefined || Buffer.isBuffer(value)) return [];
  return typeof value === 'object' ? value : [value];
}

export function padded(bytes: Buffer, padding: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(padding)]);
}

export function byteLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

function tagAndLength(form: Form, tag: number, length: number): Buffer {
  const header = Buffer.alloc(8);
  writeTag(form, header, tag);
  writeUint32(form, header, length, 4);
  return header;
}

function writeTag(form: Form, out: Buffer, tag: number): void {
  if (form.isBigEndian) out.writeUInt32BE(tag, 0);
  else {
    out.writeUInt16LE(tag >>> 16, 0);
    out.writeUInt16LE(tag & 0xffff, 2);
  }
}

function writeUint32(form: Form, out: Buffer, value: number, offset: number): void {
  if (form.isBigEndian) out.writeUInt32BE(value, offset);
  else out.writeUInt32LE(value, offset);
}

/** One word of a binary VR, made little endian first so that there is one way to turn it round. */
function binaryWord(form: Form, tag: number, vr: string, value: string | number | bigint): Buffer {
  const word = littleEndianWord(vr, value);
  if (word === undefined) throw new RangeError(`${formatTag(tag)}: VR ${vr} takes a Buffer`);
  return form.isBigEndian ? swapped(word, wordSizeOf(vr)) : word;
}

function littleEndianWord(vr: string, value: string | number | bigint): Buffer | undefined {
  const word = Buffer.alloc(wordSizeOf(vr));
  const number = Number(value);
  switch (vr) {
    case 'US':
    case 'OW':
      word.writeUInt16LE(number);
      return word;
    case 'SS':
      word.writeInt16LE(number);
      return word;
    case 'UL':
    case 'OL':
      word.writeUInt32LE(number);
      return word;
    case 'SL':
      word.writeInt32LE(number);
      return word;
    case 'FL':
    case 'OF':
      word.writeFloatLE(number);
      return word;
    case 'FD':
    case 'OD':
      word.writeDoubleLE(number);
      return word;
    case 'UV':
    case 'OV':
      word.writeBigUInt64LE(BigInt(value));
      return word;
    case 'SV':
      word.writeBigInt64LE(BigInt(value));
      return word;
    case 'AT': {
      const pair = Buffer.alloc(4);
      pair.writeUInt16LE(number >>> 16, 0);
      pair.writeUInt16LE(number & 0xffff, 2);
      return pair;
    }
    default:
      return undefined;
  }
}

/** A copy with the bytes of each word turned round. */
function swapped(bytes: Buffer, wordSize: 1 | 2 | 4 | 8): Buffer {
  const copy = Buffer.from(bytes);
  if (wordSize === 2) return copy.swap16();
  if (wordSize === 4) return copy.swap32();
  return wordSize === 8 ? copy.swap64() : copy;
}
