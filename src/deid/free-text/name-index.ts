// The names of the patient, of relatives and of staff, ready to be looked up word by word.
import { foldWord } from './fold.ts';
import {
  AMBIGUOUS,
  CLINICAL,
  DEGREE,
  EPONYM,
  COLLOCATED,
  flagsOf,
  PARTICLE,
  PLACEHOLDER,
  SENTENCE,
  TITLE,
  WORD_OF_LANGUAGE,
} from './lexicon.ts';
import { classOf, LETTERS, UNSPACED } from './words.ts';
import type { Word } from './words.ts';

/** Looked for wherever it stands; judged by its context; not looked for alone. */
export type NameSort = 'distinct' | 'ambiguous' | 'particle';

export interface NameWord {
  readonly sort: NameSort;
  /** Persons, by number, who have it in their name; -1 for places. */
  readonly persons: ReadonlySet<number>;
}

interface MutableNameWord {
  sort: NameSort;
  readonly persons: Set<number>;
}

/** A trie of names of unspaced scripts. */
export interface NameNode {
  readonly next: Map<number, NameNode>;
  /** A name ends here; one character alone counts only beside others. */
  isEnd: boolean;
}

/** A phrase that is looked for as a sequence of words: a street, a hospital, a city of two words. */
export type Phrase = readonly string[];

const LETTER_RUN = /[\p{L}\p{M}]+/gu;
const WORD_RUN = /[\p{L}\p{M}]+|\p{N}+/gu;
const MAX_WORDS = 16;
/** Names of this many Latin letters or fewer are judged by their context. */
const SHORT = 2;
const ASCII = /^[a-z]*$/;
const CYRILLIC = /^[\u0400-\u04FF]+$/;
const UMLAUT = /[äöüåæøœÄÖÜÅÆØŒ]|[aouAOU][\u0308\u030A]/;

export class NameIndex {
  readonly words = new Map<string, NameWord>();
  readonly unspaced: NameNode = { next: new Map(), isEnd: false };
  readonly phrases = new Map<string, Phrase[]>();
  /** Person → all parts of the name. */
  readonly parts: string[][] = [];
  hasUnspaced = false;
  /** Family names that are one letter: "E^Wen". */
  readonly lettersOfFamily = new Set<string>();

  /** One PN value, or a name in any other form; groups (`=`) and values (`\`) are names of the same person. */
  addName(value: string): void {
    const person = this.parts.length;
    this.parts.push([]);
    for (const group of value.split(/[=\\]/)) this.#addGroup(group, person);
    const [family] = this.parts[person] as readonly (string | undefined)[];
    if (family?.length === 1) this.lettersOfFamily.add(family);
  }

  /** True for the first letters, three at least, of a name: what is left of it where a value was cut off. */
  isBeginning({ text, kind, flags }: Word): boolean {
    if (kind !== LETTERS || text.length <= SHORT || (flags & WORD_OF_LANGUAGE) !== 0) return false;
    for (const [word, { sort }] of this.words) if (sort !== 'particle' && word.startsWith(text)) return true;
    return false;
  }

  /** A word that identifies wherever it stands, such as an id of letters. */
  addWord(word: string): void {
    this.#enter(word, 'distinct', -1);
  }

  /** An address, an institution, a city: looked for as a whole, line by line, and by its words that are in no vocabulary. */
  addPlace(value: string): void {
    for (const line of value.split(/[\\^=\r\n]+/)) {
      // "12, rue de l'Église, Lyon" as one, too: with its number.
      const words = foldWord(line).match(WORD_RUN) ?? [];
      if (/[,;]/.test(line) && words.length <= MAX_WORDS) this.#addPhrase(words);
    }
    for (const line of value.split(/[\\^=,;\r\n]+/)) {
      const words = foldWord(line).match(WORD_RUN) ?? [];
      if (words.length > 1 && words.length <= MAX_WORDS && words.join('').length >= 5) this.#addPhrase(words);
      for (const word of words) {
        if (classOf(word.charCodeAt(0)) === UNSPACED) this.#addUnspaced(word);
        else if (word.length >= 4 && flagsOf(word) === 0 && !/\d/.test(word)) this.#enter(word, 'distinct', -1);
        else if (words.length === 1 && word.length >= 4 && (flagsOf(word) & (AMBIGUOUS | PLACEHOLDER)) === EPONYM)
          this.#enter(word, 'ambiguous', -1);
      }
    }
  }

