// The marker segments of a sequential JPEG with Huffman coding, 8 or 12 bits (ITU-T T.81 Annex B): SOF0 and SOF1.

export interface Component {
  readonly id: number;
  /** Sampling factors, horizontal and vertical. */
  readonly h: number;
  readonly v: number;
  readonly quantisation: number;
  /** Blocks that hold pixels, and those that are stored: whole MCUs. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  readonly storedAcross: number;
  /** Quantised coefficients in zigzag order, 64 a block, `storedAcross` blocks a row. */
  readonly coefficients: Int16Array;
}

export interface FrameHeader {
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  readonly hMax: number;
  readonly vMax: number;
  readonly mcusAcross: number;
  readonly mcusDown: number;
}

export interface ScanComponent {
  readonly component: Component;
  readonly dcTable: number;
  readonly acTable: number;
}

/** Symbols by length of their code, as DHT has them. */
export interface HuffmanSpecification {
  /** How many codes have 1, 2, … 16 bits. */
  readonly counts: Uint8Array;
  readonly symbols: Uint8Array;
}

/** A marker segment with its parameters, without marker and length. */
export interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

export const MARKER = {
  SOF0: 0xc0,
  SOF1: 0xc1,
  DHT: 0xc4,
  RST0: 0xd0,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DRI: 0xdd,
  APP0: 0xe0,
  APP14: 0xee,
} as const;

/** More coefficients than this take more memory than a frame is worth. */
const MAX_COEFFICIENTS = 128 * 1024 * 1024;

/** The segment at `at`, fill bytes skipped. Throws Error when there is none. */
export function readSegment(bytes: Buffer, at: number): Segment {
  let marker = at;
  if (bytes[marker] !== 0xff) throw new Error('no marker');
  while (bytes[marker + 1] === 0xff) marker++;
  const code = bytes[marker + 1];
  if (code === MARKER.EOI) return { marker: code, start: marker + 2, end: marker + 2 };
  const end = marker + 2 + bytes.readUInt16BE(marker + 2);
  if (end > bytes.length || end < marker + 4) throw new Error('a segment ends behind the end');
  return { marker: code, start: marker + 4, end };
}

/** B.2.2. Throws Error for what is not sequential Huffman coding of one or three components. */
export function readFrameHeader(bytes: Buffer, { start, end }: Segment): FrameHeader {
  const precision = bytes[start];
  const height = bytes.readUInt16BE(start + 1);
  const width = bytes.readUInt16BE(start + 3);
  const count = bytes[start + 5];
  const isKnown = (precision === 8 || precision === 12) && height > 0 && width > 0 && (count === 1 || count === 3);
  if (!isKnown || end !== start + 6 + count * 3) throw new Error('a frame header of another kind');
  const factors = Array.from({ length: count }, (_, i) => {
    const at = start + 6 + i * 3;
    const [h, v] = [bytes[at + 1] >> 4, bytes[at + 1] & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4) throw new Error('sampling factors out of range');
    return { id: bytes[at], h, v, quantisation: bytes[at + 2] };
  });
  const hMax = Math.max(...factors.map(({ h }) => h));
  const vMax = Math.max(...factors.map(({ v }) => v));
  const mcusAcross = Math.ceil(width / (8 * hMax));
  const mcusDown = Math.ceil(height / (8 * vMax));
  const total = factors.reduce((sum, { h, v }) => sum + mcusAcross * h * mcusDown * v * 64, 0);
  if (total > MAX_COEFFICIENTS) throw new Error('a picture too large');
  const components = factors.map((factor): Component => ({
    ...factor,
    blocksAcross: Math.ceil(Math.ceil((width * factor.h) / hMax) / 8),
    blocksDown: Math.ceil(Math.ceil((height * factor.v) / vMax) / 8),
    storedAcross: mcusAcross * factor.h,
    coefficients: new Int16Array(mcusAcross * factor.h * mcusDown * factor.v * 64),
  }));
  return { precision, width, height, components, hMax, vMax, mcusAcross, mcusDown };
}

/** B.2.3. The spectral selection says nothing in a sequential scan, and some writers leave it out. */
export function readScanHeader(bytes: Buffer, { start, end }: Segment, header: FrameHeader): readonly ScanComponent[] {
  const count = bytes[start];
  if (count < 1 || end !== start + 4 + count * 2) throw new Error('a scan header of another length');
  return Array.from({ length: count }, (_, i) => {
    const at = start + 1 + i * 2;
    const component = header.components.find(({ id }) => id === bytes[at]);
    if (component === undefined) throw new Error('a scan of a component that is not there');
    return { component, dcTable: bytes[at + 1] >> 4, acTable: bytes[at + 1] & 15 };
  });
}

/** B.2.4.2: adds the tables by class and destination, `class << 4 | destination`. */
export function readHuffmanTables(
  bytes: Buffer,
  { start, end }: Segment,
  tables: Map<number, HuffmanSpecification>,
): void {
  for (let at = start; at < end;) {
    const counts = bytes.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (at + 17 + total > end || total > 256) throw new Error('a Huffman table ends behind its segment');
    tables.set(bytes[at], { counts, symbols: bytes.subarray(at + 17, at + 17 + total) });
    at += 17 + total;
  }
}

/** B.2.4.1: the DC quantisers by destination. */
export function readDcQuantisers(bytes: Buffer, { start, end }: Segment, quantisers: Map<number, number>): void {
  for (let at = start; at < end;) {
    const isWide = bytes[at] >> 4 === 1;
    const length = isWide ? 128 : 64;
    if (at + 1 + length > end) throw new Error('a quantisation table ends behind its segment');
    quantisers.set(bytes[at] & 15, isWide ? bytes.readUInt16BE(at + 1) : bytes[at + 1]);
    at += 1 + length;
  }
}
