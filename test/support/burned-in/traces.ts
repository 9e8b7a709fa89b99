// What machines draw beside and over images without a letter in it: spectra, leads of an ECG, colour bars, scales, charts, marks, test patterns.
import type { Random } from '../../../src/synthetic/random.ts';
import { normal, paint, type Canvas } from './canvas.ts';
import { drawStroke } from './lettering.ts';

interface Pen {
  readonly random: Random;
  readonly width: number;
  readonly height: number;
  readonly ink: Float32Array;
  readonly line: (x0: number, y0: number, x1: number, y1: number) => void;
  /** Fills a rectangle with ink of this cover, 0 to 1. */
  readonly bar: (x: number, y: number, across: number, down: number, cover: number) => void;
  readonly within: (low: number, high: number) => number;
}

/** A beat of the heart, 0 to about 1, over a period of 1. */
function beat(phase: number): number {
  const at = phase - Math.floor(phase);
  const peak = (middle: number, wide: number): number => Math.exp(-(((at - middle) / wide) ** 2));
  return 0.15 * peak(0.15, 0.03) - 0.12 * peak(0.27, 0.012) + peak(0.3, 0.015) - 0.25 * peak(0.33, 0.014) + 0.28 * peak(0.55, 0.05); // prettier-ignore
}

/** A spectrum of blood flow: noise under an envelope that follows the beats, over a line. */
function spectrum({ random, width, height, ink, line, within }: Pen): void {
  const [left, right] = [width * within(0, 0.15), width * within(0.8, 1)];
  const [base, tall] = [height * within(0.6, 0.95), height * within(0.12, 0.35)];
  const period = within(40, 130);
  const decay = within(2, 5);
  const isFilled = random.next() < 0.7;
  line(left, base, right, base);
  for (let x = Math.ceil(left); x < right; x++) {
    const phase = (x / period) % 1;
    const envelope = tall * (0.1 + (phase < 0.12 ? phase / 0.12 : Math.exp(-decay * (phase - 0.12))) * 0.85);
    for (let y = 0; y < envelope; y++) {
      const row = Math.floor(base - y);
      if (row < 0) break;
      const isEdge = y > envelope * 0.7;
      ink[row * width + x] = Math.max(ink[row * width + x], (isFilled || isEdge ? 1 : 0.2) * within(0, 1));
    }
  }
}

/** Leads of an ECG, perhaps on ruled paper. */
function leads({ random, width, height, line, within }: Pen): void {
  const count = random.between(1, 6);
  const [left, right] = [width * within(0, 0.3), width * within(0.5, 1)];
  if (random.next() < 0.35) {
    const step = random.between(6, 24);
    for (let x = left; x <= right; x += step) line(x, 0, x, height - 1);
    for (let y = 0; y < height; y += step) line(left, y, right, y);
  }
  const tall = within(10, Math.min(60, height / count));
  const period = within(25, 120);
  for (let lead = 0; lead < count; lead++) {
    const base = height * ((lead + 0.7) / (count + 0.4));
    const gain = tall * within(-1, 1);
    let before = base;
    for (let x = left + 1; x < right; x++) {
      const y = base - gain * beat(x / period + 0.1 * lead) + 0.4 * normal(random);
      line(x - 1, before, x, y);
      before = y;
    }
  }
}

/** A bar of steps or of a ramp, perhaps framed, with ticks beside it. */
function colourBar({ random, width, height, line, bar, within }: Pen): void {
  const isUpright = random.next() < 0.7;
  const [thick, long] = [random.between(6, 26), (isUpright ? height : width) * within(0.15, 0.6)];
  const [x, y] = isUpright ? [width * random.pick([0.02, 0.9, 0.95]), height * within(0.05, 0.35)] : [width * within(0.05, 0.35), height * random.pick([0.02, 0.9])]; // prettier-ignore
  const steps = random.pick([4, 8, 16, 64]);
  for (let step = 0; step < steps; step++) {
    const [from, size, cover] = [(long * step) / steps, long / steps + 1, random.next() < 0.05 ? 1 : step / steps];
    if (isUpright) bar(x, y + from, thick, size, cover);
    else bar(x + from, y, size, thick, cover);
  }
  const ticks = random.pick([0, 3, 5, 11]);
  for (let tick = 0; tick < ticks; tick++) {
    const at = (long * tick) / Math.max(1, ticks - 1);
    if (isUpright) line(x + thick + 2, y + at, x + thick + 6, y + at);
    else line(x + at, y + thick + 2, x + at, y + thick + 6);
  }
}

/** Bars or a curve between axes. */
function chart({ random, width, height, line, bar, within }: Pen): void {
  const [x, y, w, h] = [width * within(0.05, 0.5), height * within(0.1, 0.6), width * within(0.2, 0.45), height * within(0.15, 0.35)]; // prettier-ignore
  line(x, y, x, y + h);
  line(x, y + h, x + w, y + h);
  const count = random.between(5, 40);
  const isCurve = random.next() < 0.5;
  let before = y + h * within(0.2, 0.9);
  for (let i = 0; i < count; i++) {
    const tall = isCurve ? Math.min(h, Math.max(0, y + h - before + h * 0.1 * normal(random))) : h * random.next();
    if (isCurve) line(x + (w * i) / count, before, x + (w * (i + 1)) / count, y + h - tall);
    else bar(x + (w * (i + 0.15)) / count, y + h - tall, (w * 0.7) / count, tall, 1);
    before = y + h - tall;
    if (i % 5 === 0) line(x + (w * i) / count, y + h, x + (w * i) / count, y + h + 4);
  }
}

