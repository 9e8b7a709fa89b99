// Seeded frames with burned-in text, of which every pixel of every word is known.
import type { GrayPicture, Rectangle } from '../../../src/core/picture.ts';
import { createRandom, type Random } from '../../../src/synthetic/random.ts';
import { BACKGROUNDS } from './backgrounds.ts';
import { blur, createCanvas, drawGraphics, normal, type Canvas } from './canvas.ts';
import {
  EVALUATION_FONTS,
  letter,
  pickFace,
  tilt,
  TRAINING_FONTS,
  turn,
  type Face,
  type Lettering,
} from './lettering.ts';
import { harmlessLine, identifyingLine, type Share, type Word } from './texts.ts';

/** How text is set. Those that begin with `clean` hold none. */
export const STYLES = ['corner', 'over-anatomy', 'dark', 'outlined', 'boxed', 'low-contrast', 'turned', 'mirrored', 'tiny', 'large', 'film', 'negative', 'clean', 'clean-graphics'] as const; // prettier-ignore
export type Style = (typeof STYLES)[number];

export interface DrawnWord extends Rectangle {
  readonly text: string;
  readonly isIdentifying: boolean;
  /** Height of a capital letter in pixels. */
  readonly capital: number;
  /** Stands out from its ground by 8 levels or more and by more than twice the noise there. */
  readonly isLegible: boolean;
}

export interface BurnedInFrame {
  readonly style: Style;
  readonly picture: GrayPicture;
  readonly words: readonly DrawnWord[];
  /** For each pixel 0, or the number of its word from 1 on. */
  readonly mask: Uint16Array;
  readonly background: string;
}

export interface FrameOptions {
  readonly seed: number;
  readonly style: Style;
  readonly share: Share;
  /** Real anatomy without text, taken for two frames of three when given. */
  readonly pictures?: readonly GrayPicture[];
  /** False: letters drawn in code only, the same on every machine. */
  readonly useFonts?: boolean;
}

const SIZES: readonly (readonly [number, number])[] = [[512, 512], [640, 480], [800, 600], [1024, 768], [256, 256], [320, 240], [512, 512]]; // prettier-ignore

/** The frame of a seed. The same seed and options give the same frame. */
export async function makeFrame({
  seed,
  style,
  share,
  pictures = [],
  useFonts = true,
}: FrameOptions): Promise<BurnedInFrame> {
  const random = createRandom(seed * 2_654_435_761 + STYLES.indexOf(style) * 97);
  for (let i = 0; i < 5; i++) random.next();
  const [background, canvas] = ground(random, style, pictures);
  if (style === 'clean-graphics' || (style !== 'clean' && random.next() < 0.35))
    drawGraphics(canvas, random, random.pick([255, 255, 200, 160]));
  const before = canvas.grey.slice();
  const fonts = !useFonts ? [] : share === 'training' ? TRAINING_FONTS : EVALUATION_FONTS;
  const drawing = new Drawing(canvas, random, share, fonts, style);
  if (!style.startsWith('clean')) await drawing.write();
  if (style === 'film') {
    blur(canvas, 1);
    for (let i = 0; i < canvas.grey.length; i++) canvas.grey[i] += 2 * normal(random);
  }
  const isNegative = style === 'negative';
  const data = Uint8Array.from(canvas.grey, (value) => {
    const grey = Math.min(255, Math.max(0, Math.round(value)));
    return isNegative ? 255 - grey : grey;
  });
  const { width, height } = canvas;
  return {
    style,
    background,
    picture: { width, height, data },
    words: drawing.words(before),
    mask: drawing.mask,
  };
}

