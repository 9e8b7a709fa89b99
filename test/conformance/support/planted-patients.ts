// The invented patients of the planted set, and studies of them in which every attribute that can hold a value holds one of theirs.
import { findByTag } from '../../../src/standard/dictionary.ts';
import { rows } from '../../../src/standard/table-e1-1.ts';
import { parseTag, TAG } from '../../../src/standard/tags.ts';
import {
  EXPLICIT_VR_BIG_ENDIAN,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
} from '../../../src/standard/transfer-syntaxes.ts';
import { DataSetBuilder } from '../../../src/synthetic/data-set-builder.ts';
import type { BuilderValue } from '../../../src/synthetic/data-set-builder.ts';

export interface PlantedPatient {
  readonly index: number;
  readonly characterSet: readonly string[];
  readonly name: string;
  readonly id: string;
  readonly accession: string;
  readonly birthDate: string;
  /** What must not be found again, by kind. */
  readonly identifiers: Readonly<Record<'name' | 'staff' | 'id' | 'birthDate' | 'place', readonly string[]>>;
}

export interface PlantedInstance {
  readonly kind: 'image' | 'nested' | 'report';
  readonly file: Buffer;
  /** Descriptions with an identifier behind the clinical words, by tag. */
  readonly descriptions: ReadonlyMap<number, string>;
}

export interface PlantedStudy {
  readonly day: string;
  readonly uids: readonly string[];
  readonly instances: readonly PlantedInstance[];
}

/** One name in each character set of the shared corpus. */
const NAMES: readonly (readonly [characterSet: readonly string[], name: string])[] = [
  [[], 'Quimbleton^Josephine'],
  [['ISO_IR 6'], 'Featherstonehaugh^Barnaby'],
  [['ISO_IR 100'], 'Lindqvist^Änne-Sofía'],
  [['ISO 2022 IR 100'], 'Müllerbach^Jörgen'],
  [['ISO_IR 101'], 'Wałęsowicz^Łukasz'],
  [['ISO_IR 110'], 'Kāpostiņš^Ģirts'],
  [['ISO_IR 126'], 'Διονυσίου^Αλέξης'],
  [['ISO_IR 127'], 'قباني^لنزار'],
  [['ISO_IR 138'], 'שרוני^דבורה'],
  [['ISO_IR 144'], 'Люксембургов^Иванушка'],
  [['ISO_IR 166'], 'สมชายดี^ใจดีมาก'],
  [['ISO_IR 13'], 'ﾔﾏﾓﾄﾀ^ｼﾞﾛｳﾏﾙ'],
  [['ISO 2022 IR 13', 'ISO 2022 IR 87'], 'ﾔﾏﾀﾞﾅｶ^ﾀﾛｳｽｹ=山田中^太郎助=やまだなか^たろうすけ'],
  [['', 'ISO 2022 IR 87'], 'Hoshikawa^Kentaro=星川^健太郎=ほしかわ^けんたろう'],
  [['', 'ISO 2022 IR 149'], 'Hongdae^Gildongsu=洪大^吉洞=홍대^길동수'],
  [['', 'ISO 2022 IR 58'], 'Zhangwei^Xiaodong=张伟^小东'],
  [['GB18030'], 'Wangxiu^Xiaolong=王秀^小龙'],
  [['ISO_IR 192'], 'Ó Dálaighson^Siobhánette'],
];

export const PATIENTS: readonly PlantedPatient[] = NAMES.map(([characterSet, name], index) => {
  const number = String(471_108 + index * 7919).padStart(6, '0');
  const id = `MRQ-${number}`;
  const accession = `ACQ${number}55`;
  const parts = name.split(/[\^= ]/).filter((part) => part.length > 2 || /[^\0-\x7F]{2}/.test(part));
  return {
    index,
    characterSet,
    name,
    id,
    accession,
    birthDate: `19${50 + index}0217`,
    identifiers: {
      name: parts,
      staff: ['Okonkwonsen', 'Adaezebeth', 'Kowalczykov'],
      id: [id, accession, `VISIT-${number}`, `+49 69 ${number}`],
      birthDate: [`19${50 + index}0217`],
      place: ['Taunusblickheim', 'Hirschgrabenallee 23'],
    },
  };
});

/** What people write into descriptions, with words that are names too. */
export const CLINICAL_TEXTS: readonly string[] = [
  'CT CHEST W/O CONTRAST',
  'MRI BRAIN WITH AND WITHOUT CONTRAST',
  'T2 FLAIR axial 3mm',
  'White matter hyperintensities',
  'Lung nodule follow up',
  'Ax T1 FSE post gad',
  'Wilson disease, liver',
  'Abdomen portal venous phase',
  'XR Chest PA and lateral',
  'Sag STIR lumbar spine',
  'Circle of Willis MRA TOF',
  'No acute intracranial hemorrhage',
  'Right knee AP weight bearing',
  'PET whole body FDG',
  'Graves ophthalmopathy orbits',
  'Mammogram bilateral CC MLO',
];

