// What a person who looked at the pixels says on the command line: `--blank` and `--pixels-seen`.
import { InvalidArgumentError, type Command } from 'commander';
import { parseReviewedRegion, type PixelReview, type ReviewedRegion } from '../core/pixel-review.ts';

export interface ReviewOptions {
  readonly blank?: readonly ReviewedRegion[];
  readonly pixelsSeen?: true;
}

export function withReview(command: Command): Command {
  return command
    .option(
      '--blank <region>',
      'blank X,Y,WIDTHxHEIGHT, or FRAME:… or FIRST-LAST:…; may be given several times',
      addRegion,
    )
    .option('--pixels-seen', 'a person looked at every frame: what is not blanked shows nothing that identifies');
}

/** Undefined when nothing was said. */
export function reviewOf({ blank, pixelsSeen }: ReviewOptions): PixelReview | undefined {
  if (blank === undefined && pixelsSeen === undefined) return undefined;
  return { blank: blank ?? [], isComplete: pixelsSeen === true };
}

function addRegion(text: string, earlier: readonly ReviewedRegion[] = []): readonly ReviewedRegion[] {
  const region = parseReviewedRegion(text);
  if (region === undefined)
    throw new InvalidArgumentError(
      'Write a region in pixels as 10,20,300x40, or of frames as 2:10,20,300x40 or 2-5:10,20,300x40.',
    );
  return [...earlier, region];
}
