// The last look before an instance leaves (promise 5): every identifier that its original carried, or an earlier instance of the
// patient, is searched in the bytes of the output, whatever decided that they stay. Only bulk pixel data is not searched.
//
// One pass over the plan finds no trace in nearly every instance. Where it finds one, the values are read
// one by one: there the same rules on short and common words hold as where the engine itself looked (tokens.ts).
import type { DataSet, Element, OutputDataSet, SplicePlan } from '../dicom/element.ts';

import type { Identifiers } from './identifiers.ts';
import { ResidueReader, WRITTEN } from './residue-reader.ts';
import { residueSetFor } from './residue-set.ts';
import type { ResidueSet } from './residue-set.ts';
import type { Subject } from './subject.ts';

/** Longer values than this at the top level are searched apart, those of pixel data not at all. */
const LONG_BYTES = 64 * 1024;
const PIXEL_DATA_GROUP = 0x7fe0;
const MAX_TRACES = 64;

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
  const traces = findTraces(job.plan, set, long);
  if (traces?.length === 0 && !long.some(isSearched)) return undefined;
  const reader = new ResidueReader({ ...job, set, traces });
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

/**
 * Offsets in the source behind each anchor that stands in what leaves, WRITTEN for one in a value that was written; undefined when the bytes
 * cannot be seen without waiting, or when there are so many that every value has to be read.
 */
function findTraces(
  { pieces, source }: SplicePlan,
  { patterns }: ResidueSet,
  long: readonly Element[],
): readonly number[] | undefined {
  const traces: number[] = [];
  const whole = source.view(0, source.size);
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) {
      if (patterns.search(piece, 0, piece.length) !== -1) traces.push(WRITTEN);
      continue;
    }
    const end = piece.offset + piece.length;
    let from = piece.offset;
    for (const { valueStart, valueLength } of long) {
      if (valueStart < from || valueStart >= end) continue;
      if (!collect(traces, source, whole, patterns, from, valueStart)) return undefined;
      from = Math.min(end, valueStart + valueLength);
    }
    if (!collect(traces, source, whole, patterns, from, end)) return undefined;
  }
  return traces;
}

/** False when the bytes are not in memory or the traces are too many. */
function collect(
  traces: number[],
  source: SplicePlan['source'],
  whole: Buffer | undefined,
  patterns: ResidueSet['patterns'],
  from: number,
  end: number,
): boolean {
  if (from >= end) return true;
  const bytes = whole ?? source.view(from, end - from);
  if (bytes === undefined) return false;
  const base = whole === undefined ? from : 0;
  const start = from - base;
  const stop = end - base;
  for (let at = patterns.search(bytes, start, stop); at !== -1; at = patterns.search(bytes, at, stop, start)) {
    if (traces.length >= MAX_TRACES) return false;
    traces.push(base + at);
  }
  return true;
}
