// A synthetic Grayscale Softcopy Presentation State with text on a CT slice (PS3.3 A.33.1, 2026d).
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { CT_IMAGE_STORAGE } from './ct.ts';
import { DataSetBuilder } from './data-set-builder.ts';
import { beginInstance, finish, momentOf, reference } from './study.ts';
import type { Device, Study, SyntheticInstance } from './study.ts';

const GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE = '1.2.840.10008.5.1.4.1.1.11.1';

/** A presentation state of one slice of `rows` x `columns` pixels. */
export function buildPresentationState(
  study: Study,
  slice: {
    readonly seriesUid: string;
    readonly sopInstanceUid: string;
    readonly rows: number;
    readonly columns: number;
  },
  device: Device,
): SyntheticInstance {
  const uid = `${study.uid}.5`;
  const series = { study, uid, number: 500, modality: 'PR', description: 'Key image', device, startSecond: 1500 };
  const created = momentOf(study, 1510);
  const image = reference(CT_IMAGE_STORAGE, slice.sopInstanceUid);
  const dataSet = beginInstance(series, GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE, `${uid}.1`, 1)
    .putAll({
      Laterality: undefined,
      PresentationCreationDate: created.date,
      PresentationCreationTime: created.time,
      ContentLabel: 'KEYIMAGE',
      ContentDescription: 'Nodule, right upper lobe',
      ContentCreatorName: study.patient.performingPhysician,
      PresentationLUTShape: 'IDENTITY',
    })
    .sequence('ReferencedSeriesSequence', [
      new DataSetBuilder().put('SeriesInstanceUID', 'UI', slice.seriesUid).sequence('ReferencedImageSequence', [image]),
    ])
    .sequence('DisplayedAreaSelectionSequence', [
      new DataSetBuilder().putAll({
        DisplayedAreaTopLeftHandCorner: [1, 1],
        DisplayedAreaBottomRightHandCorner: [slice.columns, slice.rows],
        PresentationSizeMode: 'SCALE TO FIT',
        PresentationPixelSpacing: ['0.703125', '0.703125'],
      }),
    ])
    .sequence('SoftcopyVOILUTSequence', [
      new DataSetBuilder()
        .putAll({ WindowCenter: '-600', WindowWidth: '1500' })
        .sequence('ReferencedImageSequence', [image]),
    ])
    .sequence('GraphicLayerSequence', [new DataSetBuilder().putAll({ GraphicLayer: 'NOTES', GraphicLayerOrder: 1 })])
    .sequence('GraphicAnnotationSequence', [annotation(study, image)]);
  return finish(dataSet, 'PR0001.dcm', EXPLICIT_VR_LITTLE_ENDIAN, 'REPORTING1');
}

function annotation(study: Study, image: DataSetBuilder): DataSetBuilder {
  const { patient } = study;
  return new DataSetBuilder()
    .put('GraphicLayer', 'CS', 'NOTES')
    .sequence('ReferencedImageSequence', [image])
    .sequence('TextObjectSequence', [
      new DataSetBuilder().putAll({
        BoundingBoxAnnotationUnits: 'PIXEL',
        BoundingBoxTopLeftHandCorner: [20, 20],
        BoundingBoxBottomRightHandCorner: [220, 50],
        BoundingBoxTextHorizontalJustification: 'LEFT',
        UnformattedTextValue: `${patient.name.split('^')[0]} ${patient.id}\r\nnodule 6 mm`,
      }),
    ])
    .sequence('GraphicObjectSequence', [
      new DataSetBuilder().putAll({
        GraphicAnnotationUnits: 'PIXEL',
        GraphicDimensions: 2,
        NumberOfGraphicPoints: 2,
        GraphicData: [190.5, 220.25, 210.5, 230.75],
        GraphicType: 'POLYLINE',
        GraphicFilled: 'N',
      }),
    ]);
}
