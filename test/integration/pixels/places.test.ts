// What is blanked wherever it is told to be: device templates, and what lies outside the regions of an ultrasound image; what receipts tell of it.
import { afterAll, describe, expect, it } from 'vitest';

import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
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
import { framesOf } from '../../unit/pixels/images.ts';

const BANNER = { x: 0, y: 0, width: SIDE, height: 120 };
const TEMPLATE = `templates:
  - name: Acme banner
    manufacturer: acme
    model: Screen 9
    software: "2."
    sopClass: CT Image Storage
    rows: ${SIDE}
    columns: ${SIDE}
    blank: [[0, 0, 1000, 120]]
`;
const ACME = { Manufacturer: 'ACME Medical', ManufacturerModelName: 'Screen 9', SoftwareVersions: '2.1' };

afterAll(closePixelThreads);

/** Inside is one level, outside nothing changed. */
async function expectBlanked(before: Buffer, file: Buffer, inside: readonly (typeof BANNER)[]): Promise<void> {
  const [after] = await framesOf(file);
  for (let at = 0; at < before.length; at++) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    if (isInside(inside, x, y)) expect(after[at]).toBe(after[inside[0].y * SIDE + inside[0].x]);
    else expect(after[at]).toBe(before[at]);
  }
}

describe('a device template', { timeout: 120_000 }, () => {
  it('blanks its rectangles, cut to the frame, in an image without text too, and is told by its name', async () => {
    const before = drawn([]);
    const cleaned = await cleanImage(imageOf(before, ACME).toFile(), pixelProfile('text: blank', TEMPLATE));
    expect(cleaned.pixels).toMatchObject({ templates: ['Acme banner'], method: 'in-place' });
    expect(cleaned.pixels?.regions).toEqual([
      { frame: 1, ...BANNER, cause: 'template', confidence: 0.5, isBlanked: true },
    ]);
    await expectBlanked(before, cleaned.file, [BANNER]);
  });

  it('is surer where the finder sees text as well, which is not read then', async () => {
    const before = drawn([NAME]);
    const cleaned = await cleanImage(imageOf(before, ACME).toFile(), pixelProfile('text: blank', TEMPLATE));
    expect(cleaned.pixels?.regions).toEqual([
      { frame: 1, ...BANNER, cause: 'template', confidence: 1, isBlanked: true },
    ]);
    await expectBlanked(before, cleaned.file, [BANNER]);
  });

  it('does not hide text beyond its rectangles', async () => {
    const below = { ...NAME, y: 200 };
    const cleaned = await cleanImage(
      imageOf(drawn([NAME, below]), ACME).toFile(),
      pixelProfile('text: blank', TEMPLATE),
    );
    expect(cleaned.pixels?.regions.map(({ cause }) => cause)).toContain('template');
    const blanked = blankedIn(cleaned);
    forEachInk(below, (x, y) => {
      expect(isInside(blanked, x, y)).toBe(true);
    });
  });

  it.each([
    ['of another manufacturer', { ...ACME, Manufacturer: 'Zeta' }],
    ['of another model', { ...ACME, ManufacturerModelName: 'Screen 8' }],
    ['of other software', { ...ACME, SoftwareVersions: '3.0' }],
    ['of another SOP class', { ...ACME, SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' }],
  ])('leaves an image %s alone', async (_, values) => {
    const before = drawn([]);
    const cleaned = await cleanImage(imageOf(before, values).toFile(), pixelProfile('text: blank', TEMPLATE));
    expect(cleaned.pixels).toMatchObject({ templates: [], regions: [], method: 'none' });
    expect((await framesOf(cleaned.file))[0].equals(before)).toBe(true);
  });

  it('leaves a frame of another size alone', async () => {
    const before = drawn([], { side: 200 });
    const image = imageOf(before, { ...ACME, Rows: 200, Columns: 200 });
    const cleaned = await cleanImage(image.toFile(), pixelProfile('text: blank', TEMPLATE));
    expect(cleaned.pixels).toMatchObject({ templates: [], regions: [] });
  });

  it('that lies beyond the frame as a whole changes nothing', async () => {
    const beyond = 'templates: [{ name: far, manufacturer: acme, blank: [[900, 900, 10, 10]] }]';
    const before = drawn([]);
    const cleaned = await cleanImage(imageOf(before, ACME).toFile(), pixelProfile('text: blank', beyond));
    expect(cleaned.pixels).toMatchObject({ templates: ['far'], regions: [], method: 'none' });
  });
});

describe('the regions of an ultrasound image', { timeout: 120_000 }, () => {
  const region = new DataSetBuilder().putAll({
    RegionLocationMinX0: 10,
    RegionLocationMinY0: 120,
    RegionLocationMaxX1: 239,
    RegionLocationMaxY1: 249,
  });
  const INSIDE = { x: 10, y: 120, width: 230, height: 130 };
  const image = (before: Buffer): Buffer =>
    imageOf(before, { SOPClassUID: '1.2.840.10008.5.1.4.1.1.6.1', Modality: 'US' })
      .sequence('SequenceOfUltrasoundRegions', [region])
      .toFile();

  it('alone stay where the profile blanks what is outside', async () => {
    const before = drawn([NAME]);
    const cleaned = await cleanImage(image(before), pixelProfile('text: blank, ultrasound: { outsideRegions: blank }'));
    expect(new Set(cleaned.pixels?.regions.map(({ cause }) => cause))).toEqual(new Set(['outside-ultrasound-region']));
    expect(cleaned.pixels?.risk.level).toBe('high');
    const [after] = await framesOf(cleaned.file);
    for (let at = 0; at < before.length; at++) {
      const isKept = isInside([INSIDE], at % SIDE, Math.floor(at / SIDE));
      expect(after[at]).toBe(isKept ? before[at] : after[0]);
    }
  });

  it('are not asked where the profile does not say so', async () => {
    const before = drawn([]);
    const cleaned = await cleanImage(image(before), pixelProfile());
    expect(cleaned.pixels).toMatchObject({ regions: [], method: 'none' });
    expect((await framesOf(cleaned.file))[0].equals(before)).toBe(true);
  });
});

describe('bits that no sample has', { timeout: 120_000 }, () => {
  it('are cleared, and the receipt tells which', async () => {
    const gray = drawn([]);
    const before = Buffer.alloc(SIDE * SIDE * 2);
    gray.forEach((value, at) => before.writeUInt16LE(value * 16 + (at % 7 === 0 ? 0x4000 : 0), at * 2));
    const cleaned = await cleanImage(
      imageOf(before, { BitsAllocated: 16, BitsStored: 12, HighBit: 11 }).toFile(),
      pixelProfile(),
    );
    expect(cleaned.pixels).toMatchObject({ clearedBits: 0x4000, regions: [] });
    const [after] = await framesOf(cleaned.file);
    for (let at = 0; at < gray.length; at++) expect(after.readUInt16LE(at * 2)).toBe(gray[at] * 16);
  });
});
