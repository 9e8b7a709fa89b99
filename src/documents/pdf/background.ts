// The colour that a part of a page lies on: what is most frequent in and around it. Letters cover less than what they lie on.

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How far around the part it is looked, in pixels. */
const RING = 3;

/** The most frequent of the pixels within `bounds` and in a ring around them. */
export function commonColor(pixels: Uint32Array, width: number, height: number, bounds: Bounds): number {
  const counts = new Map<number, number>();
  const { left, top, right, bottom } = bounds;
  for (let y = Math.max(0, top - RING); y < Math.min(height, bottom + RING); y++)
    for (let x = Math.max(0, left - RING); x < Math.min(width, right + RING); x++) {
      const color = pixels[y * width + x];
      counts.set(color, (counts.get(color) ?? 0) + 1);
    }
  let [common, most] = [0xffffffff, 0];
  for (const [color, count] of counts) if (count > most) [common, most] = [color, count];
  return common;
}
