// Text that stands in pieces (a name split by <b>, by a change of font), judged as the one text that a reader sees.
import type { IdentifyingSpan, TextJudge } from '../core/text-judge.ts';
import { findWithBroken } from './broken-words.ts';
import type { Tally } from './tally.ts';

interface Run {
  readonly text: string;
  /** Takes the cleaned text; undefined for a separator, which stays. */
  readonly write: ((text: string) => void) | undefined;
}

/** What is joined by a removal may identify anew; a block that is not at rest after this many rounds is emptied. */
const MAX_ROUNDS = 8;

/** Gathers the runs of one block after another; only what changed is written back. */
export class TextRuns {
  readonly #judge: TextJudge;
  readonly #tally: Tally;
  #runs: Run[] = [];

  constructor(judge: TextJudge, tally: Tally) {
    this.#judge = judge;
    this.#tally = tally;
  }

  add(text: string, write: (text: string) => void): void {
    if (text !== '') this.#runs.push({ text, write });
  }

  /** What a reader sees between two runs: the end of a line, the border of a cell. */
  separate(text: string): void {
    if (this.#runs.length > 0) this.#runs.push({ text, write: undefined });
  }

  /** The end of the block: judges it. */
  flush(): void {
    const runs = this.#runs;
    if (runs.length === 0) return;
    this.#runs = [];
    const cleaned = cleanRuns(runs, this.#judge, this.#tally);
    if (cleaned === undefined) return;
    for (const [index, { text, write }] of runs.entries()) if (cleaned[index] !== text) write?.(cleaned[index]);
  }
}

/** One text on its own. */
export function cleanText(text: string, judge: TextJudge, tally: Tally): string {
  return cleanRuns([{ text, write: () => undefined }], judge, tally)?.[0] ?? text;
}

/** The texts of the runs, or undefined when all stay. */
function cleanRuns(runs: readonly Run[], judge: TextJudge, tally: Tally): readonly string[] | undefined {
  const moved = new Set<string>();
  let texts = runs.map(({ text }) => text);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const joined = texts.join('');
    const spans = findWithBroken(joined, judge).filter(({ start, end, replacement }) => {
      const found = joined.slice(start, end);
      return !moved.has(found) && found !== replacement;
    });
    if (spans.length === 0) return round === 0 ? undefined : texts;
    for (const { kind, replacement } of spans) {
      tally.add(kind);
      if (replacement !== undefined) moved.add(replacement);
    }
    texts = cut(runs, texts, spans);
  }
  return runs.map(({ text, write }) => (write === undefined ? text : ''));
}

/** Takes the spans of the joined text out of its pieces; a replacement stands where its stretch began. */
function cut(runs: readonly Run[], texts: readonly string[], spans: readonly IdentifyingSpan[]): string[] {
  let next = 0;
  let offset = 0;
  return texts.map((text, index) => {
    const begin = offset;
    const end = begin + text.length;
    offset = end;
    let left = '';
    let at = begin;
    while (next < spans.length && spans[next].start < end) {
      const span = spans[next];
      left += text.slice(at - begin, Math.max(span.start, at) - begin);
      if (span.replacement !== undefined && span.start >= begin) left += span.replacement;
      at = Math.min(span.end, end);
      // No two spaces where there was a word between them.
      if (span.replacement === undefined && /\s$|^$/.test(left) && text[at - begin] === ' ') at++;
      if (span.end > end) break;
      next++;
    }
    return runs[index].write === undefined ? text : left + text.slice(at - begin);
  });
}
