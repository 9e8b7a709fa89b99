// Compressed images and loops through the stage: a name goes in every transfer syntax, and the rest is what it was, to a foreign decoder too.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findElement, textOf } from '../../../src/dicom/values.ts';
import { DEFAULT_CHARACTER_SET } from '../../../src/dicom/character-set.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { closeIdleWorkers } from '../../../src/pixels/frame-worker.ts';
import { TAG } from '../../../src/standard/tags.ts';
import {
  blankedIn,
  cleanImage,
  drawn,
  forEachInk,
  imageOf,
  isInside,
  NAME,
  pixelProfile,
  SIDE,
} from '../../support/burned-in/drawn-images.ts';
import type { CleanedImage } from '../../support/burned-in/drawn-images.ts';
import { isInstalled } from '../../support/programs.ts';
import { foreignFramesOf, framesOf } from '../../unit/pixels/images.ts';

const UID = '1.2.840.10008.1.2';
const hasTools = ['dcmcjpeg', 'dcmcjpls', 'dcmcrle', 'dcmdjpeg', 'gdcmconv'].every(isInstalled);

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lethe-syntaxes-'));
});
afterAll(async () => {
  await closePixelThreads();
  await closeIdleWorkers();
  rmSync(scratch, { recursive: true });
});

function encoded(file: Buffer, program: string, options: readonly string[]): Buffer {
  const [from, to] = [join(scratch, 'native.dcm'), join(scratch, 'encoded.dcm')];
  writeFileSync(from, file);
  execFileSync(program, [...options, from, to], { stdio: 'ignore' });
  return readFileSync(to);
}

const said = ({ dataSet }: CleanedImage, tag: number): string | undefined => {
  const element = findElement(dataSet.elements, tag);
  return element === undefined ? undefined : textOf(dataSet, element, DEFAULT_CHARACTER_SET);
};

/** The name is inside what was blanked, and what was blanked shows one level. */
function expectNoName(cleaned: CleanedImage, frame: Buffer, number = 1): void {
  const blanked = blankedIn(cleaned, number);
  forEachInk(NAME, (x, y) => {
    expect(isInside(blanked, x, y)).toBe(true);
    expect(frame[y * SIDE + x]).toBeLessThan(120);
  });
}

/** @param block side of the blocks that are blanked as a whole */
function countChangedOutside(cleaned: CleanedImage, before: Buffer, after: Buffer, number = 1, block = 1): number {
  const blanked = blankedIn(cleaned, number).map(({ x, y, width, height }) => {
    const [left, top] = [x - (x % block), y - (y % block)];
    return {
      x: left,
      y: top,
      width: Math.ceil((x + width - left) / block) * block,
      height: Math.ceil((y + height - top) / block) * block,
    };
  });
  let changed = 0;
  for (let at = 0; at < before.length; at++)
    if (before[at] !== after[at] && !isInside(blanked, at % SIDE, Math.floor(at / SIDE))) changed++;
  return changed;
}

describe.skipIf(!hasTools)('an image with a name that came compressed', { timeout: 120_000 }, () => {
  it.each([
    ['RLE', 'dcmcrle', [], '.5'],
    ['JPEG Lossless', 'dcmcjpeg', ['+e1'], '.4.70'],
    ['JPEG-LS', 'dcmcjpls', [], '.4.80'],
    ['JPEG 2000', 'gdcmconv', ['--j2k'], '.4.90'],
    ['JPEG baseline', 'dcmcjpeg', ['+eb', '+q', '90'], '.4.50'],
  ] as const)('as %s leaves without it, and otherwise as it was', async (_, program, options, suffix) => {
    const file = encoded(imageOf(drawn([NAME])).toFile(), program, options);
    const [before] = await foreignFramesOf(file, `${UID}${suffix}`, scratch);
    const cleaned = await cleanImage(file);
    const [after] = await foreignFramesOf(cleaned.file, cleaned.transferSyntaxUid, scratch);
    expectNoName(cleaned, after);
    // Of a lossy picture the blocks that a region touches are blanked, and no other is coded again.
    const isLossy = suffix === '.4.50';
    if (!isLossy) expect(cleaned.transferSyntaxUid).toBe(`${UID}${suffix}`);
    else expect(said(cleaned, TAG.LossyImageCompression)).toBe('01');
    expect(countChangedOutside(cleaned, before, after, 1, isLossy ? 8 : 1)).toBe(0);
    expect(cleaned.receipt.methods).toContain('113101');
    expect(said(cleaned, TAG.BurnedInAnnotation)).toBe('NO');
  });

  it('leaves byte for byte when there is no text in it', async () => {
    const file = encoded(imageOf(drawn([])).toFile(), 'dcmcjpeg', ['+eb', '+q', '90']);
    const cleaned = await cleanImage(file);
    expect(cleaned.pixels).toMatchObject({ method: 'none', regions: [] });
    const stream = (bytes: Buffer): Buffer => bytes.subarray(bytes.indexOf(Buffer.from('ffd8', 'hex')));
    expect(stream(cleaned.file).equals(stream(file))).toBe(true);
  });
});

