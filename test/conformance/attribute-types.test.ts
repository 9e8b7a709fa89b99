// PS3.3 Types of the attributes with a compound action code in Table E.1-1, judged from the module tables of the standard.
import { describe, expect, it } from 'vitest';

import type { AttributeType } from '../../src/standard/attribute-types.ts';
import { attributesOf, hasIod, typeOf } from '../../src/standard/attribute-types.ts';
import { findByKeyword, findByTag } from '../../src/standard/dictionary.ts';
import { STORAGE_SOP_CLASSES } from '../../src/standard/sop-classes.ts';
import { rows } from '../../src/standard/table-e1-1.ts';
import { parseTag } from '../../src/standard/tags.ts';

const UIDS = {
  CR: '1.2.840.10008.5.1.4.1.1.1',
  DX: '1.2.840.10008.5.1.4.1.1.1.1',
  MG: '1.2.840.10008.5.1.4.1.1.1.2',
  CT: '1.2.840.10008.5.1.4.1.1.2',
  'Enhanced CT': '1.2.840.10008.5.1.4.1.1.2.1',
  'US multi-frame': '1.2.840.10008.5.1.4.1.1.3.1',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  'Enhanced MR': '1.2.840.10008.5.1.4.1.1.4.1',
  US: '1.2.840.10008.5.1.4.1.1.6.1',
  SC: '1.2.840.10008.5.1.4.1.1.7',
  'Multi-frame SC': '1.2.840.10008.5.1.4.1.1.7.2',
  ECG: '1.2.840.10008.5.1.4.1.1.9.1.1',
  Audio: '1.2.840.10008.5.1.4.1.1.9.4.1',
  EEG: '1.2.840.10008.5.1.4.1.1.9.7.1',
  PR: '1.2.840.10008.5.1.4.1.1.11.1',
  XA: '1.2.840.10008.5.1.4.1.1.12.1',
  'Enhanced XA': '1.2.840.10008.5.1.4.1.1.12.1.1',
  NM: '1.2.840.10008.5.1.4.1.1.20',
  Raw: '1.2.840.10008.5.1.4.1.1.66',
  REG: '1.2.840.10008.5.1.4.1.1.66.1',
  SEG: '1.2.840.10008.5.1.4.1.1.66.4',
  'Label map': '1.2.840.10008.5.1.4.1.1.66.7',
  'VL photo': '1.2.840.10008.5.1.4.1.1.77.1.4',
  OPT: '1.2.840.10008.5.1.4.1.1.77.1.5.4',
  WSI: '1.2.840.10008.5.1.4.1.1.77.1.6',
  SR: '1.2.840.10008.5.1.4.1.1.88.33',
  KO: '1.2.840.10008.5.1.4.1.1.88.59',
  RDSR: '1.2.840.10008.5.1.4.1.1.88.67',
  PDF: '1.2.840.10008.5.1.4.1.1.104.1',
  PT: '1.2.840.10008.5.1.4.1.1.128',
  'RT Image': '1.2.840.10008.5.1.4.1.1.481.1',
  'RT Dose': '1.2.840.10008.5.1.4.1.1.481.2',
  RTSTRUCT: '1.2.840.10008.5.1.4.1.1.481.3',
  'RT Record': '1.2.840.10008.5.1.4.1.1.481.4',
  'RT Plan': '1.2.840.10008.5.1.4.1.1.481.5',
  'RT Summary': '1.2.840.10008.5.1.4.1.1.481.7',
  'RT Ion Plan': '1.2.840.10008.5.1.4.1.1.481.8',
} as const;

type Name = keyof typeof UIDS;

function tagOf(keyword: string): number {
  const entry = findByKeyword(keyword);
  if (entry === undefined) throw new TypeError(`no attribute ${keyword}`);
  return entry.tag;
}

/** Attribute, its Type, and the IODs in which it has that Type. */
type Row = readonly [keyword: string, type: AttributeType | undefined, iods: string];

