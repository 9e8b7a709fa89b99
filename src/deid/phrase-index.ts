// Finds any of many phrases in short texts without trying each one: a phrase is tried only where its first word stands.

/** A phrase as it is written, and the regular expression (without flags) that tells all its spellings. */
export interface Phrase {
  readonly text: string;
  readonly pattern: string;
  /** The pattern asks for a word boundary on both sides; without it a phrase may stand inside a word. */
  readonly isBounded: boolean;
}

export interface PhraseMatch {
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}]+/gu;
const ASCII_ONLY = /^[\0-\x7F]*$/;

/** Instances differ in a few values each, so that compiling an expression per set of phrases would cost more than all searches. */
export class PhraseIndex {
  /** First word, folded, of bounded phrases. */
  readonly #byFirstWord = new Map<string, Phrase[]>();
  /** Phrases in scripts or spellings without word boundaries. */
  readonly #loose: Phrase[] = [];
  readonly #compiled = new Map<string, RegExp>();

  constructor(phrases: Iterable<Phrase>) {
    for (const phrase of phrases) {
      const first = wordsOf(fold(phrase.text)).at(0);
      if (!phrase.isBounded || first === undefined) this.#loose.push(phrase);
      else {
        const others = this.#byFirstWord.get(first);
        if (others === undefined) this.#byFirstWord.set(first, [phrase]);
        else others.push(phrase);
      }
    }
  }

  /** The places of all phrases in a text, in no order; they may overlap. */
  find(text: string): readonly PhraseMatch[] {
    const found: PhraseMatch[] = [];
    const folded = fold(text);
    if (this.#byFirstWord.size > 0) {
      for (const word of new Set(wordsOf(folded))) {
        for (const phrase of this.#byFirstWord.get(word) ?? []) this.#collect(found, text, phrase);
      }
    }
    const isAscii = ASCII_ONLY.test(text);
    for (const phrase of this.#loose) {
      if (!isAscii || ASCII_ONLY.test(phrase.text)) this.#collect(found, text, phrase);
    }
    return found;
  }

  #collect(found: PhraseMatch[], text: string, { pattern }: Phrase): void {
    let expression = this.#compiled.get(pattern);
    if (expression === undefined) {
      expression = new RegExp(pattern, 'giu');
      this.#compiled.set(pattern, expression);
    }
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      found.push({ start: match.index, end: match.index + match[0].length });
    }
  }
}

/** Case folding as the `i` and `u` flags do it for the letters of names: ſ and K (Kelvin) fold to s and k. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return ASCII_ONLY.test(lower) ? lower : lower.replaceAll('ſ', 's');
}

function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}
