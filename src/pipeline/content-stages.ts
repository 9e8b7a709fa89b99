// What is done to an instance behind its attributes and before the last checks: pixels are looked at, documents are cleaned. A list of
// stages, each of which says whether the instance concerns it, so that one without pixels and documents waits for nothing.
import type { PixelReview } from '../core/pixel-review.ts';
import type { TextJudge } from '../core/text-judge.ts';
import type { ProjectKeys } from '../deid/keys.ts';
import type { DeidOutcome } from '../deid/outcome.ts';
import type { Subject } from '../deid/subject.ts';
import { textJudgeFor, textShiftOf } from '../deid/text-judge.ts';
import type { DataSet } from '../dicom/element.ts';
import type { CompiledProfile } from '../profile/compiled.ts';
import type { TransferSyntax } from '../standard/transfer-syntaxes.ts';

/** An instance on its way through the stages. */
export interface Content {
  /** The received one, of which `outcome` was made. */
  readonly dataSet: DataSet;
  readonly outcome: DeidOutcome;
  /** That of `outcome.output`. */
  readonly transferSyntax: TransferSyntax;
  readonly profile: CompiledProfile;
  readonly subject: Subject;
  readonly keys: ProjectKeys;
  readonly scratchDirectory: string;
  /** What a person decided on the pixels. */
  readonly review?: PixelReview | undefined;
}

/** What a stage made of it. */
export interface TreatedContent {
  readonly outcome: DeidOutcome;
  readonly transferSyntax: TransferSyntax;
  /** Gives scratch files back; the output cannot be read afterwards. */
  close?(): Promise<void>;
}

export interface ContentStage {
  concerns(content: Content): boolean;
  /** Rejects with an InstanceError when the instance must be quarantined, with a transient error when it should be tried again. */
  treat(content: Content): Promise<TreatedContent>;
}

/** The judge of texts that pixels and documents of this instance show. */
export function judgeOf({ outcome, profile, subject }: Content): TextJudge {
  return textJudgeFor(outcome.identifiers, textShiftOf(profile, subject));
}

/** Runs the stages that the instance concerns, one after another; undefined when it concerns none. */
export function treatContent(stages: readonly ContentStage[], content: Content): Promise<TreatedContent> | undefined {
  return stages.some((stage) => stage.concerns(content)) ? treat(stages, content) : undefined;
}

async function treat(stages: readonly ContentStage[], content: Content): Promise<TreatedContent> {
  const done: TreatedContent[] = [];
  const close = async (): Promise<void> => {
    for (const treated of done.splice(0).reverse()) await treated.close?.();
  };
  let { outcome, transferSyntax } = content;
  try {
    for (const stage of stages) {
      const current = { ...content, outcome, transferSyntax };
      if (!stage.concerns(current)) continue;
      const treated = await stage.treat(current);
      done.push(treated);
      ({ outcome, transferSyntax } = treated);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { outcome, transferSyntax, close };
}