function ground(random: Random, style: Style, pictures: readonly GrayPicture[]): [string, Canvas] {
  const [width, height] = random.pick(SIZES);
  if (pictures.length > 0 && random.next() < 0.66) {
    const index = random.between(0, pictures.length - 1);
    return [`picture ${index}`, framed(random, augment(random, pictures[index]), style)];
  }
  const kinds = Object.keys(BACKGROUNDS).filter((kind) => kind !== 'flat' || !style.startsWith('clean'));
  const kind = random.pick(kinds);
  return [kind, framed(random, BACKGROUNDS[kind](random, width, height), style)];
}

/** Another picture of the same anatomy: a part of it, turned, mirrored, larger or smaller, brighter or darker. */
function augment(random: Random, { width, height, data }: GrayPicture): Canvas {
  const zoom = Math.min(1, 1100 / Math.max(width, height)) * random.pick([1, 1, 0.7 + 0.8 * random.next()]);
  const [w, h] = [Math.max(160, Math.floor(width * zoom)), Math.max(160, Math.floor(height * zoom))];
  const crop = random.pick([1, 1, 0.6 + 0.4 * random.next()]);
  const [left, top] = [(1 - crop) * random.next() * width, (1 - crop) * random.next() * height];
  const [flipX, flipY, swap] = [random.next() < 0.5, random.next() < 0.3, random.next() < 0.3];
  const gamma = random.next() < 0.5 ? 1 : Math.exp(1.2 * (random.next() - 0.5));
  const isNegative = random.next() < 0.12;
  const at = (x: number, y: number): number => data[Math.min(height - 1, y) * width + Math.min(width - 1, x)];
  return createCanvas(swap ? h : w, swap ? w : h, (column, row) => {
    let [u, v] = swap ? [row / w, column / h] : [column / w, row / h];
    if (flipX) u = 1 - u;
    if (flipY) v = 1 - v;
    const sx = Math.max(0, left + u * crop * (width - 1));
    const sy = Math.max(0, top + v * crop * (height - 1));
    const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
    const [fx, fy] = [sx - ix, sy - iy];
    const upper = at(ix, iy) * (1 - fx) + at(ix + 1, iy) * fx;
    const lower = at(ix, iy + 1) * (1 - fx) + at(ix + 1, iy + 1) * fx;
    const grey = 255 * ((upper * (1 - fy) + lower * fy) / 255) ** gamma;
    return isNegative ? 255 - grey : grey;
  });
}

/** With a black margin around it, as screens are captured, half of the time. */
function framed(random: Random, inner: Canvas, style: Style): Canvas {
  if (style === 'clean' || random.next() < 0.5 || inner.width > 900) return inner;
  const width = Math.floor(inner.width * (1.1 + 0.5 * random.next()));
  const height = Math.floor(inner.height * (1.05 + 0.3 * random.next()));
  const left = Math.floor((width - inner.width) * random.next());
  const top = Math.floor((height - inner.height) * random.next());
  return createCanvas(width, height, (x, y) => {
    const [ix, iy] = [x - left, y - top];
    return ix >= 0 && iy >= 0 && ix < inner.width && iy < inner.height ? inner.grey[iy * inner.width + ix] : 0;
  });
}

/** Text being written on a canvas. */
class Drawing {
  readonly mask: Uint16Array;
  readonly #canvas: Canvas;
  readonly #random: Random;
  readonly #share: Share;
  readonly #fonts: readonly string[];
  readonly #style: Style;
  readonly #words: { readonly word: Word; readonly capital: number }[] = [];

  constructor(canvas: Canvas, random: Random, share: Share, fonts: readonly string[], style: Style) {
    this.#canvas = canvas;
    this.#random = random;
    this.#share = share;
    this.#fonts = fonts;
    this.#style = style;
    this.mask = new Uint16Array(canvas.width * canvas.height);
  }

