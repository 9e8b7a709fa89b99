// The last look before an instance leaves (promise 5): every identifier that its original carried, or an earlier instance of the
// patient, is searched in the bytes of the output, whatever decided that they stay. Only bulk pixel data is not searched.
//
// One pass of a byte automaton over the plan finds no trace in nearly every instance. Where it finds one, the values are read
// one by one: there the same rules on short and common words hold as where the engine itself looked (tokens.ts).
import type { DataSet, Element, OutputDataSet, SplicePlan } from '../dicom/element.ts';

import type { Identifiers } from './identifiers.ts';
import { ResidueReader } from './residue-reader.ts';
import { residueSetFor } from './residue-set.ts';
import type { ResidueSet } from './residue-set.ts';
import type { Subject } from './subject.ts';

/** Longer values than this at the top level are searched apart, those of pixel data not at all. */
const LONG_BYTES = 64 * 1024;
const PIXEL_DATA_GROUP = 0x7fe0;

export interface ResidueJob {
  /** What leaves: `output` as a plan. */
  readonly plan: SplicePlan;
  readonly output: OutputDataSet;
  /** The data set that `output` was made of. */
  readonly dataSet: DataSet;
  readonly identifiers: Identifiers;
  readonly subject: Subject;
  /** Dates were moved: a moved one may be equal to another one of the original. */
  readonly areDatesMoved: boolean;
}

/**
 * Returns when no identifier of the original is left; a promise when something has to be read from the disk for that.
 * @throws InstanceError `residual-identifier` with the path of the element, never with the value; also as a rejection
 */
export function checkResidue(job: ResidueJob): Promise<void> | undefined {
  const set = residueSetFor(job.identifiers);
  if (set === undefined) return undefined;
  const long = longValues(job.dataSet.elements);
  if (!hasTrace(job.plan, set, long) && !long.some(isSearched)) return undefined;
  const reader = new ResidueReader({ ...job, set });
  reader.readAll();
  return reader.unread.length === 0 ? undefined : reader.readUnread();
}

/** By ascending offset. */
function longValues(elements: readonly Element[]): readonly Element[] {
  let long: Element[] | undefined;
  for (const element of elements) {
    const isLong = element.valueLength > LONG_BYTES && element.items === undefined;
    if (isLong || element.tag >>> 16 === PIXEL_DATA_GROUP) (long ??= []).push(element);
  }
  return long === undefined ? NONE : long.sort((a, b) => a.start - b.start);
}

const NONE: readonly Element[] = [];

function isSearched({ tag }: Element): boolean {
  return tag >>> 16 !== PIXEL_DATA_GROUP;
}

/** True when an anchor stands in the bytes of the plan, or when they cannot be seen without waiting. */
function hasTrace({ pieces, source }: SplicePlan, { automaton }: ResidueSet, long: readonly Element[]): boolean {
  for (const piece of pieces) {
    automaton.reset();
    if (Buffer.isBuffer(piece)) {
      if (automaton.search(piece, 0, piece.length) !== -1) return true;
      continue;
    }
    const end = piece.offset + piece.length;
    let from = piece.offset;
    for (const { valueStart, valueLength } of long) {
      if (valueStart < from || valueStart >= end) continue;
      if (isTraced(source, automaton, from, valueStart)) return true;
      from = Math.min(end, valueStart + valueLength);
      automaton.reset();
    }
    if (isTraced(source, automaton, from, end)) return true;
  }
  return false;
}

function isTraced(
  source: SplicePlan['source'],
  automaton: ResidueSet['automaton'],
  from: number,
  end: number,
): boolean {
  if (from >= end) return false;
  const view = source.view(from, end - from);
  return view === undefined || automaton.search(view, 0, view.length) !== -1;
}
