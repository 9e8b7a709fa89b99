// Numbers that tell letters from anatomy, scales and frames in a box that the finder found: how strokes run, how they hang together, how even they are.
import type { GrayPicture, Rectangle } from '../../core/picture.ts';
import type { UnjudgedText } from './text-finder.ts';

/** Numbers that `traitsOf` gives. */
export const TRAITS = 32;

/** The short side of a box is brought to this many pixels or fewer; of the long side no more than the middle is looked at. */
const LARGEST_SIDE = 48;
const LONGEST_SIDE = 192;
const REACH = 2;
const OF_CONTRAST = 0.3;
const LEAST_CONTRAST = 3;
/** Pixels of a blot that may be a letter or a dot. */
const LEAST_BLOT = 3;

/** A part of a picture, made smaller. */
interface Strip {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

/** Stroke pixels that hang together. */
interface Blot {
  readonly pixels: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The traits of a box, most of them from 0 to about 1. */
export function traitsOf(picture: GrayPicture, found: UnjudgedText): Float32Array {
  const scale = scaleOf(found);
  const middle = middleOf(found, LONGEST_SIDE * scale);
  const strip = shrink(picture, middle, scale);
  const { width, height, grey } = strip;
  const sign = found.polarity === 'bright' ? 1 : -1;
  const { strongest, directions, opposite } = respond(strip, sign);
  const contrast = Math.max(LEAST_CONTRAST, quantile(strongest, 0.95));
  const threshold = Math.max(LEAST_CONTRAST, contrast * OF_CONTRAST);

  const isStroke = new Uint8Array(grey.length);
  const byDirection = [0, 0, 0, 0];
  const values = new Uint32Array(256);
  const groundValues = new Uint32Array(256);
  let [strokes, sum, weakSum, oppositeSum, valueSum, valueSquares] = [0, 0, 0, 0, 0, 0];
  let [groundSum, groundSquares] = [0, 0];
  for (let i = 0; i < grey.length; i++) {
    oppositeSum += opposite[i];
    if (strongest[i] < threshold) {
      weakSum += strongest[i];
      groundSum += grey[i];
      groundValues[grey[i]]++;
      groundSquares += grey[i] * grey[i];
      continue;
    }
    isStroke[i] = 1;
    strokes++;
    sum += strongest[i];
    byDirection[directions[i]]++;
    values[grey[i]]++;
    valueSum += grey[i];
    valueSquares += grey[i] * grey[i];
  }
  const count = Math.max(1, strokes);
  const ground = Math.max(1, grey.length - strokes);
  const blots = blotsOf(isStroke, width, height);
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const letters = blots.filter((blot) => isLetterLike(blot, short));
  const heights = letters.map((blot) => (width >= height ? blot.bottom - blot.top : blot.right - blot.left));
  const feet = letters.map((blot) => (width >= height ? blot.bottom : blot.right));
  const atEdge = blots.filter(
    ({ left, top, right, bottom }) => left <= 2 || top <= 2 || right >= width - 2 || bottom >= height - 2,
  );
  const around = surroundings(picture, middle, scale, sign);
  const inside = Math.max(1, meanOf(strongest));
  const pixelsOf = (some: readonly Blot[]): number => some.reduce((total, { pixels }) => total + pixels, 0);
  return Float32Array.of(
    Math.log2(contrast) / 8,
    strokes / grey.length,
    byDirection[0] / count,
    byDirection[1] / count,
    byDirection[2] / count,
    byDirection[3] / count,
    oppositeSum / Math.max(1, oppositeSum + sum + weakSum),
    Math.min(3, (blots.length * short) / long) / 3,
    Math.max(0, ...blots.map(({ pixels }) => pixels)) / count,
    pixelsOf(letters) / count,
    spreadOf(heights) / short,
    weakSum / ground / threshold,
    sum / count / contrast,
    spreadOf(feet) / short,
    pixelsOf(atEdge) / count,
    Math.log2(Math.max(found.width, found.height) / Math.min(found.width, found.height)) / 4,
    Math.log2(Math.min(found.width, found.height) / 8) / 4,
    found.score,
    deviation(valueSum, valueSquares, count) / contrast,
    mostAlike(values) / count,
    deviation(groundSum, groundSquares, ground) / contrast,
    longestRun(isStroke, width, height) / long,
    Math.min(20, letters.length) / 20,
    Math.log2(found.width * found.height) / 16,
    found.cells.mean,
    found.cells.strongPart,
    Math.log2(1 + found.cells.sum) / 8,
    around === undefined ? NEUTRAL : Math.min(2, around.contrast / contrast) / 2,
    around === undefined ? NEUTRAL : Math.min(2, around.mean / inside) / 2,
    mostAlike(groundValues) / ground,
    evenness(isStroke, width, height),
    Math.sqrt((found.width * found.height) / (picture.width * picture.height)),
  );
}

/** How far around a box it is looked, in pixels that are shrunk as those of the box are. */
const RING = 12;
/** A ring of a smaller part of the box says nothing. */
const LEAST_RING = 0.15;
const NEUTRAL = 0.3;

/** How strokes are around the box: drawn text stands out from what is there, anatomy goes on. Undefined when the box fills the picture. */
function surroundings(
  picture: GrayPicture,
  found: Rectangle,
  scale: number,
  sign: number,
): { readonly contrast: number; readonly mean: number } | undefined {
  const reach = RING * scale;
  const x = Math.max(0, found.x - reach);
  const y = Math.max(0, found.y - reach);
  const width = Math.min(picture.width, found.x + found.width + reach) - x;
  const height = Math.min(picture.height, found.y + found.height + reach) - y;
  if (width * height - found.width * found.height < LEAST_RING * found.width * found.height) return undefined;
  const strip = shrink(picture, { x, y, width, height }, scale);
  const { strongest } = respond(strip, sign);
  const [left, top] = [Math.floor((found.x - x) / scale), Math.floor((found.y - y) / scale)];
  const right = Math.ceil((found.x + found.width - x) / scale);
  const bottom = Math.ceil((found.y + found.height - y) / scale);
  const ring = new Uint8Array(strongest.length);
  let count = 0;
  for (let row = 0; row < strip.height; row++)
    for (let column = 0; column < strip.width; column++) {
      if (row >= top && row < bottom && column >= left && column < right) continue;
      ring[count++] = strongest[row * strip.width + column];
    }
  const own = ring.subarray(0, count);
  return { contrast: quantile(own, 0.95), mean: meanOf(own) };
}

function meanOf(values: Uint8Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

/** The part of the runs of stroke pixels, across, that are as long as most are, give or take one: pens have one width. */
function evenness(isStroke: Uint8Array, width: number, height: number): number {
  const lengths = new Uint32Array(LARGEST_SIDE);
  let runs = 0;
  const end = (run: number): void => {
    if (run === 0) return;
    lengths[Math.min(run, LARGEST_SIDE - 1)]++;
    runs++;
  };
  for (let y = 0; y < height; y++) {
    let run = 0;
    for (let x = 0; x < width; x++) {
      if (isStroke[y * width + x] === 1) run++;
      else {
        end(run);
        run = 0;
      }
    }
    end(run);
  }
  let most = 0;
  for (let i = 1; i + 1 < lengths.length; i++) most = Math.max(most, lengths[i - 1] + lengths[i] + lengths[i + 1]);
  return most / Math.max(1, runs);
}

/** That of the level at which the letters are 6 to 24 pixels high, or of the box when it is still large then. */
function scaleOf({ width, height, level }: UnjudgedText): number {
  let scale = 2 ** level;
  while (Math.min(width, height) / scale > LARGEST_SIDE) scale *= 2;
  return scale;
}

/** A long box is known by its middle. */
function middleOf({ x, y, width, height }: Rectangle, longest: number): Rectangle {
  const [across, down] = [Math.min(width, longest), Math.min(height, longest)];
  return { x: x + ((width - across) >> 1), y: y + ((height - down) >> 1), width: across, height: down };
}

function shrink(picture: GrayPicture, { x, y, width, height }: Rectangle, scale: number): Strip {
  const [columns, rows] = [Math.max(1, Math.floor(width / scale)), Math.max(1, Math.floor(height / scale))];
  const grey = new Uint8Array(columns * rows);
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      let sum = 0;
      for (let dy = 0; dy < scale; dy++) {
        const start = (y + row * scale + dy) * picture.width + x + column * scale;
        for (let dx = 0; dx < scale; dx++) sum += picture.data[start + dx];
      }
      grey[i] = sum / (scale * scale);
    }
  return { width: columns, height: rows, grey };
}

/** How far each pixel stands out from those on both sides, in which of the four directions most, and how far it sinks below them. */
function respond(
  { width, height, grey }: Strip,
  sign: number,
): {
  readonly strongest: Uint8Array;
  readonly directions: Uint8Array;
  readonly opposite: Uint8Array;
} {
  const [strongest, directions, opposite] = [0, 1, 2].map(() => new Uint8Array(grey.length));
  const steps = [REACH, REACH * width, REACH * width + REACH, REACH * width - REACH];
  for (let y = REACH; y < height - REACH; y++)
    for (let x = REACH, i = y * width + REACH; x < width - REACH; x++, i++)
      for (let direction = 0; direction < 4; direction++) {
        const before = sign * (grey[i] - grey[i - steps[direction]]);
        const after = sign * (grey[i] - grey[i + steps[direction]]);
        const stands = before < after ? before : after;
        const sinks = before < after ? -after : -before;
        if (sinks > opposite[i]) opposite[i] = sinks;
        if (stands <= strongest[i]) continue;
        strongest[i] = stands;
        directions[i] = direction;
      }
  return { strongest, directions, opposite };
}

/** The value that this part of all that are not 0 stays below. */
function quantile(values: Uint8Array, part: number): number {
  const histogram = new Uint32Array(256);
  for (const value of values) histogram[value]++;
  let left = (values.length - histogram[0]) * (1 - part);
  let value = 255;
  for (; value > 0 && left >= histogram[value]; value--) left -= histogram[value];
  return value;
}

function blotsOf(isStroke: Uint8Array, width: number, height: number): Blot[] {
  const seen = isStroke.slice();
  const blots: Blot[] = [];
  const stack: number[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 0) continue;
    seen[start] = 0;
    stack.push(start);
    let [pixels, left, top, right, bottom] = [0, width, height, 0, 0];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      pixels++;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = row * width + column;
          if (seen[next] === 0) continue;
          seen[next] = 0;
          stack.push(next);
        }
    }
    if (pixels >= LEAST_BLOT) blots.push({ pixels, left, top, right, bottom });
  }
  return blots;
}

