// The pixels of an instance as a stage: which device templates hold, what the receipt and the markers say.
import type { PictureReader } from '../core/picture.ts';
import { ConditionScope } from '../deid/condition-scope.ts';
import { characterSetOf } from '../deid/identity.ts';
import { withPixelMarkers } from '../deid/markers.ts';
import { DEFAULT_CHARACTER_SET } from '../dicom/character-set.ts';
import { Looker } from '../pixels/look/looker.ts';
import { TextReader } from '../pixels/read/text-reader.ts';
import { PageReader } from '../pixels/stage/page-reader.ts';
import { PixelStage } from '../pixels/stage/pixel-stage.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import { appliesTo } from '../profile/device-template.ts';
import { pixelPolicy } from '../profile/pixel-policy.ts';
import { judgeOf } from './content-stages.ts';
import type { Content, TreatedContent } from './content-stages.ts';

interface Shared {
  readonly stage: PixelStage;
  readonly looker: Looker;
  readonly reader: TextReader;
}

let shared: Shared | undefined;

/** What this process looks with: all who de-identify share its threads, which end by themselves when there is nothing to do. */
function sharedOnes(): Shared {
  if (shared === undefined) {
    const looker = new Looker();
    const reader = new TextReader();
    shared = { stage: new PixelStage(looker, reader), looker, reader };
  }
  return shared;
}

/** Looks at the pixels and overlays of an instance by the policy of its profile. Rejects as `PixelStage.run`. */
export async function treatPixels(content: Content): Promise<TreatedContent> {
  const { dataSet, outcome, transferSyntax, profile, scratchDirectory, review } = content;
  const scope = new ConditionScope(dataSet, characterSetOf(dataSet, dataSet.elements, DEFAULT_CHARACTER_SET));
  const treated = await sharedOnes().stage.run({
    dataSet,
    output: outcome.output,
    transferSyntax,
    policy: profile.pixels,
    templates: profile.deviceTemplates.filter((template) => appliesTo(template, scope)),
    judge: judgeOf(content),
    scratchDirectory,
    review,
  });
  if (treated === undefined) return { outcome, transferSyntax };
  const { output, record, isClean } = treated;
  return {
    outcome: withPixelMarkers(outcome, { output, pixels: record, isClean }, profile),
    transferSyntax: treated.transferSyntax,
    close: () => treated.close(),
  };
}

/**
 * Who reads the pictures of one instance's document. A profile that leaves pixels alone still has documents cleaned when it asks for that:
 * then what holds for every other profile holds for their pictures.
 */
export function documentPictures({ pixels }: Pick<CompiledProfile, 'pixels'>): PictureReader {
  const { looker, reader } = sharedOnes();
  return new PageReader(looker, reader, pixels.text === 'off' ? pixelPolicy() : pixels);
}

/** Ends the threads that wait for work at once. */
export async function closePixelThreads(): Promise<void> {
  await Promise.all([shared?.looker.close(), shared?.reader.close()]);
}