  #addPhrase(words: Phrase): void {
    const known = this.phrases.get(words[0]);
    if (known === undefined) this.phrases.set(words[0], [words]);
    else known.push(words);
  }

  #addGroup(group: string, person: number): void {
    const parts: string[] = [];
    for (const component of group.split(/[\^,;]+/)) {
      const pieces = (component.match(LETTER_RUN) ?? []).map((piece) => ({ piece, folded: foldWord(piece) }));
      const isOnlyParticles = pieces.every(({ folded }) => (flagsOf(folded) & PARTICLE) !== 0);
      for (const { piece, folded } of pieces) {
        const flags = flagsOf(folded);
        if (folded === '' || (flags & PLACEHOLDER) !== 0) continue;
        if (classOf(folded.charCodeAt(0)) === UNSPACED) {
          this.#addUnspaced(folded);
          parts.push(folded);
          continue;
        }
        if (
          (flags & (TITLE | DEGREE)) !== 0 &&
          (pieces.length === 1 || folded.length < 3 || (flags & TITLE) !== 0) &&
          group.trim() !== component
        )
          continue;
        parts.push(folded);
        this.parts[person].push(folded);
        // An initial is looked for beside other parts only.
        if (folded.length === 1) continue;
        if ((flags & PARTICLE) !== 0 && !isOnlyParticles) this.#enter(folded, 'particle', person);
        else this.#enterVariants(piece, folded, person);
      }
      // O'Brien → obrien, Smith-Jones → smithjones, van der Berg → vanderberg.
      if (pieces.length > 1) this.#enterJoined(pieces.map(({ folded }) => folded).join(''), person);
    }
    this.#addCombinations(parts.filter((part) => (flagsOf(part) & PARTICLE) === 0).slice(0, 4), person);
  }

  /** smithjohn, johnsmith, smithj, jsmith; and Han names written without a space in either order. */
  #addCombinations(parts: readonly string[], person: number): void {
    for (const one of parts) {
      for (const other of parts) {
        if (one === other) continue;
        const isUnspaced = classOf(one.charCodeAt(0)) === UNSPACED;
        if (isUnspaced) this.#addUnspaced(one + other);
        else {
          this.#enterJoined(one + other, person);
          if (one.length >= 4) {
            this.#enterJoined(one + other[0], person);
            this.#enterJoined(other[0] + one, person);
          }
        }
      }
    }
  }

  #enterJoined(word: string, person: number): void {
    if (word.length >= 5 && (flagsOf(word) & (CLINICAL | SENTENCE)) === 0) this.#enter(word, 'distinct', person);
  }

  /** The word, and what it becomes where umlauts are written as two letters or two letters as an umlaut. */
  #enterVariants(piece: string, folded: string, person: number): void {
    this.#enter(folded, sortOf(folded), person);
    // Сергей, Мария: what stays when Сергею and Марии lose their endings.
    const stem = CYRILLIC.test(folded) ? folded.replace(/[аеиоуыьюя]$/, '') : '';
    if (stem.length > 3) this.#enter(stem, 'distinct', person);
    if (UMLAUT.test(piece)) {
      const expanded = foldWord(
        piece
          .normalize('NFC')
          .replace(/[äæ]/gi, 'ae')
          .replace(/[öøœ]/gi, 'oe')
          .replace(/ü/gi, 'ue')
          .replace(/å/gi, 'aa'),
      );
      if (expanded !== folded) this.#enter(expanded, sortOf(expanded), person);
    }
    if (ASCII.test(folded) && /ae|oe|ue|aa/.test(folded)) {
      const collapsed = folded.replace(/([aou])e|aa/g, (_, vowel: string | undefined) => vowel ?? 'a');
      if (collapsed.length > SHORT) this.#enter(collapsed, sortOf(collapsed), person);
    }
  }

  #enter(word: string, sort: NameSort, person: number): void {
    const known = this.words.get(word) as MutableNameWord | undefined;
    if (known === undefined) this.words.set(word, { sort, persons: new Set([person]) });
    else {
      known.persons.add(person);
      if (known.sort === 'particle') known.sort = sort;
    }
  }

  #addUnspaced(name: string): void {
    this.hasUnspaced = true;
    let node = this.unspaced;
    for (let at = 0; at < name.length && at < MAX_WORDS * 2; at++) {
      const unit = name.charCodeAt(at);
      let next = node.next.get(unit);
      if (next === undefined) node.next.set(unit, (next = { next: new Map(), isEnd: false }));
      node = next;
    }
    node.isEnd = true;
  }
}

/**
 * Distinct: at least three letters (two in scripts other than Latin) that are no word of medicine, of the language or of the
 * calendar. All else is judged where it stands.
 */
function sortOf(word: string): NameSort {
  if ((flagsOf(word) & (AMBIGUOUS | COLLOCATED)) !== 0) return 'ambiguous';
  if (word.length > SHORT) return 'distinct';
  return word.length === SHORT && !ASCII.test(word) && classOf(word.charCodeAt(0)) === LETTERS
    ? 'distinct'
    : 'ambiguous';
}
