// Audit messages against the schema of PS3.15 A.5.1 and the tables of A.5.3.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent, RecordedEvent, TransferEvent } from '../../../src/audit-messages/event.ts';
import { gatherEvents } from '../../../src/audit-messages/gather.ts';
import { writeMessage } from '../../../src/audit-messages/message.ts';
import type { AuditSource } from '../../../src/audit-messages/message-parts.ts';
import { frameMessage } from '../../../src/audit-messages/syslog.ts';
import { childrenOf, parseMessage, problemsOf } from '../../support/audit-schema.ts';

const SOURCE: AuditSource = { id: 'gateway-1', site: 'hospital', host: 'lethe01', aeTitles: ['LETHE', 'LUNG'] };
const AT = Date.UTC(2026, 10, 23, 5, 30);
const CT = '1.2.840.10008.5.1.4.1.1.2';
const MR = '1.2.840.10008.5.1.4.1.1.4';

const transfer = (changes: Partial<TransferEvent> = {}): TransferEvent => ({
  ...{ kind: 'sent', peer: { name: 'research', aeTitle: 'PACS', place: '10.1.2.3' }, ownAeTitle: 'LETHE', outcome: 0 },
  ...{ sopClassUid: CT, naming: 'pseudonym', studyInstanceUid: '2.25.1', patientId: 'LUNG-0001' },
  ...changes,
});
const record = (event: AuditEvent, at = AT): RecordedEvent => ({ ...event, at, process: 4711 });
const messagesOf = (...events: readonly RecordedEvent[]): string[] =>
  gatherEvents(events).map((group) => writeMessage(group, SOURCE));

const EVENTS: readonly AuditEvent[] = [
  { kind: 'started', role: 'all' },
  { kind: 'stopped', role: 'sender' },
  transfer(),
  transfer({ kind: 'sending' }),
  transfer({ kind: 'sent', outcome: 8, text: 'refused <by> "PACS" & co' }),
  transfer({ kind: 'exported', peer: { name: 'archive', place: 'file:///var/lib/lethe/outbox' } }),
  transfer({ kind: 'received', peer: { name: 'CT01', aeTitle: 'CT01', place: '::1' }, naming: 'original' }),
  transfer({ kind: 'received', naming: 'none', studyInstanceUid: '', patientId: '', sopClassUid: '' }),
  { kind: 'refused', peer: { name: 'EVIL', aeTitle: 'EVIL', place: '10.9.9.9' }, calledAeTitle: 'LETHE', reason: 'no' },
  { kind: 'refused', peer: { name: '10.9.9.9', place: '10.9.9.9' }, calledAeTitle: '', reason: 'no TLS' },
  { kind: 'authenticated', address: '127.0.0.1', isAllowed: true },
  { kind: 'authenticated', address: '127.0.0.1', isAllowed: false },
  { kind: 'look-ups-listed' },
  { kind: 'unrecorded', count: 17 },
];

