// Whether a picture could show text: edges that do not belong to long straight lines, dense enough for a letter. Frames, rules and filled
// boxes of tables have none; letters, scans, drawings and stamps do. Errs on the side of true: what it passes is read by the PictureReader.
import type { GrayPicture } from '../../core/picture.ts';

/** A step between neighbours that is an edge, in grey levels: faint print counts. */
const EDGE = 14;
/** Edges that run straight for longer than any stroke of a letter belong to a rule, in pixels. */
const RULE = 48;
const CELL = 16;
/** Loose edges in a cell from which on it may hold part of a letter; the ends and corners of rules have fewer. */
const LETTER = 12;

/** True when some part of the picture may hold a letter. Linear in the pixels. */
export function mayShowText({ width, height, data }: GrayPicture): boolean {
  const columns = Math.ceil(width / CELL);
  const cells = new Uint16Array(columns * Math.ceil(height / CELL));
  const startOfRun = new Int32Array(width).fill(-1);
  for (let y = 1; y <= height; y++) {
    let start = -1;
    const row = y * width;
    for (let x = 1; x <= width; x++) {
      const isInside = x < width && y < height;
      const isHorizontal = isInside && Math.abs(data[row + x] - data[row - width + x]) > EDGE;
      if (isHorizontal && start < 0) start = x;
      if (!isHorizontal && start >= 0) {
        if (x - start < RULE)
          for (let at = start; at < x; at++) cells[((y / CELL) | 0) * columns + ((at / CELL) | 0)]++;
        start = -1;
      }
      if (x === width) break;
      const isVertical = isInside && Math.abs(data[row + x] - data[row + x - 1]) > EDGE;
      if (isVertical && startOfRun[x] < 0) startOfRun[x] = y;
      if (!isVertical && startOfRun[x] >= 0) {
        const from = startOfRun[x];
        if (y - from < RULE) for (let at = from; at < y; at++) cells[((at / CELL) | 0) * columns + ((x / CELL) | 0)]++;
        startOfRun[x] = -1;
      }
    }
  }
  return cells.some((count) => count >= LETTER);
}
