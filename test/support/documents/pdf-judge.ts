// A TextJudge that knows exactly the values it is given, and moves dates of the form 2024-05-17 or 17.05.2024 when asked to.
import { isPlainWords } from '../../../src/deid/free-text/plain-words.ts';
import type { IdentifyingSpan, TextJudge } from '../../../src/core/text-judge.ts';

export interface KnownValues {
  readonly names?: readonly string[];
  readonly ids?: readonly string[];
  /** What takes the place of every ISO date; without it dates stay. */
  readonly movedDate?: string;
}

export function judgeOf({ names = [], ids = [], movedDate }: KnownValues): TextJudge {
  const find = (text: string): readonly IdentifyingSpan[] => {
    const spans: IdentifyingSpan[] = [];
    const search = (pattern: RegExp, kind: IdentifyingSpan['kind'], replacement?: string): void => {
      for (const match of text.matchAll(pattern)) {
        const span = { start: match.index, end: match.index + match[0].length, kind };
        if (spans.some(({ start, end }) => span.start < end && start < span.end)) continue;
        spans.push(replacement === undefined ? span : { ...span, replacement });
      }
    };
    for (const name of names) search(new RegExp(escape(name), 'giu'), 'name');
    for (const id of ids) search(new RegExp(escape(id), 'giu'), 'id');
    if (movedDate !== undefined) search(/\b\d{4}-\d{2}-\d{2}\b/g, 'date', movedDate);
    return spans.sort((one, other) => one.start - other.start);
  };
  return {
    find,
    clean: (text) => {
      let cleaned = text;
      for (const { start, end, replacement = '' } of find(text).toReversed())
        cleaned = cleaned.slice(0, start) + replacement + cleaned.slice(end);
      return cleaned;
    },
    isPlain: isPlainWords,
    mayBeKnown: (reading) => {
      const squeezed = squeeze(reading);
      return [...names, ...ids].some((value) => squeezed.includes(squeeze(value)));
    },
  };
}

/** Letters and digits of any script. */
function squeeze(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function escape(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
