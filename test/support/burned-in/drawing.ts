// Lines of text being written on a canvas: where they stand, how they are set, and which pixel belongs to which word.
import type { Rectangle } from '../../../src/core/picture.ts';
import type { Random } from '../../../src/synthetic/random.ts';
import type { Canvas } from './canvas.ts';
import type { FontFiles } from './fonts.ts';
import type { Style } from './frames.ts';
import { letter, pickFace, tilt, turn, type Face, type Lettering } from './lettering.ts';
import { harmlessLine, identifyingLine, type Share, type Word } from './texts.ts';

export interface DrawnWord extends Rectangle {
  readonly text: string;
  readonly isIdentifying: boolean;
  /** Height of a capital letter in pixels. */
  readonly capital: number;
  /** Stands out from its ground by 8 levels or more and by more than twice the noise there. */
  readonly isLegible: boolean;
}

/** Styles whose lines stand together at the sides of the frame. */
const BLOCKS: readonly Style[] = ['corner', 'tiny', 'negative', 'turned', 'mirrored', 'colour', 'deep', 'jpeg'];

/** Least and greatest height of capitals, in pixels, of the styles that have their own. */
const CAPITALS: Partial<Record<Style, readonly [number, number]>> = {
  'low-contrast': [10, 30],
  tiny: [6, 8.5],
  large: [28, 60],
  film: [9, 28],
  form: [7, 20],
};

/** Styles that set letters on a ground of their own: what was there before says nothing about how well they are seen. */
const HAVE_GROUND: readonly Style[] = ['boxed', 'outlined', 'form'];
/** Levels by which ink differs from its ground at least when anybody is to see it. */
const LEAST_CONTRAST = 3;

/** Text being written on a canvas. */
export class Drawing {
  /** For each pixel 0, or the number of its word from 1 on. */
  readonly mask: Uint16Array;
  /** How much of each pixel is ink, 0 to 1. */
  readonly cover: Float32Array;
  readonly #canvas: Canvas;
  readonly #random: Random;
  readonly #share: Share;
  readonly #fonts: FontFiles;
  readonly #style: Style;
  readonly #words: { readonly word: Word; readonly capital: number }[] = [];

  constructor(canvas: Canvas, random: Random, share: Share, fonts: FontFiles, style: Style) {
    this.#canvas = canvas;
    this.#random = random;
    this.#share = share;
    this.#fonts = fonts;
    this.#style = style;
    this.mask = new Uint16Array(canvas.width * canvas.height);
    this.cover = new Float32Array(canvas.width * canvas.height);
  }

  async write(): Promise<void> {
    const random = this.#random;
    const style = this.#style;
    if (style === 'form') {
      await this.#writeForm();
      return;
    }
    if (!BLOCKS.includes(style)) {
      for (let i = random.between(2, 5); i > 0; i--) await this.#place(this.#line(0.8), this.#face(), undefined, 0);
      return;
    }
    const sides = ['left top', 'right top', 'left bottom', 'right bottom'].sort(() => random.next() - 0.5);
    for (const side of sides.slice(0, random.between(1, 3))) {
      const face = this.#face();
      // Also the greys of labels that are not meant to catch the eye.
      const ink = random.pick([255, 255, 255, 230, 190, 120 + 130 * random.next()]);
      const quarters = style === 'turned' ? random.pick([1, 2, 3]) : 0;
      const edge = random.between(2, 12);
      for (let i = random.between(1, 5), along = edge; i > 0; i--) {
        await this.#place(this.#line(0.65), face, { side, along, edge, quarters }, ink);
        along += Math.floor(face.capital * (1.45 + 0.45 * random.next())) + 2;
      }
    }
    if (style === 'corner' && random.next() < 0.3) await this.#place(this.#line(0.9), this.#face(), undefined, 0);
  }

