// The pixels of one instance: looked at, judged, blanked, and looked at again (PS3.15 E.3.1, Clean Pixel Data Option, 2026d).
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle, RegionCause } from '../../core/picture.ts';
import type { PixelReview } from '../../core/pixel-review.ts';
import type { TextJudge } from '../../core/text-judge.ts';
import type { DataSet, OutputDataSet } from '../../dicom/element.ts';
import type { DeviceTemplate } from '../../profile/device-template.ts';
import type { PixelPolicy } from '../../profile/pixel-policy.ts';
import type { TransferSyntax } from '../../standard/transfer-syntaxes.ts';
import { blankRegions } from '../blank/blank-frames.ts';
import type { Blanked } from '../blank/blank-frames.ts';
import { BlankedFrames } from '../blank/blanked-frames.ts';
import { openFrames } from '../frames/frame-source.ts';
import type { FrameSource } from '../frames/frame-source.ts';
import type { JudgeRules } from '../judge/judge-reading.ts';
import type { KnownText } from '../look/look-job.ts';
import type { Looker } from '../look/looker.ts';
import { holdsOverlays } from '../overlays/holds-overlays.ts';
import { withoutIcons, withoutRetiredPixels } from '../overlays/icons.ts';
import { leastLikelihoodOf, riskOf } from '../risk.ts';
import type { Risk } from '../risk.ts';
import { showsSlideLabel, SLIDE_LABEL } from '../slide-label.ts';
import { clearNotes } from './clear-notes.ts';
import { withoutNestedText } from './nested-stage.ts';
import { fixedRegions, wholeFrames } from './fixed-regions.ts';
import { judgeLooked, LookedJudge } from './judge-looked.ts';
import { cleanOverlays } from './overlay-stage.ts';
import type { ReadsText } from './judge-looked.ts';
import { recordRegions } from './pixel-record.ts';
import type { PixelRecord, RecordedRegion } from './pixel-record.ts';
import { readableOutput } from './readable-output.ts';
import { coveredPart, rectanglesByFrame, regionsIn } from './regions.ts';
import type { FrameRegion } from './regions.ts';

export interface PixelJob {
  /** The received one, of which `output` was made. */
  readonly dataSet: DataSet;
  readonly output: OutputDataSet;
  readonly transferSyntax: TransferSyntax;
  readonly policy: PixelPolicy;
  /** Those that hold for this instance. */
  readonly templates: readonly DeviceTemplate[];
  readonly judge: TextJudge;
  readonly scratchDirectory: string;
  /** What a person decided who looked at it. */
  readonly review?: PixelReview | undefined;
  readonly signal?: AbortSignal;
}

export interface PixelResult {
  /** What leaves; the very output that came when nothing was blanked. */
  readonly output: OutputDataSet;
  readonly transferSyntax: TransferSyntax;
  readonly record: PixelRecord;
  /** True when every frame was looked at and no text is left that would have to go. */
  readonly isClean: boolean;
  close(): Promise<void>;
}

/** What was found in the frames of an image. */
interface FoundInFrames {
  readonly regions: readonly FrameRegion[];
  /** Text of a loop that stands still and stays, for the receipt. */
  readonly keptStills: readonly FrameRegion[];
  readonly strayBits: ReadonlyMap<number, number>;
  /** Digests of the frames of a loop that were looked at and judged; what leaves in that very form need not be looked at again. */
  readonly seen?: Set<string>;
  readonly known?: KnownText;
}

/** Blanking may uncover another text, or leave a part of one: it is tried so often before the instance is held back. */
const MAX_ROUNDS = 3;
/** What is found again and lies to this part in what was blanked is its border. */
const BORDER_PART = 0.35;
/** What the second look back at blanked frames, and the third, needs in addition to be text: blanked areas have edges of their own. */
const MORE_AGAIN = 0.3;
const MOST_AGAIN = 0.9;
const TEXT_CAUSES: readonly RegionCause[] = ['identifying', 'unread', 'text'];

export class PixelStage {
  readonly #looker: Looker;
  readonly #reader: ReadsText;

  constructor(looker: Looker, reader: ReadsText) {
    this.#looker = looker;
    this.#reader = reader;
  }

