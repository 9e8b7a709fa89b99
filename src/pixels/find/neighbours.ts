// Text comes in lines: what stands in line with text, is as high, and close to it, is text more likely than by its own look.
import type { Rectangle } from '../../core/picture.ts';
import type { FoundText } from './text-finder.ts';

/** The part of a neighbour's likelihood that a box has at least. */
const PASSED_ON = 0.6;
/** Boxes whose own look speaks against text so clearly get nothing. */
const LEAST_OWN = 0.02;
/** How far apart two boxes of a line may be, in heights of the higher one. */
const WIDEST_GAP = 1.5;
/** The part of its height by which the lower one stands beside the other, and how much higher that may be. */
const LEAST_BESIDE = 0.5;
const MOST_HIGHER = 2.5;
/** A box that lies to this part in another is a piece of it, whatever its height. */
const LEAST_OVERLAP = 0.3;

/** The boxes with the likelihood that their neighbours lend them. What a neighbour was lent itself is not passed on. */
export function withNeighbours(found: readonly FoundText[]): FoundText[] {
  return found.map((text) => {
    let { likelihood } = text;
    if (likelihood < LEAST_OWN) return text;
    for (const other of found)
      if (other.likelihood * PASSED_ON > likelihood && areInLine(text, other))
        likelihood = other.likelihood * PASSED_ON;
    return likelihood === text.likelihood ? text : { ...text, likelihood };
  });
}

/** Lines run across, or upright when the box that is the surer text is higher than wide. A piece of the other is in line with it. */
function areInLine(text: FoundText, other: FoundText): boolean {
  if (text.polarity !== other.polarity || Math.abs(text.level - other.level) > 1) return false;
  if (overlapOf(text, other) >= LEAST_OVERLAP * text.width * text.height) return true;
  return other.height > other.width ? areBeside(turned(text), turned(other)) : areBeside(text, other);
}

function areBeside(one: Rectangle, other: Rectangle): boolean {
  const [low, high] = [Math.min(one.height, other.height), Math.max(one.height, other.height)];
  if (high > MOST_HIGHER * low) return false;
  const beside = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  const gap = Math.max(one.x, other.x) - Math.min(one.x + one.width, other.x + other.width);
  return beside >= LEAST_BESIDE * low && gap <= WIDEST_GAP * high;
}

function overlapOf(one: Rectangle, other: Rectangle): number {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.max(0, across) * Math.max(0, down);
}

function turned({ x, y, width, height }: Rectangle): Rectangle {
  return { x: y, y: x, width: height, height: width };
}
