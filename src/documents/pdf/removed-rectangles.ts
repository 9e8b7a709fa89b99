// Where the characters are drawn that may not stay.
import type { Rectangle } from '../../core/picture.ts';
import { CHAR, type PageText } from './messages.ts';
import { fragmentsOf } from './readings.ts';

/** Around each, in pixels: the edges of letters are drawn soft. */
const MARGIN = 1;
/** Cosine of a direction that runs along the picture's rows or columns. */
const STRAIGHT = 0.9999;

/** One rectangle for each stretch of removed characters on a straight line, with the gaps between them; one for each character of a slanting one. */
export function rectanglesOf(text: PageText, removed: Uint8Array): readonly Rectangle[] {
  const rectangles: Rectangle[] = [];
  for (const { start, end, directionX, directionY } of fragmentsOf(text)) {
    const isStraight = Math.max(Math.abs(directionX), Math.abs(directionY)) >= STRAIGHT;
    let open: Bounds | undefined;
    const close = (): void => {
      if (open !== undefined) rectangles.push(rectangleOf(open));
      open = undefined;
    };
    for (let index = start; index < end; index++) {
      if ((text.flags[index] & CHAR.generated) !== 0) continue;
      if (removed[index] === 0) {
        close();
        continue;
      }
      if (!isStraight) close();
      open = union(open, text.boxes, index);
    }
    close();
  }
  return rectangles;
}

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function union(bounds: Bounds | undefined, boxes: Float32Array, index: number): Bounds {
  const [left, top, right, bottom] = boxes.subarray(index * 4, index * 4 + 4);
  if (bounds === undefined) return { left, top, right, bottom };
  return {
    left: Math.min(bounds.left, left),
    top: Math.min(bounds.top, top),
    right: Math.max(bounds.right, right),
    bottom: Math.max(bounds.bottom, bottom),
  };
}

function rectangleOf({ left, top, right, bottom }: Bounds): Rectangle {
  return {
    x: left - MARGIN,
    y: top - MARGIN,
    width: right - left + 2 * MARGIN,
    height: bottom - top + 2 * MARGIN,
  };
}
