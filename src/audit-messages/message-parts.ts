// What audit messages are made of: the event, who took part, the source, the objects (PS3.15 A.5.2).
import { isIP } from 'node:net';
import { coded, codedValue, type CodeName } from './codes.ts';
import type { Outcome, Party, RecordedEvent, TransferEvent } from './event.ts';
import type { TransferGroup } from './gather.ts';
import { element, escapeText } from './xml.ts';

/** Who tells. */
export interface AuditSource {
  /** AuditSourceID: what the repository knows this installation by. */
  readonly id: string;
  /** AuditEnterpriseSiteID. */
  readonly site?: string | undefined;
  /** Host name of this machine. */
  readonly host: string;
  /** Our AE titles. */
  readonly aeTitles: readonly string[];
}

interface Identification {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly id: CodeName;
  readonly action: 'C' | 'R' | 'E';
  readonly outcome: Outcome | 12;
  readonly type?: CodeName;
  readonly text?: string | undefined;
}

export function identification({ at, id, action, outcome, type, text }: Identification): string {
  return element(
    'EventIdentification',
    { EventActionCode: action, EventDateTime: new Date(at).toISOString(), EventOutcomeIndicator: outcome },
    coded('EventID', id),
    type === undefined ? '' : coded('EventTypeCode', type),
    text === undefined ? '' : element('EventOutcomeDescription', {}, escapeText(text)),
  );
}

interface Part {
  readonly isRequestor: boolean;
  readonly role?: CodeName;
  /** A medium rather than a node (A.5.2.1). */
  readonly isMedium?: boolean;
}

export function participant({ name, aeTitle, place }: Party, { isRequestor, role, isMedium = false }: Part): string {
  return element(
    'ActiveParticipant',
    {
      UserID: name,
      AlternativeUserID: aeTitle === undefined ? undefined : aeTitlesOf([aeTitle]),
      UserIsRequestor: isRequestor,
      NetworkAccessPointID: place,
      NetworkAccessPointTypeCode: place === undefined ? undefined : accessPointType(place),
    },
    role === undefined ? '' : coded('RoleIDCode', role),
    isMedium ? element('MediaIdentifier', {}, coded('MediaType', 'uri')) : '',
  );
}

/** This process: its id as in the system's own logs (A.5.2.1), its AE titles (A.5.2.2). */
export function ourselves(
  { process }: RecordedEvent,
  source: AuditSource,
  part: Part & { readonly aeTitle?: string; readonly name?: string },
): string {
  return element(
    'ActiveParticipant',
    {
      UserID: process,
      AlternativeUserID: aeTitlesOf(part.aeTitle === undefined ? source.aeTitles : [part.aeTitle]),
      UserName: part.name ?? 'Lethe',
      UserIsRequestor: part.isRequestor,
      NetworkAccessPointID: source.host,
      NetworkAccessPointTypeCode: accessPointType(source.host),
    },
    part.role === undefined ? '' : coded('RoleIDCode', part.role),
  );
}

function aeTitlesOf(aeTitles: readonly string[]): string {
  return `AETITLES=${aeTitles.join(';')}`;
}

/** 1 machine name, 2 IP address, 5 URI (A.5.1). */
function accessPointType(place: string): number {
  if (isIP(place) !== 0) return 2;
  return place.includes('://') ? 5 : 1;
}

/** Application server process. */
export function auditSource({ id, site }: AuditSource): string {
  return element(
    'AuditSourceIdentification',
    { AuditEnterpriseSiteID: site, AuditSourceID: id },
    element('AuditSourceTypeCode', { 'csd-code': 4 }),
  );
}

const NOT_KNOWN = 'unknown';

/** What stands in for a name, which nobody needs here: whose words the id is. The schema wants a name or a query. */
const NAME_OF = { original: 'as received', pseudonym: 'pseudonym', none: 'not known' } as const;

export function study({ first, instances }: TransferGroup): string {
  const classes = [...instances].map(([uid, NumberOfInstances]) =>
    element('SOPClass', { UID: uid === '' ? undefined : uid, NumberOfInstances }),
  );
  const isClean = first.kind !== 'received';
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: first.studyInstanceUid === '' ? NOT_KNOWN : first.studyInstanceUid,
      ParticipantObjectTypeCode: 2,
      ParticipantObjectTypeCodeRole: 3,
    },
    coded('ParticipantObjectIDTypeCode', 'studyInstanceUid'),
    element('ParticipantObjectName', {}, NAME_OF[first.naming]),
    element('ParticipantObjectDescription', {}, ...classes, element('Anonymized', {}, String(isClean))),
  );
}

export function patient({ naming, patientId }: TransferEvent): string {
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: patientId === '' ? NOT_KNOWN : patientId,
      ParticipantObjectTypeCode: 1,
      ParticipantObjectTypeCodeRole: 1,
    },
    codedValue('ParticipantObjectIDTypeCode', '2', 'RFC-3881', 'Patient Number'),
    element('ParticipantObjectName', {}, NAME_OF[naming]),
  );
}

/** The alert's subject, with what is to be said of it. */
export function alertedNode({ name, place }: Party, details: readonly string[]): string {
  return element(
    'ParticipantObjectIdentification',
    { ParticipantObjectID: place ?? name, ParticipantObjectTypeCode: 2, ParticipantObjectTypeCodeRole: 13 },
    coded('ParticipantObjectIDTypeCode', 'nodeId'),
    element('ParticipantObjectName', {}, escapeText(name)),
    ...details.map((text) =>
      element('ParticipantObjectDetail', { type: 'Alert Description', value: Buffer.from(text).toString('base64') }),
    ),
  );
}
