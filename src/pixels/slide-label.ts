// The paper label of a slide, with names, numbers and bar codes that no finder of text reads (PS3.3 C.8.12.4.1.1 and C.8.12.8, 2026d). It is blanked
// whole: the image of the label, and any other image of a slide that says that the label is in it, since none says where.
import { InstanceError } from '../core/errors.ts';
import type { DataSet } from '../dicom/element.ts';
import { findElement, trimPadding } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

/** The name under which the receipt lists the rule among the templates. */
export const SLIDE_LABEL = 'slide-label';

const WHOLE_SLIDE: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.77.1.6', // VL Whole Slide Microscopy
  '1.2.840.10008.5.1.4.1.1.77.1.9', // Confocal Microscopy Tiled Pyramidal
]);
/** Values of Image Type, the third of which is the flavour. */
const LABEL = 'LABEL';
const OVERVIEW: ReadonlySet<string> = new Set(['OVERVIEW', 'THUMBNAIL']);
const MAX_BYTES = 1024;

/**
 * Whether every pixel has to go. An overview says by Specimen Label in Image whether it shows the label; one that says nothing is taken to.
 * @throws InstanceError `burned-in-unresolved` for the slide's own pixels when they are said to show the label: nobody knows on which tiles
 */
export function showsSlideLabel(dataSet: DataSet): boolean {
  const flavour = textAt(dataSet, TAG.ImageType).split('\\').at(2) ?? '';
  const isSlide = WHOLE_SLIDE.has(textAt(dataSet, TAG.SOPClassUID));
  if (isSlide && flavour === LABEL) return true;
  const said = textAt(dataSet, TAG.SpecimenLabelInImage);
  if (OVERVIEW.has(flavour)) return isSlide ? said !== 'NO' : said === 'YES';
  if (said === 'YES')
    throw new InstanceError(
      'burned-in-unresolved',
      'The instance says that the label of the slide is in its image, and nobody knows where.',
    );
  return false;
}

function textAt({ elements, source }: DataSet, tag: number): string {
  const element = findElement(elements, tag);
  if (element === undefined || element.valueLength > MAX_BYTES) return '';
  const bytes = source.view(element.valueStart, element.valueLength);
  return bytes === undefined ? '' : trimPadding(bytes).toString('latin1').trim().toUpperCase();
}
