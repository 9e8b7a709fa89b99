// Synthetic CT slices (PS3.3 A.3, 2026d).
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../standard/transfer-syntaxes.ts';
import { DataSetBuilder } from './data-set-builder.ts';
import { choosePatient } from './people.ts';
import { NoisyPicture } from './phantom.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { beginInstance, code, finish, momentOf, reference, uidOf } from './study.ts';
import type { Device, Series, Study, SyntheticInstance } from './study.ts';

export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const MODALITY_PERFORMED_PROCEDURE_STEP = '1.2.840.10008.3.1.2.3.3';
const PRIVATE_BLOCK = 0x0043_1000;
const PRIVATE_ELEMENTS = 70;

export interface CtSeries extends Series {
  readonly frameOfReferenceUid: string;
  readonly rows: number;
  readonly columns: number;
}

/** The data set of slice `number` (from 1) without Pixel Data: about 200 elements. */
export function buildCtHeader(series: CtSeries, sopInstanceUid: string, number: number): DataSetBuilder {
  const { study } = series;
  const acquired = momentOf(study, series.startSecond + number * 0.5);
  return addCtPrivate(
    addOrder(beginInstance(series, CT_IMAGE_STORAGE, sopInstanceUid, number), study),
    study,
    number,
  ).putAll({
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    AcquisitionDate: acquired.date,
    AcquisitionTime: acquired.time,
    BodyPartExamined: 'CHEST',
    ScanOptions: 'HELICAL MODE',
    SliceThickness: '1.25',
    KVP: '120',
    DataCollectionDiameter: '500.0',
    ProtocolName: '5.1 Chest routine',
    ReconstructionDiameter: '360.0',
    DistanceSourceToDetector: '949.075',
    DistanceSourceToPatient: '541.0',
    GantryDetectorTilt: '0.0',
    TableHeight: '160.5',
    RotationDirection: 'CW',
    ExposureTime: 500,
    XRayTubeCurrent: 280,
    Exposure: 140,
    FilterType: 'BODY FILTER',
    GeneratorPower: 33600,
    FocalSpots: ['1.2'],
    ConvolutionKernel: 'STANDARD',
    PatientPosition: 'FFS',
    RevolutionTime: 0.5,
    SingleCollimationWidth: 0.625,
    TotalCollimationWidth: 40,
    TableSpeed: 78.75,
    TableFeedPerRotation: 39.375,
    SpiralPitchFactor: 0.984375,
    ExposureModulationType: 'NONE',
    CTDIvol: 9.75,
    AcquisitionNumber: 1,
    ImagePositionPatient: ['-180.0', '-180.0', (-40 + number * 1.25).toFixed(3)],
    ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
    FrameOfReferenceUID: series.frameOfReferenceUid,
    PositionReferenceIndicator: 'SN',
    SliceLocation: (-40 + number * 1.25).toFixed(3),
    ImageComments: `Reviewed with ${study.patient.operator.split('=')[0].replace('^', ', ')}`,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: series.rows,
    Columns: series.columns,
    PixelSpacing: ['0.703125', '0.703125'],
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    WindowCenter: ['40', '-600'],
    WindowWidth: ['400', '1500'],
    WindowCenterWidthExplanation: ['SOFT TISSUE', 'LUNG'],
    RescaleIntercept: '-1024',
    RescaleSlope: '1',
    RescaleType: 'HU',
  });
}

/** The order behind the study: requests, performed step, other ids, visit. */
function addOrder(dataSet: DataSetBuilder, study: Study): DataSetBuilder {
  const { patient } = study;
  const began = momentOf(study, -600);
  const ended = momentOf(study, 1800);
  return dataSet
    .putAll({
      AdmittingDiagnosesDescription: `Cough; referred by ${patient.referringPhysician.split('^')[0]}`,
      AdditionalPatientHistory: 'Ex-smoker since 2011, no known allergies',
      PatientSize: '1.68',
      EthnicGroup: 'unspecified',
      Occupation: 'Carpenter',
      PregnancyStatus: 4,
      RequestingPhysician: patient.referringPhysician,
      RequestingService: 'Pulmonology',
      RequestedProcedureDescription: study.description,
      AdmissionID: `V${study.id}`,
      CurrentPatientLocation: 'Ward 4 B, bed 2',
      PerformedStationAETitle: 'CT_HALL_3',
      PerformedProcedureStepStartDate: began.date,
      PerformedProcedureStepStartTime: began.time,
      PerformedProcedureStepEndDate: ended.date,
      PerformedProcedureStepEndTime: ended.time,
      PerformedProcedureStepID: `PPS${study.id}`,
      PerformedProcedureStepDescription: study.description,
      CommentsOnThePerformedProcedureStep: `Done by ${patient.operator.split('^')[0]} on ${study.date}`,
    })
    .sequence('ProcedureCodeSequence', [code('24627-2', 'LN', 'CT Chest')])
    .sequence('ReferencedStudySequence', [reference('1.2.840.10008.3.1.2.3.1', study.uid)])
    .sequence('ReferencedPerformedProcedureStepSequence', [
      reference(MODALITY_PERFORMED_PROCEDURE_STEP, `${study.uid}.90.1`),
    ])
    .sequence('OtherPatientIDsSequence', [
      new DataSetBuilder().putAll({
        PatientID: `X-${patient.id}`,
        IssuerOfPatientID: 'NATIONAL-REGISTER',
        TypeOfPatientID: 'TEXT',
      }),
    ])
    .sequence('PerformedProtocolCodeSequence', [code('RPID16', 'RADLEX', 'CT CHEST')], { hasUndefinedLength: true })
    .sequence(
      'RequestAttributesSequence',
      [
        new DataSetBuilder()
          .putAll({
            AccessionNumber: study.accession,
            RequestedProcedureID: `RP${study.id}`,
            ScheduledProcedureStepID: `SPS${study.id}`,
            ScheduledProcedureStepDescription: study.description,
            ReasonForTheRequestedProcedure: 'Nodule follow-up',
          })
          .sequence('ScheduledProtocolCodeSequence', [code('RPID16', 'RADLEX', 'CT CHEST')]),
      ],
      { hasUndefinedLength: true },
    );
}

