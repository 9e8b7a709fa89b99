// Presentation states, waveforms, radiotherapy, segmentations, registrations, value maps, spectroscopy, whole slides: labels and texts
// cleaned or gone, samples and coefficients byte for byte (PS3.15 E.1, E.3.3, E.3.5, 2026d).
import { describe, expect, it } from 'vitest';

import { valueBytes } from '../../../src/dicom/values.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import { instanceOf, leaksIn, prepare, profile } from './support/prepare.ts';
import type { Prepared } from './support/prepare.ts';

const NAMED = 'Tumor of Josephine Quimbleton';
const SAMPLES = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 37) & 0xff));

function item(values: Readonly<Record<string, string>> = {}): DataSetBuilder {
  return new DataSetBuilder().putAll(values);
}

function code(meaning: string): DataSetBuilder {
  return item({ CodeValue: 'T-D0050', CodingSchemeDesignator: 'SRT', CodeMeaning: meaning });
}

const REFERENCE = item({ ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', ReferencedSOPInstanceUID: '1.2.999.4.4' });
const SERIES = item({ SeriesInstanceUID: '1.2.999.4' }).sequence('ReferencedImageSequence', [REFERENCE]);

/** What is samples, of which no byte may change. */
const OPAQUE: ReadonlySet<unknown> = new Set([
  'WaveformData',
  'SpectroscopyData',
  'VectorGridData',
  'PointCoordinatesData',
]);

interface Kind {
  readonly name: string;
  readonly instance: DataSetBuilder;
  /** Bulk that has to leave as it came. */
  readonly bulk?: readonly (string | number)[];
}

const graphics = (sopClass: string): DataSetBuilder =>
  instanceOf(sopClass, 'PR')
    .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
    .putAll({ PresentationCreationDate: '20200310', PresentationCreationTime: '143000' })
    .sequence('ReferencedSeriesSequence', [SERIES])
    .sequence('GraphicLayerSequence', [
      item({ GraphicLayer: 'QUIMBLETON', GraphicLayerOrder: '1', GraphicLayerDescription: NAMED }),
    ])
    .sequence('GraphicAnnotationSequence', [
      item({ GraphicLayer: 'QUIMBLETON' })
        .sequence('ReferencedImageSequence', [REFERENCE])
        .sequence('TextObjectSequence', [item({ UnformattedTextValue: `${NAMED} 14 mm`, AnchorPointVisibility: 'Y' })]),
    ]);

const waveform = (sopClass: string, modality: string): DataSetBuilder =>
  instanceOf(sopClass, modality)
    .putAll({ AcquisitionDateTime: '20200310143000' })
    .sequence('WaveformSequence', [
      item({
        MultiplexGroupLabel: 'Rhythm Quimbleton',
        WaveformOriginality: 'ORIGINAL',
        SamplingFrequency: '500',
        WaveformSampleInterpretation: 'SS',
      })
        .put('NumberOfWaveformChannels', 'US', [1])
        .put('NumberOfWaveformSamples', 'UL', [2000])
        .put('WaveformBitsAllocated', 'US', [16])
        .sequence('ChannelDefinitionSequence', [
          item({ ChannelLabel: 'I Quimbleton', ChannelSensitivity: '1' }).sequence('ChannelSourceSequence', [
            code('Lead I'),
          ]),
        ])
        .put('WaveformData', 'OW', SAMPLES),
    ])
    .sequence('WaveformAnnotationSequence', [
      item({ UnformattedTextValue: `Sinus rhythm, ${NAMED}` }).put('ReferencedWaveformChannels', 'US', [1, 0]),
    ]);

const KINDS: readonly Kind[] = [
  ...['11.1', '11.2', '11.3', '11.4', '11.8'].map((uid) => ({
    name: `presentation state ${uid}`,
    instance: graphics(`1.2.840.10008.5.1.4.1.1.${uid}`),
  })),
  ...[
    ['9.1.1', 'ECG'],
    ['9.1.2', 'ECG'],
    ['9.2.1', 'HD'],
    ['9.3.1', 'EPS'],
    ['9.4.1', 'AU'],
    ['9.7.1', 'EEG'],
  ].map(([uid, modality]) => ({
    name: `waveform ${uid}`,
    instance: waveform(`1.2.840.10008.5.1.4.1.1.${uid}`, modality),
    bulk: ['WaveformSequence', 'WaveformData'],
  })),
  {
    name: 'RT structure set',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.3', 'RTSTRUCT')
      .putAll({
        StructureSetLabel: 'QUIMBLETON',
        StructureSetName: NAMED,
        StructureSetDescription: NAMED,
        StructureSetDate: '20200310',
      })
      .sequence('StructureSetROISequence', [
        item({
          ROINumber: '1',
          ROIName: 'GTV Quimbleton',
          ROIDescription: NAMED,
          ReferencedFrameOfReferenceUID: '1.2.999.9',
        }),
      ])
      .sequence('ROIContourSequence', [
        item({ ReferencedROINumber: '1' }).sequence('ContourSequence', [
          item({ ContourData: '1.5\\2.5\\3.5', ContourGeometricType: 'POINT' }),
        ]),
      ])
      .sequence('RTROIObservationsSequence', [
        item({ ROIInterpreter: 'Okonkwonsen^Adaezebeth', ROIObservationLabel: 'Quimbleton' }),
      ]),
    bulk: ['ROIContourSequence', 'ContourSequence', 'ContourData'],
  },
  {
    name: 'RT plan',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.5', 'RTPLAN')
      .putAll({
        RTPlanLabel: 'QUIMBLETON',
        RTPlanName: NAMED,
        RTPlanDescription: NAMED,
        RTPlanDate: '20200310',
        OperatorsName: 'Okonkwonsen^Adaezebeth',
      })
      .sequence('BeamSequence', [
        item({
          BeamName: 'Quimbleton AP',
          BeamDescription: NAMED,
          TreatmentMachineName: 'Linac 1',
          BeamNumber: '1',
        }),
      ]),
  },
  {
    name: 'RT dose',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.2', 'RTDOSE')
      .putAll({ DoseComment: NAMED, DoseUnits: 'GY' })
      .sequence('ReferencedRTPlanSequence', [REFERENCE]),
  },
  {
    name: 'RT treatment record',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.4', 'RTRECORD').putAll({
      TreatmentDate: '20200310',
      OperatorsName: 'Okonkwonsen^Adaezebeth',
    }),
  },
  {
    name: 'surface segmentation',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.5', 'SEG')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('SegmentSequence', [
        item({ SegmentLabel: NAMED, SegmentDescription: NAMED, TrackingID: 'ACQ55128', TrackingUID: '1.2.999.6' }),
      ]),
  },
  {
    name: 'spatial registration',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.1', 'REG')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('RegistrationSequence', [
        item({ FrameOfReferenceUID: '1.2.999.9' })
          .sequence('ReferencedImageSequence', [REFERENCE])
          .sequence('MatrixRegistrationSequence', [
            item({ FrameOfReferenceTransformationComment: NAMED }).sequence('MatrixSequence', [
              item({ FrameOfReferenceTransformationMatrix: '1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1\\0\\0\\0\\0\\1' }),
            ]),
          ]),
      ]),
    bulk: [
      'RegistrationSequence',
      'MatrixRegistrationSequence',
      'MatrixSequence',
      'FrameOfReferenceTransformationMatrix',
    ],
  },
  {
    name: 'real world value mapping',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.67', 'RWV')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('ReferencedImageRealWorldValueMappingSequence', [
        item()
          .sequence('ReferencedImageSequence', [REFERENCE])
          .sequence('RealWorldValueMappingSequence', [item({ LUTExplanation: NAMED, LUTLabel: 'QUIMBLETON' })]),
      ]),
  },
  {
    name: 'MR spectroscopy',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.4.2', 'MR')
      .putAll({ ImageComments: NAMED, AcquisitionDateTime: '20200310143000' })
      .put('SpectroscopyData', 'OF', SAMPLES),
    bulk: ['SpectroscopyData'],
  },
  {
    name: 'raw data',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66', 'MR').putAll({ ImageComments: NAMED }),
  },
  {
    name: 'key object selection',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.88.59', 'KO')
      .putAll({ ValueType: 'CONTAINER', ContinuityOfContent: 'SEPARATE', SeriesDescription: NAMED })
      .sequence('ConceptNameCodeSequence', [
        item({ CodeValue: '113000', CodingSchemeDesignator: 'DCM', CodeMeaning: 'Of Interest' }),
      ])
      .sequence('ContentSequence', [
        item({ RelationshipType: 'CONTAINS', ValueType: 'TEXT', TextValue: NAMED }).sequence(
          'ConceptNameCodeSequence',
          [code('Description')],
        ),
      ]),
  },
  {
    name: 'protocol',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.200.2', 'CT').putAll({
      CustodialOrganizationSequence: undefined,
      ProtocolName: NAMED,
    }),
  },
  {
    name: 'segmentation',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.4', 'SEG')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('SegmentSequence', [
        item({ SegmentNumber: '1', SegmentLabel: NAMED, SegmentDescription: NAMED, SegmentAlgorithmName: 'Quimbleton' })
          .sequence('SegmentedPropertyTypeCodeSequence', [code('Mass of Quimbleton')])
          .sequence('AnatomicRegionSequence', [code('Lung of Quimbleton')]),
      ])
      .sequence('DimensionOrganizationSequence', [item({ DimensionOrganizationUID: '1.2.999.12' })]),
  },
  {
    name: 'deformable registration',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.3', 'REG')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('DeformableRegistrationSequence', [
        item({ SourceFrameOfReferenceUID: '1.2.999.9' })
          .sequence('ReferencedImageSequence', [REFERENCE])
          .sequence('DeformableRegistrationGridSequence', [item().put('VectorGridData', 'OF', SAMPLES)]),
      ]),
    bulk: ['DeformableRegistrationSequence', 'DeformableRegistrationGridSequence', 'VectorGridData'],
  },
  {
    name: 'fiducials',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.2', 'FID')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('FiducialSetSequence', [
        item({ FrameOfReferenceUID: '1.2.999.9' }).sequence('FiducialSequence', [
          item({ FiducialIdentifier: 'QUIMBLETON', FiducialDescription: NAMED, FiducialUID: '1.2.999.13' }),
        ]),
      ]),
  },
  {
    name: 'RT ion plan',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.8', 'RTPLAN')
      .putAll({ RTPlanLabel: 'QUIMBLETON', RTPlanDescription: NAMED, PrescriptionDescription: NAMED })
      .sequence('PatientSetupSequence', [
        item({ PatientSetupNumber: '1', PatientSetupLabel: 'QUIMBLETON', SetupTechniqueDescription: NAMED }),
      ])
      .sequence('IonBeamSequence', [item({ BeamName: 'Quimbleton AP', BeamDescription: NAMED, BeamNumber: '1' })]),
  },
  {
    name: 'RT physician intent',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.10', 'RTINTENT')
      .putAll({ UserContentLabel: 'QUIMBLETON', UserContentLongLabel: NAMED, ContentDescription: NAMED })
      .sequence('RTPhysicianIntentSequence', [item({ RTPhysicianIntentNarrative: `${NAMED}, curative` })]),
  },
  {
    name: 'RT beams record',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.481.9', 'RTRECORD')
      .putAll({ TreatmentDate: '20200310', OperatorsName: 'Okonkwonsen^Adaezebeth' })
      .sequence('TreatmentSessionIonBeamSequence', [
        item({ BeamName: 'Quimbleton', CurrentFractionNumber: '1', TreatmentMachineName: 'Linac 1' }),
      ]),
  },
  {
    name: 'bulk annotations of a slide',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.91.1', 'ANN')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .putAll({ AnnotationCoordinateType: '2D' })
      .sequence('AnnotationGroupSequence', [
        item({
          AnnotationGroupUID: '1.2.999.14',
          AnnotationGroupLabel: 'QUIMBLETON',
          AnnotationGroupDescription: NAMED,
        }).put('PointCoordinatesData', 'OF', SAMPLES),
      ]),
    bulk: ['AnnotationGroupSequence', 'PointCoordinatesData'],
  },
  {
    name: 'tractography',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66.6', 'MR')
      .putAll({ ContentLabel: 'QUIMBLETON', ContentDescription: NAMED, ContentCreatorName: 'Okonkwonsen^Adaezebeth' })
      .sequence('TrackSetSequence', [
        item({ TrackSetLabel: 'Quimbleton', TrackSetDescription: NAMED }).sequence('TrackSequence', [
          item().put('PointCoordinatesData', 'OF', SAMPLES),
        ]),
      ]),
    bulk: ['TrackSetSequence', 'TrackSequence', 'PointCoordinatesData'],
  },
  {
    name: 'raw data of a scanner, in private elements',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.66', 'MR')
      .putAll({ ImageComments: NAMED, CreatorVersionUID: '1.2.999.15' })
      .put(0x00290010, 'LO', 'SIEMENS CSA NON-IMAGE')
      .put(0x00291010, 'OB', Buffer.from(`CSA header of ${NAMED} MRQ-4711082`))
      .put(0x7fe10010, 'LO', 'SIEMENS CSA NON-IMAGE')
      .put(0x7fe11010, 'OB', Buffer.from(`Spectrum of ${NAMED} MRQ-4711082`)),
  },
  {
    name: 'hanging protocol',
    instance: instanceOf('1.2.840.10008.5.1.4.38.1', 'OT').putAll({
      HangingProtocolName: 'QUIMBLETON',
      HangingProtocolDescription: NAMED,
      HangingProtocolCreator: 'Okonkwonsen^Adaezebeth',
      HangingProtocolUserGroupName: 'Taunusblickheim Clinic',
    }),
  },
  {
    name: 'lens measurements',
    instance: instanceOf('1.2.840.10008.5.1.4.1.1.78.1', 'LEN').putAll({
      ImageComments: NAMED,
      PerformedProcedureStepDescription: NAMED,
      OperatorsName: 'Okonkwonsen^Adaezebeth',
    }),
  },
];

