// The VR field of an explicit VR header as a 16-bit code: one table look-up instead of slicing a string per element (PS3.5 7.1.2).
import { hasLongLength, isVr } from '../standard/vr.ts';

/** How the header goes on after the VR field. */
export const VR_FORM = {
  /** Not a VR of PS3.5: `describeUnknownVr` tells what to make of it. */
  unknown: 0,
  /** A 16-bit length. */
  short: 1,
  /** Two reserved bytes and a 32-bit length. */
  long: 2,
  /** SQ: as long, with items. */
  sequence: 3,
  /** UN: as long, the VR in effect is the dictionary's. */
  un: 4,
} as const;

/** Form by code, `first byte << 8 | second byte`. */
export const VR_FORMS: Uint8Array = new Uint8Array(65536);

/** The one shared string of each VR by code; holes for what is no VR. */
const names = new Array<string | undefined>(65536).fill(undefined);

for (let first = 65; first <= 90; first++) {
  for (let second = 65; second <= 90; second++) {
    const vr = String.fromCharCode(first, second);
    if (!isVr(vr)) continue;
    const code = (first << 8) | second;
    names[code] = vr;
    if (vr === 'SQ') VR_FORMS[code] = VR_FORM.sequence;
    else if (vr === 'UN') VR_FORMS[code] = VR_FORM.un;
    else VR_FORMS[code] = hasLongLength(vr) ? VR_FORM.long : VR_FORM.short;
  }
}

export const VR_NAMES: readonly (string | undefined)[] = names;

/** The two characters of a code that is no VR. Peer text: escape it before it goes into a message. */
export function unknownVrName(code: number): string {
  return String.fromCharCode(code >> 8, code & 0xff);
}

/**
 * How a header goes on after a VR that PS3.5 does not define, as DCMTK reads it: two upper-case letters are a VR to
 * come, which has the long form (PS3.5 6.2 note, "future VRs"); two printable characters ('??', '  ', '--') and two NULs
 * are a placeholder before a 16-bit length. Undefined for the rest: control characters are the length of an implicit VR header, and
 * lower-case pairs were written by old software with either form; taking one for the other frames all that follows wrongly.
 */
export function unknownVrForm(code: number): 'short' | 'long' | undefined {
  const first = code >> 8;
  const second = code & 0xff;
  if (isUpper(first) && isUpper(second)) return 'long';
  if (code === 0) return 'short';
  return isPlaceholder(first) && isPlaceholder(second) ? 'short' : undefined;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isPlaceholder(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && !(byte >= 0x61 && byte <= 0x7a);
}
