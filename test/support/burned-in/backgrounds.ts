// Anatomy that never was: what pictures of the usual modalities look like to a text finder.
import type { Random } from '../../../src/synthetic/random.ts';
import { bones, fundus, histology, implants } from './fine-structures.ts';
import { blur, createCanvas, normal, smoothNoise, type Canvas } from './canvas.ts';

type Background = (random: Random, width: number, height: number) => Canvas;

const clamp = (value: number): number => Math.min(255, Math.max(0, value));

/** Drags what is there along the rows: beams are less sharp across than in depth. */
function smear({ width, height, grey }: Canvas, reach: number): void {
  const from = grey.slice();
  for (let y = 0; y < height; y++) {
    let sum = 0;
    for (let x = -reach; x < width; x++) {
      if (x + reach < width) sum += from[y * width + x + reach];
      if (x - reach - 1 >= 0) sum -= from[y * width + x - reach - 1];
      if (x >= 0) grey[y * width + x] = sum / Math.sqrt(2 * reach + 1);
    }
  }
}

/** A sector or a rectangle of speckle on black, perhaps with a wedge in which flow is coloured: blocks of few greys with hard edges. */
function ultrasound(random: Random, width: number, height: number): Canvas {
  const [x0, y0] = [width * (0.45 + 0.1 * random.next()), height * (0.1 * random.next() - 0.03)];
  const radius = height * (0.8 + 0.15 * random.next());
  const half = 0.5 + 0.35 * random.next();
  const isLinear = random.next() < 0.25;
  const coarse = smoothNoise(random, width, height, 40);
  const middle = smoothNoise(random, width, height, 14);
  const holes = Array.from({ length: random.between(1, 4) }, () => ({
    x: width * (0.3 + 0.4 * random.next()),
    y: height * (0.25 + 0.5 * random.next()),
    a: width * (0.04 + 0.12 * random.next()),
    b: height * (0.04 + 0.12 * random.next()),
    gain: 0.05 + 0.3 * random.next(),
  }));
  const fade = 0.2 + random.next();
  const streaks = random.pick([0, 0, 2, 4, 8]);
  const speckle = [0, 1].map(() => {
    const canvas = createCanvas(width, height, () => normal(random));
    blur(canvas, 2);
    if (streaks > 0) smear(canvas, streaks);
    return canvas.grey;
  });
  const flow = random.next() < 0.35 ? [3, 8].map((step) => smoothNoise(random, width, height, step)) : undefined;
  const [flowFrom, flowTo] = [-0.3 + 0.3 * random.next(), 0.05 + 0.3 * random.next()];
  return createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    const [far, angle] = [Math.hypot(x - x0, y - y0), Math.atan2(x - x0, y - y0)];
    const isInside = isLinear
      ? Math.abs(x - x0) < width * 0.34 && y > height * 0.08 && y < height * 0.9
      : Math.abs(angle) < half && far < radius && far > 30;
    if (!isInside) return 0;
    if (flow !== undefined && angle > flowFrom && angle < flowTo) {
      if (angle < flowFrom + 0.012 || angle > flowTo - 0.012) return 200;
      // Rows of a few pixels share their colour.
      const level = flow[0][Math.floor(y / 2) * 2 * width + x] + flow[1][i];
      if (Math.abs(level) > 0.7) return clamp(90 + 45 * Math.round(level * 1.5));
    }
    let tissue = 0.5 + 0.28 * coarse[i] + 0.2 * middle[i];
    for (const hole of holes) if (((x - hole.x) / hole.a) ** 2 + ((y - hole.y) / hole.b) ** 2 < 1) tissue *= hole.gain;
    tissue = Math.min(1.2, Math.max(0.02, tissue)) * Math.exp((-far / radius) * fade);
    return 255 * Math.min(1, tissue * Math.hypot(speckle[0][i], speckle[1][i]) * 2.4) ** 0.75;
  });
}

