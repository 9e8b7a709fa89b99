// Element and item headers as bytes (PS3.5 7.1.2, 7.1.3, 7.5).
import { InstanceError } from '../core/errors.ts';
import { hasLongLength } from '../standard/vr.ts';
import type { Encoding } from './element.ts';

export const UNDEFINED_LENGTH = 0xffffffff;
const ITEM = 0xfffee000;
export const ITEM_DELIMITATION = 0xfffee00d;
export const SEQUENCE_DELIMITATION = 0xfffee0dd;

/** The longest value that the 16-bit length of a short header can state; longer ones need the long form. */
const LONGEST_SHORT_VALUE = 0xfffe;

/**
 * The VR that can carry `length` bytes in explicit VR: a VR with a 16-bit length field is replaced by UN when the value
 * is longer than 65,534 bytes, as PS3.5 6.2.2 note 2 provides. The value of UN is little endian.
 */
export function vrThatHolds(vr: string, length: number): string {
  return length > LONGEST_SHORT_VALUE && length !== UNDEFINED_LENGTH && !hasLongLength(vr) ? 'UN' : vr;
}

/** The header of an element: 8 bytes in implicit VR and for VRs with a 16-bit length, else 12. `vr` must hold `length`. */
export function encodeHeader(encoding: Encoding, tag: number, vr: string, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerLength(encoding, vr));
  writeHeader(header, encoding, tag, vr, length);
  return header;
}

/** Header and value in one buffer: what nearly every changed attribute is, hundreds in an instance. `vr` must hold the value. */
export function encodeHeaderAndValue(encoding: Encoding, tag: number, vr: string, value: Buffer): Buffer {
  const valueStart = headerLength(encoding, vr);
  const element = Buffer.allocUnsafe(valueStart + value.length);
  writeHeader(element, encoding, tag, vr, value.length);
  element.set(value, valueStart);
  return element;
}

function headerLength({ isImplicitVr }: Encoding, vr: string): 8 | 12 {
  return !isImplicitVr && hasLongLength(vr) ? 12 : 8;
}

/** Fills the first 8 or 12 bytes. */
function writeHeader(bytes: Buffer, encoding: Encoding, tag: number, vr: string, length: number): void {
  const { isImplicitVr, isBigEndian } = encoding;
  writeTag(bytes, tag, isBigEndian);
  if (isImplicitVr) {
    writeUint32(bytes, length, 4, isBigEndian);
    return;
  }
  bytes[4] = vr.charCodeAt(0);
  bytes[5] = vr.charCodeAt(1);
  if (headerLength(encoding, vr) === 12) {
    bytes[6] = bytes[7] = 0; // reserved
    writeUint32(bytes, length, 8, isBigEndian);
  } else if (length > LONGEST_SHORT_VALUE) throw new RangeError('the value does not fit a 16-bit length');
  else if (isBigEndian) bytes.writeUInt16BE(length, 6);
  else bytes.writeUInt16LE(length, 6);
}

/** A length that a 32-bit field can state. Throws `action-failed`. */
export function definedLength(length: number): number {
  if (length >= UNDEFINED_LENGTH) throw new InstanceError('action-failed', 'A sequence grew beyond 4 GiB');
  return length;
}

/** The header of an item. */
export function encodeItemHeader(encoding: Encoding, length: number): Buffer {
  return encodeDelimiter(encoding, ITEM, length);
}

/** An item, item delimitation or sequence delimitation tag with its length: they have no VR in any transfer syntax. */
export function encodeDelimiter({ isBigEndian }: Encoding, tag: number, length = 0): Buffer {
  const header = Buffer.alloc(8);
  writeTag(header, tag, isBigEndian);
  writeUint32(header, length, 4, isBigEndian);
  return header;
}

/** Puts a length that became known later into the last four bytes of a header of the long form. */
export function patchLength(header: Buffer, length: number, { isBigEndian }: Encoding): void {
  writeUint32(header, length, header.length - 4, isBigEndian);
}

function writeTag(header: Buffer, tag: number, isBigEndian: boolean): void {
  if (isBigEndian) header.writeUInt32BE(tag, 0);
  else {
    header.writeUInt16LE(tag >>> 16, 0);
    header.writeUInt16LE(tag & 0xffff, 2);
  }
}

function writeUint32(header: Buffer, value: number, at: number, isBigEndian: boolean): void {
  if (isBigEndian) header.writeUInt32BE(value, at);
  else header.writeUInt32LE(value, at);
}
