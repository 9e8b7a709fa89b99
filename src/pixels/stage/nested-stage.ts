// Pixel data in sequences, icons above all: small copies of the image, or of what it was before somebody cropped it. They are looked at as images are.
import { InstanceError } from '../../core/errors.ts';
import type { OutputDataSet } from '../../dicom/element.ts';
import type { Item } from '../../dicom/element.ts';
import { openFrames } from '../frames/frame-source.ts';
import type { Looker } from '../look/looker.ts';
import { nestedPixelsOf, withoutIcons } from '../overlays/icons.ts';
import { leastLikelihoodOf, riskOf } from '../risk.ts';
import { notesToClear } from './clear-notes.ts';
import { judgeLooked } from './judge-looked.ts';
import type { ReadsText } from './judge-looked.ts';
import type { PixelJob } from './pixel-stage.ts';

/**
 * The output without icons when one of them shows text or cannot be looked at; the very output that came when all are clean. Rejects with InstanceError
 * `burned-in-unresolved` when other pixel data in an item show text, or icons do and the profile holds back whatever has text.
 */
export async function withoutNestedText(job: PixelJob, looker: Looker, reader: ReadsText): Promise<OutputDataSet> {
  let { output } = job;
  for (const { item, isIcon } of nestedPixelsOf(output)) {
    if (isIcon && output !== job.output) continue;
    if (await isClean(job, item, isIcon, looker, reader)) continue;
    if (!isIcon || job.policy.text === 'detect')
      throw new InstanceError('burned-in-unresolved', 'Pixel data in a sequence look as if they showed text.');
    output = withoutIcons(output);
  }
  return output;
}

async function isClean(
  { dataSet, transferSyntax, judge, policy }: PixelJob,
  { elements, encoding }: Item,
  isIcon: boolean,
  looker: Looker,
  reader: ReadsText,
): Promise<boolean> {
  try {
    const frames = await openFrames(dataSet, transferSyntax, { elements, encoding });
    if (frames === undefined) return true;
    if (!frames.canDecode) return false;
    const looked = await looker.lookAtFrames(frames, { sensitivity: 'balanced' });
    const rules = {
      judge,
      keepText: policy.keepText,
      leastLikelihood: leastLikelihoodOf(riskOf(dataSet), frames.layout),
    };
    const regions = await judgeLooked(looked, [], rules, reader);
    const notes = await notesToClear(frames, judge);
    return notes.length === 0 && looked.strayBits.size === 0 && !regions.some(({ isBlanked }) => isBlanked);
  } catch (error) {
    // What cannot be looked at is not clean; an icon goes, anything else tells why.
    if (isIcon && error instanceof InstanceError) return false;
    throw error;
  }
}
