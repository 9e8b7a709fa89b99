// Labels of slides (PS3.3 C.8.12, 2026d): bar codes are no text, so what shows the label goes whole.
import { afterAll, describe, expect, it } from 'vitest';

import { BufferSource } from '../../../src/core/bytes.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { PreparedInstance } from '../../../src/pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { ctSlice } from '../../unit/deid/support/instances.ts';

const WHOLE_SLIDE = '1.2.840.10008.5.1.4.1.1.77.1.6';
const SIDE = 64;
const FRAMES = 2;
const BYTES = SIDE * SIDE * 3 * FRAMES;

/** Bars as those of a code, without any letter. */
function bars(): Buffer {
  const pixels = Buffer.alloc(BYTES);
  for (let at = 0; at < BYTES; at++) pixels[at] = (Math.floor(at / 3) % SIDE) % 7 < 3 ? 30 : 220;
  return pixels;
}

const keys = new ProjectKeys(Buffer.alloc(32, 7));

function prepare(
  imageType: string,
  said: string | undefined,
  { text = 'blank', sopClass = WHOLE_SLIDE, pixels = bars() } = {},
): Promise<PreparedInstance> {
  const options = text === 'off' ? '' : 'options: [clean-pixel-data]\n';
  const profile = parseProfile(`name: p\nversion: 1\n${options}pixels: { text: ${text} }`, 'p.yaml');
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'S1', subjectName: 'S1', shiftDays: 0 }) },
    keysFor: () => keys,
    profileOf: () => profile,
  });
  const instance = ctSlice()
    .putAll({
      SOPClassUID: sopClass,
      Modality: 'SM',
      ImageType: imageType,
      NumberOfFrames: FRAMES,
      Rows: SIDE,
      Columns: SIDE,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      SamplesPerPixel: 3,
      PlanarConfiguration: 0,
      PhotometricInterpretation: 'RGB',
      ...(said === undefined ? {} : { SpecimenLabelInImage: said }),
    })
    .put(0x7fe00010, 'OB', pixels);
  const form = { transferSyntaxUid: '1.2.840.10008.1.2.1' };
  return deidentifier.prepare(new BufferSource(instance.toBytes()), form, 'p', 'p');
}

/** Pixel Data is the last element. */
async function pixelsOf(prepared: PreparedInstance): Promise<Buffer> {
  const bytes = await collectPlan(prepared.plan);
  await prepared.close();
  return bytes.subarray(bytes.length - BYTES);
}

function levelsIn(pixels: Buffer): number {
  return new Set(pixels).size;
}

afterAll(closePixelThreads);

describe('an image of a slide', { timeout: 120_000 }, () => {
  it.each([
    ['of its label', 'ORIGINAL\\PRIMARY\\LABEL\\NONE', 'YES'],
    ['of its label, whatever it says', 'ORIGINAL\\PRIMARY\\LABEL\\NONE', 'NO'],
    ['of all of it with the label', 'ORIGINAL\\PRIMARY\\OVERVIEW\\NONE', 'YES'],
    ['of all of it that does not say whether the label is there', 'DERIVED\\PRIMARY\\OVERVIEW\\NONE', undefined],
    ['small, with the label', 'DERIVED\\PRIMARY\\THUMBNAIL\\RESAMPLED', 'YES'],
  ])('%s leaves blank', async (_, imageType, said) => {
    const prepared = await prepare(imageType, said);
    const { pixels, methods } = prepared.outcome.receipt;
    expect(pixels?.templates).toEqual(['slide-label']);
    const whole = { frame: 1, lastFrame: FRAMES, x: 0, y: 0, width: SIDE, height: SIDE, isBlanked: true };
    expect(pixels?.regions).toEqual([expect.objectContaining({ ...whole, cause: 'template' })]);
    expect(methods).toContain('113101');
    expect(levelsIn(await pixelsOf(prepared))).toBe(1);
  });

  it('of all of it without the label is looked at like any other', async () => {
    const smooth = Buffer.alloc(BYTES, 200);
    const prepared = await prepare('ORIGINAL\\PRIMARY\\OVERVIEW\\NONE', 'NO', { pixels: smooth });
    expect(prepared.outcome.receipt.pixels?.templates).toEqual([]);
    expect((await pixelsOf(prepared)).equals(smooth)).toBe(true);
  });

  it('that shows the label among its tiles is held back', async () => {
    await expect(prepare('ORIGINAL\\PRIMARY\\VOLUME\\NONE', 'YES')).rejects.toMatchObject({
      reason: 'burned-in-unresolved',
    });
  });

  it('keeps its label where the profile leaves pixels alone', async () => {
    const prepared = await prepare('ORIGINAL\\PRIMARY\\LABEL\\NONE', 'YES', { text: 'off' });
    expect((await pixelsOf(prepared)).equals(bars())).toBe(true);
  });

  it('is known by its SOP class: the word in another image means nothing', async () => {
    const smooth = Buffer.alloc(BYTES, 200);
    const sopClass = '1.2.840.10008.5.1.4.1.1.7.4';
    const prepared = await prepare('DERIVED\\SECONDARY\\LABEL', undefined, { sopClass, pixels: smooth });
    expect((await pixelsOf(prepared)).equals(smooth)).toBe(true);
  });
});
