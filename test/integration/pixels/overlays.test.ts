// Overlay planes on the whole path: gone under the Basic Profile; under Clean Graphics the drawing stays and the text in it goes.
import { afterAll, describe, expect, it } from 'vitest';

import { findElement, valueBytes } from '../../../src/dicom/values.ts';
import { closePixelThreads } from '../../../src/pipeline/pixel-content.ts';
import { loadProfile } from '../../../src/profile/load.ts';
import { TAG } from '../../../src/standard/tags.ts';
import type { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { cleanImage, drawn, forEachInk, imageOf, NAME, SIDE } from '../../support/burned-in/drawn-images.ts';
import { framesOf } from '../../unit/pixels/images.ts';

const OVERLAY_DATA = 0x60003000;

/** A ring, far from the name. */
const RING = Array.from({ length: 720 }, (_, step) => {
  const angle = (step * Math.PI) / 360;
  return (Math.round(170 + 45 * Math.sin(angle)) * SIDE + Math.round(130 + 45 * Math.cos(angle))) | 0;
});

function plane(hasName: boolean): Buffer {
  const bits = Buffer.alloc((SIDE * SIDE) / 8);
  const set = (at: number): void => {
    bits[at >> 3] |= 1 << (at & 7);
  };
  RING.forEach(set);
  if (hasName)
    forEachInk(NAME, (x, y) => {
      set(y * SIDE + x);
    });
  return bits;
}

function withPlane(bits: Buffer): DataSetBuilder {
  return imageOf(drawn([]))
    .put(0x60000010, 'US', SIDE)
    .put(0x60000011, 'US', SIDE)
    .put(0x60000022, 'LO', 'drawn for Quimby')
    .put(0x60000040, 'CS', 'G')
    .put(0x60000050, 'SS', [1, 1])
    .put(0x60000100, 'US', 1)
    .put(0x60000102, 'US', 0)
    .put(OVERLAY_DATA, 'OW', bits);
}

const isSet = (bits: Buffer, at: number): boolean => ((bits[at >> 3] >> (at & 7)) & 1) === 1;

afterAll(closePixelThreads);

describe('an overlay plane with a name in it', { timeout: 120_000 }, () => {
  it('goes as a whole under the Basic Profile', async () => {
    const { dataSet } = await cleanImage(withPlane(plane(true)).toFile(), await loadProfile('basic', ['profiles']));
    expect(dataSet.elements.filter(({ tag }) => tag >>> 24 === 0x60)).toEqual([]);
  });

  it('stays under Clean Graphics as a drawing without the name, and the receipt tells where', async () => {
    const research = await loadProfile('research', ['profiles']);
    const cleaned = await cleanImage(withPlane(plane(true)).toFile(), research);
    const element = findElement(cleaned.dataSet.elements, OVERLAY_DATA);
    if (element === undefined) throw new Error('the plane is gone');
    const bits = Buffer.from(valueBytes(cleaned.dataSet, element));
    let left = 0;
    forEachInk(NAME, (x, y) => {
      if (isSet(bits, y * SIDE + x)) left++;
    });
    expect(left).toBe(0);
    expect(RING.filter((at) => isSet(bits, at))).toHaveLength(RING.length);
    expect(cleaned.pixels?.regions.filter(({ isBlanked }) => isBlanked)).toContainEqual(
      expect.objectContaining({ overlay: '6000', frame: 1 }),
    );
    const description = findElement(cleaned.dataSet.elements, 0x60000022);
    const said = description === undefined ? '' : valueBytes(cleaned.dataSet, description).toString('latin1');
    expect(said).not.toMatch(/quimby/i);
    expect(findElement(cleaned.dataSet.elements, TAG.BurnedInAnnotation)).toBeDefined();
  });

  it('without text stays bit for bit, and the pixels too', async () => {
    const before = plane(false);
    const cleaned = await cleanImage(withPlane(before).toFile(), await loadProfile('research', ['profiles']));
    const element = findElement(cleaned.dataSet.elements, OVERLAY_DATA);
    expect(element !== undefined && valueBytes(cleaned.dataSet, element).equals(before)).toBe(true);
    expect((await framesOf(cleaned.file))[0].equals(drawn([]))).toBe(true);
  });
});