/** A body with organs, ribs, spine and table. */
function tomography(random: Random, width: number, height: number): Canvas {
  const canvas = createCanvas(width, height);
  const { grey } = canvas;
  const ellipse = (cx: number, cy: number, a: number, b: number, value: number, angle = 0): void => {
    const reach = Math.max(a, b) + 1;
    for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++)
      for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++) {
        const u = (x - cx) * Math.cos(angle) + (y - cy) * Math.sin(angle);
        const v = -(x - cx) * Math.sin(angle) + (y - cy) * Math.cos(angle);
        if ((u / a) ** 2 + (v / b) ** 2 < 1) grey[y * width + x] = value * 255;
      }
  };
  const [cx, cy] = [width / 2, height / 2];
  ellipse(cx, cy, width * 0.42, height * 0.33, 0.38);
  ellipse(cx, cy, width * 0.4, height * 0.31, 0.5);
  for (let i = random.between(4, 12); i > 0; i--)
    ellipse(
      cx + (random.next() - 0.5) * 0.5 * width,
      cy + (random.next() - 0.5) * 0.36 * height,
      (0.01 + 0.1 * random.next()) * width,
      (0.01 + 0.09 * random.next()) * height,
      0.3 + 0.4 * random.next(),
      3 * random.next(),
    );
  if (random.next() < 0.5)
    for (const side of [-1, 1]) ellipse(cx + side * width * 0.2, cy, width * 0.14, height * 0.2, 0.06);
  for (let i = random.between(6, 16); i > 0; i--) {
    const angle = 6.28 * random.next();
    ellipse(
      cx + Math.cos(angle) * width * 0.37,
      cy + Math.sin(angle) * height * 0.28,
      width * 0.035,
      height * 0.012,
      1,
      angle + 1.57,
    );
  }
  for (let i = random.between(0, 30); i > 0; i--)
    ellipse(
      cx + (random.next() - 0.5) * 0.5 * width,
      cy + (random.next() - 0.5) * 0.4 * height,
      1 + 3 * random.next(),
      1 + 3 * random.next(),
      random.next(),
    );
  ellipse(cx, cy + height * 0.2, width * 0.06, height * 0.06, 0.95);
  ellipse(cx, cy + height * 0.22, width * 0.02, height * 0.02, 0.5);
  for (let x = Math.floor(width * 0.15); x < width * 0.85; x++) {
    const y = Math.round(cy + height * 0.36 + 0.0006 * (x - cx) ** 2);
    for (let row = y; row < Math.min(height, y + 3); row++) grey[row * width + x] = 115;
  }
  blur(canvas, 1);
  const noise = createCanvas(width, height, () => normal(random));
  if (random.next() < 0.6) blur(noise, 1);
  const level = 3 + 15 * random.next();
  for (let i = 0; i < grey.length; i++) grey[i] = clamp(grey[i] + noise.grey[i] * level);
  return canvas;
}

/** Lungs, ribs, a spine and perhaps the edge of the collimator. */
function radiograph(random: Random, width: number, height: number): Canvas {
  const coarse = smoothNoise(random, width, height, Math.floor(Math.max(width, height) / 3));
  const fine = smoothNoise(random, width, height, 30);
  const edge =
    random.next() < 0.5 ? [width * (0.02 + 0.1 * random.next()), height * (0.02 + 0.08 * random.next())] : [0, 0];
  const noise = 1 + 4 * random.next();
  const isNegative = random.next() < 0.3;
  return createCanvas(width, height, (x, y) => {
    if (x < edge[0] || x >= width - edge[0] || y < edge[1] || y >= height - edge[1])
      return clamp(5 + 1.5 * normal(random));
    const i = y * width + x;
    let value = 0.35 + 0.2 * coarse[i] + 0.05 * fine[i];
    for (const side of [-1, 1])
      value -=
        0.35 *
        Math.exp(
          -(
            (((x - width * (0.5 + side * 0.22)) / (width * 0.13)) ** 2 +
              ((y - height * 0.45) / (height * 0.26)) ** 2) **
            2
          ),
        );
    for (let rib = 0; rib < 9; rib++)
      value +=
        0.09 *
        Math.exp(
          -(
            ((y - height * (0.12 + 0.08 * rib) - 0.15 * height * ((x - width / 2) / (width / 2)) ** 2) /
              (height * 0.012)) **
            2
          ),
        );
    value += 0.35 * Math.exp(-(((x - width / 2) / (width * 0.06)) ** 2));
    const grey = clamp(255 * value + noise * normal(random));
    return isNegative ? 255 - grey : grey;
  });
}