/** Every IOD above that has the attribute is named; see the module tables cited. */
const TOP_LEVEL: readonly Row[] = [
  // C.7-1 Patient: in every IOD of a patient.
  ['PatientID', '2', 'CR DX MG CT MR US SC NM PT XA SEG PR SR KO RDSR ECG PDF WSI RT Plan RTSTRUCT Enhanced CT'],
  // C.7-4a Patient Study.
  ['PatientSexNeutered', '2C', 'CT MR US SR RT Plan'],
  // C.7-5a General Series; C.8.9.1 PET Series makes both Type 1.
  ['SeriesDate', '3', 'CT MR US CR DX MG NM SC XA RTSTRUCT SEG SR KO'],
  ['SeriesTime', '3', 'CT MR US CR DX MG NM SC XA RTSTRUCT SEG SR KO'],
  ['SeriesDate', '1', 'PT'],
  ['SeriesTime', '1', 'PT'],
  ['ProtocolName', '3', 'CT MR US NM PT SEG Enhanced MR'],
  // C.7-8 General Equipment; C.7-8b Enhanced General Equipment makes the serial number Type 1.
  ['InstitutionName', '3', 'CT MR US SR RT Plan PR WSI ECG'],
  ['StationName', '3', 'CT MR US SR RT Plan PR WSI ECG'],
  ['DeviceSerialNumber', '3', 'CR CT MR US SC NM PT DX MG XA SR KO PR RTSTRUCT RT Plan RT Dose ECG'],
  ['DeviceSerialNumber', '1', 'Enhanced CT|Enhanced MR|Enhanced XA|SEG|Label map|OPT|WSI|RDSR|EEG'],
  // C.7-9 General Image; C.7.6.16 makes date and time of content Type 1; so do reports, waveforms, raw data, registration.
  ['ContentDate', '2C', 'CR|CT|MR|US|US multi-frame|SC|NM|PT|DX|MG|XA|RT Image|RT Dose'],
  ['ContentTime', '2C', 'CR|CT|MR|US|US multi-frame|SC|NM|PT|DX|MG|XA|RT Image|RT Dose'],
  ['ContentDate', '1', 'Enhanced CT|Enhanced MR|Enhanced XA|SEG|Label map|OPT|WSI|SR|KO|RDSR|ECG|Audio|EEG|Raw|REG'],
  ['ContentTime', '1', 'Enhanced CT|Enhanced MR|Enhanced XA|SEG|Label map|OPT|WSI|SR|KO|RDSR|ECG|Audio|EEG|Raw|REG'],
  // C.24-2 Encapsulated Document.
  ['ContentDate', '2', 'PDF'],
  ['ContentTime', '2', 'PDF'],
  ['AcquisitionDateTime', '2', 'PDF'],
  // C.8.12.1 VL Image.
  ['ContentTime', '1C', 'VL photo'],
  // C.7.10.1 General Acquisition; C.8.9.4 PET Image makes both Type 2.
  ['AcquisitionDate', '3', 'CR CT MR US SC NM XA'],
  ['AcquisitionTime', '3', 'CR CT MR US SC NM XA'],
  ['AcquisitionDate', '2', 'PT'],
  ['AcquisitionTime', '2', 'PT'],
  // C.8.5.6 US Image, C.8.15.2 Enhanced CT, C.8.13.1 Enhanced MR: 1C; waveforms, Enhanced XA, OPT, WSI: 1.
  ['AcquisitionDateTime', '3', 'CR CT MR SC NM PT XA Raw'],
  ['AcquisitionDateTime', '1C', 'US|US multi-frame|Enhanced CT|Enhanced MR'],
  ['AcquisitionDateTime', '1', 'ECG|Audio|EEG|Enhanced XA|OPT|WSI'],
  // C.7.6.14 Acquisition Context.
  ['AcquisitionContextSequence', '2', 'DX|MG|NM|PT|VL photo|WSI|ECG|Enhanced CT|Enhanced MR|Enhanced XA|OPT'],
  ['AcquisitionContextSequence', undefined, 'CT MR SC PR SR KO RDSR RTSTRUCT RT Plan SEG'],
  // C.12-1 SOP Common.
  ['InstanceCreationDate', '3', 'CT MR US SR KO RDSR PR SEG RT Plan RTSTRUCT ECG PDF WSI'],
  ['InstanceCreationTime', '3', 'CT MR US SR KO RDSR PR SEG RT Plan RTSTRUCT ECG PDF WSI'],
  // C.7-12 Contrast/Bolus.
  ['ContrastBolusAgent', '2', 'CR CT MR XA DX MG'],
  // Table 10.9-1 Content Identification Macro.
  ['ContentCreatorName', '2', 'PR|SEG|Label map|REG'],
  // C.8.8.1 RT Series makes the operators Type 2; C.7-5a General Series leaves them Type 3.
  ['OperatorsName', '2', 'RT Image|RT Dose|RTSTRUCT|RT Plan|RT Ion Plan|RT Record'],
  ['OperatorsName', '3', 'CT MR US NM PT XA SEG'],
  ['OperatorsName', undefined, 'SR KO RDSR'],
  // C.17-1 SR Document Series and C.17.6.1 Key Object Document Series; C.8.11.1, C.7-5c and others for images.
  ['ReferencedPerformedProcedureStepSequence', '2', 'SR KO RDSR'],
  ['ReferencedPerformedProcedureStepSequence', '1C', 'DX|MG|Enhanced CT|Enhanced MR|Enhanced XA|SEG|Label map|OPT|WSI'],
  ['ReferencedPerformedProcedureStepSequence', '3', 'CT MR US CR NM PT XA SC RTSTRUCT RT Plan'],
  // C.7-3 General Study.
  ['ReferencedStudySequence', '3', 'CT MR US SR KO RT Plan'],
  // C.12-10 General Reference; C.8.7.1 X-Ray Image and C.8.12.1 VL Image make it 1C.
  ['ReferencedImageSequence', '3', 'CT MR US CR PT NM SC'],
  ['ReferencedImageSequence', '1C', 'XA|VL photo'],
  ['SourceImageSequence', '3', 'CT MR US CR PT NM SC XA'],
  // C.8.8.9 RT General Plan, C.8.8.16 Approval, C.8.8.17 RT General Treatment Record, C.8.8.23 Treatment Summary.
  ['RTPlanDate', '2', 'RT Plan|RT Ion Plan'],
  ['RTPlanTime', '2', 'RT Plan|RT Ion Plan'],
  ['ReviewerName', '2C', 'RT Plan|RT Ion Plan|RTSTRUCT'],
  ['TreatmentDate', '2', 'RT Record|RT Summary'],
  ['TreatmentTime', '2', 'RT Record|RT Summary'],
  ['FirstTreatmentDate', '2', 'RT Summary'],
  ['MostRecentTreatmentDate', '2', 'RT Summary'],
  // C.17-5 Document Relationship Macro, for the root content item.
  ['ObservationDateTime', '1C', 'SR KO RDSR'],
  // C.8.12.8 Slide Label.
  ['LabelText', '2', 'WSI'],
  ['BarcodeValue', '2', 'WSI'],
  // C.10.10 Waveform Annotation.
  ['WaveformAnnotationSequence', '1', 'ECG EEG'],
  // C.8.1.2 CR Image, C.8.7.1 X-Ray Image, C.8.11.4 DX Detector.
  ['AcquisitionDeviceProcessingDescription', '3', 'CR XA DX MG'],
  ['DetectorID', '3', 'DX MG'],
  ['DateOfLastDetectorCalibration', '3', 'DX MG'],
  ['TimeOfLastDetectorCalibration', '3', 'DX MG'],
];

