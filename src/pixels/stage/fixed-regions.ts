// What is blanked whatever it shows: rectangles of device templates and of who reviewed it, what lies outside the regions of an ultrasound image, the label of a slide.
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';
import type { ReviewedRegion } from '../../core/pixel-review.ts';
import type { FrameSource } from '../frames/frame-source.ts';
import { outsideOf, ultrasoundRegionsOf } from '../ultrasound-regions.ts';
import type { PixelJob } from './pixel-stage.ts';
import { clipTo, intersects } from './regions.ts';
import type { FrameRegion } from './regions.ts';

/** All that there is. */
export function wholeFrames({ layout: { columns, rows } }: FrameSource): FrameRegion[] {
  const whole = { x: 0, y: 0, width: columns, height: rows };
  return [{ ...whole, cause: 'template', confidence: 1, isBlanked: true, frames: 'all' }];
}

/**
 * What is blanked whatever it shows: rectangles of a review and of templates, and what lies outside the regions of an ultrasound image.
 * Throws InstanceError `burned-in-unresolved` when a review speaks of what is not there: it was made of another image.
 * @param found where the finder saw text, in any frame
 */
export function fixedRegions(
  { dataSet, policy, templates, review }: Pick<PixelJob, 'dataSet' | 'policy' | 'templates' | 'review'>,
  frames: FrameSource,
  found: readonly Rectangle[],
): FrameRegion[] {
  const { columns, rows } = frames.layout;
  const regions = (review?.blank ?? []).map((region) => reviewedRegion(region, frames));
  for (const rectangle of templates.flatMap(({ blank }) => blank)) {
    const region = clipTo(rectangle, columns, rows);
    // A template and the finder confirm each other.
    if (region !== undefined)
      regions.push({
        ...region,
        cause: 'template',
        confidence: found.some((box) => intersects(box, region)) ? 1 : 0.5,
        isBlanked: true,
        frames: 'all',
      });
  }
  if (policy.ultrasound.outsideRegions === 'blank')
    for (const rectangle of outsideOf(ultrasoundRegionsOf(dataSet), columns, rows))
      regions.push({ ...rectangle, cause: 'outside-ultrasound-region', confidence: 1, isBlanked: true, frames: 'all' });
  return regions;
}

function reviewedRegion({ frames: range, ...rectangle }: ReviewedRegion, frames: FrameSource): FrameRegion {
  const { columns, rows } = frames.layout;
  const region = clipTo(rectangle, columns, rows);
  const [first, last] = range ?? [1, frames.frameCount];
  if (region === undefined || last > frames.frameCount)
    throw new InstanceError('burned-in-unresolved', 'A region of the review lies outside of the image.');
  const indices = Array.from({ length: last - first + 1 }, (_, at) => first - 1 + at);
  return {
    ...region,
    cause: 'reviewer',
    confidence: 1,
    isBlanked: true,
    frames: range === undefined ? 'all' : new Set(indices),
  };
}
