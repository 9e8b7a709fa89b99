// Pictures for the synthetic instances: a body with lungs, spine and table for CT, a head for MR, a sector for ultrasound.
import type { Random } from './random.ts';

interface Ellipse {
  /** Centre and half axes as fractions of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly value: number;
}

/** Hounsfield units, later ellipses over earlier ones. */
const CHEST: readonly Ellipse[] = [
  { x: 0.5, y: 0.5, width: 0.42, height: 0.32, value: 40 },
  { x: 0.33, y: 0.47, width: 0.14, height: 0.2, value: -820 },
  { x: 0.67, y: 0.47, width: 0.14, height: 0.2, value: -840 },
  { x: 0.55, y: 0.52, width: 0.1, height: 0.09, value: 130 },
  { x: 0.5, y: 0.7, width: 0.05, height: 0.06, value: 480 },
  { x: 0.5, y: 0.69, width: 0.018, height: 0.02, value: 20 },
  { x: 0.38, y: 0.44, width: 0.017, height: 0.015, value: 60 },
  { x: 0.5, y: 0.9, width: 0.45, height: 0.012, value: -300 },
];

/** Signal of a T1-weighted head. */
const HEAD: readonly Ellipse[] = [
  { x: 0.5, y: 0.5, width: 0.36, height: 0.43, value: 620 },
  { x: 0.5, y: 0.5, width: 0.33, height: 0.4, value: 90 },
  { x: 0.5, y: 0.5, width: 0.31, height: 0.37, value: 430 },
  { x: 0.44, y: 0.46, width: 0.05, height: 0.12, value: 120 },
  { x: 0.56, y: 0.46, width: 0.05, height: 0.12, value: 120 },
  { x: 0.62, y: 0.64, width: 0.04, height: 0.03, value: 700 },
];

function draw(ellipses: readonly Ellipse[], background: number, rows: number, columns: number): Int16Array {
  const pixels = new Int16Array(rows * columns).fill(background);
  for (const ellipse of ellipses) {
    const [centreX, centreY] = [ellipse.x * columns, ellipse.y * rows];
    const [halfX, halfY] = [ellipse.width * columns, ellipse.height * rows];
    const last = Math.min(rows - 1, Math.floor(centreY + halfY));
    for (let row = Math.max(0, Math.ceil(centreY - halfY)); row <= last; row++) {
      const half = halfX * Math.sqrt(Math.max(0, 1 - ((row - centreY) / halfY) ** 2));
      const start = row * columns + Math.max(0, Math.ceil(centreX - half));
      pixels.fill(ellipse.value, start, row * columns + Math.min(columns, Math.floor(centreX + half) + 1));
    }
  }
  return pixels;
}

/** A base picture and a copy of it with noise that differs from slice to slice. 16-bit words, little endian. */
export class NoisyPicture {
  readonly #base: Int16Array;
  readonly #offset: number;
  readonly #amplitude: number;

  private constructor(base: Int16Array, offset: number, amplitude: number) {
    this.#base = base;
    this.#offset = offset;
    this.#amplitude = amplitude;
  }

  /** Stored values are Hounsfield units + 1024. */
  static chest(rows: number, columns: number): NoisyPicture {
    return new NoisyPicture(draw(CHEST, -1000, rows, columns), 1024, 24);
  }

  static head(rows: number, columns: number): NoisyPicture {
    return new NoisyPicture(draw(HEAD, 0, rows, columns), 16, 16);
  }

  render(random: Random): Buffer {
    const out = Buffer.allocUnsafe(this.#base.length * 2);
    let state = (random.next() * 2 ** 32) >>> 0 || 1;
    for (let i = 0; i < this.#base.length; i++) {
      // xorshift32, inlined: this loop is most of what a thousand slices cost.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const value = this.#base[i] + this.#offset + ((state >>> 8) % this.#amplitude) - (this.#amplitude >> 1);
      const stored = value < 0 ? 0 : value;
      out[2 * i] = stored & 0xff;
      out[2 * i + 1] = stored >> 8;
    }
    return out;
  }
}

/** An ultrasound sector in grey with a coloured flow box, RGB interleaved, 8 bits. The scan fills `region`, the rest is black. */
export function renderUltrasound(
  rows: number,
  columns: number,
  region: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number },
  random: Random,
): Buffer {
  const out = Buffer.alloc(rows * columns * 3);
  const apexX = (region.x0 + region.x1) / 2;
  const reach = region.y1 - region.y0;
  for (let y = region.y0; y <= region.y1; y++) {
    for (let x = region.x0; x <= region.x1; x++) {
      const distance = Math.hypot(x - apexX, y - region.y0);
      if (distance > reach || Math.abs(x - apexX) > (y - region.y0) * 0.8) continue;
      const speckle = Math.floor(random.next() * 70);
      const band = Math.abs(Math.sin(distance / 27)) * 90;
      const grey = Math.min(255, Math.floor(speckle + band * (1 - distance / (1.6 * reach))));
      const isFlow = Math.hypot(x - apexX - 40, y - region.y0 - reach * 0.6) < 26;
      out.set(isFlow ? [200, grey >> 1, 20] : [grey, grey, grey], (y * columns + x) * 3);
    }
  }
  return out;
}