/** A breast: fine bright texture that fades towards its edge, and specks of lime. */
function mammogram(random: Random, width: number, height: number): Canvas {
  const textures = [60, 20, 6].map((step) => smoothNoise(random, width, height, step));
  const canvas = createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    const inside = Math.min(
      1,
      Math.max(0, (1 - Math.hypot(x / (width * 0.62), (y - height / 2) / (height * 0.46))) * 6),
    );
    const tissue = 0.45 + 0.16 * textures[0][i] + 0.12 * textures[1][i] + 0.07 * textures[2][i] + 0.02 * normal(random);
    return clamp(255 * inside * tissue);
  });
  for (let i = random.between(0, 25); i > 0; i--) {
    const at = Math.floor(height * (0.3 + 0.4 * random.next())) * width + Math.floor(width * 0.5 * random.next());
    for (const near of [at, at + 1, at + width]) canvas.grey[near] = 240;
  }
  return canvas;
}

/** A head: rings of skin and skull around folded tissue, with the noise of magnitudes. */
function resonance(random: Random, width: number, height: number): Canvas {
  const textures = [22, 9].map((step) => smoothNoise(random, width, height, step));
  const folds = smoothNoise(random, width, height, 12 + 12 * random.next());
  const noise = 0.005 + 0.03 * random.next();
  return createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    const far = Math.hypot((x - width / 2) / (width * 0.36), (y - height / 2) / (height * 0.42));
    let value = 0;
    if (far < 1) value = 0.35 + 0.12 * textures[0][i] + 0.08 * textures[1][i];
    if (far < 0.86 && Math.abs(folds[i]) < 0.12) value *= 0.45;
    if (far < 1 && far > 0.93) value = 0.85;
    if (far < 0.91 && far > 0.86) value = 0.08;
    return clamp(255 * Math.hypot(value + noise * normal(random), noise * normal(random)));
  });
}

/** Vessels: dark branching lines on a bright ground that changes slowly. */
function angiogram(random: Random, width: number, height: number): Canvas {
  const ground = smoothNoise(random, width, height, Math.floor(width / 3));
  const noise = 1 + 3 * random.next();
  const canvas = createCanvas(width, height, (x, y) => clamp(140 + 35 * ground[y * width + x]));
  const walk = (x: number, y: number, angle: number, wide: number, steps: number): void => {
    for (let step = 0; step < steps; step++) {
      angle += 0.25 * normal(random);
      x += 2 * Math.cos(angle);
      y += 2 * Math.sin(angle);
      const reach = Math.ceil(wide);
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
          const [px, py] = [Math.round(x) + dx, Math.round(y) + dy];
          if (px < 0 || py < 0 || px >= width || py >= height) continue;
          const depth = 1 - (dx * dx + dy * dy) / (wide * wide);
          if (depth > 0)
            canvas.grey[py * width + px] = Math.min(canvas.grey[py * width + px], 140 - 90 * Math.sqrt(depth));
        }
      if (wide > 1.2 && random.next() < 0.03) walk(x, y, angle + random.pick([-0.7, 0.7]), wide * 0.7, steps - step);
    }
  };
  for (let i = random.between(1, 3); i > 0; i--)
    walk(width * (0.3 + 0.4 * random.next()), height * 0.2 * random.next(), 1.57, 2 + 3 * random.next(), 150);
  blur(canvas, 1);
  for (let i = 0; i < canvas.grey.length; i++) canvas.grey[i] = clamp(canvas.grey[i] + noise * normal(random));
  return canvas;
}

/** One grey, or a ramp. */
function flat(random: Random, width: number, height: number): Canvas {
  const kind = random.next();
  const value = kind < 0.5 ? 0 : kind < 0.7 ? 255 : 25 + 130 * random.next();
  const ramp = random.next() < 0.4 ? 120 * random.next() : 0;
  return createCanvas(width, height, (_, y) => clamp(value + (ramp * y) / height));
}

export const BACKGROUNDS: Readonly<Record<string, Background>> = {
  ultrasound,
  tomography,
  radiograph,
  mammogram,
  resonance,
  angiogram,
  implants,
  histology,
  bones,
  fundus,
  flat,
};
