import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSet, OutputDataSet } from '../../../../src/dicom/element.ts';
import { collectPlan } from '../../../../src/dicom/plan-io.ts';
import { parseDataSetSync } from '../../../../src/dicom/reader.ts';
import { findElement, valueBytes } from '../../../../src/dicom/values.ts';
import { splice } from '../../../../src/dicom/writer.ts';
import { blankRegions } from '../../../../src/pixels/blank/blank-frames.ts';
import { openFrames } from '../../../../src/pixels/frames/frame-source.ts';
import { bitRegionsOf, blankOverlays, withoutOverlays } from '../../../../src/pixels/overlays/blank-overlays.ts';
import { nestedPixelsOf, withoutIcons } from '../../../../src/pixels/overlays/icons.ts';
import { bitPicture, overlayPicture, overlayPlanesOf } from '../../../../src/pixels/overlays/overlay-planes.ts';
import { TAG } from '../../../../src/standard/tags.ts';
import { EXPLICIT_VR_BIG_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN } from '../../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../../src/synthetic/data-set-builder.ts';
import { image, keepAll, parse, syntax } from '../images.ts';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'lethe-overlays-'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** A plane of 8 × 2 pixels in group 6002, the first row as given. */
function withPlane(rows: readonly [number, number], overrides: { columns?: number } = {}): DataSetBuilder {
  return image()
    .put(0x60020010, 'US', 2)
    .put(0x60020011, 'US', overrides.columns ?? 8)
    .put(0x60020040, 'CS', 'G')
    .put(0x60020050, 'SS', [3, 5])
    .put(0x60020100, 'US', 1)
    .put(0x60020102, 'US', 0)
    .put(0x60023000, 'OW', Buffer.from(rows))
    .put('PixelData', 'OB', Buffer.alloc(8));
}

async function written(output: OutputDataSet, uid = EXPLICIT_VR_LITTLE_ENDIAN): Promise<DataSet> {
  return parseDataSetSync(await collectPlan(splice(output)), { transferSyntax: syntax(uid) });
}

describe('overlay planes', () => {
  it('are found with their place on the image', () => {
    const [plane] = overlayPlanesOf(parse(withPlane([1, 2])));
    expect(plane).toMatchObject({ group: 0x6002, rows: 2, columns: 8, frameCount: 1, origin: { x: 4, y: 2 } });
    expect(overlayPlanesOf(parse(image()))).toEqual([]);
  });

  it.each([
    ['shorter than it says', withPlane([1, 2], { columns: 9 })],
    ['without a size', withPlane([1, 2]).remove(0x60020010)],
  ])('refuses one that is %s', (_, builder) => {
    expect(() => overlayPlanesOf(parse(builder))).toThrow('overlay plane');
  });

  it.each([EXPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN])(
    'lose what is inside a rectangle, and no more: %s',
    async (uid) => {
      const dataSet = parse(withPlane([0xff, 0xf1]), uid);
      const [plane] = overlayPlanesOf(dataSet);
      expect((await overlayPicture(dataSet, plane, 0))?.data.subarray(8)).toEqual(
        Uint8Array.from([255, 0, 0, 0, 255, 255, 255, 255]),
      );
      const regions = new Map([[0, [{ x: 2, y: 0, width: 3, height: 2 }]]]);
      const after = await written(await blankOverlays(dataSet, keepAll(dataSet), new Map([[plane, regions]])), uid);
      const [left] = overlayPlanesOf(after);
      const picture = await overlayPicture(after, left, 0);
      expect([...(picture?.data ?? [])].map((value) => value / 255)).toEqual([
        1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1,
      ]);
    },
  );

  it('leave the output as it is when nothing was drawn in the rectangle', async () => {
    const dataSet = parse(withPlane([1, 0]));
    const [plane] = overlayPlanesOf(dataSet);
    const output = keepAll(dataSet);
    const regions = new Map([[0, [{ x: 4, y: 0, width: 2, height: 2 }]]]);
    expect(await blankOverlays(dataSet, output, new Map([[plane, regions]]))).toBe(output);
  });

  it('go with all that describes them', async () => {
    const dataSet = parse(withPlane([1, 2]));
    const after = await written(withoutOverlays(keepAll(dataSet), new Set([0x6002])));
    expect(after.elements.some(({ tag }) => tag >>> 24 === 0x60)).toBe(false);
  });
});

describe('a plane in the bits of the pixels', () => {
  const words = [0x1001, 0x0002, 0x1003, 0x0fff, 0x0005, 0x1006, 0x0007, 0x0008];
  const pixels = Buffer.alloc(16);
  for (const [i, word] of words.entries()) pixels.writeUInt16LE(word, i * 2);
  const builder = image({ BitsAllocated: 16, BitsStored: 12, HighBit: 11 })
    .put(0x60000102, 'US', 12)
    .put('PixelData', 'OW', pixels);

  it('is seen, and cleared inside a rectangle only', async () => {
    const dataSet = parse(builder);
    const [plane] = overlayPlanesOf(dataSet);
    expect(plane).toMatchObject({ bitPosition: 12, data: undefined });
    const source = await openFrames(dataSet, syntax(EXPLICIT_VR_LITTLE_ENDIAN));
    const frame = await source?.frame(0);
    if (frame === undefined) throw new Error('no frame');
    expect([...(bitPicture(frame, 12)?.data ?? [])].map((value) => value / 255)).toEqual([1, 0, 1, 0, 0, 1, 0, 0]);
    const blanked = await blankRegions({
      dataSet,
      output: keepAll(dataSet),
      transferSyntax: syntax(EXPLICIT_VR_LITTLE_ENDIAN),
      regions: new Map(),
      bitRegions: bitRegionsOf(12, new Map([[0, [{ x: 0, y: 0, width: 2, height: 2 }]]])),
      scratchDirectory: scratch,
    });
    const after = await written(blanked.output);
    await blanked.close();
    const value = findElement(after.elements, TAG.PixelData);
    const bytes = value === undefined ? Buffer.alloc(0) : valueBytes(after, value);
    const left = words.map((word, i) => (i === 0 || i === 5 ? word & 0xfff : word));
    expect(left.map((_, i) => bytes.readUInt16LE(i * 2))).toEqual(left);
  });
});

describe('icons', () => {
  it('go, at whatever depth, and nothing else does', async () => {
    const icon = image().put('PixelData', 'OB', Buffer.alloc(8));
    const inner = new DataSetBuilder()
      .put('ReferencedSOPInstanceUID', 'UI', '1.2')
      .sequence('IconImageSequence', [icon]);
    const dataSet = parse(image().sequence('IconImageSequence', [icon]).sequence('ReferencedImageSequence', [inner]));
    expect(nestedPixelsOf(keepAll(dataSet)).map(({ isIcon }) => isIcon)).toEqual([true, true]);
    const output = withoutIcons(keepAll(dataSet));
    expect(nestedPixelsOf(output)).toEqual([]);
    const after = await written(output);
    expect(findElement(after.elements, TAG.IconImageSequence)).toBeUndefined();
    expect(findElement(after.elements, TAG.ReferencedImageSequence)?.items?.[0].elements).toHaveLength(1);
  });

  it('leave the output as it is when there are none', () => {
    const output = keepAll(parse(image()));
    expect(withoutIcons(output)).toBe(output);
  });
});
