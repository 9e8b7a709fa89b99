// Value representations of PS3.5 section 6.2 and Table 7.1-1 as pure look-ups.

/** What the encoding rules say about one VR (PS3.5 Table 6.2-1, 2026d). */
interface VrRow {
  /** The explicit VR header has 12 bytes: two reserved ones and a 32-bit length (PS3.5 7.1.2). */
  readonly hasLongLength: boolean;
  /** Bytes per word that change places when the byte order changes (PS3.5 7.3). */
  readonly wordSize: 1 | 2 | 4 | 8;
  /** What fills an odd length: NUL for UI and binary values, else SPACE (PS3.5 6.2). */
  readonly padding: 0x20 | 0x00;
  /** The value is text. */
  readonly isText: boolean;
  /** The text is written in Specific Character Set (0008,0005) (PS3.5 6.1.2.2). */
  readonly isCharacterSet: boolean;
  /** Longest single value in characters (text) or bytes (fixed-size binary); undefined when only the length field limits it. */
  readonly maxLength: number | undefined;
}

function text(maxLength: number | undefined, isCharacterSet: boolean, hasLongLength = false): VrRow {
  return { hasLongLength, wordSize: 1, padding: 0x20, isText: true, isCharacterSet, maxLength };
}

function binary(wordSize: 1 | 2 | 4 | 8, hasLongLength: boolean, maxLength: number | undefined): VrRow {
  return { hasLongLength, wordSize, padding: 0x00, isText: false, isCharacterSet: false, maxLength };
}

const VR_ROWS: Readonly<Record<string, VrRow>> = {
  AE: text(16, false),
  AS: text(4, false),
  AT: binary(2, false, 4),
  CS: text(16, false),
  // 8 by 6.2; 18 in a query range. The longest that may be stored counts here.
  DA: text(8, false),
  DS: text(16, false),
  DT: text(26, false),
  FD: binary(8, false, 8),
  FL: binary(4, false, 4),
  IS: text(12, false),
  LO: text(64, true),
  LT: text(10240, true),
  OB: binary(1, true, undefined),
  OD: binary(8, true, undefined),
  OF: binary(4, true, undefined),
  OL: binary(4, true, undefined),
  OV: binary(8, true, undefined),
  OW: binary(2, true, undefined),
  // Each component group; PN may hold three of them.
  PN: text(64, true),
  SH: text(16, true),
  SL: binary(4, false, 4),
  SQ: binary(1, true, undefined),
  SS: binary(2, false, 2),
  ST: text(1024, true),
  SV: binary(8, true, 8),
  TM: text(14, false),
  UC: text(undefined, true, true),
  UI: { ...text(64, false), padding: 0x00 },
  UL: binary(4, false, 4),
  UN: binary(1, true, undefined),
  UR: text(undefined, false, true),
  US: binary(2, false, 2),
  UT: text(undefined, true, true),
  UV: binary(8, true, 8),
};

const VRS: ReadonlyMap<string, VrRow> = new Map(Object.entries(VR_ROWS));

/** True for the 34 VRs of PS3.5 Table 6.2-1. */
export function isVr(text: string): boolean {
  return VRS.has(text);
}

/** True when the explicit VR header of this VR has 12 bytes (PS3.5 7.1.2). An unknown VR counts as long, as 7.1.2 rules for VRs to come. */
export function hasLongLength(vr: string): boolean {
  return VRS.get(vr)?.hasLongLength ?? true;
}

/** True when values of this VR are text, coded strings and numbers in text form included. */
export function isTextVr(vr: string): boolean {
  return VRS.get(vr)?.isText ?? false;
}

/** True when Specific Character Set governs this VR: LO LT PN SH ST UC UT (PS3.5 6.1.2.2). */
export function isCharacterSetVr(vr: string): boolean {
  return VRS.get(vr)?.isCharacterSet ?? false;
}

/** The byte that makes an odd length even (PS3.5 6.2): NUL for UI and binary VRs, SPACE for the other text VRs. */
export function paddingOf(vr: string): 0x20 | 0x00 {
  return VRS.get(vr)?.padding ?? 0x00;
}

/** Bytes per word for byte ordering (PS3.5 7.3). AT counts as two 16-bit words. 1 for text, OB, UN, SQ and unknown VRs. */
export function wordSizeOf(vr: string): 1 | 2 | 4 | 8 {
  return VRS.get(vr)?.wordSize ?? 1;
}

/**
 * The longest single value: in characters for text VRs (PN: per component group), in bytes for fixed-size binary VRs.
 * Undefined for VRs that only the length field limits, and for unknown VRs (PS3.5 Table 6.2-1).
 */
export function maxLengthOf(vr: string): number | undefined {
  return VRS.get(vr)?.maxLength;
}
