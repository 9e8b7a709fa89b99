// The state machine of the ledger as a table: which states an event may leave. The same rows guard the SQL.
import type { InstanceState } from '../pipeline/ports.ts';

/** States that an event of the ledger can lead to; `received` is where a row begins. */
export type Target = 'clean' | 'delivering' | 'delivered' | 'quarantined';

/**
 * The states that each target may be reached from. A row only moves forward: what is at rest (delivered, quarantined, discarded) is left to a
 * person. A step may be skipped, since a replay after a crash knows from the spool that an instance was sent, but not what was in between.
 */
export const LEAVES: Readonly<Record<Target, readonly InstanceState[]>> = {
  clean: ['received', 'deidentifying', 'released'],
  delivering: ['received', 'deidentifying', 'released', 'clean'],
  delivered: ['received', 'deidentifying', 'released', 'clean', 'delivering'],
  quarantined: ['received', 'deidentifying', 'released', 'clean', 'delivering'],
};

/** The state after `target` was asked for in `state`. */
export function stateAfter(state: InstanceState, target: Target): InstanceState {
  return LEAVES[target].includes(state) ? target : state;
}

/** The pairs (state, target) that are allowed, as the list of a SQL `in`. */
export const ALLOWED_PAIRS = Object.entries(LEAVES)
  .flatMap(([target, states]) => states.map((state) => `('${state}', '${target}')`))
  .join(', ');

export const AT_REST: readonly InstanceState[] = ['delivered', 'quarantined', 'discarded'];

/**
 * The state of instances that a statement names by their ids. Where nearly all are delivered, Postgres takes what is unfinished for a row or none, and
 * would go through the partial indexes on it, the whole backlog, for each statement; of an expression no such index is of use, only the key.
 */
export const STATE_BY_ID = `(instance.state || '')`;
