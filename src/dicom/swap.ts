// Byte order of words (PS3.5 7.3).

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