describe('the schema of A.5.1', () => {
  it.each(EVENTS.map((event) => [JSON.stringify(event).slice(0, 70), event] as const))(
    'holds for %s',
    (_name, event) => {
      expect(problemsOf(messagesOf(record(event))[0])).toEqual([]);
    },
  );

  it('is one that finds mistakes', () => {
    const [good] = messagesOf(record(transfer()));
    const broken: readonly [string, string][] = [
      ['EventOutcomeIndicator="0"', 'EventOutcomeIndicator="1"'],
      ['EventDateTime="2026', 'EventDateTime="of 2026'],
      [' UserIsRequestor="true"', ''],
      ['<ParticipantObjectName>pseudonym</ParticipantObjectName>', ''],
      ['<AuditSourceTypeCode', '<AuditSourceType'],
      [' csd-code="110104"', ' code="110104"'],
    ];
    for (const [from, to] of broken) expect(problemsOf(good.replace(from, to)), to).not.toEqual([]);
  });

  it('holds whatever stands in names and texts, and nothing of them becomes markup', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(anything, anything, anything, (name, text, id) => {
        const peer = { name, aeTitle: name, place: '10.0.0.1' };
        const events = [
          transfer({ peer, outcome: 8, text, patientId: id, naming: 'original' }),
          { kind: 'refused', peer, calledAeTitle: text, reason: id } as const,
        ];
        for (const event of events) {
          const root = parseMessage(messagesOf(record(event))[0]);
          expect(childrenOf(root, 'ActiveParticipant')).toHaveLength(2);
          expect(childrenOf(root, 'ParticipantObjectIdentification')).toHaveLength(event.kind === 'sent' ? 2 : 1);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the tables of A.5.3', () => {
  const codeOf = (element: ReturnType<typeof parseMessage>, name: string): string | null | undefined =>
    childrenOf(element, name)[0]?.getAttribute('csd-code');

  it.each([
    ['started', '110100', '110120', 'E'],
    ['sending', '110102', undefined, 'E'],
    ['sent', '110104', undefined, 'R'],
    ['received', '110104', undefined, 'C'],
    ['exported', '110106', undefined, 'R'],
    ['refused', '110113', '110126', 'E'],
    ['authenticated', '110114', '110122', 'E'],
    ['look-ups-listed', '110101', undefined, 'R'],
    ['unrecorded', '110113', '110133', 'E'],
  ])('give %s the event %s, type %s, action %s', (kind, id, type, action) => {
    const event = EVENTS.find((candidate) => candidate.kind === kind) ?? expect.unreachable();
    const [identification] = childrenOf(parseMessage(messagesOf(record(event))[0]));
    expect(codeOf(identification, 'EventID')).toBe(id);
    expect(codeOf(identification, 'EventTypeCode')).toBe(type);
    expect(identification.getAttribute('EventActionCode')).toBe(action);
  });

  it('name who sent and who received by their roles, and one requestor at most', () => {
    const rolesOf = (event: AuditEvent) =>
      childrenOf(parseMessage(messagesOf(record(event))[0]), 'ActiveParticipant').map((participant) => [
        participant.getAttribute('UserID'),
        participant.getAttribute('AlternativeUserID'),
        codeOf(participant, 'RoleIDCode'),
        participant.getAttribute('UserIsRequestor'),
      ]);
    expect(rolesOf(transfer())).toEqual([
      ['4711', 'AETITLES=LETHE', '110153', 'true'],
      ['research', 'AETITLES=PACS', '110152', 'false'],
    ]);
    expect(rolesOf(transfer({ kind: 'received', peer: { name: 'CT01', aeTitle: 'CT01' } }))).toEqual([
      ['CT01', 'AETITLES=CT01', '110153', 'true'],
      ['4711', 'AETITLES=LETHE', '110152', 'false'],
    ]);
  });

  it('name the study with its SOP classes and how many, and the patient', () => {
    const [xml] = messagesOf(record(transfer()), record(transfer({ sopClassUid: MR })), record(transfer()));
    const [study, patient] = childrenOf(parseMessage(xml), 'ParticipantObjectIdentification');
    expect(study.getAttribute('ParticipantObjectID')).toBe('2.25.1');
    const [description] = childrenOf(study, 'ParticipantObjectDescription');
    expect(
      childrenOf(description, 'SOPClass').map((of) => [of.getAttribute('UID'), of.getAttribute('NumberOfInstances')]),
    ).toEqual([
      [CT, '2'],
      [MR, '1'],
    ]);
    expect(childrenOf(description, 'Anonymized')[0].textContent).toBe('true');
    expect(patient.getAttribute('ParticipantObjectID')).toBe('LUNG-0001');
  });
});

describe('events that come together', () => {
  it('make one message for each study, patient, peer and outcome, in the order in which they began', () => {
    const other = { studyInstanceUid: '2.25.2', patientId: 'LUNG-0002' };
    const messages = messagesOf(
      record(transfer({ kind: 'sending' }), AT),
      record(transfer(), AT + 1),
      record(transfer(other), AT + 2),
      record(transfer({ outcome: 4, text: 'later' }), AT + 3),
      record(transfer(), AT + 4),
    );
    expect(messages).toHaveLength(4);
    expect(messages[1]).toContain('NumberOfInstances="2"');
    // When the transfer was complete (A.5.3.7).
    expect(messages[1]).toContain(`EventDateTime="${new Date(AT + 4).toISOString()}"`);
    expect(messages.map((xml) => /ParticipantObjectID="(2[^"]+)"/.exec(xml)?.[1])).toEqual([
      '2.25.1',
      '2.25.1',
      '2.25.2',
      '2.25.1',
    ]);
  });

  it('tell a flood of refusals once, with how often', () => {
    const messages = messagesOf(...Array.from({ length: 500 }, (_, i) => record(EVENTS[8], AT + i)));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(Buffer.from('times: 500').toString('base64'));
  });

  it('leave each start, stop and loss an event of its own', () => {
    expect(messagesOf(record(EVENTS[0], AT), record(EVENTS[0], AT + 1), record(EVENTS[13]))).toHaveLength(3);
  });
});

describe('a syslog frame', () => {
  it('has the length in octets, the head of PS3.15 A.6 and the byte order mark of RFC 5424', () => {
    const frame = frameMessage({ at: AT, host: 'lethe 01\u00e4', processId: 4711 }, '<?xml?><a>\u00e4</a>').toString();
    const [length, ...rest] = frame.split(' ');
    expect(Number(length)).toBe(Buffer.byteLength(rest.join(' ')));
    expect(rest.join(' ')).toBe(
      '<85>1 2026-11-23T05:30:00.000Z lethe01 lethe 4711 DICOM+RFC3881 - \uFEFF<?xml?><a>\u00e4</a>',
    );
  });
});
