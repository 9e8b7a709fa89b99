// A value as a person may see it: its kind and length, or what it says.
import type { CharacterSet } from '../../dicom/character-set.ts';
import { trimPadding } from '../../dicom/values.ts';

/** Characters of a value that are shown. */
const MAX_CHARS = 80;
const MAX_NUMBERS = 8;

type ReadNumber = (bytes: Buffer, offset: number, isBigEndian: boolean) => number | bigint;

const NUMBERS: Readonly<Record<string, { readonly width: number; readonly read: ReadNumber }>> = {
  US: { width: 2, read: (b, o, big) => (big ? b.readUInt16BE(o) : b.readUInt16LE(o)) },
  SS: { width: 2, read: (b, o, big) => (big ? b.readInt16BE(o) : b.readInt16LE(o)) },
  UL: { width: 4, read: (b, o, big) => (big ? b.readUInt32BE(o) : b.readUInt32LE(o)) },
  SL: { width: 4, read: (b, o, big) => (big ? b.readInt32BE(o) : b.readInt32LE(o)) },
  UV: { width: 8, read: (b, o, big) => (big ? b.readBigUInt64BE(o) : b.readBigUInt64LE(o)) },
  SV: { width: 8, read: (b, o, big) => (big ? b.readBigInt64BE(o) : b.readBigInt64LE(o)) },
  FL: { width: 4, read: (b, o, big) => (big ? b.readFloatBE(o) : b.readFloatLE(o)) },
  FD: { width: 8, read: (b, o, big) => (big ? b.readDoubleBE(o) : b.readDoubleLE(o)) },
};
const BYTES: ReadonlySet<string> = new Set(['OB', 'OW', 'OL', 'OV', 'OF', 'OD', 'UN', 'AT']);

/** `LO, 12 bytes`; tells nothing of the value. */
export function hideValue(vr: string, length: number): string {
  return length === 0 ? 'empty' : `${vr}, ${length} bytes`;
}

export function countItems(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

/** What the value says, shortened. Bytes of no known kind are counted. */
export function showValue(vr: string, bytes: Buffer, characterSet: CharacterSet, isBigEndian: boolean): string {
  if (bytes.length === 0) return 'empty';
  if (BYTES.has(vr)) return hideValue(vr, bytes.length);
  const numbers = NUMBERS[vr] as (typeof NUMBERS)[string] | undefined;
  if (numbers === undefined) return shorten(characterSet.decode(trimPadding(bytes), vr));
  const count = Math.floor(bytes.length / numbers.width);
  const shown = Array.from({ length: Math.min(count, MAX_NUMBERS) }, (_, i) =>
    String(numbers.read(bytes, i * numbers.width, isBigEndian)),
  );
  return shown.join('\\') + (count > MAX_NUMBERS ? ' …' : '');
}

function shorten(text: string): string {
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}…`;
}
