// A small clinic made in code, for demo, doctor, benchmarks and tests: the data as they are before de-identification.
import { buildCtSlice, chooseStudy, ctDevice } from './ct.ts';
import type { CtSeries } from './ct.ts';
import { buildMrSeries } from './mr.ts';
import { NoisyPicture } from './phantom.ts';
import { buildPresentationState } from './presentation-state.ts';
import { createRandom } from './random.ts';
import { buildReportOn } from './report.ts';
import { buildStructureSet } from './structure-set.ts';
import type { SyntheticInstance } from './study.ts';
import { buildUltrasoundImage } from './ultrasound.ts';

export { buildCtSeries } from './ct.ts';
export { buildMultiframe } from './multi-frame.ts';
export type { StreamedInstance } from './multi-frame.ts';
export { buildReport } from './report.ts';
export type { SyntheticInstance } from './study.ts';

const ROWS = 512;
const COLUMNS = 512;

/**
 * The instances of a few invented patients, three if not told, the first three of whom write their names in ISO_IR 100, ISO 2022 IR 87 and
 * UTF-8. Each has a CT study begun ten minutes before midnight (3 to 5 slices, a presentation state, a structure set and a report that refer
 * to them), an MR study in implicit VR and an ultrasound image. About 4 MB a patient. The same options give the same bytes.
 */
export function buildClinic(
  options: { readonly seed?: number; readonly patients?: number } = {},
): readonly SyntheticInstance[] {
  const { seed = 1, patients = 3 } = options;
  return Array.from({ length: patients }, (_, index) => buildPatient(seed, index)).flat();
}

function buildPatient(seed: number, index: number): SyntheticInstance[] {
  const random = createRandom(seed * 7919 + index);
  const instances = [
    ...buildChestStudy(seed, index, 3 + (index % 3)),
    ...buildMrSeries(chooseStudy(seed, index, 2, 'MR Head', random), 2, random),
    buildUltrasoundImage(chooseStudy(seed, index, 3, 'US Abdomen', random), random),
  ];
  const folder = `P${String(index + 1).padStart(3, '0')}`;
  return instances.map((instance) => ({ ...instance, fileName: `${folder}-${instance.fileName}` }));
}

function buildChestStudy(seed: number, index: number, slices: number): SyntheticInstance[] {
  const random = createRandom(seed * 104_729 + index);
  const study = chooseStudy(seed, index, 1, 'CT Thorax', random);
  const device = ctDevice(random);
  const series: CtSeries = {
    study,
    uid: `${study.uid}.2`,
    number: 2,
    modality: 'CT',
    description: 'Chest 1.25 STANDARD',
    device,
    startSecond: 599,
    frameOfReferenceUid: `${study.uid}.9`,
    rows: ROWS,
    columns: COLUMNS,
  };
  const picture = NoisyPicture.chest(ROWS, COLUMNS);
  const images = Array.from({ length: slices }, (_, i) =>
    buildCtSlice(series, `${series.uid}.${i + 1}`, i + 1, picture, random, `CT${String(i + 1).padStart(4, '0')}.dcm`),
  );
  const evidence = { seriesUid: series.uid, sopInstanceUids: images.map((image) => image.sopInstanceUid) };
  const key = { seriesUid: series.uid, sopInstanceUid: evidence.sopInstanceUids[1], rows: ROWS, columns: COLUMNS };
  return [
    ...images,
    buildPresentationState(study, key, device),
    buildStructureSet(study, evidence, series.frameOfReferenceUid, device),
    buildReportOn(study, evidence, 4, random),
  ];
}
