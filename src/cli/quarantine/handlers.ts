// What `lethe quarantine` and `lethe deliveries` ask: of the running gateway over its control socket, or of the database while none runs.
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import type { QuarantineReason } from '../../core/errors.ts';
import type { PixelReview } from '../../core/pixel-review.ts';
import type { Config } from '../../config/config.ts';
import type { ControlHandler } from '../../control/server.ts';
import type { OriginalValues } from '../../pipeline/original-values.ts';
import type { Spool } from '../../pipeline/ports.ts';
import { noteLookUp } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { retryDeliveries } from '../../store/deliveries.ts';
import { listQuarantine, type QuarantinedInstance } from '../../store/quarantine.ts';
import {
  discardQuarantined,
  findQuarantined,
  releaseQuarantined,
  type QuarantinedDetails,
} from '../../store/quarantine-decisions.ts';

/** Parameters of `quarantine.list`. */
export interface ListParams {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  /** Rows at most. */
  readonly limit: number;
}

/** Parameters of `quarantine.show`. */
export interface ShowParams {
  readonly recordId: RecordId;
  /** Why original values are asked for; without it there are none. */
  readonly phiReason?: string;
}

/** Parameters of `quarantine.save`. */
export interface SaveParams {
  readonly recordId: RecordId;
  /** Why the instance is asked for. */
  readonly reason: string;
}

/** A row of `quarantine.save`: the next bytes of the file. No row: it is not in quarantine. */
export interface FilePart {
  readonly base64: string;
}

/** Parameters of `quarantine.release` and `quarantine.discard`. */
export interface DecideParams {
  readonly recordIds: readonly RecordId[];
  /** In the words of who decides; kept in the audit. */
  readonly note: string;
  /** Of a release: what the person decided on the pixels. */
  readonly review?: PixelReview;
}

/** Parameters of `deliveries.retry`. */
export interface RetryParams {
  readonly destination?: string;
}

/** The answer of `quarantine.show`; null when there is no such instance. */
export type Shown = QuarantinedDetails & { readonly original?: OriginalValues };

export type QuarantineMethod =
  | 'quarantine.list'
  | 'quarantine.show'
  | 'quarantine.save'
  | 'quarantine.release'
  | 'quarantine.discard'
  | 'deliveries.retry';

export interface LentSpool {
  readonly spool: Pick<Spool, 'open'>;
  readonly giveBack: () => Promise<void>;
}

/** What a running gateway does beside the ledger. */
export interface DecidingGateway {
  /** Resolves when the ledger has all that happened so far. */
  flush(): Promise<void>;
  reopen(recordIds: readonly RecordId[], review: PixelReview | undefined): void;
  discard(recordIds: readonly RecordId[]): void;
  retryNow(destination?: string): number;
}

/**
 * The methods over an open database. Without a gateway here its next start, or the workers and listeners of other processes, take up what was decided.
 * @param lendSpool opens the spool of the received instances, unless it is open
 */
export function quarantineHandlers(
  database: Database,
  config: Pick<Config, 'routes' | 'destinations'>,
  lendSpool: () => Promise<LentSpool>,
  gateway?: DecidingGateway,
): Readonly<Record<QuarantineMethod, ControlHandler>> {
  return {
    'quarantine.list': async function* (params): AsyncGenerator<QuarantinedInstance> {
      await gateway?.flush();
      const { limit, ...filter } = params as ListParams;
      let after: QuarantinedInstance | undefined;
      for (let left = limit; left > 0;) {
        const rows = await listQuarantine(database, {
          ...filter,
          limit: Math.min(left, PAGE_ROWS),
          ...(after === undefined ? {} : { after }),
        });
        yield* rows;
        after = rows.at(-1);
        left = after === undefined ? 0 : left - rows.length;
      }
    },
    'quarantine.show': async (params): Promise<Shown | null> => {
      await gateway?.flush();
      const { recordId, phiReason } = params as ShowParams;
      const found = await findQuarantined(database, recordId);
      if (found === undefined) return null;
      if (phiReason === undefined) return found;
      const event = { action: 'show', criterion: undefined, asked: 1, project: found.project } as const;
      await noteLookUp(database, { reason: phiReason }, event);
      const { readOriginalValues } = await import('../../pipeline/original-values.ts');
      const { spool, giveBack } = await lendSpool();
      return { ...found, original: await readOriginalValues(spool, recordId).finally(giveBack) };
    },
    'quarantine.save': async function* (params): AsyncGenerator<FilePart> {
      await gateway?.flush();
      const { recordId, reason } = params as SaveParams;
      const found = await findQuarantined(database, recordId);
      if (found === undefined) return;
      await noteLookUp(
        database,
        { reason },
        { action: 'save', criterion: undefined, asked: 1, project: found.project },
      );
      const { readOriginalFile } = await import('../../pipeline/original-file.ts');
      const { spool, giveBack } = await lendSpool();
      try {
        for await (const bytes of readOriginalFile(spool, recordId)) yield { base64: bytes.toString('base64') };
      } finally {
        await giveBack();
      }
    },
    'quarantine.release': async (params) => {
      await gateway?.flush();
      const { recordIds, note, review } = params as DecideParams;
      const result = await releaseQuarantined(database, recordIds, config.routes, { reason: note }, review);
      gateway?.reopen(result.released, review);
      return result;
    },
    'quarantine.discard': async (params) => {
      await gateway?.flush();
      const { recordIds, note } = params as DecideParams;
      const result = await discardQuarantined(database, recordIds, { reason: note });
      gateway?.discard(result.discarded);
      return result;
    },
    'deliveries.retry': async (params) => {
      const { destination } = params as RetryParams;
      if (destination !== undefined && !Object.hasOwn(config.destinations, destination))
        throw new LetheError('usage', 'there is no such destination; look at `lethe status`');
      const waiting = gateway?.retryNow(destination) ?? (await retryDeliveries(database, destination));
      return { waiting };
    },
  };
}

const PAGE_ROWS = 500;