/** Dots, triangles or ticks at even distances along a side, some of them longer. */
function depthScale({ random, width, height, line, bar, within }: Pen): void {
  const x = width * random.pick([0.02, 0.05, 0.93, 0.97]);
  const [step, size] = [within(8, 50), random.between(1, 4)];
  const kind = random.pick(['dot', 'triangle', 'tick']);
  for (let y = height * within(0.02, 0.2), i = 0; y < height * 0.95; y += step, i++) {
    if (kind === 'dot') bar(x, y, size, size, 1);
    else if (kind === 'tick') line(x, y, x + (i % 5 === 0 ? 3 : 1) * (size + 2), y);
    else for (let row = 0; row <= size * 2; row++) line(x, y + row, x + Math.min(row, size * 2 - row), y + row);
  }
}

/** Lines of dots or dashes across the picture, as needle guides and calipers have them, and their crosses. */
function guides({ random, width, height, line, bar, within }: Pen): void {
  const [x, y, length, angle] = [width * within(0.1, 0.6), height * within(0.1, 0.6), within(40, 300), within(0, 3.14)];
  const [step, dash, gap] = [within(5, 16), random.pick([0, 3, 6]), within(0, 40)];
  for (const side of random.next() < 0.5 ? [0] : [0, 1])
    for (let at = 0; at < length; at += step) {
      const [px, py] = [x + at * Math.cos(angle) - side * gap * Math.sin(angle), y + at * Math.sin(angle) + side * gap * Math.cos(angle)]; // prettier-ignore
      if (dash === 0) bar(px, py, 2, 2, 1);
      else line(px, py, px + Math.min(dash, step * 0.6) * Math.cos(angle), py + Math.min(dash, step * 0.6) * Math.sin(angle)); // prettier-ignore
    }
  const size = random.between(3, 7);
  for (const at of [0, length]) {
    const [px, py] = [x + at * Math.cos(angle), y + at * Math.sin(angle)];
    line(px - size, py, px + size, py);
    line(px, py - size, px, py + size);
  }
}

/** The outline of a body or a breast with a line for the transducer. */
function bodyMark({ random, width, height, line, within }: Pen): void {
  const [x, y, size] = [width * within(0.1, 0.9), height * within(0.1, 0.9), within(15, 45)];
  const wobble = within(0, 0.25);
  const at = (turn: number): [number, number] => {
    const radius = size * (1 + wobble * Math.sin(3 * turn));
    return [x + radius * Math.cos(turn), y + radius * 1.3 * Math.sin(turn)];
  };
  for (let turn = 0; turn < 6.2; turn += 0.15) line(...at(turn), ...at(turn + 0.15));
  if (random.next() < 0.6) line(x, y, ...at(within(0, 6)));
  if (random.next() < 0.5) for (let turn = 0; turn < 6.2; turn += 0.7) line(x + 3 * Math.cos(turn), y + 3 * Math.sin(turn), x + 3 * Math.cos(turn + 0.7), y + 3 * Math.sin(turn + 0.7)); // prettier-ignore
}

/** Pairs of lines that get finer, a chequered field, a step wedge: what quality is checked with. */
function testPattern({ random, width, height, bar, within }: Pen): void {
  const [x, y] = [width * within(0.1, 0.6), height * within(0.1, 0.7)];
  const kind = random.pick(['pairs', 'chequers', 'wedge', 'mesh']);
  if (kind === 'pairs')
    for (let at = x, wide = random.between(2, 6); wide >= 1 && at < width * 0.9; wide--, at += 8)
      for (let i = 0; i < 4; i++, at += 2 * wide) bar(at, y, wide, within(14, 16), 1);
  if (kind === 'chequers') {
    const size = random.between(3, 14);
    for (let row = 0; row < 8; row++)
      for (let i = row % 2; i < 8; i += 2) bar(x + i * size, y + row * size, size, size, 1);
  }
  if (kind === 'wedge') for (let i = 0; i < 10; i++) bar(x + i * 22, y, 20, 20, i / 9);
  if (kind === 'mesh') {
    const step = random.between(3, 9);
    for (let i = 0; i < 20; i++) {
      bar(x + i * step, y, 1, 20 * step, within(0.4, 1));
      bar(x, y + i * step, 20 * step, 1, within(0.4, 1));
    }
  }
}

const SHAPES = [spectrum, leads, colourBar, chart, depthScale, guides, bodyMark, testPattern];

/** One to four of them, in greys of their own. */
export function drawTraces(canvas: Canvas, random: Random): void {
  const { width, height } = canvas;
  for (let count = random.between(1, 4); count > 0; count--) {
    const ink = new Float32Array(width * height);
    const [stroke, isSmooth] = [random.pick([1, 1, 1.5, 2]), random.next() < 0.6];
    const pen: Pen = {
      random,
      width,
      height,
      ink,
      line: (x0, y0, x1, y1) => {
        drawStroke(ink, width, height, [x0, y0], [x1, y1], stroke, isSmooth);
      },
      bar: (x, y, across, down, cover) => {
        const [left, right] = [Math.max(0, Math.round(x)), Math.min(width, Math.round(x + across))];
        for (let row = Math.max(0, Math.round(y)); row < Math.min(height, Math.round(y + down)); row++)
          if (right > left) ink.fill(cover, row * width + left, row * width + right);
      },
      within: (low, high) => low + (high - low) * random.next(),
    };
    random.pick(SHAPES)(pen);
    paint(canvas, ink, random.pick([255, 255, 220, 180, 130, 20]));
  }
}
