// The entropy-coded blocks of one scan, read and written (ITU-T T.81 F.1.2, F.2.2 and A.2).
import { decodingTable, encodingTable, optimalTable } from './huffman.ts';
import type { EncodingTable } from './huffman.ts';
import { MARKER } from './segments.ts';
import type { Component, FrameHeader, HuffmanSpecification, ScanComponent } from './segments.ts';

/** Calls `visit` for the blocks of a scan in their order, `restart` before each restart interval but the first. */
function walkBlocks(
  header: FrameHeader,
  scan: readonly ScanComponent[],
  restartInterval: number,
  visit: (index: number, component: Component, block: number) => void,
  restart: () => void,
): void {
  let units = 0;
  const begin = (): void => {
    if (restartInterval > 0 && units > 0 && units % restartInterval === 0) restart();
    units++;
  };
  if (scan.length === 1) {
    // A component by itself has its own blocks in rows, without those that only fill up MCUs (A.2.2).
    const { component } = scan[0];
    for (let y = 0; y < component.blocksDown; y++) {
      for (let x = 0; x < component.blocksAcross; x++) {
        begin();
        visit(0, component, y * component.storedAcross + x);
      }
    }
    return;
  }
  for (let my = 0; my < header.mcusDown; my++) {
    for (let mx = 0; mx < header.mcusAcross; mx++) {
      begin();
      for (const [index, { component }] of scan.entries()) {
        for (let v = 0; v < component.v; v++) {
          const row = (my * component.v + v) * component.storedAcross + mx * component.h;
          for (let h = 0; h < component.h; h++) visit(index, component, row + h);
        }
      }
    }
  }
}

/** Reads the blocks of a scan into the components. The place of the marker behind them. Throws Error when the data end or break a rule. */
export function readScan(
  bytes: Buffer,
  start: number,
  header: FrameHeader,
  scan: readonly ScanComponent[],
  restartInterval: number,
  specifications: ReadonlyMap<number, HuffmanSpecification>,
): number {
  const reader = new BitReader(bytes, start);
  const tables = new Map<number, Uint16Array>();
  const tableOf = (key: number): Uint16Array => {
    const known = tables.get(key);
    if (known !== undefined) return known;
    const specification = specifications.get(key);
    if (specification === undefined) throw new Error('a Huffman table is missing');
    const made = decodingTable(specification);
    tables.set(key, made);
    return made;
  };
  const dc = scan.map(({ dcTable }) => tableOf(dcTable));
  const ac = scan.map(({ acTable }) => tableOf(0x10 | acTable));
  const predictions = new Int32Array(scan.length);
  walkBlocks(
    header,
    scan,
    restartInterval,
    (index, component, block) => {
      const at = block * 64;
      predictions[index] += reader.extended(reader.symbol(dc[index]) & 15);
      component.coefficients[at] = predictions[index];
      for (let k = 1; k < 64; k++) {
        const symbol = reader.symbol(ac[index]);
        const size = symbol & 15;
        if (size === 0) {
          if (symbol !== 0xf0) break;
          k += 15;
          continue;
        }
        k += symbol >> 4;
        if (k > 63) throw new Error('a block with more than 64 coefficients');
        component.coefficients[at + k] = reader.extended(size);
      }
    },
    () => {
      reader.restart();
      predictions.fill(0);
    },
  );
  return reader.end();
}

