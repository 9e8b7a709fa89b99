// A synthetic RT Structure Set that outlines the lungs on CT slices, in implicit VR (PS3.3 A.19, 2026d).
import { IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { CT_IMAGE_STORAGE } from './ct.ts';
import { DataSetBuilder } from './data-set-builder.ts';
import type { Evidence } from './report.ts';
import { beginInstance, finish, momentOf, reference } from './study.ts';
import type { Device, Study, SyntheticInstance } from './study.ts';

const RT_STRUCTURE_SET_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3';
const DETACHED_STUDY_MANAGEMENT = '1.2.840.10008.3.1.2.3.1';

export function buildStructureSet(
  study: Study,
  evidence: Evidence,
  frameOfReferenceUid: string,
  device: Device,
): SyntheticInstance {
  const uid = `${study.uid}.6`;
  const series = { study, uid, number: 600, modality: 'RTSTRUCT', description: 'Contours', device, startSecond: 2400 };
  const made = momentOf(study, 2500);
  const images = evidence.sopInstanceUids.map((instanceUid) => reference(CT_IMAGE_STORAGE, instanceUid));
  const referencedSeries = new DataSetBuilder()
    .put('SeriesInstanceUID', 'UI', evidence.seriesUid)
    .sequence('ContourImageSequence', images);
  const referencedStudy = reference(DETACHED_STUDY_MANAGEMENT, study.uid).sequence('RTReferencedSeriesSequence', [
    referencedSeries,
  ]);
  const dataSet = beginInstance(series, RT_STRUCTURE_SET_STORAGE, `${uid}.1`, 1)
    .putAll({
      StructureSetLabel: `RT_${study.patient.id}`,
      StructureSetName: study.patient.name.split('^')[0],
      StructureSetDate: made.date,
      StructureSetTime: made.time,
      FrameOfReferenceUID: frameOfReferenceUid,
      PositionReferenceIndicator: undefined,
      ApprovalStatus: 'UNAPPROVED',
    })
    .sequence('ReferencedFrameOfReferenceSequence', [
      new DataSetBuilder()
        .put('FrameOfReferenceUID', 'UI', frameOfReferenceUid)
        .sequence('RTReferencedStudySequence', [referencedStudy]),
    ])
    .sequence('StructureSetROISequence', [
      new DataSetBuilder().putAll({
        ROINumber: 1,
        ReferencedFrameOfReferenceUID: frameOfReferenceUid,
        ROIName: 'Lung_R',
        ROIDescription: `drawn by ${study.patient.operator.split('^')[0]}`,
        ROIGenerationAlgorithm: 'MANUAL',
      }),
    ])
    .sequence('ROIContourSequence', [
      new DataSetBuilder()
        .putAll({ ROIDisplayColor: [255, 128, 0], ReferencedROINumber: 1 })
        .sequence('ContourSequence', images.map(contourOn)),
    ])
    .sequence('RTROIObservationsSequence', [
      new DataSetBuilder().putAll({
        ObservationNumber: 1,
        ReferencedROINumber: 1,
        RTROIInterpretedType: 'ORGAN',
        ROIInterpreter: study.patient.performingPhysician,
      }),
    ]);
  return finish(dataSet, 'RS0001.dcm', IMPLICIT_VR_LITTLE_ENDIAN, 'PLANNING');
}

/** An ellipse in the plane of slice `index`, in millimetres of the frame of reference. */
function contourOn(image: DataSetBuilder, index: number): DataSetBuilder {
  const z = (-40 + (index + 1) * 1.25).toFixed(3);
  const points = Array.from({ length: 24 }, (_, i) => {
    const angle = (i / 24) * 2 * Math.PI;
    return [(-60 + 50 * Math.cos(angle)).toFixed(3), (-10 + 70 * Math.sin(angle)).toFixed(3), z];
  });
  return new DataSetBuilder()
    .putAll({ ContourGeometricType: 'CLOSED_PLANAR', NumberOfContourPoints: points.length, ContourData: points.flat() })
    .sequence('ContourImageSequence', [image]);
}