/** Attribute, the sequence that directly holds it, its Type, and IODs. */
const IN_ITEMS: readonly (readonly [string, string, AttributeType | undefined, string])[] = [
  // C.17-2 SR Document General.
  ['ReferencedStudySequence', 'ReferencedRequestSequence', '2', 'SR KO RDSR'],
  ['RequestedProcedureDescription', 'ReferencedRequestSequence', '2', 'SR KO RDSR'],
  ['InstitutionName', 'AuthorObserverSequence', '2', 'SR RDSR'],
  ['InstitutionCodeSequence', 'AuthorObserverSequence', '2', 'SR RDSR'],
  ['StationName', 'AuthorObserverSequence', '2C', 'SR RDSR'],
  // Table 10-9 Request Attributes Macro.
  ['RequestedProcedureDescription', 'RequestAttributesSequence', '3', 'CT MR US'],
  // C.8.8.14 RT Beams, C.8.8.25 RT Ion Beams, C.8.8.18 RT Treatment Machine Record.
  ['TreatmentMachineName', 'BeamSequence', '2', 'RT Plan'],
  ['TreatmentMachineName', 'IonBeamSequence', '2', 'RT Ion Plan'],
  ['TreatmentMachineName', 'TreatmentMachineSequence', '2', 'RT Record'],
  ['DeviceSerialNumber', 'TreatmentMachineSequence', '2', 'RT Record'],
  ['InstitutionName', 'TreatmentMachineSequence', '2', 'RT Record'],
  // C.12-1 SOP Common.
  ['DeviceSerialNumber', 'ContributingEquipmentSequence', '3', 'CT MR SR'],
  ['InstitutionName', 'ContributingEquipmentSequence', '3', 'CT MR SR'],
  // C.7.6.16.2.5 and .6: functional groups.
  ['ReferencedImageSequence', 'SharedFunctionalGroupsSequence', '2', 'Enhanced CT|Enhanced MR|SEG|WSI'],
  ['SourceImageSequence', 'DerivationImageSequence', '2', 'Enhanced CT|Enhanced MR|SEG|Label map'],
  // C.11.11 Presentation State Relationship Macro.
  ['ReferencedImageSequence', 'ReferencedSeriesSequence', '1', 'PR'],
  // What is not there.
  ['PatientID', 'ReferencedStudySequence', undefined, 'CT MR SR'],
];

