// From what was found in the frames to what becomes of it: each text is read once, and not at all where it is blanked anyway.
import type { Rectangle } from '../../core/picture.ts';
import { judgeReading } from '../judge/judge-reading.ts';
import type { JudgeRules, Verdict } from '../judge/judge-reading.ts';
import type { FoundStrip } from '../look/look-job.ts';
import { inkBoxOf } from '../look/ink-box.ts';
import type { Looked } from '../look/looker.ts';
import { boxOf, isSameText } from '../look/text-groups.ts';
import { NOTHING_READ } from '../read/reading.ts';
import type { Reading } from '../read/reading.ts';
import { coveredPart, regionsIn } from './regions.ts';
import type { FrameRegion } from './regions.ts';

export interface ReadsText {
  /** Rejects when it could not do its work in time. */
  read(strip: {
    readonly width: number;
    readonly height: number;
    readonly data: Uint8Array;
    readonly polarity: 'bright' | 'dark';
    readonly turn: 0 | 90 | 180 | 270 | undefined;
    readonly isDoubtful?: boolean;
  }): Promise<Reading>;
}

/** How much is read at most. */
export interface ReadBudget {
  readonly texts: number;
  readonly pixels: number;
}

/**
 * Texts of one instance that are read, and pixels of them: a second of reading for each megapixel. What is beyond is blanked unread, like
 * any text that cannot be read.
 */
const IMAGE_BUDGET: ReadBudget = { texts: 64, pixels: 600_000 };
/**
 * Of these, what a single frame of a loop shows and what does not look like text surely: moving speckle makes hundreds of them. The likeliest
 * are read, the others are judged by their look alone.
 */
const MOST_PASSING = 12;
const SURE_LOOK = 0.9;
/** A box that is blanked to this part is not looked at. */
const BLANKED_ANYWAY = 0.97;

/** Judges what was looked at in one instance: what stands still over a loop first, then what its frames show. */
export class LookedJudge {
  readonly #rules: JudgeRules;
  readonly #reader: ReadsText;
  readonly #stills: { readonly strip: FoundStrip; readonly verdict: Verdict }[] = [];
  #textsLeft: number;
  #pixelsLeft: number;
  #passingLeft = MOST_PASSING;

  constructor(rules: JudgeRules, reader: ReadsText, budget: ReadBudget = IMAGE_BUDGET) {
    this.#rules = rules;
    this.#reader = reader;
    this.#textsLeft = budget.texts;
    this.#pixelsLeft = budget.pixels;
  }

