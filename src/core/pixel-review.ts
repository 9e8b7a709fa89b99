// What a person decided who looked at the pixels of an instance that was held back. Holds nothing that identifies.
import type { Rectangle } from './picture.ts';

/** To be blanked whatever it shows. */
export interface ReviewedRegion extends Rectangle {
  /** First and last frame in which it holds, counted from 1; absent: every frame. */
  readonly frames?: readonly [number, number];
}

export interface PixelReview {
  readonly blank: readonly ReviewedRegion[];
  /** The person looked at every frame: what is not blanked shows nothing that identifies, whatever the finder takes it for. */
  readonly isComplete: boolean;
}

/** `X,Y,WIDTHxHEIGHT`, behind `FRAME:` or `FIRST-LAST:`. */
const REGION = /^(?:(\d{1,6})(?:-(\d{1,6}))?:)?(\d{1,6}),(\d{1,6}),(\d{1,6})x(\d{1,6})$/;

/** A region as a person writes it, `10,20,300x40` or `2-5:10,20,300x40`; undefined when it is none. */
export function parseReviewedRegion(text: string): ReviewedRegion | undefined {
  const found = REGION.exec(text.trim());
  if (found === null) return undefined;
  const [, firstFrame = '', lastFrame = firstFrame] = found;
  const [x, y, width, height] = found.slice(3).map(Number);
  const [first, last] = [Number(firstFrame), Number(lastFrame)];
  if (width === 0 || height === 0) return undefined;
  if (firstFrame === '') return { x, y, width, height };
  return first === 0 || last < first ? undefined : { x, y, width, height, frames: [first, last] };
}
