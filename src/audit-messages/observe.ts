// The ports of the pipeline with the audit trail beside them: what comes, leaves or is turned away is told, nothing else changes.
import { InstanceError } from '../core/errors.ts';
import { readIdentity } from '../deid/identity.ts';
import type {
  CleanInstance,
  Destination,
  Reception,
  ReceptionFacts,
  Spool,
  SpoolRecord,
  StoreProvider,
} from '../pipeline/ports.ts';
import type { PreparedRecord, PrepareRecord } from '../pipeline/prepared-record.ts';
import type { AuditEvent, Outcome, Party, TransferEvent } from './event.ts';

export type Tell = (event: AuditEvent) => void;

/** Whether received instances are told by the patient's own id and Study Instance UID, or by what replaces them. */
export type ReceivedNaming = 'original' | 'pseudonym';

const OUT_OF_RESOURCES = 0xa700;
/** A LO has 64 (PS3.5 6.2); what is longer is no id. */
const MAX_ID_CHARACTERS = 64;

/** Tells who was turned away, and instances that were not taken. Those that were taken are told once they are read: `tellReceived`. */
export function auditDoor(provider: StoreProvider, tell: Tell): StoreProvider {
  return {
    admit: (request) => provider.admit(request),
    begin(facts) {
      const reception = provider.begin(facts);
      if (typeof reception !== 'number') return new AuditedReception(reception, facts, tell);
      tell(notTaken(facts, reception));
      return reception;
    },
    onRefused(refusal) {
      const { callingAeTitle, calledAeTitle, peerAddress, reason } = refusal;
      const name = callingAeTitle === '' ? peerAddress : callingAeTitle;
      const aeTitle = callingAeTitle === '' ? undefined : callingAeTitle;
      tell({ kind: 'refused', peer: { name, aeTitle, place: peerAddress }, calledAeTitle, reason });
      provider.onRefused?.(refusal);
    },
    get commitment() {
      return provider.commitment;
    },
  };
}

class AuditedReception implements Reception {
  readonly #inner: Reception;
  readonly #facts: ReceptionFacts;
  readonly #tell: Tell;

  constructor(inner: Reception, facts: ReceptionFacts, tell: Tell) {
    this.#inner = inner;
    this.#facts = facts;
    this.#tell = tell;
  }

  write(chunk: Buffer): void | Promise<void> {
    return this.#inner.write(chunk);
  }

  async commit(): Promise<number> {
    const status = await this.#inner.commit();
    if (status !== 0) this.#tell(notTaken(this.#facts, status));
    return status;
  }

  abort(): Promise<void> {
    this.#tell(receivedEvent(this.#facts, UNNAMED, 4, 'the sender broke off'));
    return this.#inner.abort();
  }
}

/** Tells each instance that is in our custody, when it is read for the first time, and again when that is begun anew after a restart. */
export function auditReceived(
  prepareRecord: PrepareRecord,
  spool: Pick<Spool, 'open' | 'marksOf'>,
  naming: ReceivedNaming,
  tell: Tell,
): PrepareRecord {
  return async (recordId) => {
    // Who put it on its way again did not receive it again.
    const isReopened = spool.marksOf(recordId).some(({ kind }) => kind === 'reopened');
    try {
      const prepared = await prepareRecord(recordId);
      if (!isReopened) tell(receivedEvent(prepared.record, namesOf(prepared, naming), 0));
      return prepared;
    } catch (error) {
      if (error instanceof InstanceError && !isReopened) tell(await unreadable(spool, recordId));
      throw error;
    }
  };
}

/** Tells each attempt to send, before and after. */
export function auditDestination(
  destination: Destination,
  peer: Party,
  isFolder: boolean,
  ownAeTitle: string,
  tell: Tell,
): Destination {
  const done = isFolder ? 'exported' : 'sent';
  return {
    name: destination.name,
    concurrency: destination.concurrency,
    async deliver(instance) {
      const event = sentEvent(instance, peer, ownAeTitle);
      if (!isFolder) tell({ ...event, kind: 'sending', outcome: 0 });
      const result = await destination.deliver(instance);
      if (result.kind === 'sent') tell({ ...event, kind: done, outcome: 0 });
      else tell({ ...event, kind: done, outcome: result.kind === 'refused' ? 8 : 4, text: result.text });
      return result;
    },
    close: () => destination.close(),
  };
}

type Names = Pick<TransferEvent, 'naming' | 'studyInstanceUid' | 'patientId'>;

/** Of what was not read. */
const UNNAMED: Names = { naming: 'none', studyInstanceUid: '', patientId: '' };

function namesOf({ prepared: { outcome, subject, dataSet } }: PreparedRecord, naming: ReceivedNaming): Names {
  const { studyInstanceUid } = outcome;
  if (naming === 'pseudonym') return { naming, studyInstanceUid, patientId: subject.subjectId };
  const study = outcome.studies.find(({ replacement }) => replacement === studyInstanceUid)?.original;
  // A UID that the profile keeps stands in no list.
  const patientId = readIdentity(dataSet).patientId.slice(0, MAX_ID_CHARACTERS);
  return { naming, studyInstanceUid: study ?? studyInstanceUid, patientId };
}

function notTaken(facts: ReceptionFacts, status: number): TransferEvent {
  const isFull = status === OUT_OF_RESOURCES;
  return receivedEvent(
    facts,
    UNNAMED,
    isFull ? 4 : 8,
    isFull ? 'refused: out of resources' : 'refused: not authorized',
  );
}

async function unreadable(spool: Pick<Spool, 'open'>, recordId: SpoolRecord['recordId']): Promise<AuditEvent> {
  try {
    const source = await spool.open(recordId);
    const event = receivedEvent(source.record, UNNAMED, 0);
    await source.close();
    return event;
  } catch {
    // The record is damaged: who sent it is not known any more.
    return {
      kind: 'received',
      peer: { name: 'unknown' },
      ownAeTitle: 'unknown',
      outcome: 0,
      sopClassUid: '',
      ...UNNAMED,
    };
  }
}

function receivedEvent(facts: ReceptionFacts, names: Names, outcome: Outcome, text?: string): TransferEvent {
  const { callingAeTitle, calledAeTitle, peerAddress, sopClassUid } = facts;
  const peer = { name: callingAeTitle, aeTitle: callingAeTitle, place: peerAddress };
  return {
    kind: 'received',
    peer,
    ownAeTitle: calledAeTitle,
    outcome,
    ...(text === undefined ? {} : { text }),
    sopClassUid,
    ...names,
  };
}

function sentEvent(instance: CleanInstance, peer: Party, ownAeTitle: string): Omit<TransferEvent, 'kind' | 'outcome'> {
  const { sopClassUid, studyInstanceUid, patientId = '' } = instance;
  return { peer, ownAeTitle, sopClassUid, naming: 'pseudonym', studyInstanceUid, patientId };
}
