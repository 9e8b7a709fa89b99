// Synthetic MR slices in implicit VR (PS3.3 A.4, 2026d).
import { IMPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { NoisyPicture } from './phantom.ts';
import type { Random } from './random.ts';
import { beginInstance, finish, momentOf } from './study.ts';
import type { Series, Study, SyntheticInstance } from './study.ts';

const MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4';
const SIZE = 256;

export function buildMrSeries(study: Study, slices: number, random: Random): SyntheticInstance[] {
  const series: Series = {
    study,
    uid: `${study.uid}.1`,
    number: 301,
    modality: 'MR',
    description: 't1_tra',
    device: {
      manufacturer: 'Nordlicht Imaging',
      model: 'Aurora 3T',
      serial: random.digits(5),
      station: 'MR2WEST',
      software: ['AB', '2.1', 'SP3'].join(' '),
    },
    startSecond: 30,
  };
  const picture = NoisyPicture.head(SIZE, SIZE);
  return Array.from({ length: slices }, (_, i) => buildMrSlice(series, i + 1, picture, random));
}

function buildMrSlice(series: Series, number: number, picture: NoisyPicture, random: Random): SyntheticInstance {
  const { study } = series;
  const acquired = momentOf(study, series.startSecond + number * 4);
  const dataSet = beginInstance(series, MR_IMAGE_STORAGE, `${series.uid}.${number}`, number)
    .putAll({
      ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
      AcquisitionDate: acquired.date,
      AcquisitionTime: acquired.time,
      AcquisitionDateTime: `${acquired.date}${acquired.time}${study.patient.hospital.timeZone}`,
      BodyPartExamined: 'HEAD',
      ScanningSequence: 'SE',
      SequenceVariant: ['SK', 'SP'],
      ScanOptions: undefined,
      MRAcquisitionType: '2D',
      SequenceName: '*se2d1',
      SliceThickness: '5',
      RepetitionTime: '520',
      EchoTime: '8.9',
      NumberOfAverages: '1',
      ImagingFrequency: '123.254',
      ImagedNucleus: '1H',
      MagneticFieldStrength: '3',
      SpacingBetweenSlices: '6',
      EchoTrainLength: 1,
      ProtocolName: 't1_tra',
      FlipAngle: '90',
      PatientPosition: 'HFS',
      AcquisitionNumber: 1,
      ImagePositionPatient: ['-110', '-110', String(number * 6)],
      ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
      FrameOfReferenceUID: `${study.uid}.9`,
      PositionReferenceIndicator: undefined,
      SliceLocation: String(number * 6),
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: SIZE,
      Columns: SIZE,
      PixelSpacing: ['0.859375', '0.859375'],
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      WindowCenter: '360',
      WindowWidth: '720',
    })
    .put(0x0029_0010, 'LO', 'NORDLICHT CSA HEADER')
    .put(0x0029_1008, 'CS', 'IMAGE NUM 4')
    .put(0x0029_1010, 'OB', Buffer.from(`SV10;PatientName=${study.patient.id};tReferringPhysician=\0\0`, 'latin1'))
    .put('PixelData', 'OW', picture.render(random));
  return finish(dataSet, `MR${String(number).padStart(4, '0')}.dcm`, IMPLICIT_VR_LITTLE_ENDIAN, 'MR2_WEST');
}
