// Where in its box the strokes of a text are: boxes are wider than what they hold, and may reach into moving anatomy.
import type { Rectangle } from '../../core/picture.ts';
import type { FoundStrip } from './look-job.ts';

/** Pixels around the strokes that are theirs: smoothed edges. */
const MARGIN = 1;

/** The smallest box, in the picture, around the pixels that are nearer to the colour of the letters than to that of their ground. */
export function inkBoxOf({ pixels: { width, height, data }, polarity, left, top }: FoundStrip): Rectangle {
  const sorted = data.slice().sort();
  const ground = sorted[sorted.length >> 1];
  const ink = polarity === 'bright' ? sorted[sorted.length - 1] : sorted[0];
  let [x0, y0, x1, y1] = [width, height, 0, 0];
  for (let at = 0; at < data.length; at++) {
    if (Math.abs(data[at] - ink) > Math.abs(data[at] - ground)) continue;
    const x = at % width;
    const y = (at - x) / width;
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + 1), Math.max(y1, y + 1)];
  }
  const [from, above] = [Math.max(0, x0 - MARGIN), Math.max(0, y0 - MARGIN)];
  const [until, below] = [Math.min(width, x1 + MARGIN), Math.min(height, y1 + MARGIN)];
  return { x: left + from, y: top + above, width: until - from, height: below - above };
}