  /** A table, as reports and work lists have it: lines of text between ruled lines. */
  async #writeForm(): Promise<void> {
    const random = this.#random;
    const { width, height, grey } = this.#canvas;
    const face = this.#face();
    const pitch = Math.ceil(face.capital * (1.7 + 0.8 * random.next())) + 4;
    const [left, top] = [random.between(2, Math.floor(width / 6)), random.between(2, Math.floor(height / 4))];
    const right = Math.min(width - 2, left + Math.floor(width * (0.4 + 0.5 * random.next())));
    const rows = Math.min(random.between(2, 7), Math.floor((height - top - 4) / pitch));
    const isLight = random.next() < 0.4;
    const [ground, rule, ink] = isLight ? [random.between(190, 255), random.between(80, 170), random.between(0, 60)] : [random.between(0, 70), random.between(90, 200), random.between(170, 255)]; // prettier-ignore
    const hasGround = random.next() < 0.7;
    for (let y = top; y <= top + rows * pitch; y++)
      for (let x = left; x < right; x++) {
        const isRule = (y - top) % pitch === 0 || x === left || x === right - 1;
        if (isRule) grey[y * width + x] = rule;
        else if (hasGround) grey[y * width + x] = ground;
      }
    for (let row = 0; row < rows; row++) {
      const along = top + row * pitch + Math.floor((pitch - face.capital) / 3) - 1;
      await this.#place(
        this.#line(0.7),
        face,
        { side: 'left top', along, edge: left + 4, quarters: 0 },
        hasGround ? ink : 0,
      );
    }
  }

  /**
   * Boxes and legibility of all words, by what was there before and how much what is there now differs from it. Ink that cannot be seen, white
   * on white, is taken out of the mask.
   */
  words(before: Float32Array, contrast: Float32Array): DrawnWord[] {
    const { width, height } = this.#canvas;
    const boxes = this.#words.map(() => ({ left: width, top: height, right: 0, bottom: 0, clear: 0, count: 0 }));
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (this.mask[i] === 0) continue;
        if (contrast[i] < LEAST_CONTRAST && !HAVE_GROUND.includes(this.#style)) {
          boxes[this.mask[i] - 1].count++;
          this.mask[i] = 0;
          continue;
        }
        const box = boxes[this.mask[i] - 1];
        box.left = Math.min(box.left, x);
        box.top = Math.min(box.top, y);
        box.right = Math.max(box.right, x + 1);
        box.bottom = Math.max(box.bottom, y + 1);
        box.count++;
        const noise = x + 1 < width ? Math.abs(before[i] - before[i + 1]) : 0;
        if (contrast[i] >= Math.max(8, 2 * noise)) box.clear++;
      }
    return boxes.map(({ left, top, right, bottom, clear, count }, index) => ({
      text: this.#words[index].word.text,
      isIdentifying: this.#words[index].word.isIdentifying,
      capital: this.#words[index].capital,
      x: left,
      y: top,
      width: Math.max(0, right - left),
      height: Math.max(0, bottom - top),
      isLegible: count > 0 && (clear >= 0.5 * count || HAVE_GROUND.includes(this.#style)),
    }));
  }

  #line(identifying: number): readonly Word[] {
    return this.#random.next() < identifying ? identifyingLine(this.#random, this.#share) : harmlessLine(this.#random);
  }

  #face(): Face {
    const random = this.#random;
    const [low, high] = CAPITALS[this.#style] ?? [7.5, 28];
    const capital = low * (high / low) ** random.next();
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
    if (this.#style === 'low-contrast') {
      const difference = Math.max(12 + 20 * random.next(), (2.5 + 2 * random.next()) * noise);
      return mean + difference < 255 ? mean + difference : mean - difference;
    }
    if (mean > 200) return random.pick([0, 40]);
    return mean > 130 && random.next() < 0.6 ? random.pick([0, 20]) : random.pick([255, 255, 235]);
  }

  #draw(lettering: Lettering, x: number, y: number, ink: number): void {
    const random = this.#random;
    let value = ink;
    if (this.#style === 'outlined') {
      const isBright = random.next() < 0.75;
      value = isBright ? random.pick([255, 255, 220]) : random.pick([0, 20]);
      this.#drawOutline(lettering, x, y, isBright ? random.pick([0, 0, 30]) : 255);
    }
    if (this.#style === 'boxed') {
      const isLight = random.next() < 0.6;
      value = isLight ? random.pick([0, 20, 60]) : random.pick([255, 255, 200]);
      const ground = isLight ? random.pick([255, 255, 230, 180]) : random.pick([0, 0, 40, 100]);
      this.#fillBox(lettering, x, y, random.between(1, 6), ground);
    }
    this.#setInk(lettering, x, y, value);
  }

  /** Grows the letters by a pixel, or by one to the lower right: a shadow. */
  #drawOutline({ width, height, ink }: Lettering, x: number, y: number, value: number): void {
    const { grey, width: stride, height: rows } = this.#canvas;
    const first = this.#random.next() < 0.8 ? -1 : 0;
    const cover = this.#random.pick([1, 1, 0.6]);
    for (let row = -1; row <= height; row++)
      for (let column = -1; column <= width; column++) {
        const [px, py] = [x + column, y + row];
        if (px < 0 || py < 0 || px >= stride || py >= rows) continue;
        let most = 0;
        for (let dy = first; dy <= 1; dy++)
          for (let dx = first; dx <= 1; dx++) {
            const [ix, iy] = [column - dx, row - dy];
            if (ix >= 0 && iy >= 0 && ix < width && iy < height) most = Math.max(most, ink[iy * width + ix]);
          }
        grey[py * stride + px] += (value - grey[py * stride + px]) * most * cover;
      }
  }

  #fillBox({ width, height }: Lettering, x: number, y: number, margin: number, value: number): void {
    const { grey, width: stride, height: rows } = this.#canvas;
    const [left, right] = [Math.max(0, x - margin), Math.min(stride, x + width + margin)];
    for (let row = Math.max(0, y - margin); row < Math.min(rows, y + height + margin); row++)
      grey.fill(value, row * stride + left, row * stride + right);
  }

  #setInk({ width, height, ink }: Lettering, x: number, y: number, value: number): void {
    const { grey, width: stride } = this.#canvas;
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const i = (y + row) * stride + x + column;
        const cover = ink[row * width + column];
        grey[i] += (value - grey[i]) * cover;
        this.cover[i] = Math.max(this.cover[i], cover);
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