  /**
   * Undefined when the output holds neither pixels nor overlays. Rejects with InstanceError `burned-in-unresolved`, `codec-failed`,
   * `unsupported-transfer-syntax`; with `disk-full` or `disk-failed`.
   */
  async run(received: PixelJob): Promise<PixelResult | undefined> {
    const shown = { ...received, output: withoutRetiredPixels(received.output) };
    const job = { ...shown, output: await withoutNestedText(shown, this.#looker, this.#reader) };
    if (!holdsOverlays(job.output)) {
      const result = await this.#runOnPixels(job);
      return result ?? (job.output === received.output ? undefined : withoutPixels(job, []));
    }
    const rules = { judge: job.judge, keepText: job.policy.keepText };
    const overlays = await cleanOverlays({ ...job, rules }, this.#looker, this.#reader);
    const result = await this.#runOnPixels({ ...job, output: overlays.output });
    if (result !== undefined)
      return { ...result, record: { ...result.record, regions: [...result.record.regions, ...overlays.regions] } };
    // A presentation state has no pixels to be clean.
    return withoutPixels({ ...job, output: overlays.output }, overlays.regions);
  }

  async #runOnPixels(job: PixelJob): Promise<PixelResult | undefined> {
    const frames = await openFrames(job.dataSet, job.transferSyntax);
    if (frames === undefined) return undefined;
    try {
      return await this.#treat(job, frames);
    } finally {
      await frames.close();
    }
  }

  async #treat(received: PixelJob, frames: FrameSource): Promise<PixelResult> {
    const { output, clearedBytes } = await clearNotes(received.output, frames, received.judge);
    const job = { ...received, output };
    const { policy, judge, templates } = job;
    const risk = riskOf(job.dataSet);
    const leastLikelihood = leastLikelihoodOf(risk, frames.layout);
    const rules: JudgeRules = { judge, keepText: policy.keepText, leastLikelihood };
    if (!frames.canDecode) return unseen(job, risk);
    const isLabel = showsSlideLabel(job.dataSet);
    const found = await this.#findText(job, frames, rules, isLabel);
    let { regions } = found;
    const isReviewed = job.review?.isComplete === true;
    if (risk.level === 'stated' && !isReviewed && !regions.some(({ isBlanked }) => isBlanked)) {
      // The sender says that there is text.
      const harder = await this.#looker.lookAtFrames(frames, { sensitivity: 'high', signal: job.signal });
      regions = [...regions, ...(await judgeLooked(harder, regions, { ...rules, leastLikelihood: 0 }, this.#reader))];
      if (!regions.some(({ isBlanked }) => isBlanked))
        throw new InstanceError(
          'burned-in-unresolved',
          'The instance says that text is burned into its pixels, and none was found.',
        );
    }
    requireNoText(policy, regions, frames.frameCount);
    const cleaned = await this.#blank(job, frames, { ...found, regions }, rules);
    const record: PixelRecord = {
      policy: policy.text,
      risk,
      leastLikelihood,
      framesLookedAt: frames.frameCount,
      method: cleaned.blanked?.method ?? (clearedBytes > 0 ? 'in-place' : 'none'),
      templates: [...templates.map(({ name }) => name), ...(isLabel ? [SLIDE_LABEL] : [])],
      regions: recordRegions([...cleaned.regions, ...found.keptStills], frames.frameCount),
      clearedBits: [...found.strayBits.values()].reduce((all, bits) => all | bits, 0),
      ...(clearedBytes > 0 ? { clearedBytes } : {}),
      ...(isReviewed ? { isReviewed } : {}),
    };
    const { blanked } = cleaned;
    if (blanked === undefined)
      return { output, transferSyntax: job.transferSyntax, record, isClean: true, close: nothing };
    const { transferSyntax } = blanked;
    // An icon is a small copy of the image.
    return {
      output: withoutIcons(blanked.output),
      transferSyntax,
      record,
      isClean: true,
      close: () => blanked.close(),
    };
  }

  /**
   * What is to be blanked and what may stay. Of a loop, what stands still is found and read once; its frames are looked at as they will be
   * without it, for what they show in addition.
   */
  async #findText(job: PixelJob, frames: FrameSource, rules: JudgeRules, isLabel: boolean): Promise<FoundInFrames> {
    const { signal } = job;
    const judge = new LookedJudge(rules, this.#reader);
    const fixedBy = (found: readonly Rectangle[]): readonly FrameRegion[] =>
      isLabel ? wholeFrames(frames) : fixedRegions(job, frames, found);
    if (job.review?.isComplete === true) {
      // Nothing but what a person and the templates say is blanked. Stray bits are what nobody can see.
      const { strayBits } = await this.#looker.lookAtFrames(frames, { sensitivity: 'balanced', signal });
      return { regions: fixedBy([]), keptStills: [], strayBits };
    }
    const still = await this.#looker.lookForStill(frames, { sensitivity: 'balanced', signal });
    if (still === undefined) {
      const looked = await this.#looker.lookAtFrames(frames, { sensitivity: 'balanced', signal });
      const fixed = fixedBy(looked.groups.flatMap(({ boxes }) => [...boxes.values()]));
      const regions = [...fixed, ...(await judge.judgeFrames(looked, fixed))];
      return { regions, keptStills: [], strayBits: looked.strayBits };
    }
    const fixed = fixedBy(still.strips);
    const settled = [...fixed, ...(await judge.judgeStill(still.strips, fixed))];
    const known = { still: still.picture, boxes: judge.keptInk };
    const seen = new Set<string>();
    const left = new BlankedFrames(frames, rectanglesByFrame(settled, frames.frameCount));
    const looked = await this.#looker.lookAtFrames(left, { sensitivity: 'balanced', seen, known, signal });
    const regions = [...settled, ...(await judge.judgeFrames(looked, settled))];
    return { regions, keptStills: judge.keptStills, strayBits: looked.strayBits, seen, known };
  }

  /** Blanks and looks again, until nothing is left that would have to go. */
  async #blank(
    job: PixelJob,
    frames: FrameSource,
    found: FoundInFrames,
    rules: JudgeRules,
  ): Promise<{ readonly regions: readonly FrameRegion[]; readonly blanked: Blanked | undefined }> {
    const { strayBits } = found;
    let { regions } = found;
    if (strayBits.size === 0 && !regions.some(({ isBlanked }) => isBlanked)) return { regions, blanked: undefined };
    const { columns: width, rows: height } = frames.layout;
    const bitRegions = new Map(
      [...strayBits].map(([frame, bits]) => [frame, [{ bits, rectangles: [{ x: 0, y: 0, width, height }] }]]),
    );
    const { dataSet, output, transferSyntax, scratchDirectory, signal } = job;
    for (let round = 1; ; round++) {
      const blanked = await blankRegions({
        dataSet,
        output,
        transferSyntax,
        regions: rectanglesByFrame(regions, frames.frameCount),
        bitRegions,
        scratchDirectory,
        ...(signal === undefined ? {} : { signal }),
      });
      try {
        const left =
          job.review?.isComplete === true
            ? []
            : await this.#lookAgain(job, blanked, { ...found, regions }, rules, round);
        if (left.length === 0) return { regions, blanked };
        if (round === MAX_ROUNDS) throw unresolved(left, frames.frameCount);
        regions = [...regions, ...left];
      } catch (error) {
        await blanked.close();
        throw error;
      }
      await blanked.close();
    }
  }

  /** Text in what will leave that would have to go. */
  async #lookAgain(
    job: PixelJob,
    { output, transferSyntax, changedFrames }: Blanked,
    { regions, seen, known }: FoundInFrames,
    rules: JudgeRules,
    round: number,
  ): Promise<readonly FrameRegion[]> {
    const frames = await openFrames(readableOutput(output), transferSyntax);
    if (frames === undefined) throw new InstanceError('codec-failed', 'The blanked pixel data are gone.');
    const looked = await this.#looker.lookAtFrames(frames, {
      indices: changedFrames,
      sensitivity: 'balanced',
      ...(seen === undefined ? {} : { seen }),
      known,
      signal: job.signal,
    });
    const isNew = (frame: number, box: Rectangle): boolean => coveredPart(box, regionsIn(frame, regions)) < BORDER_PART;
    // Further windows follow what is left: with its text gone, they spread the noise of a frame over all levels. They were looked through twice.
    const groups = looked.groups
      .filter(({ strip }) => round === 1 || strip.picture === 0)
      .map(({ strip, boxes }) => ({ strip, boxes: new Map([...boxes].filter(([frame, box]) => isNew(frame, box))) }))
      .filter(({ boxes }) => boxes.size > 0);
    const judged = await judgeLooked({ ...looked, groups }, regions, round === 1 ? rules : harder(rules), this.#reader);
    return judged.filter(({ isBlanked }) => isBlanked);
  }
}

/** Nothing is claimed about what has no pixels of its own. */
function withoutPixels(job: PixelJob, regions: readonly RecordedRegion[]): PixelResult {
  const record = { ...NOTHING_SEEN, policy: job.policy.text, risk: riskOf(job.dataSet), regions };
  return { output: job.output, transferSyntax: job.transferSyntax, record, isClean: false, close: nothing };
}

const nothing = (): Promise<void> => Promise.resolve();
const NOTHING_SEEN = { framesLookedAt: 0, method: 'none', templates: [], regions: [], clearedBits: 0 };

function harder(rules: JudgeRules): JudgeRules {
  return { ...rules, leastLikelihood: Math.min(MOST_AGAIN, (rules.leastLikelihood ?? 0) + MORE_AGAIN) };
}

/** Video and what else cannot be decoded: held back unless the profile or a template of the device lets it pass. Nothing is claimed about it. */
function unseen({ output, transferSyntax, policy, templates }: PixelJob, risk: Risk): PixelResult {
  if (policy.undecodable === 'quarantine' && !templates.some(({ mayPass }) => mayPass))
    throw new InstanceError(
      'unsupported-transfer-syntax',
      'Nothing here decodes the transfer syntax, so that nobody knows what its pixels show.',
    );
  const record = { ...NOTHING_SEEN, policy: policy.text, risk, templates: templates.map(({ name }) => name) };
  return { output, transferSyntax, record, isClean: false, close: nothing };
}

/** A profile may hold back whatever has text, instead of blanking it. */
function requireNoText({ text }: PixelPolicy, regions: readonly FrameRegion[], frameCount: number): void {
  const found = regions.filter(({ isBlanked, cause }) => isBlanked && TEXT_CAUSES.includes(cause));
  if (text === 'detect' && found.length > 0) throw unresolved(found, frameCount);
}

function unresolved(regions: readonly FrameRegion[], frameCount: number): InstanceError {
  const [{ frame, x, y, width, height, cause }] = recordRegions(regions, frameCount);
  const more = regions.length > 1 ? `, and ${regions.length - 1} more regions` : '';
  return new InstanceError(
    'burned-in-unresolved',
    `Frame ${frame} looks as if it showed text in the ${width} x ${height} pixels at ${x},${y} (${cause})${more}.`,
  );
}
