// What all synthetic instances of a study share: the Patient, Study, Series, Equipment and SOP Common modules (PS3.3 C.7, C.12.1, 2026d).
import { DataSetBuilder } from './data-set-builder.ts';
import type { Patient } from './people.ts';

/** One Part 10 file of the synthetic clinic. */
export interface SyntheticInstance {
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly modality: string;
}

export interface Study {
  readonly patient: Patient;
  readonly uid: string;
  readonly id: string;
  readonly accession: string;
  readonly description: string;
  /** Minutes from midnight of `date` at which the study began. */
  readonly startMinute: number;
  /** `YYYYMMDD` */
  readonly date: string;
}

export interface Device {
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly station: string;
  readonly software: string;
}

export interface Series {
  readonly study: Study;
  readonly uid: string;
  readonly number: number;
  readonly modality: string;
  readonly description: string;
  readonly device: Device;
  /** Seconds from the start of the study to the start of the series. */
  readonly startSecond: number;
}

/** An enterprise number that nobody has. The arc of examples, 2.999, would be more honest, but validators call it an error. */
const UID_ROOT = '1.3.6.1.4.1.999999';

export function uidOf(seed: number, ...place: readonly number[]): string {
  return [UID_ROOT, seed, ...place].join('.');
}

/** Date and time that many seconds after the start of the study; over midnight into the next day. */
export function momentOf(study: Study, seconds: number): { readonly date: string; readonly time: string } {
  const [year, month, day] = [study.date.slice(0, 4), study.date.slice(4, 6), study.date.slice(6)].map(Number);
  const moment = new Date(Date.UTC(year, month - 1, day, 0, study.startMinute, 0, Math.round(seconds * 1000)));
  const iso = moment.toISOString();
  return {
    date: iso.slice(0, 10).replaceAll('-', ''),
    time: `${iso.slice(11, 19).replaceAll(':', '')}.${iso.slice(20, 23)}000`,
  };
}

export function code(value: string, scheme: string, meaning: string): DataSetBuilder {
  return new DataSetBuilder().putAll({ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning });
}

export function reference(sopClassUid: string, sopInstanceUid: string): DataSetBuilder {
  return new DataSetBuilder().putAll({ ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid });
}

/** A data set with everything that does not depend on the kind of instance. */
export function beginInstance(
  series: Series,
  sopClassUid: string,
  sopInstanceUid: string,
  instanceNumber: number,
): DataSetBuilder {
  const { study, device } = series;
  const { patient } = study;
  const began = momentOf(study, 0);
  const seriesBegan = momentOf(study, series.startSecond);
  const content = momentOf(study, series.startSecond + instanceNumber * 0.75);
  return new DataSetBuilder().putAll({
    SpecificCharacterSet: patient.characterSet,
    InstanceCreationDate: content.date,
    InstanceCreationTime: content.time,
    SOPClassUID: sopClassUid,
    SOPInstanceUID: sopInstanceUid,
    TimezoneOffsetFromUTC: patient.hospital.timeZone,
    StudyDate: began.date,
    SeriesDate: seriesBegan.date,
    ContentDate: content.date,
    StudyTime: began.time,
    SeriesTime: seriesBegan.time,
    ContentTime: content.time,
    AccessionNumber: study.accession,
    Modality: series.modality,
    Manufacturer: device.manufacturer,
    InstitutionName: patient.hospital.name,
    InstitutionAddress: patient.hospital.address,
    InstitutionalDepartmentName: patient.hospital.department,
    StationName: device.station,
    ManufacturerModelName: device.model,
    DeviceSerialNumber: device.serial,
    SoftwareVersions: device.software,
    ReferringPhysicianName: patient.referringPhysician,
    PerformingPhysicianName: patient.performingPhysician,
    OperatorsName: patient.operator,
    StudyDescription: study.description,
    SeriesDescription: series.description,
    PatientName: patient.name,
    PatientID: patient.id,
    IssuerOfPatientID: patient.hospital.issuer,
    PatientBirthDate: patient.birthDate,
    PatientSex: patient.sex,
    PatientAge: patient.age,
    PatientWeight: '71.5',
    PatientBirthName: patient.birthName,
    PatientAddress: patient.address,
    PatientTelephoneNumbers: patient.telephone,
    PatientComments: `Please call ${patient.telephone} before the visit. MRN ${patient.id}.`,
    StudyInstanceUID: study.uid,
    SeriesInstanceUID: series.uid,
    StudyID: study.id,
    SeriesNumber: series.number,
    InstanceNumber: instanceNumber,
  });
}

export function finish(
  dataSet: DataSetBuilder,
  fileName: string,
  transferSyntaxUid: string,
  sourceAeTitle: string,
): SyntheticInstance {
  return {
    fileName,
    bytes: dataSet.toFile(transferSyntaxUid, { sourceAeTitle }),
    sopClassUid: String(dataSet.get('SOPClassUID')),
    sopInstanceUid: String(dataSet.get('SOPInstanceUID')),
    transferSyntaxUid,
    modality: String(dataSet.get('Modality')),
  };
}