const UID_ROOT = '1.2.826.0.1.77777';
const TRANSFER_SYNTAXES = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_BIG_ENDIAN];
const CT = '1.2.840.10008.5.1.4.1.1.2';
const MR = '1.2.840.10008.5.1.4.1.1.4';
const COMPREHENSIVE_SR = '1.2.840.10008.5.1.4.1.1.88.33';
const NUMBER = 7919;

/** Attributes whose own meaning the instance needs. */
const OWN: ReadonlySet<number> = new Set([
  TAG.SOPInstanceUID,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
  TAG.FrameOfReferenceUID,
  TAG.PatientID,
  TAG.PatientName,
  TAG.PatientBirthDate,
  TAG.AccessionNumber,
  TAG.StudyDate,
  TAG.PatientSex,
  TAG.CurrentRequestedProcedureEvidenceSequence,
  TAG.ContentSequence,
]);

interface Uids {
  readonly study: string;
  readonly series: string;
  readonly frame: string;
  readonly instances: readonly string[];
}

/** Three instances: attributes at the top level, attributes and hiding places inside, and a report on the first. */
export function plantStudy(patient: PlantedPatient, day: string): PlantedStudy {
  const study = `${UID_ROOT}.${patient.index + 1}.${day}`;
  const uids: Uids = {
    study,
    series: `${study}.1`,
    frame: `${study}.99`,
    instances: [1, 2, 3].map((number) => `${study}.1.${number}`),
  };
  const transferSyntaxUid = TRANSFER_SYNTAXES[patient.index % TRANSFER_SYNTAXES.length];
  const write = (builder: DataSetBuilder): Buffer => {
    const preamble = Buffer.alloc(128);
    preamble.write(`${patient.id} Okonkwonsen`, 10, 'latin1');
    return builder.toFile(transferSyntaxUid, { preamble, sourceAeTitle: patient.id });
  };
  const descriptions = new Map<number, string>();
  const image = base(patient, day, uids, 0, CT);
  plantRows(image, patient, day, uids, descriptions);
  const nested = base(patient, day, uids, 1, MR);
  plantInside(nested, patient, day, uids);
  const report = base(patient, day, uids, 2, COMPREHENSIVE_SR);
  plantReport(report, patient, day, uids);
  return {
    day,
    uids: [uids.study, uids.series, uids.frame, ...uids.instances],
    instances: [
      { kind: 'image', file: write(image), descriptions },
      { kind: 'nested', file: write(nested), descriptions: new Map() },
      { kind: 'report', file: write(report), descriptions: new Map() },
    ],
  };
}

function base(
  { characterSet, ...patient }: PlantedPatient,
  day: string,
  uids: Uids,
  index: number,
  sopClass: string,
): DataSetBuilder {
  const isImage = sopClass !== COMPREHENSIVE_SR;
  const builder = new DataSetBuilder().putAll({
    SOPClassUID: sopClass,
    SOPInstanceUID: uids.instances[index],
    StudyInstanceUID: uids.study,
    SeriesInstanceUID: uids.series,
    PatientID: patient.id,
    PatientBirthDate: patient.birthDate,
    PatientSex: 'O',
    StudyDate: day,
    StudyTime: '101112',
    AccessionNumber: patient.accession,
    Modality: sopClass === CT ? 'CT' : sopClass === MR ? 'MR' : 'SR',
    ReferringPhysicianName: 'Okonkwonsen^Adaezebeth',
    OperatorsName: 'Kowalczykov^Piotr',
    InstitutionName: 'Klinikum Taunusblickheim',
    InstitutionAddress: 'Hirschgrabenallee 23',
    Manufacturer: 'ACME',
    StudyID: `VISIT-${patient.id.slice(4)}`,
    PatientTelephoneNumbers: `+49 69 ${patient.id.slice(4)}`,
  });
  if (characterSet.length > 0) builder.put('SpecificCharacterSet', 'CS', characterSet);
  builder.put('PatientName', 'PN', patient.name);
  if (isImage) {
    builder.putAll({
      FrameOfReferenceUID: uids.frame,
      ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      Rows: 2,
      Columns: 2,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
    });
    builder.put('PixelData', 'OW', Buffer.alloc(8));
  }
  return builder;
}

