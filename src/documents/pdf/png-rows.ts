// Rows of a picture as Flate takes them best: each with the PNG filter that leaves the smallest numbers (ISO 32000-2 7.4.4.4; PNG 9.2).

export interface RowLayout {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  /** Less than 8 for one component only. */
  readonly bitsPerComponent: 1 | 4 | 8;
}

const NONE = 0;
const SUB = 1;
const UP = 2;

/** @param pixels BGRx, 4 bytes a pixel, without padding */
export function packRows(pixels: Uint8Array, layout: RowLayout): Buffer {
  const { width, height, components, bitsPerComponent } = layout;
  const rowBytes = Math.ceil((width * components * bitsPerComponent) / 8);
  const packed = Buffer.alloc((rowBytes + 1) * height);
  let above = Buffer.alloc(rowBytes);
  let row = Buffer.alloc(rowBytes);
  for (let y = 0; y < height; y++) {
    readRow(pixels, y, layout, row);
    filterRow(row, above, bitsPerComponent < 8 ? 0 : components, packed, y * (rowBytes + 1));
    [above, row] = [row, above];
  }
  return packed;
}

/** Rows of one byte a pixel that are no levels: neighbours are not alike by number. */
export function packBytes(bytes: Uint8Array, width: number, height: number): Buffer {
  const packed = Buffer.alloc((width + 1) * height);
  const rows = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let above: Buffer = Buffer.alloc(width);
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * width, (y + 1) * width);
    filterRow(row, above, 0, packed, y * (width + 1));
    above = row;
  }
  return packed;
}

/** All samples, without filters. */
export function rowsOf(pixels: Uint8Array, layout: Omit<RowLayout, 'bitsPerComponent'>): Uint8Array<ArrayBuffer> {
  const rowBytes = layout.width * layout.components;
  const rows = new Uint8Array(rowBytes * layout.height);
  for (let y = 0; y < layout.height; y++)
    readRow(pixels, y, { ...layout, bitsPerComponent: 8 }, Buffer.from(rows.buffer, y * rowBytes, rowBytes));
  return rows;
}

function readRow(pixels: Uint8Array, y: number, { width, components, bitsPerComponent }: RowLayout, row: Buffer): void {
  let from = y * width * 4;
  if (bitsPerComponent === 1) {
    row.fill(0);
    for (let x = 0; x < width; x++, from += 4) if (pixels[from + 1] !== 0) row[x >> 3] |= 0x80 >> (x & 7);
  } else if (bitsPerComponent === 4) {
    row.fill(0);
    for (let x = 0; x < width; x++, from += 4) row[x >> 1] |= levelOf(pixels, from) << ((x & 1) === 0 ? 4 : 0);
  } else if (components === 1) {
    for (let x = 0; x < width; x++, from += 4)
      row[x] = (pixels[from] * 29 + pixels[from + 1] * 150 + pixels[from + 2] * 77 + 128) >> 8;
  } else {
    for (let at = 0; at < row.length; at += 3, from += 4) {
      row[at] = pixels[from + 2];
      row[at + 1] = pixels[from + 1];
      row[at + 2] = pixels[from];
    }
  }
}

/** The nearest of sixteen levels of luminance, of which 0 is black and 15 white. */
function levelOf(pixels: Uint8Array, at: number): number {
  const luminance = (pixels[at] * 29 + pixels[at + 1] * 150 + pixels[at + 2] * 77 + 128) >> 8;
  return ((luminance * 15 + 127) / 255) | 0;
}

/** @param step bytes of a pixel; 0 when a byte holds several, which are left as they are */
function filterRow(row: Buffer, above: Buffer, step: number, packed: Buffer, at: number): void {
  if (row.equals(above)) {
    packed[at] = UP;
    return;
  }
  if (step === 0) {
    packed[at] = NONE;
    row.copy(packed, at + 1);
    return;
  }
  let sub = 0;
  let up = 0;
  for (let x = 0; x < row.length; x++) {
    sub += Math.abs(row[x] - (x < step ? 0 : row[x - step]));
    up += Math.abs(row[x] - above[x]);
  }
  packed[at] = sub < up ? SUB : UP;
  const out = at + 1;
  if (sub < up) for (let x = 0; x < row.length; x++) packed[out + x] = row[x] - (x < step ? 0 : row[x - step]);
  else for (let x = 0; x < row.length; x++) packed[out + x] = row[x] - above[x];
}
