// All patches of one frame: its rectangles filled, and the bits of planes cleared.
import type { Frame } from '../frames/frame.ts';
import type { PixelChange } from './blank-frames.ts';
import { fillOf } from './fill.ts';
import type { Patch } from './patches.ts';
import { clearPatches, regionPatches } from './region-patches.ts';

/** The patches of a frame, counted from its first byte; `firstBit` is where a frame of single bits begins in that. */
export function framePatches(
  change: Pick<PixelChange, 'regions' | 'bitRegions' | 'keptBits' | 'attributes'>,
  frame: Frame,
  firstBit = 0,
): readonly Patch[] {
  const { layout, index } = frame;
  const patches: Patch[] = [];
  const rectangles = change.regions.get(index) ?? [];
  if (rectangles.length > 0) {
    const fill = fillOf(frame, change.attributes.palette);
    for (const rectangle of rectangles) {
      patches.push(...regionPatches(layout, rectangle, fill, change.keptBits, firstBit));
    }
  }
  for (const plane of change.bitRegions.get(index) ?? []) {
    for (const rectangle of plane.rectangles) patches.push(...clearPatches(layout, rectangle, plane.bits));
  }
  return patches;
}
