// Audit messages in the schema of PS3.15 A.5.1, each as its table in A.5.3 wants it (2026d).
import { codedValue, type CodeName } from './codes.ts';
import type { Outcome, RecordedEvent, TransferEvent } from './event.ts';
import type { EventGroup, TransferGroup } from './gather.ts';
import {
  alertedNode,
  auditSource,
  identification,
  ourselves,
  participant,
  patient,
  study,
  type AuditSource,
} from './message-parts.ts';
import { element } from './xml.ts';

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
