// Which windows to look through, told by the histogram of a frame.

/** A map of histogram bins to gray levels. */
export interface GrayWindow {
  /** Fills the first entries of `table`, one a bin; `isInverse` turns black and white. */
  fillTable(table: Uint8Array, isInverse: boolean): void;
}

/**
 * An empty stretch of the histogram counts for no more than this part of the values in use: one outlier must not flatten all others,
 * and what is brighter than all else, as text is, must still stand out.
 */
const LONGEST_GAP = 1 / 4;
/** 8 bits or fewer that take this part of their range are looked at as they are. */
const WIDE_ENOUGH = 1 / 2;
/** Levels of the full range within which nearly all pixels lie: less, and they get a picture of their own. */
const NARROW_LEVELS = 80;
/** As NARROW_LEVELS, for the bulk of the pixels that are not background. */
const BULK_LEVELS = 20;

/** A value that is shown this many levels away from the ground is seen there. */
const SEEN_LEVELS = 8;
/** The least part of the pixels that is a ground, all of one value; and the greatest part that may be drawn on it so faintly: more is noise. */
const GROUND_PART = 0.05;
const FAINT_PART = 0.04;
/** Fewer pixels draw no word. */
const FEWEST_FAINT = 48;

/**
 * The windows to look through: the full range with its empty stretches shortened; the range of nearly all pixels when that is narrow; the
 * range of the bulk that is not background when that is still narrow; of more than 8 bits, what differs too little from a flat ground to be
 * seen in any of these, as a viewer may choose a window that shows it. None when there is one value only.
 */
export function windowsOf(histogram: Uint32Array): readonly GrayWindow[] {
  const full = new SqueezedWindow(histogram);
  if (full.first === full.last) return [];
  const windows: LevelledWindow[] = [full];
  let narrowest: LevelledWindow = full;
  const [low, high] = percentiles(histogram, full, 0.01, undefined);
  if (high > low && full.levelOf(high) - full.levelOf(low) < NARROW_LEVELS) {
    narrowest = new LinearWindow(low, high);
    windows.push(narrowest);
  }
  const [from, to] = percentiles(histogram, full, 0.1, full.mode);
  if (to > from && narrowest.levelOf(to) - narrowest.levelOf(from) < BULK_LEVELS) {
    windows.push(new LinearWindow(from, to));
  }
  const faint = histogram.length > 256 ? faintWindow(histogram, full, windows) : undefined;
  return faint === undefined ? windows : [...windows, faint];
}

/** The values around the most frequent one that no window tells from it, when they are few enough to be drawn. */
function faintWindow(
  histogram: Uint32Array,
  { first, last, mode }: SqueezedWindow,
  windows: readonly LevelledWindow[],
): GrayWindow | undefined {
  const isUnseen = (bin: number): boolean =>
    windows.every((window) => Math.abs(window.levelOf(bin) - window.levelOf(mode)) < SEEN_LEVELS);
  let [low, high] = [mode, mode];
  while (low > first && isUnseen(low - 1)) low--;
  while (high < last && isUnseen(high + 1)) high++;
  let total = 0;
  for (let bin = first; bin <= last; bin++) total += histogram[bin];
  const around = new Uint32Array(histogram.length);
  around.set(histogram.subarray(low, high + 1), low);
  const faint = around.reduce((sum, count) => sum + count, 0) - histogram[mode];
  const isDrawn = faint >= FEWEST_FAINT && faint <= FAINT_PART * total && histogram[mode] >= GROUND_PART * total;
  return isDrawn ? new SqueezedWindow(around) : undefined;
}

interface LevelledWindow extends GrayWindow {
  levelOf(bin: number): number;
}

/** The bins between which all but `part` of the pixels at either end lie; `without` is a bin that does not count. */
function percentiles(
  histogram: Uint32Array,
  { first, last }: SqueezedWindow,
  part: number,
  without: number | undefined,
): readonly [number, number] {
  const countAt = (bin: number): number => (bin === without ? 0 : histogram[bin]);
  let total = 0;
  for (let bin = first; bin <= last; bin++) total += countAt(bin);
  const tail = total * part;
  let low = first;
  for (let sum = countAt(low); sum <= tail && low < last;) sum += countAt(++low);
  let high = last;
  for (let sum = countAt(high); sum <= tail && high > low;) sum += countAt(--high);
  return [low, high];
}

/** All values from the least to the greatest, empty stretches shortened. */
class SqueezedWindow implements LevelledWindow {
  readonly first: number;
  readonly last: number;
  /** The most frequent value. */
  readonly mode: number;
  readonly #bins: number;
  readonly #levels: Uint8Array;

  constructor(histogram: Uint32Array) {
    let first = 0;
    while (first < histogram.length - 1 && histogram[first] === 0) first++;
    let last = histogram.length - 1;
    while (last > first && histogram[last] === 0) last--;
    let [mode, filled] = [first, 0];
    for (let bin = first; bin <= last; bin++) {
      if (histogram[bin] > 0) filled++;
      if (histogram[bin] > histogram[mode]) mode = bin;
    }
    this.first = first;
    this.last = last;
    this.mode = mode;
    this.#bins = histogram.length;
    this.#levels = squeezedLevels(histogram, first, last, filled);
  }

  levelOf(bin: number): number {
    return this.#levels[bin - this.first];
  }

  fillTable(table: Uint8Array, isInverse: boolean): void {
    const flip = isInverse ? 255 : 0;
    table.fill(flip, 0, this.first);
    for (let bin = this.first; bin <= this.last; bin++) table[bin] = this.#levels[bin - this.first] ^ flip;
    table.fill(255 ^ flip, this.last + 1, this.#bins);
  }
}

/** Gray levels of the bins [first, last]. */
function squeezedLevels(histogram: Uint32Array, first: number, last: number, filled: number): Uint8Array {
  const bins = histogram.length;
  const levels = new Uint8Array(last - first + 1);
  if (bins <= 256 && last - first >= bins * WIDE_ENOUGH) {
    for (let i = 0; i < levels.length; i++) levels[i] = ((first + i) * 255) / (bins - 1);
    return levels;
  }
  const longest = Math.max(1, filled * LONGEST_GAP);
  let width = 0;
  for (let bin = first + 1, previous = first; bin <= last; bin++) {
    if (histogram[bin] === 0) continue;
    width += Math.min(bin - previous, longest);
    previous = bin;
  }
  const scale = 255 / Math.max(1, width);
  for (let bin = first + 1, previous = first, at = 0; bin <= last; bin++) {
    if (histogram[bin] > 0) {
      at += Math.min(bin - previous, longest);
      previous = bin;
    }
    levels[bin - first] = at * scale;
  }
  return levels;
}

class LinearWindow implements LevelledWindow {
  readonly #low: number;
  readonly #high: number;

  constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  levelOf(bin: number): number {
    return Math.max(0, Math.min(255, ((bin - this.#low) * 255) / (this.#high - this.#low)));
  }

  fillTable(table: Uint8Array, isInverse: boolean): void {
    const flip = isInverse ? 255 : 0;
    for (let bin = 0; bin < table.length; bin++) table[bin] = this.levelOf(bin) ^ flip;
  }
}
