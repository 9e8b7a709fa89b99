// Overlay planes that the profile keeps (PS3.15 E.3.3, Clean Graphics Option, 2026d): text in their bits is found, read and blanked like text
// in pixels, the drawing stays. Planes in the bits of the pixels go: no editor writes them since 2004, and their bits are cleared.
import { InstanceError } from '../../core/errors.ts';
import type { Rectangle } from '../../core/picture.ts';
import type { DataSet, OutputDataSet } from '../../dicom/element.ts';
import type { PixelPolicy } from '../../profile/pixel-policy.ts';
import type { JudgeRules } from '../judge/judge-reading.ts';
import type { Looker } from '../look/looker.ts';
import { boxOf } from '../look/text-groups.ts';
import { blankOverlays, holdsPlane, withoutOverlays } from '../overlays/blank-overlays.ts';
import { overlayPicture, sortPlanes } from '../overlays/overlay-planes.ts';
import type { OverlayPlane } from '../overlays/overlay-planes.ts';
import { judgeLooked } from './judge-looked.ts';
import type { ReadsText } from './judge-looked.ts';
import { recordRegions } from './pixel-record.ts';
import type { RecordedRegion } from './pixel-record.ts';
import type { FrameRegion } from './regions.ts';

export interface OverlayJob {
  readonly dataSet: DataSet;
  readonly output: OutputDataSet;
  readonly policy: PixelPolicy;
  readonly rules: JudgeRules;
}

export interface CleanedOverlays {
  readonly output: OutputDataSet;
  readonly regions: readonly RecordedRegion[];
}

/** A plane that cannot be looked at goes. Rejects with InstanceError `burned-in-unresolved` when the profile holds back text. */
export async function cleanOverlays(
  { dataSet, output, policy, rules }: OverlayJob,
  looker: Looker,
  reader: ReadsText,
): Promise<CleanedOverlays> {
  const sorted = sortPlanes(dataSet);
  const planes = sorted.planes.filter((plane) => holdsPlane(output, plane));
  const embedded = planes.filter(({ data }) => data === undefined);
  const blanked = new Map<OverlayPlane, Map<number, readonly Rectangle[]>>();
  const rows: RecordedRegion[] = [];
  for (const plane of planes) {
    if (plane.data === undefined) continue;
    const regions = await judgePlane(dataSet, plane, rules, looker, reader);
    const overlay = plane.group.toString(16).toUpperCase();
    rows.push(...recordRegions(regions, plane.frameCount).map((row) => ({ ...row, overlay })));
    const gone = regions.filter(({ isBlanked }) => isBlanked);
    if (policy.text === 'detect' && gone.length > 0)
      throw new InstanceError('burned-in-unresolved', `Overlay plane ${overlay} looks as if it showed text.`);
    const byFrame = new Map<number, Rectangle[]>();
    for (const { frames, x, y, width, height } of gone)
      for (const frame of frames === 'all' ? [] : frames)
        byFrame.set(frame, [...(byFrame.get(frame) ?? []), { x, y, width, height }]);
    if (byFrame.size > 0) blanked.set(plane, byFrame);
  }
  const drawn = await blankOverlays(dataSet, output, blanked);
  return {
    output: withoutOverlays(drawn, new Set([...embedded.map(({ group }) => group), ...sorted.broken])),
    regions: rows,
  };
}

async function judgePlane(
  dataSet: DataSet,
  plane: OverlayPlane,
  rules: JudgeRules,
  looker: Looker,
  reader: ReadsText,
): Promise<readonly FrameRegion[]> {
  const regions: FrameRegion[] = [];
  for (let frame = 0; frame < plane.frameCount; frame++) {
    const picture = await overlayPicture(dataSet, plane, frame);
    if (picture === undefined) continue;
    const strips = await looker.lookAtPicture(picture, 'balanced');
    const groups = strips.map((strip) => ({ strip, boxes: new Map([[frame, boxOf(strip)]]) }));
    regions.push(...(await judgeLooked({ groups, framesLookedAt: 1, strayBits: new Map() }, [], rules, reader)));
  }
  return regions;
}
