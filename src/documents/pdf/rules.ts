// Rules of tables and frames of fields, taken out of what is read as a picture: beside nothing but them a reader sees letters in their corners and
// ends, and blanks the cells around.
import type { GrayPicture } from '../../core/picture.ts';

/** Levels by which ink differs from what most of the page shows. */
const INK = 24;
/** In pixels. Every part of a grid is at least so long; a letter has shorter ones. */
const SEGMENT = 40;
/** The longest part of a grid is longer than any stroke of a letter, at 200 dpi one of 150 points. */
const RULE = 300;
/** Nothing that is written within so thin a rule can be read. */
const THICK = 5;

/** The picture without what consists of straight segments along its rows and columns alone; what touches anything else stays. Linear in the pixels. */
export function withoutRules(picture: GrayPicture): GrayPicture {
  const { width, height } = picture;
  const paper = commonLevel(picture.data);
  const data = new Uint8Array(picture.data);
  const isInk = (at: number): boolean => Math.abs(picture.data[at] - paper) >= INK;
  const across = runsOf(height, width, width, 1, isInk);
  const down = runsOf(width, height, 1, width, isInk);
  const isStraight = (at: number): boolean => {
    if (across[at] < SEGMENT && down[at] < SEGMENT) return false;
    return across[at] <= THICK || down[at] <= THICK || isCrossing(across, width, at);
  };
  const isSeen = new Uint8Array(data.length);
  const part: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (across[start] === 0 || isSeen[start] === 1) continue;
    part.length = 0;
    part.push(start);
    isSeen[start] = 1;
    let isGrid = true;
    let longest = 0;
    for (let next = 0; next < part.length; next++) {
      const at = part[next];
      if (isGrid && !isStraight(at)) isGrid = false;
      longest = Math.max(longest, across[at], down[at]);
      const x = at % width;
      const top = Math.max(0, at - x - width);
      const bottom = Math.min(data.length - width, at - x + width);
      for (let row = top; row <= bottom; row += width)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const beside = row + column;
          if (across[beside] === 0 || isSeen[beside] === 1) continue;
          isSeen[beside] = 1;
          part.push(beside);
        }
    }
    if (isGrid && longest >= RULE) for (const at of part) data[at] = paper;
  }
  return { width, height, data };
}

/** Where two rules meet, paper lies between them; within a surface it does not, and a surface may show letters. */
function isCrossing(across: Uint16Array, width: number, at: number): boolean {
  const [x, aside] = [at % width, THICK + 1];
  return [-aside, aside].every((right) =>
    [-aside, aside].every((below) => {
      const beside = at + right + below * width;
      const isOnPage = x + right >= 0 && x + right < width && beside >= 0 && beside < across.length;
      return !isOnPage || across[beside] === 0;
    }),
  );
}

/** For each pixel of ink the length of the run that it is in, along one of the two directions; 0 for paper. */
function runsOf(
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  isInk: (at: number) => boolean,
): Uint16Array {
  const runs = new Uint16Array(lines * length);
  for (let line = 0; line < lines; line++) {
    let count = 0;
    for (let index = 0; index <= length; index++) {
      const at = line * lineStep + index * step;
      if (index < length && isInk(at)) {
        count++;
        continue;
      }
      for (let back = 1; back <= count; back++) runs[at - back * step] = count;
      count = 0;
    }
  }
  return runs;
}

function commonLevel(data: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const level of data) counts[level]++;
  return counts.indexOf(Math.max(...counts));
}
