// An Enhanced MR image (PS3.3 A.36, 2026d) of many frames, each with its functional groups: sequences of many nested items.
import { chooseStudy, ctDevice } from '../../src/synthetic/ct.ts';
import { DataSetBuilder } from '../../src/synthetic/data-set-builder.ts';
import { createRandom } from '../../src/synthetic/random.ts';
import { beginInstance, code } from '../../src/synthetic/study.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../src/standard/transfer-syntaxes.ts';

const ENHANCED_MR_IMAGE = '1.2.840.10008.5.1.4.1.1.4.1';
const SIZE = 16;

/** A Part 10 file whose (5200,9230) has `frames` items. The pixels are small: what is measured are the attributes. */
export function buildEnhancedMr(frames: number): Buffer {
  const random = createRandom(7);
  const study = chooseStudy(7, 0, 3, 'MR Head', random);
  const series = {
    ...{ study, uid: `${study.uid}.4`, number: 4, modality: 'MR', description: 'ax t1 dyn' },
    ...{ device: ctDevice(random), startSecond: 30 },
  };
  const noise = Buffer.alloc(frames * SIZE * SIZE * 2);
  for (let at = 0; at < noise.length; at += 2) noise.writeUInt16LE(Math.floor(random.next() * 400), at);
  return beginInstance(series, ENHANCED_MR_IMAGE, `${series.uid}.1`, 1)
    .putAll({
      ImageType: ['ORIGINAL', 'PRIMARY', 'T1', 'NONE'],
      AcquisitionDateTime: `${study.date}101500.000`,
      BurnedInAnnotation: 'NO',
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      NumberOfFrames: frames,
      Rows: SIZE,
      Columns: SIZE,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      PresentationLUTShape: 'IDENTITY',
    })
    .sequence('SharedFunctionalGroupsSequence', [
      new DataSetBuilder().sequence('FrameAnatomySequence', [
        new DataSetBuilder()
          .putAll({ FrameLaterality: 'U' })
          .sequence('AnatomicRegionSequence', [code('12738006', 'SCT', 'Brain')]),
      ]),
    ])
    .sequence(
      'PerFrameFunctionalGroupsSequence',
      Array.from({ length: frames }, (_, index) => functionalGroups(`${study.date}101${500 + index}`, index)),
    )
    .put('PixelData', 'OW', noise)
    .toFile(EXPLICIT_VR_LITTLE_ENDIAN);
}

function functionalGroups(acquired: string, index: number): DataSetBuilder {
  const one = (values: Parameters<DataSetBuilder['putAll']>[0]): DataSetBuilder[] => [
    new DataSetBuilder().putAll(values),
  ];
  return new DataSetBuilder()
    .sequence(
      'FrameContentSequence',
      one({
        ...{ FrameAcquisitionDateTime: acquired, FrameReferenceDateTime: acquired },
        ...{ FrameAcquisitionDuration: 520, FrameComments: `frame ${index + 1}`, StackID: '1' },
        ...{ InStackPositionNumber: index + 1, TemporalPositionIndex: 1 },
      }),
    )
    .sequence('PlanePositionSequence', one({ ImagePositionPatient: ['-110', '-110', String(index)] }))
    .sequence('PlaneOrientationSequence', one({ ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'] }))
    .sequence('PixelMeasuresSequence', one({ SliceThickness: '5', PixelSpacing: ['0.85', '0.85'] }))
    .sequence('MREchoSequence', one({ EffectiveEchoTime: 8.9 }));
}
