// The colour that a part of a page lies on: what is most frequent around it.

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How far around the part it is looked, in pixels. */
const RING = 3;

/** The most frequent of the pixels in a ring around `bounds`; of those within when the part fills the page. */
export function commonColor(pixels: Uint32Array, width: number, height: number, bounds: Bounds): number {
  const counts = new Map<number, number>();
  const { left, top, right, bottom } = bounds;
  const take = (x: number, y: number): void => {
    const color = pixels[y * width + x];
    counts.set(color, (counts.get(color) ?? 0) + 1);
  };
  for (let y = Math.max(0, top - RING); y < Math.min(height, bottom + RING); y++) {
    const isBeside = y >= top && y < bottom;
    for (let x = Math.max(0, left - RING); x < Math.min(width, right + RING); x++) {
      if (isBeside && x >= left && x < right) x = right - 1;
      else take(x, y);
    }
  }
  if (counts.size === 0) for (let x = left; x < right; x++) take(x, top);
  let [common, most] = [0xffffffff, 0];
  for (const [color, count] of counts) if (count > most) [common, most] = [color, count];
  return common;
}
