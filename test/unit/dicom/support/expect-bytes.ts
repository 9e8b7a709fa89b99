// Compares byte strings: vitest's own comparison walks large Buffers element by element, seconds per megabyte.
import { expect } from 'vitest';

/** Fails with the first difference in hexadecimal. */
export function expectBytes(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const from = Math.max(0, at - 16);
  const shown = (bytes: Buffer): string => `${bytes.length} bytes, @${from}: ${bytes.toString('hex', from, from + 48)}`;
  expect(shown(actual)).toBe(shown(expected));
}