  /** Text that stands still and stays. It says nothing about frames that show something else there. */
  get keptStills(): readonly FrameRegion[] {
    return this.#stills.flatMap(({ strip, verdict }): FrameRegion[] =>
      verdict.isBlanked ? [] : [{ ...boxOf(strip), ...verdict, frames: 'all' }],
    );
  }

  /** Where the strokes of `keptStills` are. */
  get keptInk(): readonly Rectangle[] {
    return this.#stills.flatMap(({ strip, verdict }) => (verdict.isBlanked ? [] : [inkBoxOf(strip)]));
  }

  /**
   * @param settled regions that are blanked or kept already
   * @returns the regions that join them: what stands still and goes, in all frames
   */
  async judgeStill(strips: readonly FoundStrip[], settled: readonly FrameRegion[]): Promise<readonly FrameRegion[]> {
    const open = strips.filter((strip) => !isBlanked(boxOf(strip), settled));
    const verdicts = await Promise.all(open.map((strip) => this.#judge(strip, false)));
    return open.flatMap((strip, at): FrameRegion[] => {
      const verdict = verdicts[at];
      if (verdict === undefined) return [];
      this.#stills.push({ strip, verdict });
      return verdict.isBlanked ? [{ ...boxOf(strip), ...verdict, frames: 'all' }] : [];
    });
  }

  /**
   * @param settled as in `judgeStill`
   * @returns the regions that join them
   */
  async judgeFrames(looked: Looked, settled: readonly FrameRegion[]): Promise<readonly FrameRegion[]> {
    const isLoop = looked.framesLookedAt >= LEAST_LOOP;
    // What is read first takes the budget.
    const groups = [...looked.groups].sort((a, b) => b.strip.likelihood - a.strip.likelihood);
    const regions = await Promise.all(
      groups.map(async ({ strip, boxes }): Promise<FrameRegion[]> => {
        const open = [...boxes].filter(([frame, box]) => !isBlanked(box, regionsIn(frame, settled)));
        if (open.length === 0) return [];
        const still = this.#stills.find((one) => !one.verdict.isBlanked && isSameText(one.strip, strip));
        const verdict = still?.verdict ?? (await this.#judge(strip, isLoop && boxes.size === 1));
        return verdict === undefined ? [] : byBox(open).map(([box, frames]) => ({ ...box, ...verdict, frames }));
      }),
    );
    return regions.flat();
  }

  async #judge(strip: FoundStrip, isPassing: boolean): Promise<Verdict | undefined> {
    const leastLikelihood = neededFor(this.#rules.leastLikelihood, strip, isPassing);
    const isDoubtful = isPassing && strip.likelihood < leastLikelihood;
    const reading = this.#takeFromBudget(strip, isPassing)
      ? await readingOf(strip, this.#reader, isDoubtful)
      : NOTHING_READ;
    return judgeReading(reading, strip, { ...this.#rules, leastLikelihood });
  }

  #takeFromBudget({ pixels, likelihood }: FoundStrip, isPassing: boolean): boolean {
    const size = pixels.width * pixels.height;
    if (this.#textsLeft === 0 || size > this.#pixelsLeft) return false;
    if (isPassing && likelihood < SURE_LOOK && --this.#passingLeft < 0) return false;
    this.#textsLeft--;
    this.#pixelsLeft -= size;
    return true;
  }
}

/** As `LookedJudge.judgeFrames`, for what has no still content. */
export function judgeLooked(
  looked: Looked,
  settled: readonly FrameRegion[],
  rules: JudgeRules,
  reader: ReadsText,
  budget: ReadBudget = IMAGE_BUDGET,
): Promise<readonly FrameRegion[]> {
  return new LookedJudge(rules, reader, budget).judgeFrames(looked, settled);
}

function isBlanked({ x, y, width, height }: Rectangle, regions: readonly FrameRegion[]): boolean {
  const blanked = regions.filter((region) => region.isBlanked);
  return coveredPart({ x, y, width, height }, blanked) >= BLANKED_ANYWAY;
}

/** A likelihood that text of a single window or a single frame needs in addition, and the most that is ever asked for. */
const MORE = 0.35;
const MOST = 0.9;
/** Frames from which on a text is expected to stay for two. */
const LEAST_LOOP = 4;

/** What only one of several windows shows, or one frame of many, is anatomy more often than text. */
function neededFor(leastLikelihood = 0, { picture }: FoundStrip, isPassing: boolean): number {
  if (leastLikelihood === 0) return 0;
  return Math.min(MOST, leastLikelihood + (picture > 0 ? MORE : 0) + (isPassing ? MORE : 0));
}

/** Boxes that several frames share, with those frames. */
function byBox(
  open: readonly (readonly [number, Rectangle])[],
): readonly (readonly [Rectangle, ReadonlySet<number>])[] {
  const found = new Map<string, { readonly box: Rectangle; readonly frames: Set<number> }>();
  for (const [frame, box] of open) {
    const key = `${box.x} ${box.y} ${box.width} ${box.height}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { box, frames: new Set([frame]) });
    else known.frames.add(frame);
  }
  return [...found.values()].map(({ box, frames }) => [box, frames] as const);
}

/** A text that cannot be read in time is one that cannot be read. */
async function readingOf(
  { pixels, polarity, turn }: FoundStrip,
  reader: ReadsText,
  isDoubtful: boolean,
): Promise<Reading> {
  return reader.read({ ...pixels, polarity, turn, isDoubtful }).catch(() => NOTHING_READ);
}
