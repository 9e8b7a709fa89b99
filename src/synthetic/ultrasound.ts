// A synthetic ultrasound image in RGB with its calibrated region (PS3.3 A.6 and C.8.5.5, 2026d).
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { DataSetBuilder } from './data-set-builder.ts';
import { renderUltrasound } from './phantom.ts';
import type { Random } from './random.ts';
import { beginInstance, finish } from './study.ts';
import type { Study, SyntheticInstance } from './study.ts';

const ULTRASOUND_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.6.1';
const ROWS = 480;
const COLUMNS = 640;
const REGION = { x0: 80, y0: 60, x1: 559, y1: 439 } as const;
const CENTIMETRES = 3;

export function buildUltrasoundImage(study: Study, random: Random): SyntheticInstance {
  const uid = `${study.uid}.1`;
  const series = {
    study,
    uid,
    number: 1,
    modality: 'US',
    description: 'Abdomen',
    device: {
      manufacturer: 'Sonoria',
      model: 'Vista E9',
      serial: `US${random.digits(5)}`,
      station: 'USROOM4',
      software: 'V113.1',
    },
    startSecond: 45,
  };
  const dataSet = beginInstance(series, ULTRASOUND_IMAGE_STORAGE, `${uid}.1`, 1)
    .putAll({
      ImageType: ['ORIGINAL', 'PRIMARY', 'ABDOMINAL', '0001'],
      AcquisitionDateTime: `${study.date}235145${study.patient.hospital.timeZone}`,
      TransducerData: ['C1-6', '', ''],
      ProcessingFunction: 'ABDOMEN',
      PatientOrientation: undefined,
      Laterality: undefined,
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'RGB',
      PlanarConfiguration: 0,
      Rows: ROWS,
      Columns: COLUMNS,
      UltrasoundColorDataPresent: 1,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      LossyImageCompression: '00',
      BurnedInAnnotation: 'NO',
    })
    .sequence('SequenceOfUltrasoundRegions', [
      new DataSetBuilder().putAll({
        RegionSpatialFormat: 1,
        RegionDataType: 1,
        RegionFlags: 2,
        RegionLocationMinX0: REGION.x0,
        RegionLocationMinY0: REGION.y0,
        RegionLocationMaxX1: REGION.x1,
        RegionLocationMaxY1: REGION.y1,
        ReferencePixelX0: Math.floor((REGION.x1 - REGION.x0) / 2),
        ReferencePixelY0: 0,
        PhysicalUnitsXDirection: CENTIMETRES,
        PhysicalUnitsYDirection: CENTIMETRES,
        PhysicalDeltaX: 0.041,
        PhysicalDeltaY: 0.041,
        TransducerFrequency: 3600,
      }),
    ])
    .put('PixelData', 'OB', renderUltrasound(ROWS, COLUMNS, REGION, random));
  return finish(dataSet, 'US0001.dcm', EXPLICIT_VR_LITTLE_ENDIAN, 'US_ROOM_4');
}
