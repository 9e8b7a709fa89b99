// Items and sub-items, the building blocks of A-ASSOCIATE-RQ and -AC (PS3.8 9.3.2 and 9.3.3, PS3.7 Annex D): type, reserved, 16-bit length, value.
import { LetheError } from '../core/errors.ts';

export const ITEM = {
  applicationContext: 0x10,
  presentationContextRq: 0x20,
  presentationContextAc: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maxLength: 0x51,
  implementationClassUid: 0x52,
  asyncOperations: 0x53,
  roleSelection: 0x54,
  implementationVersion: 0x55,
  sopClassExtended: 0x56,
  sopClassCommonExtended: 0x57,
  userIdentityRq: 0x58,
  userIdentityAc: 0x59,
} as const;

const ITEM_HEAD_BYTES = 4;
const MAX_UID_CHARACTERS = 64;

/** Calls `visit` with each item of `bytes` as a view. Throws `pdu-invalid` when a length leaves the bytes that are there. */
export function eachItem(bytes: Buffer, visit: (type: number, value: Buffer) => void): void {
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + ITEM_HEAD_BYTES > bytes.length) throw new LetheError('pdu-invalid', 'item head is cut short');
    const valueStart = offset + ITEM_HEAD_BYTES;
    const end = valueStart + bytes.readUInt16BE(offset + 2);
    if (end > bytes.length) throw new LetheError('pdu-invalid', 'item is longer than what surrounds it');
    visit(bytes[offset], bytes.subarray(valueStart, end));
    offset = end;
  }
}

export function encodeItem(type: number, ...values: readonly Buffer[]): Buffer {
  const length = values.reduce((sum, value) => sum + value.length, 0);
  if (length > 0xffff) throw new RangeError('an item holds at most 65,535 bytes');
  const head = Buffer.from([type, 0, length >> 8, length & 0xff]);
  return Buffer.concat([head, ...values]);
}

export function encodeUidItem(type: number, uid: string): Buffer {
  return encodeItem(type, Buffer.from(uid, 'latin1'));
}

/** Text without the NUL and space padding that senders put behind it. */
export function trimmedText(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
  return bytes.toString('latin1', 0, end);
}

/** A UID as sent, without padding. Its shape is not checked: an unknown UID is refused by whoever looks it up. */
export function decodeUid(bytes: Buffer): string {
  const uid = trimmedText(bytes);
  if (uid.length === 0 || uid.length > MAX_UID_CHARACTERS) {
    throw new LetheError('pdu-invalid', 'UID is empty or longer than 64 characters');
  }
  return uid;
}
