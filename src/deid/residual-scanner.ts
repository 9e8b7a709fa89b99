// Looks for an instance's own identifying values in texts that would be kept. One scanner serves all instances that carry the
// same values, that is, mostly a series; what it has seen once costs a look-up.
import { isName } from './code-values.ts';
import type { Identifies } from './decision.ts';
import { findNamedDays } from './named-days.ts';
import { PhraseIndex } from './phrase-index.ts';
import { tokensOf } from './tokens.ts';
import type { Tokens } from './tokens.ts';

/** A stretch of a text: [start, end) in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * How a text is read: `free` text, a `code` (CS, AE, AS and the like), a `number` (DS, IS), or what is left of a text when it was `cleaned`, whose
 * single words were judged by their neighbours.
 */
export type TextKind = 'free' | 'code' | 'number' | 'cleaned';

interface Verdict {
  readonly spans: readonly Span[];
  /** Runs that look like UIDs, with their place: whether they are the instance's own is asked each time. */
  readonly uids: readonly { readonly uid: string; readonly span: Span }[];
}

const CLEAN: Verdict = { spans: [], uids: [] };
/** Nothing was found, but the text has to be decoded before that means anything. */
const UNDECODED: Verdict = { spans: [], uids: [] };
const NOT_ASCII = /[^\0-\x1A\x1C-\x7F]/;
/** Ids of digits alone are looked for from this length on; see tokens.ts. */
const SHORTEST_NUMBER = 5;
/** Values beyond this are forgotten; a series has a few hundred different ones that are not numbers. */
const MAX_VERDICTS = 1024;
const MAX_REMEMBERED_CHARS = 256;
/** Four components, or the two of a UUID's and the rest (PS3.5 B.2). */
const UID_RUN = /\d+(?:\.\d+){3,}|2\.25\.\d+/g;
const DIGIT_RUN = /\d{8,}/g;
/** 2004-08-26, 26.08.2004, 08/26/2004. */
const SPELLED_DAY = /(?<!\d)(?:(\d{4})([-./·•_])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-./·•_])(\d{1,2})\6(\d{4}))(?!\d)/g;
const NUMBERS_ONLY = /^[\d\s.eE+\\-]*$/;