async function clean(instance: DataSetBuilder, name: string): Promise<Prepared | undefined> {
  try {
    return await prepare(instance, await profile(name));
  } catch (error) {
    // What a profile cannot vouch for is held back, with a reason that says so.
    expect(['unknown-sop-class', 'iod-broken']).toContain((error as { reason?: string }).reason);
    return undefined;
  }
}

describe.each(KINDS)('$name', ({ instance, bulk }) => {
  it.each(['research', 'tcia', 'basic', 'keep-dates', 'strict'])(
    'tells nothing of the patient under %s',
    async (name) => {
      const result = await clean(instance, name);
      if (name !== 'strict') expect(result).toBeDefined();
      if (result === undefined) return;
      expect(leaksIn(result.bytes)).toEqual([]);
      const element = bulk === undefined || name === 'strict' ? undefined : result.element(...bulk);
      if (bulk === undefined || name === 'strict') return;
      const value = valueBytes(result.dataSet, element ?? expect.fail('the bulk is gone'));
      if (OPAQUE.has(bulk.at(-1))) expect(value.equals(SAMPLES)).toBe(true);
      else expect(value.length).toBeGreaterThan(6);
    },
  );
});

describe('under research', () => {
  it('a presentation state keeps the words of its annotations', async () => {
    const result = await clean(KINDS[0].instance, 'research');
    expect(result?.text('GraphicAnnotationSequence', 'TextObjectSequence', 'UnformattedTextValue')).toMatch(
      /^Tumor.*14 mm$/,
    );
    expect(result?.receipt.methods).toContain('113103');
  });

  it('a waveform keeps its channel labels and annotations without the patient', async () => {
    const result = await clean(KINDS[5].instance, 'research');
    expect(result?.text('WaveformSequence', 'ChannelDefinitionSequence', 'ChannelLabel')).toBe('I');
    expect(result?.text('WaveformSequence', 'MultiplexGroupLabel')).toBe('Rhythm');
    expect(result?.text('WaveformAnnotationSequence', 'UnformattedTextValue')).toContain('Sinus rhythm');
  });
});
