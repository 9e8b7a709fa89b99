// Blanks rectangles of a lossy JPEG without decoding it: blocks that a rectangle touches become flat, all others keep their coefficients
// (ITU-T T.81, sequential DCT with Huffman coding).
import { readScan, writeScan } from './scan.ts';
import {
  MARKER,
  readDcQuantisers,
  readFrameHeader,
  readHuffmanTables,
  readScanHeader,
  readSegment,
} from './segments.ts';
import type { Component, FrameHeader, HuffmanSpecification, ScanComponent, Segment } from './segments.ts';

export interface Retouch {
  /** x, y, width, height in pixels, inside the picture. */
  readonly rectangles: readonly (readonly [number, number, number, number])[];
  readonly fill: 'black' | 'white';
  /** What the data set says; a stream that tells its own colour space is believed. */
  readonly isRgb: boolean;
}

/** A scan that was read: its header's bytes are written again. */
interface Scan {
  readonly segment: Segment;
  readonly components: readonly ScanComponent[];
  readonly restartInterval: number;
}

/**
 * The JPEG with the rectangles blanked, same quantisation, subsampling and restart intervals; comments and embedded previews are left out.
 * Undefined for what is not sequential with Huffman coding, for other than one or three components, and for what breaks a rule.
 */
export function retouchJpeg(bytes: Buffer, retouch: Retouch): Buffer | undefined {
  try {
    return new JpegRetoucher(bytes).run(retouch);
  } catch {
    // What it says may hold bytes of the peer. A decoder that is used to damage may try.
    return undefined;
  }
}

class JpegRetoucher {
  readonly #bytes: Buffer;
  readonly #tables = new Map<number, HuffmanSpecification>();
  readonly #quantisers = new Map<number, number>();
  /** Segments in their order, and scans among them. */
  readonly #parts: (Segment | Scan)[] = [];
  #header: FrameHeader | undefined;
  #restartInterval = 0;
  #isRgb: boolean | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(retouch: Retouch): Buffer | undefined {
    this.#read();
    if (this.#header === undefined) return undefined;
    this.#blank(this.#header, retouch);
    return this.#write(this.#header);
  }

  #read(): void {
    const bytes = this.#bytes;
    for (let at = 2; ;) {
      const segment = readSegment(bytes, at);
      if (segment.marker === MARKER.EOI) return;
      at = segment.end;
      if (segment.marker === MARKER.SOS) at = this.#readScan(segment);
      else this.#readSegment(segment);
    }
  }

  #readScan(segment: Segment): number {
    const header = this.#header;
    if (header === undefined) throw new Error('a scan before its frame');
    const components = readScanHeader(this.#bytes, segment, header);
    const restartInterval = this.#restartInterval;
    this.#parts.push({ segment, components, restartInterval });
    return readScan(this.#bytes, segment.end, header, components, restartInterval, this.#tables);
  }

  #readSegment(segment: Segment): void {
    const bytes = this.#bytes;
    switch (segment.marker) {
      case MARKER.SOF0:
      case MARKER.SOF1:
        if (this.#header !== undefined) throw new Error('a second frame');
        this.#header = readFrameHeader(bytes, segment);
        break;
      case MARKER.DHT:
        readHuffmanTables(bytes, segment, this.#tables);
        return;
      case MARKER.DQT:
        // A later scan may quantise otherwise; a flat block would have the wrong level then.
        if (this.#parts.some((part) => 'segment' in part)) throw new Error('quantisers change between scans');
        readDcQuantisers(bytes, segment, this.#quantisers);
        break;
      case MARKER.DRI:
        this.#restartInterval = bytes.readUInt16BE(segment.start);
        break;
      case MARKER.APP14:
        if (bytes.toString('latin1', segment.start, segment.start + 5) !== 'Adobe') return;
        this.#isRgb = bytes[segment.start + 11] === 0;
        break;
      case MARKER.APP0:
        if (bytes.toString('latin1', segment.start, segment.start + 5) !== 'JFIF\0') return;
        this.#isRgb ??= false;
        break;
      default:
        // Comments and application data: nobody needs them to decode. Anything else is a kind of JPEG that is not known here.
        if (segment.marker < MARKER.APP0) throw new Error('a segment of another kind of JPEG');
        return;
    }
    this.#parts.push(segment);
  }

  #blank(header: FrameHeader, { rectangles, fill, isRgb }: Retouch): void {
    const [first, second, third] = header.components;
    const isNamedRgb = header.components.length === 3 && [first.id, second.id, third.id].join() === '82,71,66';
    const isColour = header.components.length === 3 && !(this.#isRgb ?? (isNamedRgb || isRgb));
    const middle = 2 ** (header.precision - 1);
    for (const [index, component] of header.components.entries()) {
      const level = isColour && index > 0 ? 0 : fill === 'black' ? -middle : middle - 1;
      const quantiser = this.#quantisers.get(component.quantisation);
      if (quantiser === undefined || quantiser === 0) throw new Error('a quantisation table is missing');
      // A flat block of 8 × 8 has its level times 8 as its only coefficient (A.3.3).
      const flat = Math.round((level * 8) / quantiser);
      for (const rectangle of rectangles) flatten(header, component, rectangle, flat);
    }
  }

  #write(header: FrameHeader): Buffer {
    const out: Buffer[] = [Buffer.from([0xff, MARKER.SOI])];
    for (const part of this.#parts) {
      if (!('segment' in part)) out.push(this.#segment(part));
      else {
        const { tables, data } = writeScan(header, part.components, part.restartInterval);
        out.push(...[...tables].map(([key, table]) => huffmanSegment(key, table)), this.#segment(part.segment), data);
      }
    }
    out.push(Buffer.from([0xff, MARKER.EOI]));
    return Buffer.concat(out);
  }

  #segment({ marker, start, end }: Segment): Buffer {
    // JFIF: without its preview.
    const body = Buffer.from(this.#bytes.subarray(start, marker === MARKER.APP0 ? Math.min(end, start + 14) : end));
    if (marker === MARKER.APP0) body.fill(0, 12);
    return Buffer.concat([segmentHeader(marker, body.length), body]);
  }
}

function flatten(
  { hMax, vMax, mcusDown }: FrameHeader,
  { h, v, storedAcross, blocksAcross, blocksDown, coefficients }: Component,
  [x, y, width, height]: readonly [number, number, number, number],
  flat: number,
): void {
  const left = Math.floor((x * h) / (8 * hMax));
  const top = Math.floor((y * v) / (8 * vMax));
  // At the edge go the blocks with it that fill up the last MCUs, where encoders repeat the picture.
  const right = Math.ceil(((x + width) * h) / (8 * hMax));
  const bottom = Math.ceil(((y + height) * v) / (8 * vMax));
  const columnEnd = right >= blocksAcross ? storedAcross : right;
  const rowEnd = bottom >= blocksDown ? mcusDown * v : bottom;
  for (let row = top; row < rowEnd; row++) {
    for (let column = left; column < columnEnd; column++) {
      const at = (row * storedAcross + column) * 64;
      coefficients.fill(0, at, at + 64);
      coefficients[at] = flat;
    }
  }
}

function huffmanSegment(key: number, { counts, symbols }: HuffmanSpecification): Buffer {
  return Buffer.concat([segmentHeader(MARKER.DHT, 17 + symbols.length), Buffer.from([key]), counts, symbols]);
}

function segmentHeader(marker: number, length: number): Buffer {
  const header = Buffer.from([0xff, marker, 0, 0]);
  header.writeUInt16BE(length + 2, 2);
  return header;
}
