// Text that is the same in many frames, as one: it is read once, and what it is judged to be holds wherever it stands.
import type { Rectangle } from '../../core/picture.ts';
import type { FoundStrip } from './look-job.ts';

/** One text: what it looks like where it was seen first, and the boxes in which the frames show it. */
export interface TextGroup {
  readonly strip: FoundStrip;
  /** Box by frame. */
  readonly boxes: Map<number, Rectangle>;
}

/** A box may reach this many pixels beyond the one that was seen first and still hold nothing else. */
const SLACK = 4;
/** Mean difference of two pictures of one text: noise, and the blocks of JPEG. */
const MEAN_DIFFERENCE = 6;
/** Single pixels that differ by this much belong to other letters; so many of them are borne. */
const PIXEL_DIFFERENCE = 48;
const DIFFERING_PART = 0.004;

export class TextGroups {
  readonly #groups: TextGroup[] = [];

  get all(): readonly TextGroup[] {
    return this.#groups;
  }

  add(frame: number, strip: FoundStrip): void {
    // What was seen last is seen next, mostly.
    for (let at = this.#groups.length - 1; at >= 0; at--) {
      const group = this.#groups[at];
      if (!group.boxes.has(frame) && isSameText(group.strip, strip)) {
        group.boxes.set(frame, boxOf(strip));
        return;
      }
    }
    this.#groups.push({ strip, boxes: new Map([[frame, boxOf(strip)]]) });
  }

  /** The frame shows what another one does. */
  repeat(frame: number, as: number): void {
    for (const { boxes } of this.#groups) {
      const box = boxes.get(as);
      if (box !== undefined) boxes.set(frame, box);
    }
  }
}

export function boxOf({ x, y, width, height }: Rectangle): Rectangle {
  return { x, y, width, height };
}

/** True when `strip` shows nothing that `known` does not: its box lies within the other's, and the pixels are the same but for noise. */
export function isSameText(known: FoundStrip, strip: FoundStrip): boolean {
  const isWithin =
    strip.picture === known.picture &&
    strip.x >= known.x - SLACK &&
    strip.y >= known.y - SLACK &&
    strip.x + strip.width <= known.x + known.width + SLACK &&
    strip.y + strip.height <= known.y + known.height + SLACK;
  return isWithin && strip.width * strip.height * 2 > known.width * known.height && looksAlike(known, strip);
}

function looksAlike(one: FoundStrip, other: FoundStrip): boolean {
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  const right = Math.min(one.left + one.pixels.width, other.left + other.pixels.width);
  const bottom = Math.min(one.top + one.pixels.height, other.top + other.pixels.height);
  let sum = 0;
  let differing = 0;
  for (let y = top; y < bottom; y++) {
    let a = (y - one.top) * one.pixels.width + left - one.left;
    let b = (y - other.top) * other.pixels.width + left - other.left;
    for (let x = left; x < right; x++, a++, b++) {
      const difference = Math.abs(one.pixels.data[a] - other.pixels.data[b]);
      sum += difference;
      if (difference > PIXEL_DIFFERENCE) differing++;
    }
  }
  const pixels = Math.max(1, (right - left) * (bottom - top));
  return sum <= MEAN_DIFFERENCE * pixels && differing <= DIFFERING_PART * pixels;
}
