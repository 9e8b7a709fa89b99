// Original values as Postgres can hold and index them.
import { createHash } from 'node:crypto';

const MAX_CHARACTERS = 256;
const KEPT_CHARACTERS = 180;
/** Nearly every value; one test instead of three passes. */
const PLAIN = /^[\x20-\x7E]{0,256}$/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * The text without what Postgres refuses (NUL, lone surrogates), and short enough for an index row: longer than 256 characters, it is its
 * first 180, an ellipsis and its SHA-256, so that two long values stay two. Look-ups apply the same rule to what they are asked.
 */
export function storable(text: string): string {
  if (PLAIN.test(text)) return text;
  const clean = wellFormed(text);
  if (clean.length <= MAX_CHARACTERS) return clean;
  const digest = createHash('sha256').update(clean).digest('hex');
  return `${wellFormed(clean.slice(0, KEPT_CHARACTERS))}…${digest}`;
}

function wellFormed(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(LONE_SURROGATE, '\uFFFD');
}
