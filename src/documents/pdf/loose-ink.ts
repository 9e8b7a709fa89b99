// Whether a picture could show text: edges that do not belong to long straight lines, dense enough for a letter. Frames, rules and filled
// boxes of tables have none; letters, scans, drawings and stamps do. Errs on the side of true: what it passes is read by the PictureReader.
import type { GrayPicture } from '../../core/picture.ts';

/** A step between neighbours that is an edge, in grey levels: faint print counts. */
const EDGE = 8;
/** Edges that run straight for longer than any stroke of a letter belong to a rule, in pixels. */
const RULE = 48;
const CELL = 16;
/** Loose edges in a cell from which on it may hold part of a letter; the ends and corners of rules have fewer. */
const LETTER = 12;

/**
 * True when some part of the picture may hold a letter. A run is a rule when it is long and each of its sides has one colour throughout, so
 * that the texture of a photograph or letters over a rule are none. Linear in the pixels.
 */
export function mayShowText({ width, height, data }: GrayPicture): boolean {
  const columns = Math.ceil(width / CELL);
  const cells = new Uint16Array(columns * Math.ceil(height / CELL));
  const startOfColumn = new Int32Array(width).fill(-1);
  const countAcross = (y: number, from: number, to: number): void => {
    if (to - from < RULE)
      for (let x = from; x < to; x++) cells[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]++;
  };
  const countDown = (x: number, from: number, to: number): void => {
    if (to - from < RULE)
      for (let y = from; y < to; y++) cells[Math.floor(y / CELL) * columns + Math.floor(x / CELL)]++;
  };
  for (let y = 1; y < height; y++) {
    let start = -1;
    for (let x = 1; x < width; x++) {
      const at = y * width + x;
      const isAcross = Math.abs(data[at] - data[at - width]) > EDGE;
      const isDown = Math.abs(data[at] - data[at - 1]) > EDGE;
      const isDownAbove = Math.abs(data[at - width] - data[at - width - 1]) > EDGE;
      const isAcrossLeft = Math.abs(data[at - 1] - data[at - width - 1]) > EDGE;
      if (start >= 0 && (!isAcross || isDown || isDownAbove)) {
        countAcross(y, start, x);
        start = -1;
      }
      if (isAcross && start < 0) start = x;
      if (startOfColumn[x] >= 0 && (!isDown || isAcross || isAcrossLeft)) {
        countDown(x, startOfColumn[x], y);
        startOfColumn[x] = -1;
      }
      if (isDown && startOfColumn[x] < 0) startOfColumn[x] = y;
    }
    if (start >= 0) countAcross(y, start, width);
  }
  for (let x = 1; x < width; x++) if (startOfColumn[x] >= 0) countDown(x, startOfColumn[x], height);
  return cells.some((count) => count >= LETTER);
}
