// Which encoding a data set has, from its first bytes: for files that do not say, and for files that say it wrongly.
import { findByTag } from '../standard/dictionary.ts';
import type { Encoding } from './element.ts';
import { VR_FORM, VR_FORMS } from './vr-codes.ts';

/** Bytes that `guessEncoding` looks at. */
export const GUESS_BYTES = 8;

/**
 * The encoding that the first element header suggests, by the rules of DCMTK's DcmItem::checkTransferSyntax: a known VR
 * means explicit; of the two byte orders the one in which the dictionary knows the tag, else the one whose group is small.
 */
export function guessEncoding(head: Buffer): Encoding {
  if (head.length < 6) return { isImplicitVr: true, isBigEndian: false };
  const isImplicitVr = !startsWithVr(head);
  const little = head.readUInt16LE(0) * 0x10000 + head.readUInt16LE(2);
  const big = head.readUInt16BE(0) * 0x10000 + head.readUInt16BE(2);
  const isLittleKnown = findByTag(little) !== undefined;
  const isBigKnown = findByTag(big) !== undefined;
  const isBigEndian =
    isLittleKnown === isBigKnown ? little >>> 16 > 0xff && big >>> 16 <= 0xff : isBigKnown && !isLittleKnown;
  return { isImplicitVr, isBigEndian };
}

/** True when bytes 4 and 5 are a VR of PS3.5. */
export function startsWithVr(head: Buffer): boolean {
  return head.length >= 6 && VR_FORMS[(head[4] << 8) | head[5]] !== VR_FORM.unknown;
}

/**
 * True when a data set that is declared explicit plainly begins in implicit VR: the VR field holds no VR and no printable
 * placeholder, and the 32-bit length there is short and fits what is left.
 */
export function isPlainlyImplicit(head: Buffer, bytesLeft: number): boolean {
  if (head.length < 8 || startsWithVr(head)) return false;
  const length = head.readUInt32LE(4);
  const isTagKnown = findByTag(head.readUInt16LE(0) * 0x10000 + head.readUInt16LE(2)) !== undefined;
  return isTagKnown && head[5] < 0x20 && length !== 0 && length <= bytesLeft - 8;
}
