// The coded graphic character sets that DICOM designates by escape sequences (PS3.5 6.1.2.4, PS3.3 Tables C.12-3 and C.12-4, 2026d).
// Tables are derived once, when first needed, from the decoders that come with Node.

/**
 * One set of graphic characters. A code is the character's one or two bytes with the high bits off (0x20-0x7F each), most significant
 * byte first, whether it is used in G0 (high bits off) or G1 (high bits on).
 */
export interface GraphicSet {
  /** The code element that PS3.3 gives it: G0 is bytes below 0x80, G1 those above. */
  readonly area: 'G0' | 'G1';
  readonly bytesPerCharacter: 1 | 2;
  /** What designates the set, ESC included. */
  readonly escape: Buffer;
  /** Code point of a code; 0 when nothing is assigned to it. */
  codePointOf(code: number): number;
  /** Code of a code point; 0 when the set has no such character. */
  codeOf(codePoint: number): number;
}

/** How the codes of a set are spelled to one of Node's decoders. */
interface Spelling {
  readonly encoding: string;
  /** Bytes that precede each character. */
  readonly prefix?: readonly number[];
}

const FIRST_CODE = 0x20;
const CODES_PER_BYTE = 96;

class DerivedGraphicSet implements GraphicSet {
  readonly area: 'G0' | 'G1';
  readonly bytesPerCharacter: 1 | 2;
  readonly escape: Buffer;
  readonly #build: () => Uint32Array;
  readonly #alternatives: readonly (readonly [codePoint: number, code: number])[];
  #codePoints: Uint32Array | undefined;
  #codes: ReadonlyMap<number, number> | undefined;

  constructor(
    area: 'G0' | 'G1',
    bytesPerCharacter: 1 | 2,
    escape: string,
    build: () => Uint32Array,
    alternatives: readonly (readonly [codePoint: number, code: number])[] = [],
  ) {
    this.area = area;
    this.bytesPerCharacter = bytesPerCharacter;
    this.escape = Buffer.from(`\x1B${escape}`, 'latin1');
    this.#build = build;
    this.#alternatives = alternatives;
  }