/** Every row of Table E.1-1. Descriptions get clinical words too. */
function plantRows(
  builder: DataSetBuilder,
  patient: PlantedPatient,
  day: string,
  uids: Uids,
  descriptions?: Map<number, string>,
): void {
  for (const [index, row] of rows().entries()) {
    const tag = parseTag(row.tagPattern);
    if (tag === undefined || tag < 0x00080000 || (descriptions !== undefined && OWN.has(tag))) continue;
    const vr = findByTag(tag)?.vr.slice(0, 2) ?? 'UN';
    if (vr === 'SQ') {
      builder.sequence(tag, [itemOf(patient, day, uids)], { hasUndefinedLength: index % 2 === 0 });
      continue;
    }
    const isDescription = row.options['clean-descriptors'] === 'C';
    // What names a place or an order is looked for elsewhere as a whole: clinical words in it would be taken out too.
    const words = isDescription ? clinical(index) : 'of';
    const value = valueFor(vr, patient, day, uids, index, words);
    builder.put(tag, vr, value);
    if (
      row.options['clean-descriptors'] === 'C' &&
      typeof value === 'string' &&
      ['LO', 'LT', 'SH', 'ST', 'UC', 'UT'].includes(vr)
    )
      descriptions?.set(tag, value);
  }
}

function valueFor(
  vr: string,
  patient: PlantedPatient,
  day: string,
  uids: Uids,
  index: number,
  words: string,
): BuilderValue {
  const family = patient.name.split(/[\^=]/)[0];
  switch (vr) {
    case 'AE':
    case 'CS':
      return patient.id;
    case 'AS':
      return '095Y';
    case 'AT':
      return TAG.PatientName;
    case 'DA':
      return index % 3 === 0 ? patient.birthDate : day;
    case 'DS':
    case 'IS':
      return patient.id.slice(4);
    case 'DT':
      return `${day}101112.5+0100`;
    case 'FD':
    case 'FL':
    case 'SL':
    case 'SS':
    case 'UL':
    case 'US':
      return NUMBER;
    case 'OB':
    case 'OW':
    case 'UN':
      return evenBytes(`\x01${patient.id}^Okonkwonsen ${uids.study}`);
    case 'PN':
      return index % 2 === 0 ? patient.name : 'Okonkwonsen^Adaezebeth';
    case 'SH':
      return words === 'of' ? patient.id : `CHEST ${patient.id}`;
    case 'TM':
      return '101112.500000';
    case 'UI':
      return index % 2 === 0 ? uids.study : uids.instances[0];
    case 'UR':
      return `http://pacs.example.org/${patient.accession}/${uids.study}`;
    case 'LO':
      return `${words} ${index % 2 === 0 ? family : patient.id}`.slice(0, 64);
    default:
      return `${words} for ${family}, MRN ${patient.id}, acc ${patient.accession}, seen by Dr. Okonkwonsen`;
  }
}

function evenBytes(text: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1');
}

function clinical(index: number): string {
  return CLINICAL_TEXTS[index % CLINICAL_TEXTS.length];
}

/** An item that tells much, and in an item of its own the same again. */
function itemOf(patient: PlantedPatient, day: string, uids: Uids, depth = 0): DataSetBuilder {
  const item = new DataSetBuilder().putAll({
    PatientID: patient.id,
    ReferencedSOPClassUID: CT,
    ReferencedSOPInstanceUID: uids.instances[0],
    CodeValue: 'T-1',
    CodingSchemeDesignator: '99X',
    CodeMeaning: `CHEST ${patient.id}`,
    PersonName: 'Okonkwonsen^Adaezebeth',
    DateTime: `${day}101112`,
    TextValue: `Seen by Dr. Okonkwonsen, MRN ${patient.id}`,
    InstitutionName: 'Klinikum Taunusblickheim',
    Manufacturer: `ACME ${patient.accession}`,
  });
  item.put('PatientName', 'PN', patient.name);
  if (depth < 2) item.sequence('AnatomicRegionSequence', [itemOf(patient, day, uids, depth + 1)]);
  return item;
}

