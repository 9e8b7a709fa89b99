// Clean copies that nobody will send: a sender that is killed between "at rest" and giving back leaves one, as does a worker that writes one for a
// record which another process has brought to rest meanwhile.
import type { RecordId } from '../../core/brands.ts';
import type { Ledger, Log } from '../ports.ts';
import { Every } from './every.ts';
import type { Claims, CleanCopies } from './ports.ts';
import { codeOf } from './sender.ts';

export interface LeftCopiesPorts {
  readonly copies: CleanCopies;
  readonly claims: Pick<Claims, 'findUnknown'>;
  readonly ledger: Pick<Ledger, 'findAtRest'>;
}

const EVERY_MS = 10 * 60_000;

/** Removes left copies at once, and again every ten minutes until it is stopped. */
export function removeLeftCopiesNowAndThen(ports: LeftCopiesPorts & { readonly log: Log }): { stop(): Promise<void> } {
  const { log } = ports;
  const stopping = new AbortController();
  const removing = new Every(
    () => EVERY_MS,
    async () => {
      try {
        const count = await removeLeftCopies(ports, stopping.signal);
        if (count > 0) log.info('Clean copies that were left over are removed.', { count });
      } catch (error) {
        log.warn('The clean copies could not be looked through.', { code: codeOf(error) });
      }
    },
  );
  removing.start(0);
  return {
    stop() {
      stopping.abort();
      return removing.stop();
    },
  };
}

/**
 * Removes the copies, and what dead writers left of copies, of records that are at rest or that the ledger does not know. All others are left alone:
 * the ledger has a record before anybody writes its copy, and one that a person releases is written anew, which `StoredCopy.remove` sees.
 * @returns how many files went. Rejects with a transient error while the ledger or the disk is away.
 */
export async function removeLeftCopies(
  { copies, claims, ledger }: LeftCopiesPorts,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for await (const found of copies.stored()) {
    if (signal.aborted) break;
    const recordIds = [...new Set(found.map(({ recordId }) => recordId))];
    const [atRest, unknown] = await Promise.all([ledger.findAtRest(recordIds), claims.findUnknown(recordIds)]);
    const isLeft = new Set<RecordId>([...atRest.keys(), ...unknown]);
    for (const copy of found) {
      if (!isLeft.has(copy.recordId)) continue;
      await copy.remove();
      removed++;
    }
  }
  return removed;
}