describe('a loop', { timeout: 120_000 }, () => {
  /** Anatomy that moves a little from frame to frame. */
  const loop = (length: number, lines: (frame: number) => readonly (typeof NAME)[]) => {
    const frames = Array.from({ length }, (_, at) => drawn(lines(at), { middle: 110 + at * 9 }));
    return { frames, file: imageOf(Buffer.concat(frames), { NumberOfFrames: length }).toFile() };
  };

  it('loses a name that stands still in every frame, and nothing else', async () => {
    const { frames, file } = loop(6, () => [NAME]);
    const cleaned = await cleanImage(file);
    expect(cleaned.pixels?.framesLookedAt).toBe(6);
    const after = await framesOf(cleaned.file);
    frames.forEach((before, at) => {
      expectNoName(cleaned, after[at], at + 1);
      expect(countChangedOutside(cleaned, before, after[at], at + 1)).toBe(0);
    });
  });

  it('loses a name that a single frame shows, and its other frames leave as they came', async () => {
    const { frames, file } = loop(3, (at) => (at === 1 ? [NAME] : []));
    const cleaned = await cleanImage(file);
    const after = await framesOf(cleaned.file);
    expectNoName(cleaned, after[1], 2);
    for (const at of [0, 2]) expect(after[at].equals(frames[at])).toBe(true);
    expect(new Set(cleaned.pixels?.regions.map(({ frame, lastFrame }) => [frame, lastFrame].join()))).toEqual(
      new Set(['2,']),
    );
  });

  it('with a name in one frame is held back where the profile only detects, with that frame', async () => {
    const { file } = loop(3, (at) => (at === 2 ? [NAME] : []));
    const held = cleanImage(file, pixelProfile('text: detect'));
    await expect(held).rejects.toMatchObject({ reason: 'burned-in-unresolved' });
    await expect(held).rejects.toThrow(/^Frame 3 .* \d+ x \d+ pixels at \d+,\d+/);
  });
});

describe('video', () => {
  const MPEG4 = '1.2.840.10008.1.2.4.102';
  const video = (): Buffer =>
    imageOf(Buffer.alloc(0), { NumberOfFrames: 2, ImageType: 'ORIGINAL\\PRIMARY', Manufacturer: 'Acme' })
      .encapsulated([Buffer.from('00000018667479706d703432', 'hex')])
      .toFile(MPEG4);

  it('is held back, as nobody knows what it shows', async () => {
    await expect(cleanImage(video())).rejects.toMatchObject({ reason: 'unsupported-transfer-syntax' });
  });

  it.each([
    ['the profile', pixelProfile('undecodable: pass')],
    [
      'a template of the device',
      pixelProfile('text: blank', 'templates: [{ name: v, manufacturer: acme, undecodable: pass }]'),
    ],
  ])('passes as it came where %s says so, and nothing is claimed about it', async (_, profile) => {
    const cleaned = await cleanImage(video(), profile);
    expect(cleaned.pixels).toMatchObject({ framesLookedAt: 0, method: 'none', regions: [] });
    expect(cleaned.receipt.methods).not.toContain('113101');
    expect(said(cleaned, TAG.BurnedInAnnotation)).toBeUndefined();
  });
});
