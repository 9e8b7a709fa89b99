// A document tells names and numbers of its own (the author of a CDA, the operator of an RTF file) that the data set around it does
// not: what its header says is looked for in the rest of it, beside what the judge knows.
import type { IdentifyingKind, IdentifyingSpan, TextJudge } from '../core/text-judge.ts';

interface Phrase {
  readonly words: readonly string[];
  readonly kind: IdentifyingKind;
}

/** More would come from no honest header. */
const MAX_PHRASES = 5000;
const MAX_UNSEGMENTED = 64;
/** Characters between two words of one phrase. */
const MAX_GAP = 3;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Scripts that put no spaces between words. */
const UNSEGMENTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const NO_NAMES: ReadonlySet<string> = new Set(
  'and dr mr mrs ms md phd prof med jr sr the van von der den del dos das for not with unknown none other md'.split(
    ' ',
  ),
);
/** A lower-case word of this length that equals a name is the name. */
const LONG_NAME = 6;

export class GatheredValues {
  readonly #byFirst = new Map<string, Phrase[]>();
  readonly #unsegmented: { readonly text: string; readonly kind: IdentifyingKind }[] = [];
  #count = 0;

  /** Every part of a name is looked for by itself. */
  addName(name: string): void {
    for (const [word] of name.matchAll(WORD)) {
      const folded = fold(word);
      if (UNSEGMENTED.test(word)) this.#addUnsegmented(word, 'name');
      else if (folded.length >= 2 && !/^\d+$/.test(folded) && !NO_NAMES.has(folded)) this.#add([folded], 'name');
    }
  }

  /** A number, an address, a phone: the whole of it is looked for, whatever stands between its words. */
  addPhrase(text: string, kind: IdentifyingKind): void {
    const words = [...text.matchAll(WORD)].map(([word]) => fold(word));
    if (UNSEGMENTED.test(text)) this.#addUnsegmented(text.trim(), kind);
    else if (words.join('').length >= 4) this.#add(words, kind);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** In order, none overlapping. */
  find(text: string): readonly IdentifyingSpan[] {
    const words = [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
      word,
      start: index,
      end: index + word.length,
    }));
    const spans: IdentifyingSpan[] = [];
    for (let i = 0; i < words.length; i++) {
      const length = this.#phraseAt(words, i);
      if (length === undefined) continue;
      spans.push({ start: words[i].start, end: words[i + length.words - 1].end, kind: length.kind });
      i += length.words - 1;
    }
    for (const { text: value, kind } of this.#unsegmented)
      for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length))
        spans.push({ start: at, end: at + value.length, kind });
    return spans;
  }

  #phraseAt(
    words: readonly { readonly word: string; readonly start: number; readonly end: number }[],
    at: number,
  ): { readonly words: number; readonly kind: IdentifyingKind } | undefined {
    for (const { words: wanted, kind } of this.#byFirst.get(fold(words[at].word)) ?? []) {
      if (wanted.length === 1 && kind === 'name' && !looksLikeName(words[at].word)) continue;
      const isHere = wanted.every((word, index) => {
        const found = words.at(at + index);
        if (at + index >= words.length || found === undefined || fold(found.word) !== word) return false;
        return index === 0 || found.start - words[at + index - 1].end <= MAX_GAP;
      });
      if (isHere) return { words: wanted.length, kind };
    }
    return undefined;
  }

  #add(words: readonly string[], kind: IdentifyingKind): void {
    const list = this.#byFirst.get(words[0]) ?? [];
    if (this.#count >= MAX_PHRASES || list.some((known) => known.words.join(' ') === words.join(' '))) return;
    this.#count++;
    list.push({ words, kind });
    list.sort((a, b) => b.words.length - a.words.length);
    this.#byFirst.set(words[0], list);
  }

  #addUnsegmented(text: string, kind: IdentifyingKind): void {
    if (text.length < 2 || this.#unsegmented.length >= MAX_UNSEGMENTED) return;
    this.#count++;
    this.#unsegmented.push({ text, kind });
  }
}

/** The judge with the document's own values. */
export function withGathered(judge: TextJudge, gathered: GatheredValues): TextJudge {
  if (gathered.isEmpty) return judge;
  return {
    find: (text) => merge(judge.find(text), gathered.find(text)),
    clean: (text) => {
      const cleaned = judge.clean(text);
      const left = cutOut(cleaned, gathered.find(cleaned));
      return left === cleaned ? cleaned : judge.clean(left);
    },
    mayBeKnown: (reading) => judge.mayBeKnown(reading) || gathered.find(reading).length > 0,
    isPlain: (reading) => judge.isPlain(reading),
  };
}

function looksLikeName(word: string): boolean {
  return word.length >= LONG_NAME || word[0] !== word[0].toLowerCase() || word[0] === word[0].toUpperCase();
}

function fold(word: string): string {
  return word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** What overlaps is taken out as one. */
function merge(one: readonly IdentifyingSpan[], other: readonly IdentifyingSpan[]): readonly IdentifyingSpan[] {
  if (other.length === 0) return one;
  const merged: IdentifyingSpan[] = [];
  for (const span of [...one, ...other].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (last.replacement === undefined || span.replacement === undefined)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end), kind: last.kind };
  }
  return merged;
}

function cutOut(text: string, spans: readonly IdentifyingSpan[]): string {
  let left = '';
  let at = 0;
  for (const { start, end } of merge([], spans)) {
    left += text.slice(at, start);
    at = end;
    if (/\s$|^$/.test(left) && text[at] === ' ') at++;
  }
  return left + text.slice(at);
}
