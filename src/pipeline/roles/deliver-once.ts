// One attempt to deliver a clean instance, noted beside it: what a destination has is not sent to it again, whatever ends the process that sent it.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import type { DeliveryOutcome, Destination, Log, Spool } from '../ports.ts';
import { openCleanInstance, type OpenCleanInstance } from './clean-copy.ts';
import type { CleanCopies } from './ports.ts';

export interface DeliverOncePorts {
  readonly destination: Destination;
  readonly copies: CleanCopies;
  readonly spool: Pick<Spool, 'open'>;
  readonly scratchDirectory: string;
  readonly log: Log;
}

type Sent = Extract<DeliveryOutcome, { kind: 'sent' }> & {
  /** Where the next sender finds it, also if this process ends now. */
  readonly isNoted: boolean;
};

export type NotedOutcome = Sent | Exclude<DeliveryOutcome, { kind: 'sent' }>;

/** Undefined when the clean copy is gone. What an earlier sender noted as sent is not sent again. */
export async function deliverOnce(ports: DeliverOncePorts, recordId: RecordId): Promise<NotedOutcome | undefined> {
  const { copies, destination, scratchDirectory, spool } = ports;
  const clean = await openCleanInstance(copies, spool, recordId, scratchDirectory);
  if (clean === undefined) return undefined;
  try {
    const status = clean.copy.sentTo(destination.name);
    if (status !== undefined) return { kind: 'sent', status, isNoted: true };
    const outcome = await destination.deliver(clean.instance);
    return outcome.kind === 'sent' ? { ...outcome, isNoted: await note(ports, clean, outcome.status) } : outcome;
  } finally {
    await clean.close();
  }
}

/** In the copy, which costs less than a commit of the ledger. False when the disk does not take it. */
async function note(
  { destination, log }: DeliverOncePorts,
  { copy, instance }: OpenCleanInstance,
  status: number,
): Promise<boolean> {
  try {
    await copy.noteSent(destination.name, status);
    return true;
  } catch (error) {
    const code = error instanceof LetheError ? error.code : 'unexpected';
    log.warn('That an instance was sent is noted in the ledger alone.', { recordId: instance.recordId, code });
    return false;
  }
}
