// Whether an explanation looks at pixels: those of a few frames at once, those of many when that is asked for.
import type { DataSet } from '../../dicom/element.ts';
import { findElement, valueBytes } from '../../dicom/values.ts';
import type { ContentStage } from '../../pipeline/content-stages.ts';
import { DEFAULT_STAGES, PIXEL_STAGE } from '../../pipeline/default-stages.ts';
import { TAG } from '../../standard/tags.ts';

/** Images of more frames are looked at only with `--pixels`: a second passes for about a hundred small ones. */
export const FRAMES_AT_ONCE = 10;

/** The stages of one preview. Frames are looked at all or none: a part of them would tell nothing about the rest. */
export class PixelLook {
  readonly stages: readonly ContentStage[];
  #framesLeft = 0;

  /** @param isAsked looks at any number of frames */
  constructor(isAsked: boolean) {
    const pixelStage: ContentStage = {
      ...PIXEL_STAGE,
      concerns: (content) => {
        if (!PIXEL_STAGE.concerns(content)) return false;
        const frames = frameCountOf(content.dataSet);
        this.#framesLeft = isAsked || frames <= FRAMES_AT_ONCE ? 0 : frames;
        return this.#framesLeft === 0;
      },
    };
    this.stages = DEFAULT_STAGES.map((stage) => (stage === PIXEL_STAGE ? pixelStage : stage));
  }

  /** Frames that the gateway would look at and this preview did not. */
  get framesLeft(): number {
    return this.#framesLeft;
  }
}

/** One where (0028,0008) is absent or no number: the pixel stage says what is wrong with it. */
function frameCountOf(dataSet: DataSet): number {
  const element = findElement(dataSet.elements, TAG.NumberOfFrames);
  const frames = element === undefined ? 1 : Number.parseInt(valueBytes(dataSet, element).toString('latin1'), 10);
  return Number.isNaN(frames) ? 1 : frames;
}
