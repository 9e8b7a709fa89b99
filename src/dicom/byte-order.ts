// Byte order of tags, lengths and words (PS3.5 7.3).

export function readTag(bytes: Buffer, at: number, isBigEndian: boolean): number {
  return isBigEndian
    ? ((bytes[at] << 8) | bytes[at + 1]) * 0x10000 + ((bytes[at + 2] << 8) | bytes[at + 3])
    : (bytes[at] | (bytes[at + 1] << 8)) * 0x10000 + (bytes[at + 2] | (bytes[at + 3] << 8));
}

export function readUint32(bytes: Buffer, at: number, isBigEndian: boolean): number {
  return isBigEndian
    ? ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
    : (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/** A copy with the bytes of each word in reverse order; the bytes themselves for words of one byte. Bytes after the last whole word stay. */
export function swapWords(bytes: Buffer, wordSize: 1 | 2 | 4 | 8): Buffer {
  if (wordSize === 1) return bytes;
  const copy = Buffer.from(bytes);
  swapWordsInPlace(copy, wordSize);
  return copy;
}

export function swapWordsInPlace(bytes: Buffer, wordSize: 2 | 4 | 8): void {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % wordSize));
  if (wordSize === 2) whole.swap16();
  else if (wordSize === 4) whole.swap32();
  else whole.swap64();
}
