// Words that a writer broke: at the end of a line with a hyphen, or into letters that stand apart. They are judged as the words that a reader sees.
import type { IdentifyingSpan, TextJudge } from '../core/text-judge.ts';

/** A hyphen at the end of a line within a word; soft hyphens mean nothing anywhere. */
const BROKEN = /(?<=[\p{L}\p{N}])[-\u2010]\s*\n\s*(?=[\p{L}\p{N}])|\u00ad(?:\s*\n\s*)?/gu;
/** Single letters or digits with single spaces between them, four of them or more. */
const SPACED = /(?<![^\s])[\p{L}\p{N}](?: [\p{L}\p{N}]){3,}(?![^\s.,;:!?])/gu;

/** What a judge finds in a text, and in the words that are broken in it. In order, none overlapping. */
export function findWithBroken(text: string, judge: TextJudge): readonly IdentifyingSpan[] {
  const spans = judge.find(text);
  const breaks = breaksOf(text);
  if (breaks.length === 0) return spans;
  const { joined, units } = join(text, breaks);
  const found = judge.find(joined).flatMap(({ start, end, kind }): IdentifyingSpan[] => {
    const span = { start: units[start], end: units[end - 1] + 1, kind };
    return breaks.some((one) => span.start < one.end && one.start < span.end) ? [span] : [];
  });
  return merge([...spans, ...found]);
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

function breaksOf(text: string): readonly Stretch[] {
  const breaks: Stretch[] = [];
  for (const match of text.matchAll(BROKEN)) breaks.push({ start: match.index, end: match.index + match[0].length });
  for (const match of text.matchAll(SPACED))
    for (let at = match.index + 1; at < match.index + match[0].length; at += 2) breaks.push({ start: at, end: at + 1 });
  return breaks.sort((one, other) => one.start - other.start);
}

/** The text without the breaks, and where each of its units stood. */
function join(
  text: string,
  breaks: readonly Stretch[],
): { readonly joined: string; readonly units: readonly number[] } {
  const units: number[] = [];
  let at = 0;
  for (const { start, end } of [...breaks, { start: text.length, end: text.length }]) {
    for (; at < start; at++) units.push(at);
    at = end;
  }
  return { joined: units.map((unit) => text[unit]).join(''), units };
}

/** Of two that overlap one is made, without a replacement. */
function merge(spans: readonly IdentifyingSpan[]): readonly IdentifyingSpan[] {
  const merged: IdentifyingSpan[] = [];
  for (const span of [...spans].sort((one, other) => one.start - other.start || other.end - one.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end, kind: last.kind };
  }
  return merged;
}
