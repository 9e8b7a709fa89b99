// What the receipt tells about pixels. No text that was read.
import type { RegionCause } from '../../core/picture.ts';
import type { Risk } from '../risk.ts';
import type { FrameRegion } from './regions.ts';

export interface RecordedRegion {
  /** First frame in which it holds, counted from 1. */
  readonly frame: number;
  /** Last one, when it holds in several that follow each other. */
  readonly lastFrame?: number;
  /** The group of an overlay plane, `6000`, when it is in one. */
  readonly overlay?: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly cause: RegionCause;
  readonly confidence: number;
  readonly isBlanked: boolean;
  /** Kinds of harmless text that it was read as: why it stays, or what the profile does not let stay. */
  readonly kinds?: readonly string[];
}

export interface PixelRecord {
  readonly policy: string;
  readonly risk: Risk;
  /** What was found and could not be read was blanked when its look made text this likely, 0 to 1. Undefined when no frame was looked at. */
  readonly leastLikelihood?: number;
  readonly framesLookedAt: number;
  /** How blanked frames were written; `none` when nothing was blanked. */
  readonly method: string;
  /** Names of the device templates that hold for the instance. */
  readonly templates: readonly string[];
  readonly regions: readonly RecordedRegion[];
  /** Bits, as a mask, that no sample has and that were set in some frame: they were cleared. */
  readonly clearedBits: number;
  /** Bytes beside the pictures of compressed frames that became zeros: comments that may identify, previews, application data. */
  readonly clearedBytes?: number;
  /** A person looked at every frame and vouches for what is not blanked. */
  readonly isReviewed?: boolean;
}

/** One row for each run of frames. */
export function recordRegions(regions: readonly FrameRegion[], frameCount: number): readonly RecordedRegion[] {
  const rows: RecordedRegion[] = [];
  for (const { frames, x, y, width, height, cause, confidence, isBlanked, kinds } of regions) {
    const region = {
      x,
      y,
      width,
      height,
      cause,
      confidence: Math.round(confidence * 100) / 100,
      isBlanked,
      ...(kinds === undefined ? {} : { kinds }),
    };
    for (const [first, last] of runsOf(frames === 'all' ? [[0, frameCount - 1]] : [...frames].map((at) => [at, at])))
      rows.push({ frame: first + 1, ...(last > first ? { lastFrame: last + 1 } : {}), ...region });
  }
  return rows.sort((a, b) => a.frame - b.frame || a.y - b.y || a.x - b.x);
}

function runsOf(ranges: readonly (readonly number[])[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = runs.at(-1);
    if (before?.[1] === first - 1) before[1] = last;
    else runs.push([first, last]);
  }
  return runs;
}
