// A stretch of a text that identifies.

import type { IdentifyingKind } from '../../core/text-judge.ts';

/** What was taken out of a text. */
export type RemovedKind = IdentifyingKind;

/** [start, end) in the folded text. With a replacement the stretch is exchanged, not removed. */
export interface FoundSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: RemovedKind;
  readonly replacement?: string;
}

/**
 * In order, none overlapping: what overlaps is joined, and removed whole when any part of it is removed; of two
 * replacements the longer one counts.
 */
export function mergeSpans(spans: readonly FoundSpan[]): readonly FoundSpan[] {
  if (spans.length < 2) return spans;
  const merged: FoundSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else merged[merged.length - 1] = join(last, span);
  }
  return merged;
}

function join(one: FoundSpan, other: FoundSpan): FoundSpan {
  if (one.replacement !== undefined && other.replacement !== undefined)
    return other.end - other.start > one.end - one.start ? other : one;
  const kind = one.replacement === undefined ? one.kind : other.kind;
  return { start: one.start, end: Math.max(one.end, other.end), kind };
}
