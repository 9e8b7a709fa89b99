// What of a page's text identifies, in any of the ways in which it can be read.
import type { IdentifyingKind, IdentifyingSpan, TextJudge } from '../../core/text-judge.ts';
import type { PageText } from './messages.ts';
import { readingsOf, type Reading } from './readings.ts';

/** Text that takes the place of characters, for example a moved date. */
export interface Replacement {
  readonly text: string;
  /** The first and last of the characters that it stands for. */
  readonly chars: readonly number[];
}

export interface JudgedText {
  /** 1 for each character that may not stay. */
  readonly removed: Uint8Array;
  readonly replacements: readonly Replacement[];
  readonly counts: ReadonlyMap<IdentifyingKind, number>;
}

interface Found extends IdentifyingSpan {
  readonly chars: readonly number[];
}

/** Judges a page by all of its readings; what any of them finds goes. */
export function judgePage(text: PageText, judge: TextJudge): JudgedText {
  const removed = new Uint8Array(text.count);
  const counts = new Map<IdentifyingKind, number>();
  const found: Found[] = [];
  for (const reading of readingsOf(text)) {
    for (const span of judge.find(reading.text)) {
      const chars = charsOf(reading, span);
      if (chars.length === 0) continue;
      if (chars.every((char) => removed[char] === 1)) {
        found.push({ ...span, chars });
        continue;
      }
      if (reading.isAcrossLines && !isCredible(reading, span, removed, judge)) continue;
      counts.set(span.kind, (counts.get(span.kind) ?? 0) + 1);
      for (const char of chars) removed[char] = 1;
      found.push({ ...span, chars });
    }
  }
  return { removed, replacements: replacementsAmong(found, removed), counts };
}

function charsOf({ chars }: Reading, { start, end }: IdentifyingSpan): readonly number[] {
  const taken = new Set<number>();
  for (let unit = start; unit < end; unit++) if (chars[unit] >= 0) taken.add(chars[unit]);
  return [...taken];
}

/**
 * With line ends taken for spaces, a pattern ("Dr." and capitalised words) runs on into the next line. So what reaches beyond what the lines
 * themselves gave counts only when nothing of it was found there, or when what it adds may be a known value.
 */
function isCredible(
  { text, chars }: Reading,
  { start, end }: IdentifyingSpan,
  removed: Uint8Array,
  judge: TextJudge,
): boolean {
  let isPartlyKnown = false;
  let rest = '';
  for (let unit = start; unit < end; unit++) {
    const isRemoved = chars[unit] >= 0 && removed[chars[unit]] === 1;
    if (isRemoved) isPartlyKnown = true;
    rest += isRemoved ? ' ' : text[unit];
  }
  return !isPartlyKnown || judge.mayBeKnown(rest.trim());
}

/** Those whose characters no other finding reaches beyond: of a date that is moved, the date and nothing else is gone. */
function replacementsAmong(found: readonly Found[], removed: Uint8Array): readonly Replacement[] {
  const byRange = new Map<string, { readonly chars: readonly number[]; text: string }>();
  for (const { chars, replacement = '' } of found) {
    const range = chars.join();
    const known = byRange.get(range);
    if (known === undefined) byRange.set(range, { chars, text: replacement });
    else if (known.text !== replacement) known.text = '';
  }
  const owners = new Uint8Array(removed.length);
  for (const { chars } of byRange.values()) for (const char of chars) owners[char] = Math.min(2, owners[char] + 1);
  return [...byRange.values()].filter(({ chars, text }) => text !== '' && chars.every((char) => owners[char] === 1));
}
