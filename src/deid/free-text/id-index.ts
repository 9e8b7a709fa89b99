// The patient's numbers in a text, however they are grouped: one trie of all of them, walked from each run of letters or digits.
import type { Folded } from './fold.ts';
import { foldWord } from './fold.ts';
import { flagsOf, PLACEHOLDER, CLINICAL, SENTENCE, UNIT } from './lexicon.ts';
import type { FoundSpan } from './span.ts';
import { classOf, DIGITS, LETTERS } from './words.ts';
import type { Word } from './words.ts';

interface Node {
  readonly next: Map<number, Node>;
  /** An id ends here; the number of its characters. */
  length: number;
  /** The spelling of a short id that has separators in it: "334-1". */
  spelling?: string;
}

/** Longer ids are looked for by their beginning. */
const MAX_LENGTH = 64;
/** All digits: shorter ones are too common to be looked for without a label. */
const SHORTEST_NUMBER = 4;
const SHORTEST_MIXED = 4;
/** From here on the digits of an id may be grouped, or stand inside a longer number. */
const SHORTEST_GROUPED = 6;
const ZERO = 0x30;
const SEPARATORS: ReadonlySet<number> = new Set(Buffer.from(' -./_:#^', 'latin1'));

export class IdIndex {
  readonly #root: Node = { next: new Map(), length: 0 };
  /** Ids of letters only: they are looked up as words. */
  readonly words: string[] = [];
  #isEmpty = true;

  /**
   * Adds an id as it stands in an attribute. Numbers under four digits, other ids under four characters, one character
   * repeated and placeholders are left out: they would be found in everything; behind a label they go all the same.
   */
  add(id: string): void {
    const plain = foldWord(id).replace(/[^\p{L}\p{N}]/gu, '');
    if (plain.length < SHORTEST_NUMBER || /^(.)\1*$/u.test(plain) || (flagsOf(plain) & PLACEHOLDER) !== 0) return;
    if (!/\d/.test(plain)) {
      if ((flagsOf(plain) & (CLINICAL | SENTENCE)) === 0) this.words.push(plain);
      return;
    }
    const key = plain.replace(/^0+(?=\d{4})/, '').slice(0, MAX_LENGTH);
    if (key.length < (/^\d+$/.test(key) ? SHORTEST_NUMBER : SHORTEST_MIXED)) return;
    let node = this.#root;
    for (let at = 0; at < key.length; at++) {
      const unit = key.charCodeAt(at);
      let next = node.next.get(unit);
      if (next === undefined) node.next.set(unit, (next = { next: new Map(), length: 0 }));
      node = next;
    }
    node.length = key.length;
    const spelling = foldWord(id);
    if (key === plain && key.length < SHORTEST_GROUPED && spelling !== plain) node.spelling = spelling;
    this.#isEmpty = false;
  }

  /** True for the first characters, four at least, of an id. */
  isBeginning(text: string): boolean {
    const key = text.replace(/^0+(?=\d{4})/, '');
    let node: Node | undefined = this.#root;
    for (let at = 0; at < key.length && node !== undefined; at++) node = node.next.get(key.charCodeAt(at));
    return node !== undefined && key.length >= SHORTEST_NUMBER;
  }

  find(folded: Folded, words: readonly Word[]): FoundSpan[] {
    const spans: FoundSpan[] = [];
    if (this.#isEmpty) return spans;
    const { text } = folded;
    for (const [at, word] of words.entries()) {
      const isNumber = word.kind === DIGITS;
      let start = word.start;
      if (isNumber) while (start < word.end - 1 && text.charCodeAt(start) === ZERO) start++;
      const end =
        this.#matchFrom(text, start) ?? (start === word.start ? undefined : this.#matchFrom(text, word.start));
      if (end !== undefined && !isMeasure(text, words, at, end)) spans.push({ start: word.start, end, kind: 'id' });
      else if (isNumber && word.end - word.start > SHORTEST_GROUPED && this.#isInside(word.text))
        spans.push({ start: word.start, end: word.end, kind: 'id' });
    }
    return spans;
  }

  /** The end of the longest id that begins at `start`, none of its characters having a like neighbour. */
  #matchFrom(text: string, start: number): number | undefined {
    let node: Node | undefined = this.#root;
    let end: number | undefined;
    let isGrouped = false;
    for (let at = start; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (classOf(unit) === 0) {
        if (
          at === start ||
          !SEPARATORS.has(unit) ||
          (SEPARATORS.has(text.charCodeAt(at - 1)) && text.charCodeAt(at - 1) === unit)
        )
          break;
        // Two separators in a row at most, as in "12. 34".
        if (at - 2 >= start && classOf(text.charCodeAt(at - 1)) === 0 && classOf(text.charCodeAt(at - 2)) === 0) break;
        isGrouped = true;
        continue;
      }
      node = node.next.get(unit);
      if (node === undefined) break;
      const isEnough =
        !isGrouped ||
        node.length >= SHORTEST_GROUPED ||
        classOf(text.charCodeAt(start)) === LETTERS ||
        (node.spelling !== undefined && text.slice(start, at + 1) === node.spelling);
      if (node.length > 0 && isEnough && isBoundary(text, at)) end = at + 1;
    }
    return end;
  }

  /** True when an id of six or more digits stands anywhere in a run of digits. */
  #isInside(run: string): boolean {
    for (let from = 0; from + SHORTEST_GROUPED <= run.length; from++) {
      let node: Node | undefined = this.#root;
      for (let at = from; at < run.length; at++) {
        node = node.next.get(run.charCodeAt(at));
        if (node === undefined) break;
        if (node.length >= SHORTEST_GROUPED) return true;
      }
    }
    return false;
  }
}

function isBoundary(text: string, last: number): boolean {
  return last + 1 >= text.length || classOf(text.charCodeAt(last + 1)) !== classOf(text.charCodeAt(last));
}

/** Short numbers with a unit, a decimal part or a percent sign are measures: 1500 ms, 4821.5, 2.1500. */
function isMeasure(text: string, words: readonly Word[], at: number, end: number): boolean {
  const word = words[at];
  if (word.kind !== DIGITS || end > word.end || end - word.start > 5) return false;
  if (/[.,]\d/.test(text.slice(end, end + 2)) || text[end] === '%') return true;
  if (/\d[.,]/.test(text.slice(Math.max(0, word.start - 2), word.start))) return true;
  const next = words[at + 1] as Word | undefined;
  return next !== undefined && next.start - end <= 1 && (next.flags & UNIT) !== 0 && next.text.length <= 3;
}