/** A vendor's private block: numbers, text that repeats the patient, a sequence and an opaque blob. */
function addCtPrivate(dataSet: DataSetBuilder, study: Study, number: number): DataSetBuilder {
  dataSet.put(0x0043_0010, 'LO', 'ACME_CT_PARM_01');
  for (let i = 1; i <= PRIVATE_ELEMENTS; i++) {
    const tag = PRIVATE_BLOCK + i;
    if (i % 3 === 0) dataSet.put(tag, 'DS', [(i * 1.5).toFixed(2), (number * 0.25).toFixed(2)]);
    else if (i % 3 === 1) dataSet.put(tag, 'SS', i * 7 - 300);
    else dataSet.put(tag, 'SH', `P${i}`);
  }
  return dataSet
    .put(PRIVATE_BLOCK + 0x80, 'LO', study.patient.name.split('=')[0])
    .put(PRIVATE_BLOCK + 0x81, 'UN', Buffer.from(`PATIENT ${study.patient.id} `.padEnd(64, '.'), 'latin1'))
    .put(PRIVATE_BLOCK + 0x82, 'OB', Buffer.alloc(256, number & 0xff))
    .sequence(PRIVATE_BLOCK + 0x83, [
      new DataSetBuilder()
        .put(0x0043_0010, 'LO', 'ACME_CT_PARM_01')
        .put('PatientID', 'LO', study.patient.id)
        .put(PRIVATE_BLOCK + 1, 'DA', study.date),
    ]);
}

/** One slice as a Part 10 file. */
export function buildCtSlice(
  series: CtSeries,
  sopInstanceUid: string,
  number: number,
  picture: NoisyPicture,
  random: Random,
  fileName: string,
): SyntheticInstance {
  const dataSet = buildCtHeader(series, sopInstanceUid, number).put('PixelData', 'OW', picture.render(random));
  return finish(dataSet, fileName, EXPLICIT_VR_LITTLE_ENDIAN, 'CT_HALL_3');
}

export function ctDevice(random: Random): Device {
  return {
    manufacturer: 'Acme Medical Systems',
    model: 'HelixScan 64',
    serial: `CT${random.digits(6)}`,
    station: 'CTHALL3',
    software: 'hs_5.2_r17',
  };
}

/** A study of that seed; `index` is the patient's number. */
export function chooseStudy(seed: number, index: number, place: number, description: string, random: Random): Study {
  const patient = choosePatient(index, createRandom(seed * 1000 + index));
  return {
    patient,
    uid: uidOf(seed, index + 1, place),
    id: random.digits(6),
    accession: `A${random.digits(9)}`,
    description,
    // Ten to midnight: the series that follow are of the next day.
    startMinute: 23 * 60 + 50,
    date: `202403${random.between(10, 28)}`,
  };
}

/**
 * A CT series, one slice after another (nothing is kept): about 530 KB each at 512 x 512 with some 200 header elements. The same seed gives
 * the same bytes.
 */
export function* buildCtSeries(options: {
  readonly slices: number;
  readonly rows?: number;
  readonly columns?: number;
  readonly seed?: number;
}): Generator<SyntheticInstance> {
  const { slices, rows = 512, columns = 512, seed = 1 } = options;
  const random = createRandom(seed);
  const study = chooseStudy(seed, 0, 1, 'CT Thorax', random);
  const series: CtSeries = {
    study,
    uid: `${study.uid}.2`,
    number: 2,
    modality: 'CT',
    description: 'Chest 1.25 STANDARD',
    device: ctDevice(random),
    startSecond: 420,
    frameOfReferenceUid: `${study.uid}.9`,
    rows,
    columns,
  };
  const picture = NoisyPicture.chest(rows, columns);
  for (let number = 1; number <= slices; number++) {
    const fileName = `CT${String(number).padStart(6, '0')}.dcm`;
    yield buildCtSlice(series, `${series.uid}.${number}`, number, picture, random, fileName);
  }
}
