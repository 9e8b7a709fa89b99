// `lethe preview`: a frame before and after with its regions, for eyes that may see the original; the terminal tells nothing of it.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PixelReceipt } from '../../../src/deid/outcome.ts';
import { drawn, forEachInk, imageOf, NAME, SIDE } from '../../support/burned-in/drawn-images.ts';
import { runLethe } from '../../support/programs.ts';

const ORIGINALS = /quimby|josephine|MRN-4711|1\.2\.999/i;
const GAP = 8;

let directory = '';
let loop = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-preview-'));
  loop = join(directory, 'loop.dcm');
  const frames = [drawn([]), drawn([NAME], { middle: 150 })];
  writeFileSync(loop, imageOf(Buffer.concat(frames), { NumberOfFrames: 2 }).toFile());
  writeFileSync(join(directory, 'lethe.yaml'), 'project: p\nprofile: basic\n');
  writeFileSync(join(directory, 'off.yaml'), 'name: o\nversion: 1\npixels: { text: off }\n');
  writeFileSync(join(directory, 'detect.yaml'), 'name: d\nversion: 1\nextends: basic\npixels: { text: detect }\n');
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const preview = (...args: readonly string[]) => runLethe(['preview', ...args]);

async function picture(file: string) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3);
  const isColoured = (x: number, y: number): boolean => Math.max(...at(x, y)) - Math.min(...at(x, y)) > 60;
  return { ...info, at, isColoured };
}

describe('lethe preview', { timeout: 180_000 }, () => {
  it('draws both halves and the regions on each, and prints rectangles without an original value', async () => {
    const png = join(directory, 'second.png');
    const { code, stdout, stderr } = await preview(loop, '-o', png, '--frame', '2', '--profile', 'basic');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/2 frames looked at; frame 2 in/);
    expect(stdout).toMatch(/identifying|unread|text/);
    expect(stdout).not.toMatch(ORIGINALS);

    const { width, height, channels, at, isColoured } = await picture(png);
    expect({ width, height, channels }).toEqual({ width: 2 * SIDE + GAP, height: SIDE, channels: 3 });
    let [bright, stillBright] = [0, 0];
    forEachInk(NAME, (x, y) => {
      if (Math.min(...at(x, y)) > 180) bright++;
      if (Math.min(...at(x + SIDE + GAP, y)) > 180) stillBright++;
    });
    expect(bright).toBeGreaterThan(200);
    expect(stillBright).toBe(0);
    const coloured = (left: number): number => {
      let count = 0;
      for (let y = 0; y < SIDE; y++) for (let x = left; x < left + SIDE; x++) if (isColoured(x, y)) count++;
      return count;
    };
    expect(coloured(0)).toBeGreaterThan(100);
    expect(coloured(SIDE + GAP)).toBeGreaterThan(100);
  });

  it('of another frame draws that one, and tells the regions of all as JSON', async () => {
    const png = join(directory, 'first.png');
    const { code, stdout } = await preview(loop, '-o', png, '--json');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(ORIGINALS);
    const pixels = JSON.parse(stdout) as { framesLookedAt: number; regions: { frame: number; isBlanked: boolean }[] };
    expect(pixels.framesLookedAt).toBe(2);
    expect(pixels.regions.length).toBeGreaterThan(0);
    expect(pixels.regions.every(({ frame }) => frame === 2)).toBe(true);
    // Frame 1 has no region: nothing is drawn over it.
    const { isColoured } = await picture(png);
    for (let y = 0; y < SIDE; y += 2) for (let x = 0; x < SIDE; x += 2) expect(isColoured(x, y)).toBe(false);
  });

  it('says that an image is held back, and where, with exit code 1 and no picture', async () => {
    const png = join(directory, 'held.png');
    const { code, stdout } = await preview(loop, '-o', png, '--profile', join(directory, 'detect.yaml'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^held back: burned-in-unresolved\. Frame 2 .* pixels at \d+,\d+/);
    expect(stdout).not.toMatch(ORIGINALS);
    expect(existsSync(png)).toBe(false);
  });

  it('draws what a reviewer would have blanked, and takes their word for the rest', async () => {
    const png = join(directory, 'reviewed.png');
    const args = ['--profile', join(directory, 'detect.yaml'), '--frame', '2', '--json'];
    const { code, stdout } = await preview(loop, '-o', png, ...args, '--blank', '2:10,10,200x30', '--pixels-seen');
    expect(code).toBe(0);
    const pixels = JSON.parse(stdout) as PixelReceipt;
    expect(pixels.isReviewed).toBe(true);
    expect(pixels.regions).toMatchObject([{ frame: 2, x: 10, y: 10, cause: 'reviewer', isBlanked: true }]);
    const { isColoured } = await picture(png);
    expect([10, 100, 200].every((x) => isColoured(x, 10))).toBe(true);
  });

  it.each([
    ['a frame that does not count', () => [loop, '--frame', '0'], 2],
    ['a file that is not there', () => [join(directory, 'none.dcm')], 2],
  ])('refuses %s with exit code 2', async (_, args, exit) => {
    const png = join(directory, 'none.png');
    const { code, stderr } = await preview(...args(), '-o', png);
    expect(code).toBe(exit);
    expect(stderr).not.toMatch(ORIGINALS);
    expect(existsSync(png)).toBe(false);
  });

  it('of a frame that the image does not have is no success', async () => {
    const { code, stdout, stderr } = await preview(
      loop,
      '-o',
      join(directory, 'third.png'),
      '--frame',
      '3',
      '--profile',
      join(directory, 'off.yaml'),
    );
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/no such frame/);
  });
});