/** As high as letters in a box of this short side may be, not filled, not endless. */
function isLetterLike({ pixels, left, top, right, bottom }: Blot, short: number): boolean {
  const [across, down] = [right - left, bottom - top];
  const most = Math.max(across, down);
  return most >= 0.15 * short && most <= 1.5 * short && pixels < 0.95 * across * down && pixels >= 5;
}

function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return values.reduce((total, value) => total + Math.abs(value - mean), 0) / values.length;
}

function deviation(sum: number, squares: number, count: number): number {
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** The greatest sum of five neighbouring entries: how many pixels share a value. */
function mostAlike(histogram: Uint32Array): number {
  let [sum, most] = [0, 0];
  for (let i = 0; i < histogram.length + 2; i++) {
    if (i < histogram.length) sum += histogram[i];
    if (i >= 5) sum -= histogram[i - 5];
    if (sum > most) most = sum;
  }
  return most;
}

/** The longest row or column of stroke pixels without a break. */
function longestRun(isStroke: Uint8Array, width: number, height: number): number {
  let longest = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0, run = 0; x < width; x++) {
      run = isStroke[y * width + x] === 1 ? run + 1 : 0;
      if (run > longest) longest = run;
    }
  for (let x = 0; x < width; x++)
    for (let y = 0, run = 0; y < height; y++) {
      run = isStroke[y * width + x] === 1 ? run + 1 : 0;
      if (run > longest) longest = run;
    }
  return longest;
}