/** Names are parted by `|`, or by blanks where none of them holds one. */
function iodsOf(text: string): Name[] {
  if (text.includes('|')) return text.split('|') as Name[];
  const known = Object.keys(UIDS).sort((a, b) => b.length - a.length);
  const names: string[] = [];
  let rest = text;
  for (const name of known) {
    const without = ` ${rest} `.replace(` ${name} `, '  ');
    if (without.trim() !== rest.trim()) names.push(name);
    rest = without.trim();
  }
  if (rest.trim() !== '') throw new TypeError(`no IOD ${rest}`);
  return names as Name[];
}

describe('Types of attributes with a compound action code', () => {
  const cases = TOP_LEVEL.flatMap(([keyword, type, iods]) =>
    iodsOf(iods).map((name) => ({ keyword, type, name, uid: UIDS[name] })),
  );

  it.each(cases)('$keyword is Type $type in $name', ({ keyword, type, uid }) => {
    expect(typeOf(uid, tagOf(keyword))).toBe(type);
  });

  const nested = IN_ITEMS.flatMap(([keyword, sequence, type, iods]) =>
    iodsOf(iods).map((name) => ({ keyword, sequence, type, name, uid: UIDS[name] })),
  );

  it.each(nested)('$keyword is Type $type inside $sequence in $name', ({ keyword, sequence, type, uid }) => {
    expect(typeOf(uid, tagOf(keyword), tagOf(sequence))).toBe(type);
  });

  it('names only attributes whose code is compound, or neighbours on purpose', () => {
    const compound = new Set(
      rows()
        .filter(({ basic }) => basic.includes('/'))
        .map(({ keyword }) => keyword),
    );
    expect(compound.size).toBe(50);
    expect(TOP_LEVEL.filter(([keyword]) => !compound.has(keyword))).toEqual([]);
  });
});

describe('attribute types as a table', () => {
  it('knows nothing of private SOP classes, queries, or IODs that it has no modules of', () => {
    for (const uid of ['', '1.3.12.2.1107.5.9.1', '1.2.840.10008.5.1.4.1.2.2.1', '1.2.840.10008.5.1.4.1.1.501.1']) {
      expect(hasIod(uid)).toBe(false);
      expect(typeOf(uid, 0x00100020)).toBeUndefined();
      expect(attributesOf(uid).size).toBe(0);
    }
  });

  it('knows the IOD of most storage SOP classes; the others are second generation radiotherapy, security and material testing', () => {
    const unknown = STORAGE_SOP_CLASSES.filter(({ uid }) => !hasIod(uid)).map(({ name }) => name);
    expect(STORAGE_SOP_CLASSES.length - unknown.length).toBeGreaterThanOrEqual(177);
    expect(unknown.filter((name) => /^(CT|MR|PET|Ultrasound Image|Segmentation|Encapsulated)/.test(name))).toEqual([]);
  });

  it('requires SOP class and instance UID in every IOD, and the patient wherever there is one', () => {
    for (const { uid, name } of STORAGE_SOP_CLASSES) {
      if (!hasIod(uid)) continue;
      expect([name, typeOf(uid, 0x00080016), typeOf(uid, 0x00080018)]).toEqual([name, '1', '1']);
      const patientId = typeOf(uid, 0x00100020);
      if (patientId === undefined) expect(name).toMatch(/Template|Protocol|Palette/);
    }
  });

  it('has the attributes that General Equipment and SOP Common gained since 2019', () => {
    expect(typeOf(UIDS.CT, tagOf('DeviceUID'))).toBe('3');
    expect(typeOf(UIDS.SR, tagOf('InstitutionalDepartmentTypeCodeSequence'))).toBe('3');
  });

  it('gives every overlay plane the Types of the first', () => {
    expect([0x60003000, 0x60020010, 0x601e0100].map((tag) => typeOf(UIDS.CT, tag))).toEqual(['1', '1', '1']);
    expect(typeOf(UIDS.SR, 0x60003000)).toBeUndefined();
  });

  it('names attributes that the dictionary knows', () => {
    const unknown = STORAGE_SOP_CLASSES.flatMap(({ uid }) => [...attributesOf(uid).keys()]).filter(
      (tag) => findByTag(tag) === undefined,
    );
    expect(unknown).toEqual([]);
  });

  it('covers every tag that Table E.1-1 says is in a standard composite IOD, but for those of unknown IODs', () => {
    const atTop = new Set(STORAGE_SOP_CLASSES.flatMap(({ uid }) => [...attributesOf(uid).keys()]));
    const listed = rows().filter(
      ({ tagPattern, isInStandardIod }) => isInStandardIod && parseTag(tagPattern) !== undefined,
    );
    const found = listed.filter(({ tagPattern }) => atTop.has(parseTag(tagPattern) ?? 0));
    expect(found.length).toBeGreaterThan(180);
  });
});
