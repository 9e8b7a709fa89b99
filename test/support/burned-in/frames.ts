// Seeded frames with burned-in text, of which every pixel of every word is known.
import type { GrayPicture } from '../../../src/core/picture.ts';
import { createRandom, type Random } from '../../../src/synthetic/random.ts';
import { BACKGROUNDS } from './backgrounds.ts';
import { blur, createCanvas, drawGraphics, normal, type Canvas } from './canvas.ts';
import { Drawing, type DrawnWord } from './drawing.ts';
import { encode, type Encoding } from './encodings.ts';
import { FONTS, NO_FONTS } from './fonts.ts';
import type { Share } from './texts.ts';
import { drawTraces } from './traces.ts';

/** How text is set. Those that begin with `clean` hold none. */
export const STYLES = ['corner', 'over-anatomy', 'dark', 'outlined', 'boxed', 'low-contrast', 'turned', 'mirrored', 'tiny', 'large', 'film', 'negative', 'colour', 'deep', 'jpeg', 'form', 'clean', 'clean-graphics', 'clean-traces'] as const; // prettier-ignore
export type Style = (typeof STYLES)[number];

export interface BurnedInFrame {
  readonly style: Style;
  /** The frame over its full range. */
  readonly picture: GrayPicture;
  /** All pictures that the finder is shown of the frame: `picture`, and those of further windows. */
  readonly pictures: readonly GrayPicture[];
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
  if (style === 'clean-graphics' || (!['clean', 'clean-traces'].includes(style) && random.next() < 0.35))
    drawGraphics(canvas, random, random.pick([255, 255, 200, 160]));
  if (style === 'clean-traces') drawTraces(canvas, random);
  const before = canvas.grey.slice();
  const drawing = new Drawing(canvas, random, share, useFonts ? FONTS[share] : NO_FONTS, style);
  if (!style.startsWith('clean')) await drawing.write();
  if (style === 'film') {
    blur(canvas, random.pick([1, 1, 2]));
    const grain = 1 + 3 * random.next();
    for (let i = 0; i < canvas.grey.length; i++) canvas.grey[i] += grain * normal(random);
  }
  if (style === 'negative') for (const plane of [canvas.grey, before]) plane.forEach((v, i) => (plane[i] = 255 - v));
  const { pictures: shown, contrast } = await encode(
    { canvas, before, cover: drawing.cover },
    encodingOf(random, style),
    random,
  );
  return {
    style,
    background,
    picture: shown[0],
    pictures: shown,
    words: drawing.words(before, contrast),
    mask: drawing.mask,
  };
}

/** Most frames are what they look like; each style comes in other encodings as well. */
function encodingOf(random: Random, style: Style): Encoding {
  if (style === 'colour' || style === 'deep' || style === 'jpeg') return style;
  if (style.startsWith('clean')) return random.pick(['grey', 'grey', 'inverse', 'jpeg', 'deep', 'deep', 'colour']);
  // Coloured and deep ink has no outline.
  return random.pick(['grey', 'grey', 'grey', 'grey', 'grey', 'grey', 'inverse', 'jpeg', 'jpeg']);
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
