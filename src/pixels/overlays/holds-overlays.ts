// Apart from what cleans overlays, so that asking loads none of it.
import type { OutputDataSet } from '../../dicom/element.ts';

/** True when anything of an overlay plane (60xx) is about to leave. */
export function holdsOverlays({ elements }: OutputDataSet): boolean {
  return elements.some((element) => (element.kind === 'kept' ? element.element.tag : element.tag) >>> 24 === 0x60);
}