  async write(): Promise<void> {
    const random = this.#random;
    const style = this.#style;
    const isBlock = ['corner', 'tiny', 'negative', 'turned', 'mirrored'].includes(style);
    if (!isBlock) {
      for (let i = random.between(2, 5); i > 0; i--) await this.#place(this.#line(0.8), this.#face(), undefined, 0);
      return;
    }
    const sides = ['left top', 'right top', 'left bottom', 'right bottom'].sort(() => random.next() - 0.5);
    for (const side of sides.slice(0, random.between(1, 3))) {
      const face = this.#face();
      const ink = random.pick([255, 255, 255, 230, 190]);
      const quarters = style === 'turned' ? random.pick([1, 2, 3]) : 0;
      const edge = random.between(2, 12);
      for (let i = random.between(1, 5), along = edge; i > 0; i--) {
        await this.#place(this.#line(0.65), face, { side, along, edge, quarters }, ink);
        along += Math.floor(face.capital * (1.45 + 0.45 * random.next())) + 2;
      }
    }
    if (style === 'corner' && random.next() < 0.3) await this.#place(this.#line(0.9), this.#face(), undefined, 0);
  }

  /** Boxes and legibility of all words, by what was there before. */
  words(before: Float32Array): DrawnWord[] {
    const { width, height, grey } = this.#canvas;
    const boxes = this.#words.map(() => ({ left: width, top: height, right: 0, bottom: 0, clear: 0, count: 0 }));
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (this.mask[i] === 0) continue;
        const box = boxes[this.mask[i] - 1];
        box.left = Math.min(box.left, x);
        box.top = Math.min(box.top, y);
        box.right = Math.max(box.right, x + 1);
        box.bottom = Math.max(box.bottom, y + 1);
        box.count++;
        const noise = x + 1 < width ? Math.abs(before[i] - before[i + 1]) : 0;
        if (Math.abs(grey[i] - before[i]) >= Math.max(8, 2 * noise)) box.clear++;
      }
    return boxes.map(({ left, top, right, bottom, clear, count }, index) => ({
      text: this.#words[index].word.text,
      isIdentifying: this.#words[index].word.isIdentifying,
      capital: this.#words[index].capital,
      x: left,
      y: top,
      width: Math.max(0, right - left),
      height: Math.max(0, bottom - top),
      isLegible: count > 0 && (clear >= 0.5 * count || this.#style === 'boxed' || this.#style === 'outlined'),
    }));
  }

