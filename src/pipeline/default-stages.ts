// What is done to pixels and documents when nothing else is asked for. Decoders, text finder and document readers are loaded for the first
// instance that needs them: loading them takes longer than de-identifying a folder of reports.
import { findElement } from '../dicom/values.ts';
import { holdsOverlays } from '../pixels/overlays/holds-overlays.ts';
import { nestedPixelsOf } from '../pixels/overlays/icons.ts';
import { formatTag, TAG } from '../standard/tags.ts';
import type { Content, ContentStage, TreatedContent } from './content-stages.ts';

const PIXEL_TAGS = [TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData, TAG.PixelDataProviderURL];
const DOCUMENT_PATH = formatTag(TAG.EncapsulatedDocument);

/** True for an instance that shows something, when the profile wants that looked at, or a person did. */
function concernsPixels({ dataSet, outcome, profile, review }: Content): boolean {
  if (profile.pixels.text === 'off' && review === undefined) return false;
  const hasPixels = PIXEL_TAGS.some((tag) => findElement(dataSet.elements, tag) !== undefined);
  return hasPixels || holdsOverlays(outcome.output) || nestedPixelsOf(outcome.output).length > 0;
}

/** True for a document that is to be cleaned. A rule that keeps, removes or empties it leaves nothing to clean. */
function concernsDocument({ dataSet, outcome }: Content): boolean {
  return (
    findElement(dataSet.elements, TAG.EncapsulatedDocument) !== undefined &&
    outcome.receipt.actions.some(({ path, action }) => path === DOCUMENT_PATH && action === 'clean')
  );
}

async function treatPixels(content: Content): Promise<TreatedContent> {
  const { treatPixels: treat } = await import('./pixel-content.ts');
  return treat(content);
}

async function treatDocument(content: Content): Promise<TreatedContent> {
  const [{ treatDocument: treat }, { documentPictures }] = await Promise.all([
    import('./document-content.ts'),
    import('./pixel-content.ts'),
  ]);
  return treat(content, { picturesFor: documentPictures });
}

export const PIXEL_STAGE: ContentStage = { concerns: concernsPixels, treat: treatPixels };

export const DEFAULT_STAGES: readonly ContentStage[] = [
  PIXEL_STAGE,
  { concerns: concernsDocument, treat: treatDocument },
];
