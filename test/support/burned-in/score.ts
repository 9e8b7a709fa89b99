// How well boxes cover the words of generated frames, and what they cover beside them, style by style.
import type { Rectangle } from '../../../src/core/picture.ts';
import type { BurnedInFrame } from './frames.ts';

/** Sums over the frames of one style. */
interface Sums {
  frames: number;
  touchedFrames: number;
  /** Parts of the frames, added up. */
  area: number;
  words: number;
  coveredWords: number;
  textPixels: number;
  coveredTextPixels: number;
  pixels: number;
  cpuMs: number;
}

const EMPTY: Sums = { frames: 0, touchedFrames: 0, area: 0, words: 0, coveredWords: 0, textPixels: 0, coveredTextPixels: 0, pixels: 0, cpuMs: 0 }; // prettier-ignore

/** A word counts as covered when no more than one pixel in two hundred of its ink is outside. */
const WHOLE = 0.995;

export class Score {
  readonly #styles = new Map<string, Sums>();

  get frames(): number {
    return this.total(() => true).frames;
  }

  /** Counts a frame and what was found in it; tells the identifying words that are not wholly covered. */
  add(frame: BurnedInFrame, found: readonly Rectangle[], cpuMs: number): string[] {
    const sums = this.#styles.get(frame.style) ?? { ...EMPTY };
    this.#styles.set(frame.style, sums);
    const covered = coverOf(frame.picture, found);
    const ink = new Uint32Array(frame.words.length);
    const hit = new Uint32Array(frame.words.length);
    let area = 0;
    for (let i = 0; i < covered.length; i++) {
      area += covered[i];
      if (frame.mask[i] === 0) continue;
      ink[frame.mask[i] - 1]++;
      hit[frame.mask[i] - 1] += covered[i];
    }
    sums.frames++;
    if (area > 0) sums.touchedFrames++;
    sums.area += area / covered.length;
    sums.pixels += covered.length;
    sums.cpuMs += cpuMs;
    const missed: string[] = [];
    frame.words.forEach((word, index) => {
      if (!word.isIdentifying || !word.isLegible) return;
      sums.words++;
      sums.textPixels += ink[index];
      sums.coveredTextPixels += hit[index];
      if (hit[index] >= WHOLE * ink[index]) sums.coveredWords++;
      else
        missed.push(
          `${word.text} ${Math.round(word.capital)} px at ${word.x},${word.y}: ${(hit[index] / ink[index]).toFixed(2)}`,
        );
    });
    return missed;
  }

  /** Sums over the styles that `belongs` admits. */
  total(belongs: (style: string) => boolean): Readonly<Sums> {
    const total = { ...EMPTY };
    for (const [style, sums] of this.#styles)
      if (belongs(style)) for (const key of Object.keys(total) as (keyof Sums)[]) total[key] += sums[key];
    return total;
  }

  styles(): string[] {
    return [...this.#styles.keys()];
  }
}

export const isClean = (style: string): boolean => style.startsWith('clean');

/** 1 for each pixel inside one of the boxes. */
export function coverOf({ width, height }: { width: number; height: number }, boxes: readonly Rectangle[]): Uint8Array {
  const covered = new Uint8Array(width * height);
  for (const box of boxes)
    for (let y = Math.max(0, box.y); y < Math.min(height, box.y + box.height); y++)
      covered.fill(1, y * width + Math.max(0, box.x), y * width + Math.min(width, Math.ceil(box.x + box.width)));
  return covered;
}

/** The figures of a score as lines of text, one for each style and one for all with and all without text. */
export function tableOf(score: Score): string {
  const percent = (part: number, whole: number): string =>
    (whole === 0 ? '' : (100 * (part / whole)).toFixed(2)).padStart(8);
  const row = (name: string, sums: Readonly<Sums>): string =>
    [
      name.padEnd(16),
      String(sums.frames).padStart(6),
      String(sums.words).padStart(6),
      percent(sums.coveredTextPixels, sums.textPixels),
      percent(sums.coveredWords, sums.words),
      percent(sums.touchedFrames, sums.frames),
      percent(sums.area, sums.frames),
      ((sums.cpuMs / sums.pixels) * 512 * 512).toFixed(2).padStart(8),
    ].join('');
  return [
    'style           frames words ink %  words %  touched% area %  ms/512²',
    ...score.styles().map((style) =>
      row(
        style,
        score.total((other) => other === style),
      ),
    ),
    row(
      'all with text',
      score.total((style) => !isClean(style)),
    ),
    row('all without', score.total(isClean)),
  ].join('\n');
}