  #line(identifying: number): readonly Word[] {
    return this.#random.next() < identifying ? identifyingLine(this.#random, this.#share) : harmlessLine(this.#random);
  }

  #face(): Face {
    const random = this.#random;
    const spread = (low: number, high: number): number => low * (high / low) ** random.next();
    const capital =
      this.#style === 'tiny'
        ? spread(6, 8.5)
        : this.#style === 'large'
          ? spread(28, 60)
          : this.#style === 'low-contrast'
            ? spread(10, 30)
            : spread(7.5, 28);
    return pickFace(random, Math.min(capital, this.#canvas.height / 5), this.#fonts);
  }

  /** Writes a line at a side or anywhere that is free. A line without a place is left out. */
  async #place(
    line: readonly Word[],
    face: Face,
    at: { readonly side: string; readonly along: number; readonly edge: number; readonly quarters: number } | undefined,
    ink: number,
  ): Promise<void> {
    const random = this.#random;
    let lettering = await letter(line.map(({ text }) => text).join(' '), face);
    if (this.#style === 'mirrored' || at?.quarters)
      lettering = turn(lettering, at?.quarters ?? 0, this.#style === 'mirrored');
    if (this.#style === 'film') lettering = tilt(lettering, 10 * random.next() - 5);
    const { width, height } = this.#canvas;
    const [freeX, freeY] = [width - lettering.width, height - lettering.height];
    const isUpright = at !== undefined && at.quarters % 2 === 1;
    for (let attempt = 0; attempt < (at ? 1 : 12); attempt++) {
      const [nearX, nearY] = at && isUpright ? [at.along, at.edge] : [at?.edge ?? 0, at?.along ?? 0];
      const x = at
        ? at.side.startsWith('left')
          ? nearX
          : freeX - nearX
        : Math.floor(freeX * (0.03 + 0.94 * random.next()));
      const y = at
        ? at.side.endsWith('top')
          ? nearY
          : freeY - nearY
        : Math.floor(freeY * (0.03 + 0.94 * random.next()));
      if (x < 0 || y < 0 || x > freeX || y > freeY || this.#isTaken(x, y, lettering)) continue;
      this.#draw(lettering, x, y, ink || this.#inkOver(x, y, lettering));
      this.#record(lettering, x, y, line, face.capital);
      return;
    }
  }

  #isTaken(x: number, y: number, { width, height }: Lettering): boolean {
    for (let row = Math.max(0, y - 2); row < Math.min(this.#canvas.height, y + height + 2); row++)
      for (let column = Math.max(0, x - 2); column < Math.min(this.#canvas.width, x + width + 2); column++)
        if (this.mask[row * this.#canvas.width + column] !== 0) return true;
    return false;
  }

  /** A grey that can be seen on what lies there. */
  #inkOver(x: number, y: number, { width, height }: Lettering): number {
    const random = this.#random;
    let [sum, steps] = [0, 0];
    for (let row = y; row < y + height; row++)
      for (let i = row * this.#canvas.width + x + 1; i < row * this.#canvas.width + x + width; i++) {
        sum += this.#canvas.grey[i];
        steps += Math.abs(this.#canvas.grey[i] - this.#canvas.grey[i - 1]);
      }
    const mean = sum / (width * height);
    const noise = steps / (width * height);
    // Dark letters on a dark ground nobody could read.
    if (this.#style === 'dark' && mean > 100) return Math.max(0, mean - 60 - 195 * random.next());
    if (this.#style === 'outlined') return 255;
    if (this.#style === 'boxed') return random.pick([0, 20, 60]);
    if (this.#style === 'low-contrast') {
      const difference = Math.max(12 + 20 * random.next(), (2.5 + 2 * random.next()) * noise);
      return mean + difference < 255 ? mean + difference : mean - difference;
    }
    if (mean > 200) return random.pick([0, 40]);
    return mean > 130 && random.next() < 0.6 ? random.pick([0, 20]) : random.pick([255, 255, 235]);
  }

  #draw({ width, height, ink }: Lettering, x: number, y: number, value: number): void {
    const { grey, width: stride, height: rows } = this.#canvas;
    const reach = this.#style === 'outlined' ? 1 : this.#style === 'boxed' ? 3 : 0;
    const ground = this.#style === 'outlined' ? 0 : 255;
    if (reach > 0)
      for (let row = -reach; row < height + reach; row++)
        for (let column = -reach; column < width + reach; column++) {
          const [px, py] = [x + column, y + row];
          if (px < 0 || py < 0 || px >= stride || py >= rows) continue;
          let most = this.#style === 'boxed' ? 1 : 0;
          if (most === 0)
            for (let dy = -1; dy <= 1; dy++)
              for (let dx = -1; dx <= 1; dx++) {
                const [ix, iy] = [column + dx, row + dy];
                if (ix >= 0 && iy >= 0 && ix < width && iy < height) most = Math.max(most, ink[iy * width + ix]);
              }
          grey[py * stride + px] += (ground - grey[py * stride + px]) * most;
        }
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const i = (y + row) * stride + x + column;
        grey[i] += (value - grey[i]) * ink[row * width + column];
      }
  }

  #record({ width, height, words }: Lettering, x: number, y: number, line: readonly Word[], capital: number): void {
    const first = this.#words.length + 1;
    // A word of the texts may hold a space of its own (a double name): it is several here.
    const flat = line.flatMap((word) => word.text.split(' ').map((text) => ({ ...word, text })));
    for (const word of flat) this.#words.push({ word, capital });
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const word = words[row * width + column];
        if (word >= 0 && word < flat.length) this.mask[(y + row) * this.#canvas.width + x + column] = first + word;
      }
  }
}
