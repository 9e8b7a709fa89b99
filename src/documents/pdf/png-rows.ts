// Rows of a picture as Flate takes them best: each with the PNG filter that leaves the smallest numbers (ISO 32000-2 7.4.4.4; PNG 9.2).

export interface RowLayout {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  readonly bitsPerComponent: 1 | 8;
}

const NONE = 0;
const SUB = 1;
const UP = 2;

/** @param pixels BGRx, 4 bytes a pixel, without padding */
export function packRows(pixels: Uint8Array, layout: RowLayout): Buffer {
  const { width, height, components, bitsPerComponent } = layout;
  const rowBytes = bitsPerComponent === 1 ? Math.ceil(width / 8) : width * components;
  const packed = Buffer.alloc((rowBytes + 1) * height);
  let above = Buffer.alloc(rowBytes);
  let row = Buffer.alloc(rowBytes);
  for (let y = 0; y < height; y++) {
    readRow(pixels, y, layout, row);
    filterRow(row, above, bitsPerComponent === 1 ? 0 : components, packed, y * (rowBytes + 1));
    [above, row] = [row, above];
  }
  return packed;
}

function readRow(pixels: Uint8Array, y: number, { width, components, bitsPerComponent }: RowLayout, row: Buffer): void {
  let from = y * width * 4;
  if (bitsPerComponent === 1) {
    row.fill(0);
    for (let x = 0; x < width; x++, from += 4) if (pixels[from + 1] !== 0) row[x >> 3] |= 0x80 >> (x & 7);
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

/** @param step bytes of a pixel; 0 when a byte holds several, which are left as they are */
function filterRow(row: Buffer, above: Buffer, step: number, packed: Buffer, at: number): void {
  if (step === 0) {
    packed[at] = NONE;
    row.copy(packed, at + 1);
    return;
  }
  if (row.equals(above)) {
    packed[at] = UP;
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
