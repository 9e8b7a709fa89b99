// Rectangles against each other: what covers what.
import type { JudgedRegion, Rectangle } from '../../core/picture.ts';

/** A region with the frames in which it holds; `all` for every frame. */
export interface FrameRegion extends JudgedRegion {
  readonly frames: ReadonlySet<number> | 'all';
  /** Kinds of harmless text, when it was read as such. */
  readonly kinds?: readonly string[];
}

/** The part of a rectangle's area, 0 to 1, that the others cover. They may overlap. */
export function coveredPart(rectangle: Rectangle, others: readonly Rectangle[]): number {
  const near = others.filter((other) => intersects(rectangle, other));
  if (near.length === 0) return 0;
  if (near.some((other) => holds(other, rectangle))) return 1;
  const { x, y, width, height } = rectangle;
  const rows = cuts(
    y,
    y + height,
    near.flatMap((other) => [other.y, other.y + other.height]),
  );
  const columns = cuts(
    x,
    x + width,
    near.flatMap((other) => [other.x, other.x + other.width]),
  );
  let covered = 0;
  for (let row = 0; row + 1 < rows.length; row++)
    for (let column = 0; column + 1 < columns.length; column++) {
      const piece = {
        x: columns[column],
        y: rows[row],
        width: columns[column + 1] - columns[column],
        height: rows[row + 1] - rows[row],
      };
      if (near.some((other) => holds(other, piece))) covered += piece.width * piece.height;
    }
  return covered / (width * height);
}

export function intersects(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** The rectangle within a frame; undefined when nothing of it is. */
export function clipTo({ x, y, width, height }: Rectangle, wide: number, high: number): Rectangle | undefined {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const right = Math.min(wide, x + width);
  const bottom = Math.min(high, y + height);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** Regions of one frame. */
export function regionsIn(frame: number, regions: readonly FrameRegion[]): readonly FrameRegion[] {
  return regions.filter(({ frames }) => frames === 'all' || frames.has(frame));
}

/** The rectangles to blank, by frame; frames without any are left out. */
export function rectanglesByFrame(
  regions: readonly FrameRegion[],
  frameCount: number,
): ReadonlyMap<number, readonly Rectangle[]> {
  const blanked = regions.filter(({ isBlanked }) => isBlanked);
  const byFrame = new Map<number, readonly Rectangle[]>();
  for (let frame = 0; frame < frameCount; frame++) {
    const rectangles = regionsIn(frame, blanked);
    if (rectangles.length > 0) byFrame.set(frame, rectangles);
  }
  return byFrame;
}

function holds(outer: Rectangle, inner: Rectangle): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}

function cuts(from: number, to: number, borders: readonly number[]): readonly number[] {
  const within = borders.filter((border) => border > from && border < to);
  return [from, ...new Set(within.sort((a, b) => a - b)), to];
}