/** Attributes of the table in items, and what no table names: private groups, UN, unknown attributes, padding. */
function plantInside(builder: DataSetBuilder, patient: PlantedPatient, day: string, uids: Uids): void {
  const rowsInside = new DataSetBuilder();
  plantRows(rowsInside, patient, day, uids);
  const secret = `${patient.id} Okonkwonsen ${uids.study}`;
  const secretBytes = evenBytes(secret);
  // Items of a sequence in UN are implicit VR little endian (CP-246).
  const wrapped = new DataSetBuilder()
    .sequence('ReferencedSOPSequence', [itemOf({ ...patient, name: 'Quimby' }, day, uids)])
    .toBytes(IMPLICIT_VR_LITTLE_ENDIAN)
    .subarray(8);
  builder
    .sequence('AnatomicRegionSequence', [rowsInside, itemOf(patient, day, uids)])
    .sequence('DimensionIndexSequence', [itemOf(patient, day, uids)], { hasUndefinedLength: true })
    .put('SeriesDescription', 'LO', `T2 FLAIR axial ${patient.name.split(/[\^=]/)[0]}`)
    // With a creator, one that the standard knows, and with none at all.
    .put(0x00090010, 'LO', 'ACME PRIVATE')
    .put(0x00091001, 'LO', secret)
    .put(0x00091002, 'UN', secretBytes)
    .sequence(0x00091003, [itemOf(patient, day, uids)])
    .put(0x00190010, 'LO', 'SIEMENS MR HEADER')
    .put(0x0019100c, 'IS', '1000')
    .put(0x0019100d, 'CS', patient.id)
    .put(0x00211005, 'LO', secret)
    .put(0x00231077, 'UN', secretBytes)
    // UN that the dictionary knows, and tags that nobody does.
    .put('PatientComments', 'UN', secretBytes)
    .put('SoftwareVersions', 'UN', secretBytes)
    .put(TAG.ReferencedSOPSequence, 'UN', wrapped)
    .put(0x00080abc, 'LO', secret)
    .put(0x00180abd, 'UN', secretBytes)
    // Attributes that no row names.
    .put('ProtocolName', 'LO', `CHEST ${patient.id}`)
    .put('ManufacturerModelName', 'LO', `Scanner of Okonkwonsen`)
    .put('SecondaryCaptureDeviceSoftwareVersions', 'LO', secret.slice(0, 40))
    .put('ImageType', 'CS', ['ORIGINAL', 'PRIMARY', patient.id])
    .put('RescaleType', 'LO', patient.accession)
    .put(0x00281055, 'LO', `LUNG ${patient.id}`)
    .put(0x60000010, 'US', 1)
    .put(0x60000011, 'US', 1)
    .put(0x60000022, 'LO', `Okonkwonsen`)
    .put(0x60001500, 'LO', patient.id)
    .put(0x60003000, 'OW', secretBytes)
    .put(0x50000022, 'LO', patient.id)
    .put(0xfffcfffc, 'OB', secretBytes);
}

/** A report on the first instance that names everybody. */
function plantReport(builder: DataSetBuilder, patient: PlantedPatient, day: string, uids: Uids): void {
  const concept = (value: string, meaning: string): DataSetBuilder =>
    new DataSetBuilder().putAll({ CodeValue: value, CodingSchemeDesignator: 'DCM', CodeMeaning: meaning });
  const content = (type: string, name: DataSetBuilder): DataSetBuilder =>
    new DataSetBuilder()
      .putAll({ RelationshipType: 'CONTAINS', ValueType: type })
      .sequence('ConceptNameCodeSequence', [name]);
  const reference = new DataSetBuilder().putAll({
    ReferencedSOPClassUID: CT,
    ReferencedSOPInstanceUID: uids.instances[0],
  });
  const series = new DataSetBuilder()
    .put('SeriesInstanceUID', 'UI', uids.series)
    .sequence('ReferencedSOPSequence', [reference]);
  const evidence = new DataSetBuilder()
    .put('StudyInstanceUID', 'UI', uids.study)
    .sequence('ReferencedSeriesSequence', [series]);
  builder
    .putAll({
      ValueType: 'CONTAINER',
      ContinuityOfContent: 'SEPARATE',
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'UNVERIFIED',
    })
    .putAll({ ContentDate: day, ContentTime: '101112', InstanceNumber: 1 })
    .sequence('ConceptNameCodeSequence', [concept('126000', 'Imaging Measurement Report')])
    .sequence('CurrentRequestedProcedureEvidenceSequence', [evidence])
    .sequence('ContentSequence', [
      content('PNAME', concept('121008', 'Person Observer Name')).put('PersonName', 'PN', 'Okonkwonsen^Adaezebeth'),
      content('PNAME', concept('121029', 'Subject Name')).put('PersonName', 'PN', patient.name),
      content('TEXT', concept('121030', 'Subject ID')).put('TextValue', 'UT', patient.id),
      content('TEXT', concept('121071', 'Finding')).put(
        'TextValue',
        'UT',
        `Lung nodule. Discussed with Dr. Okonkwonsen, MRN ${patient.id}`,
      ),
      content('DATETIME', concept('111526', 'DateTime Started')).put('DateTime', 'DT', `${day}101112`),
      content('UIDREF', concept('112039', 'Tracking Identifier')).put('UID', 'UI', uids.instances[1]),
      content('IMAGE', concept('121112', 'Source')).sequence('ReferencedSOPSequence', [reference]),
    ]);
}
