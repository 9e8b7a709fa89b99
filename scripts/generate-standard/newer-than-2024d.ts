// What PS3.6 gained between 2024d (the edition of the shared dictionary and UID list) and 2026d, as far as it is known here.
import type { DictionaryRow, UidRow } from './shared-data.ts';

function attribute(tag: string, vr: string, vm: string, keyword: string, name: string): DictionaryRow {
  return { tag, vr, vm, keyword, name, retired: false };
}

function storageClass(uid: string, name: string): UidRow {
  return { uid, name, type: 'SOP Class', retired: false };
}

/** Attributes of Table E.1-1 (2026d) that the 2024d dictionary lacks, and the waveform annotation block around some of them. */
export const NEWER_ATTRIBUTES: readonly DictionaryRow[] = [
  attribute('00081301', 'SQ', '1', 'PrincipalDiagnosisCodeSequence', 'Principal Diagnosis Code Sequence'),
  attribute('00081302', 'SQ', '1', 'PrimaryDiagnosisCodeSequence', 'Primary Diagnosis Code Sequence'),
  attribute('00081303', 'SQ', '1', 'SecondaryDiagnosesCodeSequence', 'Secondary Diagnoses Code Sequence'),
  attribute('00081304', 'SQ', '1', 'HistologicalDiagnosesCodeSequence', 'Histological Diagnoses Code Sequence'),
  attribute('00100011', 'SQ', '1', 'PersonNamesToUseSequence', 'Person Names to Use Sequence'),
  attribute('00100012', 'LT', '1', 'NameToUse', 'Name to Use'),
  attribute('00100013', 'UT', '1', 'NameToUseComment', 'Name to Use Comment'),
  attribute('00100014', 'SQ', '1', 'ThirdPersonPronounsSequence', 'Third Person Pronouns Sequence'),
  attribute('00100015', 'SQ', '1', 'PronounCodeSequence', 'Pronoun Code Sequence'),
  attribute('00100016', 'UT', '1', 'PronounComment', 'Pronoun Comment'),
  attribute('00100041', 'SQ', '1', 'GenderIdentitySequence', 'Gender Identity Sequence'),
  attribute(
    '00100042',
    'UT',
    '1',
    'SexParametersForClinicalUseCategoryComment',
    'Sex Parameters for Clinical Use Category Comment',
  ),
  attribute(
    '00100043',
    'SQ',
    '1',
    'SexParametersForClinicalUseCategorySequence',
    'Sex Parameters for Clinical Use Category Sequence',
  ),
  attribute('00100044', 'SQ', '1', 'GenderIdentityCodeSequence', 'Gender Identity Code Sequence'),
  attribute('00100045', 'UT', '1', 'GenderIdentityComment', 'Gender Identity Comment'),
  attribute(
    '00100046',
    'SQ',
    '1',
    'SexParametersForClinicalUseCategoryCodeSequence',
    'Sex Parameters for Clinical Use Category Code Sequence',
  ),
  attribute(
    '00100047',
    'UR',
    '1-n',
    'SexParametersForClinicalUseCategoryReference',
    'Sex Parameters for Clinical Use Category Reference',
  ),
  { ...attribute('00102160', 'SH', '1', 'EthnicGroup', 'Ethnic Group'), retired: true },
  attribute('00102162', 'UC', '1-n', 'EthnicGroups', 'Ethnic Groups'),
  attribute('0040A034', 'DT', '1', 'EffectiveStartDateTime', 'Effective Start DateTime'),
  attribute('0040A035', 'DT', '1', 'EffectiveStopDateTime', 'Effective Stop DateTime'),
  attribute('0040B030', 'SQ', '1', 'StructuredWaveformAnnotationSequence', 'Structured Waveform Annotation Sequence'),
  attribute(
    '0040B031',
    'SQ',
    '1',
    'WaveformAnnotationDisplaySelectionSequence',
    'Waveform Annotation Display Selection Sequence',
  ),
  attribute('0040B032', 'US', '1', 'ReferencedMontageIndex', 'Referenced Montage Index'),
  attribute('0040B033', 'SQ', '1', 'WaveformTextualAnnotationSequence', 'Waveform Textual Annotation Sequence'),
  attribute('0040B034', 'DT', '1', 'AnnotationDateTime', 'Annotation DateTime'),
  attribute('0040B035', 'SQ', '1', 'DisplayedWaveformSegmentSequence', 'Displayed Waveform Segment Sequence'),
  attribute('0040B036', 'DT', '1', 'SegmentDefinitionDateTime', 'Segment Definition DateTime'),
  attribute('0040B037', 'SQ', '1', 'MontageActivationSequence', 'Montage Activation Sequence'),
  attribute('0040B038', 'DS', '1', 'MontageActivationTimeOffset', 'Montage Activation Time Offset'),
  attribute('0040B039', 'SQ', '1', 'WaveformMontageSequence', 'Waveform Montage Sequence'),
  attribute('0040B03A', 'IS', '1', 'ReferencedMontageChannelNumber', 'Referenced Montage Channel Number'),
  attribute('0040B03B', 'LT', '1', 'MontageName', 'Montage Name'),
  attribute('0040B03C', 'SQ', '1', 'MontageChannelSequence', 'Montage Channel Sequence'),
  attribute('0040B03D', 'US', '1', 'MontageIndex', 'Montage Index'),
  attribute('0040B03E', 'IS', '1', 'MontageChannelNumber', 'Montage Channel Number'),
  attribute('0040B03F', 'LO', '1', 'MontageChannelLabel', 'Montage Channel Label'),
  attribute('0040B040', 'SQ', '1', 'MontageChannelSourceCodeSequence', 'Montage Channel Source Code Sequence'),
  attribute('0040B041', 'SQ', '1', 'ContributingChannelSourcesSequence', 'Contributing Channel Sources Sequence'),
  attribute('0040B042', 'FL', '1', 'ChannelWeight', 'Channel Weight'),
  attribute('0040E012', 'UR', '1', 'DisplayURI', 'Display URI'),
  attribute('3004007F', 'LO', '1', 'DoseCalculationModelName', 'Dose Calculation Model Name'),
];

/** UIDs of PS3.6 Table A-1 (2026d) that the shared list lacks. */
export const NEWER_UIDS: readonly UidRow[] = [
  storageClass('1.2.840.10008.5.1.4.1.1.2.3', 'CT Image Storage - For Processing'),
  storageClass('1.2.840.10008.5.1.4.1.1.2.4', 'Enhanced CT Image Storage - For Processing'),
  storageClass('1.2.840.10008.5.1.4.1.1.2.5', 'Legacy Converted Enhanced CT Image Storage - For Processing'),
  storageClass('1.2.840.10008.5.1.4.1.1.9.100.1', 'Waveform Presentation State Storage'),
  storageClass('1.2.840.10008.5.1.4.1.1.9.100.2', 'Waveform Acquisition Presentation State Storage'),
  storageClass('1.2.840.10008.5.1.4.1.1.601.5', 'Ultrasound Waveform Storage'),
];
