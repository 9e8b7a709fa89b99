// Overlay planes of an instance that is about to leave: rectangles of them cleared, or whole planes gone (PS3.15 E.3.3, 2026d).
import type { Rectangle } from '../../core/picture.ts';
import type { DataSet, OutputDataSet, OutputElement } from '../../dicom/element.ts';
import { insertInOrder } from '../../dicom/writer.ts';
import { TAG } from '../../standard/tags.ts';
import type { BitRegions } from '../blank/blank-frames.ts';
import { clipped } from '../blank/region-patches.ts';
import { isTurned, readOverlayBits, withGroup } from './overlay-planes.ts';
import type { OverlayPlane } from './overlay-planes.ts';

/** Rectangles by frame of the plane, from 0, in pixels of the plane. */
export type OverlayRegions = ReadonlyMap<number, readonly Rectangle[]>;

/**
 * Clears rectangles of planes with data of their own; the rest of each plane stays as it is. Planes that `output` does not hold any more are passed over.
 * `dataSet` is the one that `output` was made of. Rejects as the source does.
 */
export async function blankOverlays(
  dataSet: DataSet,
  output: OutputDataSet,
  planes: ReadonlyMap<OverlayPlane, OverlayRegions>,
): Promise<OutputDataSet> {
  const written: OutputElement[] = [];
  for (const [plane, regions] of planes) {
    const { data } = plane;
    if (data === undefined || !output.elements.some((one) => one.kind === 'kept' && one.element === data)) continue;
    const bits = await readOverlayBits(dataSet, data);
    let isChanged = false;
    for (const [frame, rectangles] of regions) {
      for (const rectangle of rectangles) isChanged = clearBits(bits, plane, frame, rectangle) || isChanged;
    }
    if (!isChanged) continue;
    const value = isTurned(dataSet.encoding.isBigEndian, data) ? bits.swap16() : bits;
    written.push({ kind: 'written', tag: data.tag, vr: data.vr, value });
  }
  if (written.length === 0) return output;
  const replaced = new Set(written.map(tagOf));
  const others = output.elements.filter((element) => !replaced.has(tagOf(element)));
  return { ...output, elements: insertInOrder(others, written) };
}

function clearBits(
  bits: Buffer,
  { rows, columns, frameCount }: OverlayPlane,
  frame: number,
  wanted: Rectangle,
): boolean {
  const region = clipped(wanted, columns, rows);
  if (region === undefined || frame >= frameCount) return false;
  let isChanged = false;
  for (let y = region.y; y < region.y + region.height; y++) {
    const row = (frame * rows + y) * columns;
    for (let i = row + region.x; i < row + region.x + region.width; i++) {
      const mask = 1 << (i & 7);
      if ((bits[i >> 3] & mask) === 0) continue;
      bits[i >> 3] &= ~mask;
      isChanged = true;
    }
  }
  return isChanged;
}

/** The output without these planes: everything of their groups. */
export function withoutOverlays(output: OutputDataSet, groups: ReadonlySet<number>): OutputDataSet {
  const elements = output.elements.filter((element) => {
    const group = tagOf(element) >>> 16;
    return group >>> 8 !== 0x60 || !groups.has(group);
  });
  return elements.length === output.elements.length ? output : { ...output, elements };
}

/** True when the output still holds what describes the plane, so that a viewer draws it. */
export function holdsPlane(output: OutputDataSet, { group }: OverlayPlane): boolean {
  const tag = withGroup(TAG.OverlayRows, group);
  return output.elements.some((element) => tagOf(element) === tag);
}

/** What `blankRegions` takes to clear rectangles of a plane, or of any bit, in the pixels: image frames from 0, pixels of the image. */
export function bitRegionsOf(bit: number, regions: OverlayRegions): ReadonlyMap<number, readonly BitRegions[]> {
  return new Map([...regions].map(([frame, rectangles]) => [frame, [{ bits: 1 << bit, rectangles }]]));
}

function tagOf(element: OutputElement): number {
  return element.kind === 'kept' ? element.element.tag : element.tag;
}
