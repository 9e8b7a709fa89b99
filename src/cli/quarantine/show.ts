// All that `lethe quarantine show` tells of one instance.
import { loadConfig } from '../../config/load.ts';
import type { RecordId } from '../../core/brands.ts';
import { LetheError } from '../../core/errors.ts';
import { formatBytes } from '../../core/units.ts';
import type { OriginalValues } from '../../pipeline/original-values.ts';
import { nameOfUid } from '../../standard/uids.ts';
import type { QuarantinedDelivery } from '../../store/quarantine-decisions.ts';
import { askDatabase } from '../open-store.ts';
import { printable } from '../output.ts';
import type { ShowParams } from './handlers.ts';
import { explained, type ReceivedRow } from './list.ts';

interface ShowQuestion {
  readonly showPhi?: true;
  readonly reason?: string;
  readonly config?: string;
  readonly data?: string;
}

type ShownRow = ReceivedRow & {
  readonly deliveries: readonly QuarantinedDelivery[];
  readonly original?: OriginalValues;
};

/** Undefined when it is not in quarantine. @throws LetheError `usage` for original values without a reason */
export async function showRecord(
  recordId: RecordId,
  { showPhi, reason, config: file, data }: ShowQuestion,
): Promise<{ readonly json: unknown; readonly lines: readonly string[] } | undefined> {
  if (showPhi === true && reason === undefined)
    throw new LetheError('usage', 'original values need --reason TEXT: it is kept in the audit');
  const config = loadConfig({ file, data });
  const params: ShowParams = { recordId, ...(showPhi === true && reason !== undefined ? { phiReason: reason } : {}) };
  const found = (await askDatabase(config, 'quarantine.show', params)) as ShownRow | null;
  if (found === null) return undefined;
  const row = explained(found);
  const facts: readonly (readonly [string, string])[] = [
    ['record', row.recordId],
    ['project', row.project],
    ['reason', row.reason],
    ['', row.help],
    ['message', row.message],
    ['received', row.receivedAt],
    ['held back', row.quarantinedAt],
    ['from', `${row.callingAeTitle} at ${row.peerAddress}, called ${row.calledAeTitle}`],
    ['SOP class', row.sopClass],
    ['encoded as', nameOfUid(row.transferSyntaxUid) ?? row.transferSyntaxUid],
    ['length', formatBytes(row.length)],
    ...row.deliveries.map(({ destination, state, attempts, error }): [string, string] => [
      'delivery',
      `${destination}: ${state}, ${attempts} attempts${error === null ? '' : `, ${error}`}`,
    ]),
    ...Object.entries(row.original ?? {}).map(([name, value]): [string, string] => [`original ${name}`, String(value)]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return { json: row, lines: facts.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`) };
}
