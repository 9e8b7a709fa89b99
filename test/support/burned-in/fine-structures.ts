// Grounds whose structures are as fine as letters: implants and leads, cells, the spongy inside of bones, vessels of an eye.
import type { Random } from '../../../src/synthetic/random.ts';
import { blur, createCanvas, normal, smoothNoise, type Canvas } from './canvas.ts';
import { drawStroke } from './lettering.ts';

const clamp = (value: number): number => Math.min(255, Math.max(0, value));

/** Draws with a pen into `canvas`; grey is set to `value` where the pen was. */
function penOn(
  { width, height, grey }: Canvas,
  value: number,
): (points: readonly (readonly [number, number])[], stroke: number) => void {
  return (points, stroke) => {
    const ink = new Float32Array(width * height);
    for (let i = 1; i < points.length; i++) drawStroke(ink, width, height, points[i - 1], points[i], stroke, true);
    for (let i = 0; i < ink.length; i++) if (ink[i] > 0) grey[i] += (value - grey[i]) * ink[i];
  };
}

/** Leads, screws, stents, clips and wires over a soft chest. */
export function implants(random: Random, width: number, height: number): Canvas {
  const coarse = smoothNoise(random, width, height, Math.floor(Math.max(width, height) / 4));
  const fine = smoothNoise(random, width, height, 24);
  const canvas = createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    return clamp(110 + 45 * coarse[i] + 10 * fine[i]);
  });
  const draw = penOn(canvas, random.next() < 0.8 ? 235 : 25);
  const somewhere = (): [number, number] => [width * (0.1 + 0.8 * random.next()), height * (0.1 + 0.8 * random.next())];
  const shapes: (() => void)[] = [
    () => {
      // A lead that winds through the picture.
      let [x, y, angle] = [...somewhere(), 6.28 * random.next()];
      const points: [number, number][] = [];
      for (let i = 0; i < 60; i++) {
        angle += 0.25 * normal(random);
        points.push([x, y]);
        x += 6 * Math.cos(angle);
        y += 6 * Math.sin(angle);
      }
      draw(points, 1 + 2 * random.next());
    },
    () => {
      // A screw: a shaft with a thread.
      const [x, y] = somewhere();
      const [turns, pitch, radius] = [random.between(6, 16), 2.5 + 3 * random.next(), 3 + 4 * random.next()];
      const angle = 6.28 * random.next();
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const at = (along: number, across: number): [number, number] => [x + along * cos - across * sin, y + along * sin + across * cos]; // prettier-ignore
      draw([at(0, 0), at(turns * pitch, 0)], radius);
      draw(
        Array.from({ length: turns * 2 }, (_, i) => at((i * pitch) / 2, i % 2 === 0 ? radius : -radius)),
        1.2,
      );
    },
    () => {
      // A stent: two crossing zigzags.
      const [x, y] = somewhere();
      const [cells, pitch, radius] = [random.between(5, 14), 4 + 5 * random.next(), 4 + 8 * random.next()];
      for (const side of [1, -1])
        draw(Array.from({ length: cells }, (_, i) => [x + i * pitch, y + (i % 2 === 0 ? side : -side) * radius] as const), 1 + random.next()); // prettier-ignore
    },
    () => {
      // Clips and loops of wire in a row.
      const [x, y] = somewhere();
      for (let i = random.between(2, 7); i > 0; i--) {
        const [cx, cy, radius] = [x + 3 * normal(random), y + i * (12 + 6 * random.next()), 3 + 4 * random.next()];
        const from = 6.28 * random.next();
        draw(Array.from({ length: 12 }, (_, k) => [cx + radius * Math.cos(from + k / 2.2), cy + radius * Math.sin(from + k / 2.2)] as const), 1.2); // prettier-ignore
      }
    },
  ];
  for (let i = random.between(2, 6); i > 0; i--) random.pick(shapes)();
  blur(canvas, random.pick([0, 1]));
  const noise = 1 + 4 * random.next();
  for (let i = 0; i < canvas.grey.length; i++) canvas.grey[i] = clamp(canvas.grey[i] + noise * normal(random));
  return canvas;
}

