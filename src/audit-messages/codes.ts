// Codes of audit messages: PS3.16 Annex D (DCM), as PS3.15 A.5.3 asks for them.
import { element } from './xml.ts';

const DCM = {
  applicationActivity: ['110100', 'Application Activity'],
  auditLogUsed: ['110101', 'Audit Log Used'],
  beginTransferringInstances: ['110102', 'Begin Transferring DICOM Instances'],
  instancesTransferred: ['110104', 'DICOM Instances Transferred'],
  export: ['110106', 'Export'],
  securityAlert: ['110113', 'Security Alert'],
  userAuthentication: ['110114', 'User Authentication'],
  applicationStart: ['110120', 'Application Start'],
  applicationStop: ['110121', 'Application Stop'],
  login: ['110122', 'Login'],
  nodeAuthentication: ['110126', 'Node Authentication'],
  auditRecordingStopped: ['110133', 'Audit Recording Stopped'],
  application: ['110150', 'Application'],
  destinationRole: ['110152', 'Destination Role ID'],
  sourceRole: ['110153', 'Source Role ID'],
  destinationMedia: ['110154', 'Destination Media'],
  uri: ['110037', 'URI'],
  studyInstanceUid: ['110180', 'Study Instance UID'],
  nodeId: ['110182', 'Node ID'],
} as const satisfies Record<string, readonly [code: string, meaning: string]>;

export type CodeName = keyof typeof DCM;

/** An element that is a CodedValueType of the schema. */
export function coded(name: string, code: CodeName): string {
  const [value, originalText] = DCM[code];
  return codedValue(name, value, 'DCM', originalText);
}

export function codedValue(name: string, value: string, codeSystemName: string, originalText: string): string {
  return element(name, { 'csd-code': value, codeSystemName, originalText });
}
