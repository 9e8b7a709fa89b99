// Pixels on the whole path: drawn text goes, words of the machine stay, what is clean leaves byte for byte, and what is said is true.
import { afterAll, describe, expect, it } from 'vitest';

import { BufferSource } from '../../../src/core/bytes.ts';
import { ProjectKeys } from '../../../src/deid/keys.ts';
import { collectPlan } from '../../../src/dicom/plan-io.ts';
import { createDeidentifier } from '../../../src/pipeline/deidentify-instance.ts';
import type { PreparedInstance } from '../../../src/pipeline/deidentify-instance.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { parseProfile } from '../../../src/profile/load.ts';
import { ctSlice } from '../../unit/deid/support/instances.ts';
import { GLYPH_ROWS, hasInk } from '../../support/burned-in/glyphs.ts';

const SIDE = 256;

/** A slice with a soft gradient, and lines of text of 14 pixels drawn into it. */
function slice(lines: readonly { readonly text: string; readonly x: number; readonly y: number }[]): Buffer {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) pixels[y * SIDE + x] = 20 + 30 * Math.exp(-((x - 128) ** 2 + (y - 128) ** 2) / 6000);
  for (const { text, x, y } of lines)
    Array.from(text).forEach((character, at) => {
      for (let row = 0; row < 2 * GLYPH_ROWS; row++)
        for (let column = 0; column < 10; column++)
          if (hasInk(character, column >> 1, row >> 1)) pixels[(y + row) * SIDE + x + at * 12 + column] = 235;
    });
  return Buffer.from(pixels);
}

const NAME = { text: 'QUIMBY JOSEPHINE', x: 20, y: 20 };
const NAME_BOX = { x: 20, y: 20, width: 16 * 12, height: 14 };

function prepare(pixels: Buffer, options: { policy?: string; burned?: string } = {}): Promise<PreparedInstance> {
  const { policy = 'blank', burned } = options;
  const profile = parseProfile(
    `name: p\nversion: 1\nprivateSopClasses: pass\n${policy === 'off' ? '' : 'options: [clean-pixel-data]\n'}pixels: { text: ${policy} }`,
    'p.yaml',
  );
  const keys = new ProjectKeys(Buffer.alloc(32, 7));
  const deidentifier = createDeidentifier({
    subjects: { resolve: () => ({ subjectId: 'S1', subjectName: 'S1', shiftDays: 0 }) },
    keysFor: () => keys,
    profileOf: () => profile,
  });
  const instance = ctSlice()
    .putAll({
      PatientName: 'Quimby^Josephine',
      Rows: SIDE,
      Columns: SIDE,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      ...(burned === undefined ? {} : { BurnedInAnnotation: burned }),
    })
    .put(0x7fe00010, 'OW', pixels);
  return deidentifier.prepare(
    new BufferSource(instance.toBytes()),
    { transferSyntaxUid: '1.2.840.10008.1.2.1' },
    'p',
    'p',
  );
}

/** Pixel Data is the last element. */
async function pixelsOf(prepared: PreparedInstance): Promise<Buffer> {
  const bytes = await collectPlan(prepared.plan);
  await prepared.close();
  return bytes.subarray(bytes.length - SIDE * SIDE);
}

afterAll(closePixelThreads);

describe('an image with a name drawn into it', { timeout: 120_000 }, () => {
  it('leaves without the name, and the rest of its pixels as they were', async () => {
    const before = slice([NAME]);
    const prepared = await prepare(before);
    const { receipt } = prepared.outcome;
    const after = await pixelsOf(prepared);
    for (let y = NAME_BOX.y; y < NAME_BOX.y + NAME_BOX.height; y++)
      for (let x = NAME_BOX.x; x < NAME_BOX.x + NAME_BOX.width; x++) expect(after[y * SIDE + x]).toBeLessThan(200);
    const regions = (receipt.pixels?.regions ?? []).filter(({ isBlanked }) => isBlanked);
    const isInside = (x: number, y: number): boolean =>
      regions.some((one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height);
    for (let at = 0; at < before.length; at++)
      if (!isInside(at % SIDE, Math.floor(at / SIDE))) expect(after[at]).toBe(before[at]);
    expect(receipt.pixels).toMatchObject({ policy: 'blank', framesLookedAt: 1, method: 'in-place' });
    expect(receipt.methods).toContain('113101');
  });

  it('is held back where the profile only detects, with the frame and the region but no text', async () => {
    const held = prepare(slice([NAME]), { policy: 'detect' });
    await expect(held).rejects.toMatchObject({ reason: 'burned-in-unresolved' });
    await expect(held).rejects.toThrow(/^Frame 1 .* pixels at \d+,\d+/);
    await expect(held).rejects.not.toThrow(/QUIMBY/i);
  });

  it('leaves as it came where the profile looks at no pixels, and nothing is said about them', async () => {
    const before = slice([NAME]);
    const prepared = await prepare(before, { policy: 'off' });
    expect(prepared.outcome.receipt.pixels).toBeUndefined();
    expect(prepared.outcome.receipt.methods).not.toContain('113101');
    expect((await pixelsOf(prepared)).equals(before)).toBe(true);
  });
});

describe('an image without text', { timeout: 120_000 }, () => {
  it('leaves byte for byte, and says that it is clean', async () => {
    const before = slice([]);
    const prepared = await prepare(before);
    expect(prepared.outcome.receipt.pixels).toMatchObject({ method: 'none', regions: [] });
    expect(prepared.outcome.receipt.methods).toContain('113101');
    const bytes = await collectPlan(prepared.plan);
    expect(bytes.includes(Buffer.from('2800010343530200', 'hex'))).toBe(true);
    expect(bytes.includes(Buffer.from('28000103435302004e4f', 'hex'))).toBe(true);
    expect((await pixelsOf(prepared)).equals(before)).toBe(true);
  });

  it('is held back when it says that text is burned in', async () => {
    await expect(prepare(slice([]), { burned: 'YES' })).rejects.toMatchObject({ reason: 'burned-in-unresolved' });
  });
});