/** Stained tissue: dark nuclei on a pale ground. */
export function histology(random: Random, width: number, height: number): Canvas {
  const density = smoothNoise(random, width, height, 50);
  const fibres = smoothNoise(random, width, height, 5);
  const canvas = createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    return clamp(205 + 18 * density[i] + 14 * fibres[i]);
  });
  const size = 1.5 + 3.5 * random.next();
  for (let count = (width * height) / (30 + 170 * random.next()) / size; count > 0; count--) {
    const [cx, cy] = [random.between(0, width - 1), random.between(0, height - 1)];
    if (density[cy * width + cx] + 0.7 * normal(random) < 0.2) continue;
    const [a, b, angle] = [
      size * (0.7 + 0.7 * random.next()),
      size * (0.5 + 0.5 * random.next()),
      3.14 * random.next(),
    ];
    const [cos, sin, value] = [Math.cos(angle), Math.sin(angle), 70 + 60 * random.next()];
    for (let y = Math.max(0, Math.floor(cy - a)); y < Math.min(height, cy + a + 1); y++)
      for (let x = Math.max(0, Math.floor(cx - a)); x < Math.min(width, cx + a + 1); x++) {
        const [u, v] = [((x - cx) * cos + (y - cy) * sin) / a, ((y - cy) * cos - (x - cx) * sin) / b];
        if (u * u + v * v < 1) canvas.grey[y * width + x] = value;
      }
  }
  blur(canvas, random.pick([0, 1, 1]));
  for (let i = 0; i < canvas.grey.length; i++) canvas.grey[i] = clamp(canvas.grey[i] + 2 * normal(random));
  return canvas;
}

/** Bones of a hand or a knee: soft shafts filled with a net of fine beams. */
export function bones(random: Random, width: number, height: number): Canvas {
  const beams = [6, 10].map((step) => smoothNoise(random, width, height, step));
  const shafts = Array.from({ length: random.between(2, 6) }, () => ({
    x: width * (0.1 + 0.8 * random.next()),
    lean: 0.4 * (random.next() - 0.5),
    radius: width * (0.03 + 0.07 * random.next()),
    joints: Array.from({ length: 3 }, () => height * random.next()),
  }));
  const noise = 1 + 3 * random.next();
  return createCanvas(width, height, (x, y) => {
    const i = y * width + x;
    let value = 45;
    for (const { x: middle, lean, radius, joints } of shafts) {
      const swollen = joints.reduce((sum, joint) => sum + Math.exp(-(((y - joint) / (radius * 1.2)) ** 2)), 0);
      const far = Math.abs(x - middle - lean * (y - height / 2)) / (radius * (1 + 0.5 * swollen));
      if (far > 1 || joints.some((joint) => Math.abs(y - joint - radius) < 2)) continue;
      value = Math.max(
        value,
        90 + 60 * far ** 4 + swollen * (14 * beams[0][i] + 14 * Math.abs(beams[1][i])) + 5 * beams[0][i],
      );
    }
    return clamp(value + noise * normal(random));
  });
}

/** The back of an eye: branching vessels on a bright disc, the corners black. */
export function fundus(random: Random, width: number, height: number): Canvas {
  const ground = smoothNoise(random, width, height, 60);
  const [cx, cy, radius] = [width / 2, height / 2, 0.52 * Math.min(width, height)];
  const canvas = createCanvas(width, height, (x, y) => clamp(120 + 20 * ground[y * width + x]));
  const draw = penOn(canvas, 60 + 30 * random.next());
  const start: [number, number] = [cx + radius * (random.next() < 0.5 ? 0.5 : -0.5), cy];
  const branch = (from: readonly [number, number], heading: number, wide: number): void => {
    const points: [number, number][] = [[from[0], from[1]]];
    let [[x, y], angle] = [from, heading];
    for (let i = random.between(10, 40); i > 0; i--) {
      angle += 0.15 * normal(random);
      x += 4 * Math.cos(angle);
      y += 4 * Math.sin(angle);
      points.push([x, y]);
    }
    draw(points, wide);
    if (wide > 1) for (const side of [-0.5, 0.4]) branch([x, y], angle + side, wide * 0.68);
  };
  for (let i = random.between(3, 6); i > 0; i--) branch(start, 6.28 * random.next(), 2 + 2.5 * random.next());
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      canvas.grey[i] = Math.hypot(x - cx, y - cy) > radius ? 3 : clamp(canvas.grey[i] + 2 * normal(random));
  blur(canvas, 1);
  return canvas;
}
