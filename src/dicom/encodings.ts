// The three encodings of PS3.5 Annex A, once each.
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';
import type { Encoding } from './element.ts';

export const IMPLICIT_LITTLE_ENDIAN: Encoding = Object.freeze({ isImplicitVr: true, isBigEndian: false });
export const EXPLICIT_LITTLE_ENDIAN: Encoding = Object.freeze({ isImplicitVr: false, isBigEndian: false });
export const EXPLICIT_BIG_ENDIAN: Encoding = Object.freeze({ isImplicitVr: false, isBigEndian: true });

/** How a transfer syntax encodes elements; deflating comes on top. */
export function encodingOf(transferSyntax: TransferSyntax): Encoding {
  if (transferSyntax.isImplicitVr) return IMPLICIT_LITTLE_ENDIAN;
  return transferSyntax.isBigEndian ? EXPLICIT_BIG_ENDIAN : EXPLICIT_LITTLE_ENDIAN;
}
