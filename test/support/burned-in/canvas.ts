// A picture while it is being made: grey values of any size, and the shapes that are drawn on it.
import type { Random } from '../../../src/synthetic/random.ts';
import { drawStroke } from './lettering.ts';

/** Grey from 0 (black) to 255 (white), fractions and values beyond allowed until the end. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly grey: Float32Array;
}

export function createCanvas(width: number, height: number, value: (x: number, y: number) => number = () => 0): Canvas {
  const grey = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) grey[i] = value(x, y);
  return { width, height, grey };
}

/** A number around 0 with deviation 1. */
export function normal(random: Random): number {
  return (
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() +
    random.next() -
    6
  );
}

/** Smooth noise around 0: values on a grid this many pixels apart, joined smoothly. */
export function smoothNoise(random: Random, width: number, height: number, step: number): Float32Array {
  const columns = Math.ceil(width / step) + 2;
  const grid = Float32Array.from({ length: columns * (Math.ceil(height / step) + 2) }, () => normal(random));
  const noise = new Float32Array(width * height);
  const ease = (t: number): number => t * t * (3 - 2 * t);
  for (let y = 0, i = 0; y < height; y++) {
    const gy = Math.floor(y / step);
    const ty = ease(y / step - gy);
    for (let x = 0; x < width; x++, i++) {
      const gx = Math.floor(x / step);
      const tx = ease(x / step - gx);
      const g = gy * columns + gx;
      noise[i] =
        (grid[g] * (1 - tx) + grid[g + 1] * tx) * (1 - ty) +
        (grid[g + columns] * (1 - tx) + grid[g + columns + 1] * tx) * ty;
    }
  }
  return noise;
}

/** Blurs with the mean of three, `rounds` times in both directions. */
export function blur(canvas: Canvas, rounds: number): void {
  const { width, height, grey } = canvas;
  const line = new Float32Array(Math.max(width, height));
  const pass = (start: number, step: number, count: number): void => {
    for (let i = 0; i < count; i++) line[i] = grey[start + i * step];
    for (let i = 1; i < count - 1; i++) grey[start + i * step] = (line[i - 1] + line[i] + line[i + 1]) / 3;
  };
  for (let round = 0; round < rounds; round++) {
    for (let y = 0; y < height; y++) pass(y * width, 1, width);
    for (let x = 0; x < width; x++) pass(x, width, height);
  }
}

export function paint({ width, grey }: Canvas, ink: Float32Array, value: number): void {
  for (let i = 0; i < width * (grey.length / width); i++) if (ink[i] > 0) grey[i] += (value - grey[i]) * ink[i];
}

/** Lines, ticks, crosses, boxes, curves, arrows, calipers and grey bars, as machines draw them: what is no text. */
export function drawGraphics(canvas: Canvas, random: Random, value: number): void {
  const { width, height } = canvas;
  const ink = new Float32Array(width * height);
  const stroke = random.pick([1, 1, 1, 2]);
  const isSmooth = random.next() < 0.5;
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    const round = (v: number): number => (isSmooth ? v : Math.round(v));
    drawStroke(ink, width, height, [round(x0), round(y0)], [round(x1), round(y1)], stroke, isSmooth);
  };
  const within = (low: number, high: number): number => low + (high - low) * random.next();
  const shapes: (() => void)[] = [
    () => {
      const x = Math.round(width * random.pick([0.03, 0.1, 0.9, 0.96]));
      const step = random.between(6, 40);
      const [top, bottom] = [height * within(0.1, 0.3), height * within(0.6, 0.9)];
      if (random.next() < 0.5) line(x, top, x, bottom);
      for (let y = top, i = 0; y <= bottom; y += step, i++) line(x, y, x + (i % 5 === 0 ? 10 : 5), y);
    },
    () => {
      const y = Math.round(height * random.pick([0.03, 0.94, 0.98]));
      const step = random.between(6, 40);
      const [left, right] = [width * within(0.1, 0.3), width * within(0.6, 0.9)];
      if (random.next() < 0.5) line(left, y, right, y);
      for (let x = left, i = 0; x <= right; x += step, i++) line(x, y, x, y - (i % 5 === 0 ? 10 : 5));
    },
    () => {
      const [x, y, size] = [width * within(0.2, 0.8), height * within(0.2, 0.8), random.between(3, 9)];
      line(x - size, y, x + size, y);
      line(x, y - size, x, y + size);
    },
    () => {
      const [x, y, w, h] = [
        width * within(0.05, 0.5),
        height * within(0.05, 0.5),
        width * within(0.05, 0.4),
        height * within(0.05, 0.4),
      ];
      line(x, y, x + w, y);
      line(x + w, y, x + w, y + h);
      line(x + w, y + h, x, y + h);
      line(x, y + h, x, y);
    },
    () => {
      const base = height * within(0.85, 0.95);
      const heart = (x: number): number => {
        const phase = (x / 55) % 1;
        const peak = (at: number, wide: number): number => Math.exp(-(((phase - at) / wide) ** 2));
        return base - (30 * peak(0.3, 0.03) - 8 * peak(0.36, 0.03) + 6 * peak(0.6, 0.06)) * (height / 512);
      };
      for (let x = width * 0.1; x < width * 0.7; x += 2) line(x, heart(x), x + 2, heart(x + 2));
    },
    () => {
      const [x, top, tall] = [
        Math.round(width * random.pick([0.04, 0.93])),
        Math.round(height * 0.1),
        height * within(0.2, 0.4),
      ];
      for (let i = 0; i < tall; i++) for (let dx = 0; dx < 12; dx++) ink[(top + i) * width + x + dx] = 1 - i / tall;
    },
    () => {
      const [x, y, angle] = [width * within(0.3, 0.7), height * within(0.3, 0.7), within(0, 6.28)];
      const at = (r: number, turn: number): [number, number] => [
        x + r * Math.cos(angle + turn),
        y + r * Math.sin(angle + turn),
      ];
      line(x, y, ...at(30, 0));
      line(x, y, ...at(10, 0.5));
      line(x, y, ...at(10, -0.5));
    },
    () => {
      const [x, y, dx, dy] = [width * within(0.3, 0.6), height * within(0.3, 0.6), within(20, 100), within(-40, 60)];
      for (let t = 0; t <= 1; t += 0.06) line(x + dx * t, y + dy * t, x + dx * t, y + dy * t);
    },
    () => {
      const [x, y, radius] = [width * within(0.1, 0.9), height * within(0.1, 0.9), random.between(4, 60)];
      for (let t = 0; t < 6.3; t += 0.2)
        line(
          x + radius * Math.cos(t),
          y + radius * Math.sin(t),
          x + radius * Math.cos(t + 0.2),
          y + radius * Math.sin(t + 0.2),
        );
    },
    () => {
      for (let i = 0; i < 4; i++) {
        line(width * (0.2 + i * 0.15), height * 0.25, width * (0.2 + i * 0.15), height * 0.7);
        line(width * 0.2, height * (0.25 + i * 0.15), width * 0.65, height * (0.25 + i * 0.15));
      }
    },
    () => {
      const [x, y] = [width * within(0.1, 0.4), height * within(0.1, 0.9)];
      for (let i = 0, far = x; i < 24 && far < width * 0.9; i++, far += within(5, 14))
        line(far, y, far, y + within(4, 12));
    },
  ];
  for (let count = random.between(1, 4); count > 0; count--) random.pick(shapes)();
  paint(canvas, ink, value);
}
