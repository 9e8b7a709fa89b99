// Greymaps (PGM, binary, 255 levels) of real anatomy without text, which dump-pictures.py makes of DICOM files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrayPicture } from '../../src/core/picture.ts';
import type { Random } from '../../src/synthetic/random.ts';

/** The pictures of a folder in the order of their names. Throws when a file is no such greymap. */
export function readPictures(folder: string): GrayPicture[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pgm'))
    .sort()
    .map((name) => readGreymap(join(folder, name)));
}

export function readGreymap(path: string): GrayPicture {
  const bytes = readFileSync(path);
  const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 64).toString('latin1'));
  if (header === null) throw new Error(`${path} is no greymap`);
  return {
    width: Number(header[1]),
    height: Number(header[2]),
    data: new Uint8Array(bytes.subarray(header[0].length)),
  };
}

/** Another picture of the same anatomy: a part of it, smaller or larger, down to the matrices of nuclear medicine, darker, brighter, noisier. */
export function vary(random: Random, { width, height, data }: GrayPicture): GrayPicture {
  const crop = random.pick([1, 1, 0.5 + 0.5 * random.next()]);
  const zoom = random.pick([1, 0.5, 0.75, 1.3, 2, 0.4]) * (0.9 + 0.2 * random.next());
  const across = Math.min(900, Math.max(48, Math.round(width * crop * zoom)));
  const down = Math.min(900, Math.max(48, Math.round(height * crop * zoom)));
  const [left, top] = [(1 - crop) * random.next() * width, (1 - crop) * random.next() * height];
  const gamma = Math.exp(1.4 * (random.next() - 0.5));
  const gain = random.pick([1, 1, 1.5, 2.5]);
  const noise = random.pick([0, 0, 0, 6, 15]);
  const [isNegative, isMirrored] = [random.next() < 0.15, random.next() < 0.5];
  const varied = new Uint8Array(across * down);
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++) {
      const sx = Math.min(width - 1.001, left + ((isMirrored ? across - 1 - x : x) / across) * crop * width);
      const sy = Math.min(height - 1.001, top + (y / down) * crop * height);
      const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
      const [fx, fy] = [sx - ix, sy - iy];
      const at = iy * width + ix;
      const upper = data[at] * (1 - fx) + data[at + 1] * fx;
      const lower = data[at + width] * (1 - fx) + data[at + width + 1] * fx;
      const value = (upper * (1 - fy) + lower * fy) / 255;
      const speckle = noise === 0 ? 0 : noise * (random.next() + random.next() - 1);
      const grey = Math.max(0, Math.min(255, 255 * Math.min(1, gain * value ** gamma) + speckle));
      varied[y * across + x] = isNegative ? 255 - grey : grey;
    }
  return { width: across, height: down, data: varied };
}
