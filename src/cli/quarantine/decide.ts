// Releases or discards what is in quarantine: records that are named, or all that filters select.
import { loadConfig } from '../../config/load.ts';
import type { RecordId } from '../../core/brands.ts';
import { LetheError, type QuarantineReason } from '../../core/errors.ts';
import type { DiscardResult, ReleaseResult } from '../../store/quarantine-decisions.ts';
import { reviewOf, type ReviewOptions } from '../review-options.ts';
import { askDatabase } from '../open-store.ts';
import type { DecideParams } from './handlers.ts';
import { selectRows } from './list.ts';

export type Decision = 'release' | 'discard';

export interface DecideOptions extends ReviewOptions {
  readonly project?: string;
  readonly reason?: QuarantineReason;
  readonly yes?: true;
  readonly note: string;
  readonly config?: string;
  readonly data?: string;
}

export interface DecisionOutcome {
  readonly done: readonly RecordId[];
  readonly withoutRoute: readonly RecordId[];
  readonly notFound: readonly RecordId[];
}

/** A longer list goes in several messages. */
const RECORDS_AT_ONCE = 500;

/** @throws LetheError `usage` unless records, or filters with `--yes`, are given; a review is of records that are named */
export async function decide(
  decision: Decision,
  recordIds: readonly RecordId[],
  options: DecideOptions,
): Promise<DecisionOutcome> {
  const { project, reason } = options;
  const hasFilter = project !== undefined || reason !== undefined;
  if (recordIds.length > 0 === hasFilter)
    throw new LetheError('usage', 'name records, or select them with --reason or --project; one of both');
  const review = reviewOf(options);
  if (hasFilter && review !== undefined)
    throw new LetheError('usage', 'name the records that were looked at: --blank and --pixels-seen go with no filter');
  const config = loadConfig({ file: options.config, data: options.data });
  let chosen = recordIds;
  if (hasFilter) {
    const filter = { ...(project === undefined ? {} : { project }), ...(reason === undefined ? {} : { reason }) };
    chosen = (await selectRows(config, { ...filter, limit: Number.MAX_SAFE_INTEGER })).map((row) => row.recordId);
    if (options.yes !== true && chosen.length > 0)
      throw new LetheError('usage', `this would ${decision} ${chosen.length} instances; write --yes to do it`);
  }
  const [done, withoutRoute, notFound] = [new Array<RecordId>(), new Array<RecordId>(), new Array<RecordId>()];
  for (let at = 0; at < chosen.length; at += RECORDS_AT_ONCE) {
    const params: DecideParams = {
      recordIds: chosen.slice(at, at + RECORDS_AT_ONCE),
      note: options.note,
      ...(review === undefined ? {} : { review }),
    };
    const answer = await askDatabase(config, `quarantine.${decision}`, params);
    const result = answer as ReleaseResult | DiscardResult;
    done.push(...('released' in result ? result.released : result.discarded));
    if ('withoutRoute' in result) withoutRoute.push(...result.withoutRoute);
    notFound.push(...result.notFound);
  }
  return { done, withoutRoute, notFound };
}