class BitReader {
  readonly #bytes: Buffer;
  #at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Fills up to at least 16 bits; behind the last byte of the interval ones, as many as a code may need. */
  #fill(): void {
    while (this.#count <= 16) {
      let byte = 0xff;
      if (this.#at >= this.#bytes.length) throw new Error('the data end inside a scan');
      if (this.#bytes[this.#at] !== 0xff) byte = this.#bytes[this.#at++];
      else if (this.#bytes[this.#at + 1] === 0) this.#at += 2;
      else {
        this.#padding += 8;
        if (this.#padding > 64) throw new Error('a marker inside a block');
      }
      this.#bits = ((this.#bits << 8) | byte) & 0x1ffffff;
      this.#count += 8;
    }
  }

  /** Bits that were made up behind the end of an interval and are in store or used. */
  #padding = 0;

  symbol(table: Uint16Array): number {
    if (this.#count < 16) this.#fill();
    const entry = table[(this.#bits >> (this.#count - 16)) & 0xffff];
    if (entry === 0) throw new Error('no Huffman code');
    this.#count -= entry >> 8;
    return entry & 0xff;
  }

  /** F.2.2.1, EXTEND: a number of so many bits with its sign. */
  extended(size: number): number {
    if (size === 0) return 0;
    if (this.#count < size) this.#fill();
    this.#count -= size;
    const value = (this.#bits >> this.#count) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Goes on behind the restart marker. */
  restart(): void {
    const at = this.end();
    const marker = this.#bytes[at + 1];
    if (marker < MARKER.RST0 || marker > MARKER.RST0 + 7) throw new Error('no restart marker');
    this.#at = at + 2;
    this.#count = this.#bits = this.#padding = 0;
  }

  /** The place of the marker that ends the interval. */
  end(): number {
    if (this.#padding > this.#count) throw new Error('the data end inside a block');
    let at = this.#at;
    if (this.#count - this.#padding >= 8 || this.#bytes[at] !== 0xff) throw new Error('more data than blocks');
    while (this.#bytes[at + 1] === 0xff) at++;
    if (at + 1 >= this.#bytes.length) throw new Error('no marker behind a scan');
    return at;
  }
}

export interface WrittenScan {
  /** By class and destination. */
  readonly tables: ReadonlyMap<number, HuffmanSpecification>;
  readonly data: Buffer;
}

/** Writes the blocks of a scan with tables that are the best for them. */
export function writeScan(header: FrameHeader, scan: readonly ScanComponent[], restartInterval: number): WrittenScan {
  const frequencies = new Map<number, Uint32Array>();
  const countsOf = (key: number): Uint32Array => {
    const counts = frequencies.get(key) ?? new Uint32Array(256);
    frequencies.set(key, counts);
    return counts;
  };
  const counter = (key: number): BlockSink => {
    const counts = countsOf(key);
    return (symbol) => {
      counts[symbol]++;
    };
  };
  code(header, scan, restartInterval, counter, () => undefined);
  const tables = new Map([...frequencies].map(([key, counts]) => [key, optimalTable(counts)]));
  const encoders = new Map([...tables].map(([key, table]) => [key, encodingTable(table)]));
  const writer = new BitWriter();
  let restarts = 0;
  code(
    header,
    scan,
    restartInterval,
    (key) => writer.sink(encoders.get(key)),
    () => {
      writer.marker(MARKER.RST0 + (restarts++ % 8));
    },
  );
  return { tables, data: writer.finish() };
}

/** Takes a symbol and the bits that follow it. */
type BlockSink = (symbol: number, bits: number, size: number) => void;

/** F.1.2: the blocks as symbols with bits behind them. */
function code(
  header: FrameHeader,
  scan: readonly ScanComponent[],
  restartInterval: number,
  sinkOf: (key: number) => BlockSink,
  restart: () => void,
): void {
  const dc = scan.map(({ dcTable }) => sinkOf(dcTable));
  const ac = scan.map(({ acTable }) => sinkOf(0x10 | acTable));
  const predictions = new Int32Array(scan.length);
  walkBlocks(
    header,
    scan,
    restartInterval,
    (index, { coefficients }, block) => {
      const at = block * 64;
      emit(dc[index], 0, coefficients[at] - predictions[index]);
      predictions[index] = coefficients[at];
      let run = 0;
      for (let k = 1; k < 64; k++) {
        const value = coefficients[at + k];
        if (value === 0) {
          run++;
          continue;
        }
        for (; run > 15; run -= 16) ac[index](0xf0, 0, 0);
        emit(ac[index], run, value);
        run = 0;
      }
      if (run > 0) ac[index](0, 0, 0);
    },
    () => {
      restart();
      predictions.fill(0);
    },
  );
}

function emit(sink: BlockSink, run: number, value: number): void {
  const size = 32 - Math.clz32(Math.abs(value));
  sink((run << 4) | size, value < 0 ? value + (1 << size) - 1 : value, size);
}

class BitWriter {
  #out = Buffer.alloc(64 * 1024);
  #length = 0;
  #bits = 0;
  #count = 0;

  sink(table: EncodingTable | undefined): BlockSink {
    if (table === undefined) throw new Error('a Huffman table is missing');
    const { codes, lengths } = table;
    return (symbol, bits, size) => {
      this.#put(codes[symbol], lengths[symbol]);
      if (size > 0) this.#put(bits, size);
    };
  }

  /** At most 16 bits at once; never more than 7 are left over. */
  #put(bits: number, count: number): void {
    this.#bits = ((this.#bits << count) | bits) & 0xffffff;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#byte((this.#bits >> this.#count) & 0xff);
    }
  }

  #byte(byte: number): void {
    if (this.#length + 2 > this.#out.length) this.#out = Buffer.concat([this.#out], this.#out.length * 2);
    this.#out[this.#length++] = byte;
    if (byte === 0xff) this.#out[this.#length++] = 0;
  }

  /** Fills the last byte with ones (F.1.2.3). */
  #align(): void {
    if (this.#count > 0) this.#put((1 << (8 - this.#count)) - 1, 8 - this.#count);
  }

  marker(code: number): void {
    this.#align();
    if (this.#length + 2 > this.#out.length) this.#out = Buffer.concat([this.#out], this.#out.length * 2);
    this.#out[this.#length++] = 0xff;
    this.#out[this.#length++] = code;
  }

  finish(): Buffer {
    this.#align();
    return this.#out.subarray(0, this.#length);
  }
}