  codePointOf(code: number): number {
    return (this.#codePoints ??= this.#build())[indexOf(code)];
  }

  codeOf(codePoint: number): number {
    return (this.#codes ??= this.#invert()).get(codePoint) ?? 0;
  }

  /** The first code of a character wins: extensions that repeat one stand behind the standard's own rows. */
  #invert(): ReadonlyMap<number, number> {
    const codePoints = (this.#codePoints ??= this.#build());
    const codes = new Map<number, number>();
    for (const [index, codePoint] of codePoints.entries()) {
      if (codePoint !== 0 && !codes.has(codePoint)) codes.set(codePoint, codeAt(index, this.bytesPerCharacter));
    }
    for (const [codePoint, code] of this.#alternatives) if (!codes.has(codePoint)) codes.set(codePoint, code);
    return codes;
  }
}

/** Place of a code in its table: 96 entries for one byte, 96 rows of 96 for two. */
function indexOf(code: number): number {
  return code < 0x100 ? code - FIRST_CODE : ((code >> 8) - FIRST_CODE) * CODES_PER_BYTE + (code & 0xff) - FIRST_CODE;
}

function codeAt(index: number, bytesPerCharacter: 1 | 2): number {
  if (bytesPerCharacter === 1) return index + FIRST_CODE;
  const low = index % CODES_PER_BYTE;
  return ((index - low) / CODES_PER_BYTE + FIRST_CODE) * 0x100 + low + FIRST_CODE;
}

/** ISO 646 with single characters exchanged. */
function derive646(exchanged: Readonly<Record<number, number>> = {}): Uint32Array {
  return Uint32Array.from({ length: CODES_PER_BYTE }, (_, i) => {
    const code = i + FIRST_CODE;
    return code === 0x7f ? 0 : (exchanged[code] ?? code);
  });
}

/** The upper half of a single-byte encoding. */
function deriveSingle(spelling: Spelling): Uint32Array {
  return deriveFrom(
    spelling,
    Array.from({ length: CODES_PER_BYTE }, (_, i) => [i + FIRST_CODE + 0x80]),
  );
}

/** The 94 x 94 part of a double-byte encoding. */
function deriveDouble(spelling: Spelling): Uint32Array {
  const codes = Array.from({ length: CODES_PER_BYTE * CODES_PER_BYTE }, (_, i) => {
    const code = codeAt(i, 2) | 0x8080;
    return [code >> 8, code & 0xff];
  });
  const table = deriveFrom(spelling, codes);
  for (let i = 0; i < table.length; i++) {
    const [row, cell] = [Math.floor(i / CODES_PER_BYTE), i % CODES_PER_BYTE];
    if (row === 0 || row === 95 || cell === 0 || cell === 95) table[i] = 0;
  }
  return table;
}

/** Decodes every code in one call, a line feed behind each, so that what is undefined cannot swallow its neighbour. */
function deriveFrom(spelling: Spelling, codes: readonly (readonly number[])[]): Uint32Array {
  const bytes = codes.flatMap((code) => [...(spelling.prefix ?? []), ...code, 0x0a]);
  const lines = new TextDecoder(spelling.encoding).decode(Uint8Array.from(bytes)).split('\n');
  return Uint32Array.from(codes, (_, i) => assignedCodePoint(lines[i]));
}

/** The one character of a decoded code, or 0: undefined codes come as U+FFFD or, depending on the ICU version, in the private use area. */
export function assignedCodePoint(decoded: string): number {
  const codePoint = decoded.codePointAt(0) ?? 0;
  const isSingle = decoded.length === (codePoint > 0xffff ? 2 : 1);
  const isPrivateUse = codePoint >= 0xe000 && codePoint <= 0xf8ff;
  return isSingle && !isPrivateUse && codePoint !== 0xfffd && codePoint >= 0xa0 ? codePoint : 0;
}

/** ISO 8859-1 is the identity; Node's decoder of that name means windows-1252. */
function deriveLatin1(): Uint32Array {
  return Uint32Array.from({ length: CODES_PER_BYTE }, (_, i) => i + 0xa0);
}

function single(final: string, encoding: string): GraphicSet {
  return new DerivedGraphicSet('G1', 1, `-${final}`, () => deriveSingle({ encoding }));
}

/** What Unicode's own JIS table maps differently from the one of Node's decoder, which follows Microsoft's. */
const JIS_ALTERNATIVES = [
  [0x301c, 0x2141],
  [0x2016, 0x2142],
  [0x2212, 0x215d],
  [0xa2, 0x2171],
  [0xa3, 0x2172],
  [0xac, 0x224c],
] as const;

/**
 * All sets of PS3.3 Tables C.12-3 and C.12-4 by ISO registration number. Node's decoders know some characters more than the registered
 * sets have (the euro of the later ISO 8859-7, row 13 of the Japanese vendors); such files exist, so they are read and written back.
 */
export const GRAPHIC_SETS = {
  isoIr6: new DerivedGraphicSet('G0', 1, '(B', () => derive646()),
  /** JIS X 0201 romaji: 0x5C is the yen sign, 0x7E the overline. */
  isoIr14: new DerivedGraphicSet('G0', 1, '(J', () => derive646({ 0x5c: 0xa5, 0x7e: 0x203e })),
  /** JIS X 0201 katakana, half width. */
  isoIr13: new DerivedGraphicSet('G1', 1, ')I', () => deriveSingle({ encoding: 'euc-jp', prefix: [0x8e] })),
  isoIr100: new DerivedGraphicSet('G1', 1, '-A', deriveLatin1),
  isoIr101: single('B', 'iso-8859-2'),
  isoIr109: single('C', 'iso-8859-3'),
  isoIr110: single('D', 'iso-8859-4'),
  isoIr126: single('F', 'iso-8859-7'),
  isoIr127: single('G', 'iso-8859-6'),
  isoIr138: single('H', 'iso-8859-8'),
  isoIr144: single('L', 'iso-8859-5'),
  isoIr148: single('M', 'windows-1254'),
  isoIr166: single('T', 'windows-874'),
  isoIr203: single('b', 'iso-8859-15'),
  /** GB 2312. */
  isoIr58: new DerivedGraphicSet('G1', 2, '$)A', () => deriveDouble({ encoding: 'gbk' }), [[0x30fb, 0x2124]]),
  /** JIS X 0208. */
  isoIr87: new DerivedGraphicSet('G0', 2, '$B', () => deriveDouble({ encoding: 'euc-jp' }), JIS_ALTERNATIVES),
  /** KS X 1001. */
  isoIr149: new DerivedGraphicSet('G1', 2, '$)C', () => deriveDouble({ encoding: 'euc-kr' })),
  /** JIS X 0212. */
  isoIr159: new DerivedGraphicSet('G0', 2, '$(D', () => deriveDouble({ encoding: 'euc-jp', prefix: [0x8f] })),
} as const satisfies Record<string, GraphicSet>;

/** Sets by the two or three bytes behind ESC, most significant first. */
const SETS_BY_ESCAPE: ReadonlyMap<number, GraphicSet> = new Map(
  Object.values(GRAPHIC_SETS).map((set) => [set.escape.readUIntBE(1, set.escape.length - 1), set]),
);

/** The set that the escape sequence at `offset` (the ESC itself) designates, or undefined when none of ours stands there. */
export function designatedAt(bytes: Buffer, offset: number): GraphicSet | undefined {
  if (offset + 2 >= bytes.length) return undefined;
  const pair = (bytes[offset + 1] << 8) | bytes[offset + 2];
  const found = SETS_BY_ESCAPE.get(pair);
  if (found !== undefined || offset + 3 >= bytes.length) return found;
  return SETS_BY_ESCAPE.get((pair << 8) | bytes[offset + 3]);
}
