// Where in the frame of an ultrasound image the image is: Sequence of Ultrasound Regions (PS3.3 C.8.5.5, 2026d). All else is screen:
// banners, settings, logos.
import type { Rectangle } from '../core/picture.ts';
import type { DataSet, Element, Encoding } from '../dicom/element.ts';
import { findElement } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

/** The regions in pixels of the frame; none when the image does not tell them, or tells them in a way that makes no sense. */
export function ultrasoundRegionsOf({ source, elements }: DataSet): readonly Rectangle[] {
  const sequence = findElement(elements, TAG.SequenceOfUltrasoundRegions);
  const regions: Rectangle[] = [];
  for (const item of sequence?.items ?? []) {
    const number = (tag: number): number | undefined => {
      const element = findElement(item.elements, tag);
      return element === undefined ? undefined : unsignedAt(source.view(element.valueStart, 4), element, item.encoding);
    };
    const left = number(TAG.RegionLocationMinX0);
    const top = number(TAG.RegionLocationMinY0);
    const right = number(TAG.RegionLocationMaxX1);
    const bottom = number(TAG.RegionLocationMaxY1);
    if (left === undefined || top === undefined || right === undefined || bottom === undefined) return [];
    if (right <= left || bottom <= top) return [];
    // Both corners are pixels of the region.
    regions.push({ x: left, y: top, width: right - left + 1, height: bottom - top + 1 });
  }
  return regions;
}

function unsignedAt(
  bytes: Buffer | undefined,
  { valueLength }: Element,
  { isBigEndian }: Encoding,
): number | undefined {
  if (bytes === undefined || valueLength < 4) return undefined;
  return isBigEndian ? bytes.readUInt32BE(0) : bytes.readUInt32LE(0);
}

/** Rectangles that together cover the frame but for the regions, none overlapping; none when there are no regions. */
export function outsideOf(regions: readonly Rectangle[], width: number, height: number): readonly Rectangle[] {
  if (regions.length === 0) return [];
  const borders = new Set([0, height]);
  for (const { y, height: down } of regions)
    for (const border of [y, y + down]) if (border > 0 && border < height) borders.add(border);
  const rows = [...borders].sort((a, b) => a - b);
  const outside: Rectangle[] = [];
  for (let at = 0; at + 1 < rows.length; at++) {
    const [y, below] = [rows[at], rows[at + 1]];
    const across = regions
      .filter((region) => region.y <= y && region.y + region.height >= below)
      .map((region) => [Math.min(width, Math.max(0, region.x)), Math.min(width, region.x + region.width)] as const)
      .sort((a, b) => a[0] - b[0]);
    let x = 0;
    for (const [left, right] of across) {
      if (left > x) outside.push({ x, y, width: left - x, height: below - y });
      x = Math.max(x, right);
    }
    if (x < width) outside.push({ x, y, width: width - x, height: below - y });
  }
  return outside;
}
