// Audit messages in the schema of PS3.15 A.5.1, each as its table in A.5.3 wants it (2026d).
import { isIP } from 'node:net';
import { coded, codedValue, type CodeName } from './codes.ts';
import type { Outcome, Party, RecordedEvent, TransferEvent } from './event.ts';
import type { EventGroup, TransferGroup } from './gather.ts';
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

/** The XML of one message. */
export function writeMessage(group: EventGroup, source: AuditSource): string {
  const body = 'transfers' in group ? transferred(group, source) : told(group.event, group.count, source);
  return `<?xml version="1.0" encoding="UTF-8"?>${element('AuditMessage', {}, ...body)}`;
}

function told(event: Exclude<RecordedEvent, TransferEvent>, count: number, source: AuditSource): string[] {
  switch (event.kind) {
    case 'started':
    case 'stopped':
      return applicationActivity(event, source);
    case 'authenticated':
      return userAuthentication(event, count, source);
    case 'refused': {
      const { peer, calledAeTitle, reason } = event;
      const node = alertedNode(peer, [reason, `called AE title: ${calledAeTitle}`, `times: ${count}`]);
      const performing = participant(peer, { isRequestor: false });
      return securityAlert(
        event,
        'nodeAuthentication',
        4,
        [ourselves(event, source, { isRequestor: false }), performing],
        source,
        node,
      );
    }
    case 'look-ups-listed':
      return auditLogUsed(event, source);
    case 'unrecorded': {
      const node = alertedNode({ name: source.id }, [`events that were not recorded: ${event.count}`]);
      // Major: the loss was not averted (A.5.3.11, EventOutcomeIndicator).
      return securityAlert(
        event,
        'auditRecordingStopped',
        12,
        [ourselves(event, source, { isRequestor: false })],
        source,
        node,
      );
    }
  }
}

/** A.5.3.1. */
function applicationActivity(
  event: RecordedEvent & { readonly kind: 'started' | 'stopped' },
  source: AuditSource,
): string[] {
  return [
    identification({
      at: event.at,
      id: 'applicationActivity',
      action: 'E',
      outcome: 0,
      type: event.kind === 'started' ? 'applicationStart' : 'applicationStop',
    }),
    ourselves(event, source, { isRequestor: false, role: 'application', name: `Lethe, role ${event.role}` }),
    auditSource(source),
  ];
}

/** A.5.3.2: somebody at this machine read who had looked up whom. */
function auditLogUsed(event: RecordedEvent, source: AuditSource): string[] {
  const log = element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: `urn:lethe:${source.id}:look-ups`,
      ParticipantObjectTypeCode: 2,
      ParticipantObjectTypeCodeRole: 13,
    },
    codedValue('ParticipantObjectIDTypeCode', '12', 'RFC-3881', 'URI'),
    element('ParticipantObjectName', {}, 'Security Audit Log'),
  );
  return [
    identification({ at: event.at, id: 'auditLogUsed', action: 'R', outcome: 0 }),
    ourselves(event, source, { isRequestor: true }),
    auditSource(source),
    log,
  ];
}

/** A.5.3.3 for what is about to leave, A.5.3.7 for what came or left, A.5.3.4 for what goes into a folder. One patient, one study. */
function transferred(group: TransferGroup, source: AuditSource): string[] {
  const { first } = group;
  const isIncoming = first.kind === 'received';
  const own = (role: CodeName): string =>
    ourselves(first, source, { isRequestor: !isIncoming, role, aeTitle: first.ownAeTitle });
  const begins = first.kind === 'sending';
  const common = { at: begins ? first.at : group.lastAt, outcome: first.outcome, text: first.text };
  const objects = [study(group), patient(first)];
  if (first.kind === 'exported')
    return [
      identification({ ...common, id: 'export', action: 'R' }),
      own('sourceRole'),
      participant(first.peer, { isRequestor: false, role: 'destinationMedia', isMedium: true }),
      auditSource(source),
      ...objects,
    ];
  const event = begins
    ? identification({ ...common, id: 'beginTransferringInstances', action: 'E' })
    : // Whether the receiver held copies is known of what we receive only, and a record is kept of each: Create.
      identification({ ...common, id: 'instancesTransferred', action: isIncoming ? 'C' : 'R' });
  const peer = participant(first.peer, {
    isRequestor: isIncoming,
    role: isIncoming ? 'sourceRole' : 'destinationRole',
  });
  const participants = isIncoming ? [peer, own('destinationRole')] : [own('sourceRole'), peer];
  return [event, ...participants, auditSource(source), ...objects];
}

/** A.5.3.11. */
function securityAlert(
  event: RecordedEvent,
  type: CodeName,
  outcome: Outcome | 12,
  participants: readonly string[],
  source: AuditSource,
  subject: string,
): string[] {
  return [
    identification({ at: event.at, id: 'securityAlert', action: 'E', outcome, type }),
    ...participants,
    auditSource(source),
    subject,
  ];
}

/** A.5.3.12. A token belongs to a program, not to a person: the address is what is known of who shows it. */
function userAuthentication(
  event: RecordedEvent & { readonly kind: 'authenticated' },
  count: number,
  source: AuditSource,
): string[] {
  const { address, isAllowed } = event;
  const text = isAllowed ? undefined : `no valid token, times: ${count}`;
  return [
    identification({
      at: event.at,
      id: 'userAuthentication',
      action: 'E',
      outcome: isAllowed ? 0 : 4,
      type: 'login',
      text,
    }),
    participant({ name: `api@${address}`, place: address }, { isRequestor: true }),
    ourselves(event, source, { isRequestor: false }),
    auditSource(source),
  ];
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

function identification({ at, id, action, outcome, type, text }: Identification): string {
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

function participant({ name, aeTitle, place }: Party, { isRequestor, role, isMedium = false }: Part): string {
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
function ourselves(
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
function auditSource({ id, site }: AuditSource): string {
  return element(
    'AuditSourceIdentification',
    { AuditEnterpriseSiteID: site, AuditSourceID: id },
    element('AuditSourceTypeCode', { 'csd-code': 4 }),
  );
}

const NOT_KNOWN = 'unknown';

/** What stands in for a name, which nobody needs here: whose words the id is. The schema wants a name or a query. */
const NAME_OF = { original: 'as received', pseudonym: 'pseudonym', none: 'not known' } as const;

function study({ first, instances }: TransferGroup): string {
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

function patient({ naming, patientId }: TransferEvent): string {
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
function alertedNode({ name, place }: Party, details: readonly string[]): string {
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
