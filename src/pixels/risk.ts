// How likely an image has text drawn into it, by what it says of itself. It decides how hard is looked, and is written to the receipt.
import type { DataSet } from '../dicom/element.ts';
import { findElement, trimPadding } from '../dicom/values.ts';
import { nameOfUid } from '../standard/uids.ts';
import { TAG } from '../standard/tags.ts';

export interface Risk {
  /** `stated`: the image says that text is burned in. `high`: screens, scans and photographs. `low`: samples of a detector. */
  readonly level: 'low' | 'usual' | 'high' | 'stated';
  /** Attributes that speak for it, with words of the standard only. */
  readonly reasons: readonly string[];
}

/** Where more text is to be expected, less evidence will do; it is never left out to look. */
const LEAST_LIKELIHOOD: Readonly<Record<Risk['level'], number>> = { stated: 0.15, high: 0.2, usual: 0.3, low: 0.35 };
/** Matrices of fewer pixels have room for a few letters only, and anatomy whose structures are as fine as strokes. */
const SMALL_MATRIX = 128;
const SMALL_LEAST_LIKELIHOOD = 0.8;

/** SOP classes whose images are screens, scans of film or paper, or photographs. */
const SCREENS = /Ultrasound|Secondary Capture|Photographic|Photography|Endoscopic|Video|Ophthalmic|Dermoscopic|Film/i;
/** Values of Conversion Type that mean a screen or a scan (PS3.3 C.8.6.1). */
const CONVERSIONS: ReadonlySet<string> = new Set(['DV', 'DI', 'DF', 'WSD', 'SD', 'SI', 'DRW', 'SYN']);
/** Values of Image Type that are made on a screen. */
const SCREEN_TYPES = /SECONDARY|SCREEN|CAPTURE|DOSE|REPORT|VOLREN|RENDER|POSTER|SUMMARY/;
const MAX_BYTES = 1024;

/**
 * How likely, 0 to 1, what was found must be text by its look (`FoundText.likelihood`) to be blanked though it could not be read.
 * @param size of the frames
 */
export function leastLikelihoodOf(
  { level }: Pick<Risk, 'level'>,
  size: { readonly rows: number; readonly columns: number },
): number {
  const isSmall = Math.min(size.rows, size.columns) < SMALL_MATRIX;
  return isSmall && level !== 'stated' ? SMALL_LEAST_LIKELIHOOD : LEAST_LIKELIHOOD[level];
}

export function riskOf(dataSet: DataSet): Risk {
  const sopClass = nameOfUid(textAt(dataSet, TAG.SOPClassUID)) ?? '';
  const annotation = textAt(dataSet, TAG.BurnedInAnnotation);
  if (annotation === 'YES') return { level: 'stated', reasons: ['BurnedInAnnotation YES'] };
  const reasons: string[] = [];
  if (SCREENS.test(sopClass)) reasons.push('SOPClassUID');
  if (CONVERSIONS.has(textAt(dataSet, TAG.ConversionType))) reasons.push('ConversionType');
  if (SCREEN_TYPES.test(textAt(dataSet, TAG.ImageType))) reasons.push('ImageType');
  if (reasons.length > 0) return { level: 'high', reasons };
  const isOriginal = textAt(dataSet, TAG.ImageType).startsWith('ORIGINAL\\PRIMARY');
  return isOriginal && annotation === 'NO'
    ? { level: 'low', reasons: ['ImageType', 'BurnedInAnnotation NO'] }
    : { level: 'usual', reasons: [] };
}

function textAt({ elements, source }: DataSet, tag: number): string {
  const element = findElement(elements, tag);
  if (element === undefined || element.valueLength > MAX_BYTES) return '';
  const bytes = source.view(element.valueStart, element.valueLength);
  return bytes === undefined ? '' : trimPadding(bytes).toString('latin1').trim().toUpperCase();
}