export class ResidualScanner {
  readonly #tokens: Tokens;
  readonly #strong: PhraseIndex;
  readonly #words: PhraseIndex;
  readonly #codes: PhraseIndex;
  readonly #verdicts: Readonly<Record<TextKind, Map<string, Verdict>>> = {
    free: new Map(),
    code: new Map(),
    number: new Map(),
    cleaned: new Map(),
  };

  /** @param isCommon parts of names that are not looked for by themselves */
  constructor(
    values: readonly { readonly kind: Identifies; readonly text: string }[],
    isCommon?: (word: string) => boolean,
  ) {
    this.#tokens = tokensOf(values, isCommon);
    this.#strong = new PhraseIndex(this.#tokens.strong.values());
    this.#words = new PhraseIndex(this.#tokens.words.values());
    this.#codes = new PhraseIndex(this.#tokens.codes.values());
  }

  /** False for plain ASCII text that holds nothing of the instance: what nearly all texts are. */
  mayIdentify(text: string, kind: TextKind): boolean {
    return this.#judge(text, kind) !== CLEAN;
  }

  /** The stretches of a text that identify, in order, none overlapping; undefined when there is none. */
  find(text: string, kind: TextKind, uids: ReadonlySet<string>): readonly Span[] | undefined {
    const verdict = this.#judge(text, kind);
    const own = verdict.uids.filter(({ uid }) => uids.has(uid)).map(({ span }) => span);
    const spans = own.length === 0 ? verdict.spans : merge([...verdict.spans, ...own]);
    return spans.length === 0 ? undefined : spans;
  }

  /** True when a whole name, an id or a phrase of `shortest` characters stands in bytes that are no text, given as Latin-1. */
  isInBytes(bytes: string, shortest = 0): boolean {
    return this.#strong.find(bytes).some(({ start, end }) => end - start >= shortest);
  }

  #judge(text: string, kind: TextKind): Verdict {
    if (kind === 'number' && NUMBERS_ONLY.test(text)) return this.#isOwnNumber(text) ? wholly(text) : CLEAN;
    const seen = this.#verdicts[kind];
    let verdict = seen.get(text);
    if (verdict === undefined) {
      verdict = this.#read(text, kind);
      if (seen.size >= MAX_VERDICTS) seen.clear();
      if (text.length <= MAX_REMEMBERED_CHARS) seen.set(text, verdict);
    }
    return verdict;
  }

  /** Numbers are only identifiers as a whole: `0.20040826` is no date. */
  #isOwnNumber(text: string): boolean {
    const { numbers, days } = this.#tokens;
    if (text.length < SHORTEST_NUMBER || numbers.size + days.size === 0) return false;
    return text.split('\\').some((value) => numbers.has(value.trim()) || days.has(value.trim()));
  }

  /** True when one of the values of a text is an id that is too short to be looked for inside texts. */
  isShortId(text: string): boolean {
    const { shortIds } = this.#tokens;
    return (
      shortIds.size > 0 && text.split('\\').some((value) => shortIds.has(value.replace(/[\s\0]+$/, '').trimStart()))
    );
  }

  #read(text: string, kind: TextKind): Verdict {
    if (kind === 'free' && this.isShortId(text)) return wholly(text);
    const spans: Span[] = [...this.#strong.find(text)];
    if (kind === 'free') spans.push(...this.#words.find(text));
    else if (kind !== 'cleaned')
      spans.push(...[...this.#words.find(text), ...this.#codes.find(text)].filter((span) => isName(text, span)));
    if (this.#tokens.days.size > 0) this.#findDays(spans, text);
    const uids = [...text.matchAll(UID_RUN)].map((match) => ({ uid: match[0], span: spanOf(match) }));
    if (spans.length + uids.length > 0) return { spans: merge(spans), uids };
    return NOT_ASCII.test(text) ? UNDECODED : CLEAN;
  }

  #findDays(spans: Span[], text: string): void {
    const { days } = this.#tokens;
    for (const match of text.matchAll(DIGIT_RUN)) {
      const run = match[0];
      for (let at = 0; at + 8 <= run.length; at++) {
        if (days.has(run.slice(at, at + 8))) spans.push({ start: match.index + at, end: match.index + at + 8 });
      }
    }
    for (const match of text.matchAll(SPELLED_DAY)) if (this.#isOwnDay(match)) spans.push(spanOf(match));
    spans.push(...findNamedDays(text, days));
  }

  #isOwnDay(match: RegExpExecArray): boolean {
    const [, year1, , month1, day1, first, , second, year2] = match as unknown as readonly (string | undefined)[];
    const { days } = this.#tokens;
    if (year1 !== undefined) return days.has(year1 + two(month1) + two(day1));
    return (
      days.has(`${year2 ?? ''}${two(second)}${two(first)}`) || days.has(`${year2 ?? ''}${two(first)}${two(second)}`)
    );
  }
}

function wholly(text: string): Verdict {
  return { spans: [{ start: 0, end: text.length }], uids: [] };
}

function two(digits = ''): string {
  return digits.padStart(2, '0');
}

function spanOf(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length };
}

function merge(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** The text without the stretches; undefined when nothing worth keeping is left. */
export function cutOut(text: string, spans: readonly Span[]): string | undefined {
  let kept = '';
  let from = 0;
  for (const { start, end } of spans) {
    kept += `${text.slice(from, start)} `;
    from = end;
  }
  kept = (kept + text.slice(from))
    .replace(/ {2,}/g, ' ')
    .replace(/^[\s^,;:_=-]+|[\s^,;:_=-]+$/g, '')
    .replace(/\(\s*\)|\[\s*\]/g, '');
  return /[\p{L}\p{N}]{2}/u.test(kept) ? kept : undefined;
}

/** Scanners by the values that they look for; one per series that is under way. */
const MAX_SCANNERS = 64;
const scanners = new Map<string, ResidualScanner>();

/** @param key is the same exactly when the values are */
export function scannerFor(
  key: string,
  values: readonly { readonly kind: Identifies; readonly text: string }[],
): ResidualScanner {
  let scanner = scanners.get(key);
  if (scanner === undefined) {
    scanner = new ResidualScanner(values);
    if (scanners.size >= MAX_SCANNERS) scanners.delete(scanners.keys().next().value ?? '');
    scanners.set(key, scanner);
  }
  return scanner;
}
