// The regular expressions of `matches` as a tree: `. [a-z] [^…] \d \w \s ^ $ ( ) (?: ) | * + ? {m,n}`, and `(?i)` in front.

/** Where and why an expression cannot be used; `index` counts characters from its start. */
export class PatternError extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.name = 'PatternError';
    this.index = index;
  }
}

/** Inclusive ranges of code points. */
export type Ranges = readonly (readonly [number, number])[];

export type PatternNode =
  | { readonly kind: 'character'; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number };

const MAX_REPEAT = 200;
const MAX_DEPTH = 32;
const LAST_CODE_POINT = 0x10ffff;
const DIGITS: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CLASSES: Partial<Record<string, Ranges>> = { d: DIGITS, w: WORD, s: SPACE };
const CONTROLS: Partial<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b };

/** @throws PatternError */
export function parsePattern(source: string): PatternNode {
  return new Parser(source).parse();
}

class Parser {
  readonly #points: readonly string[];
  readonly #ignoresCase: boolean;
  #at: number;
  #depth = 0;

  constructor(source: string) {
    this.#points = Array.from(source);
    this.#ignoresCase = source.startsWith('(?i)');
    this.#at = this.#ignoresCase ? 4 : 0;
  }

  parse(): PatternNode {
    const node = this.#either();
    if (this.#peek() !== undefined) throw this.#error('this ")" closes nothing; write "\\)" for the character');
    return node;
  }

  #peek(): string | undefined {
    return this.#at < this.#points.length ? this.#points[this.#at] : undefined;
  }

  #takeIf(text: string): boolean {
    const parts = Array.from(text);
    if (!parts.every((part, i) => this.#points[this.#at + i] === part)) return false;
    this.#at += parts.length;
    return true;
  }

  #error(message: string): PatternError {
    return new PatternError(this.#points.slice(0, this.#at).join('').length, message);
  }

  #either(): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw this.#error('groups are nested too deeply');
    const parts = [this.#sequence()];
    while (this.#takeIf('|')) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 ? parts[0] : { kind: 'either', parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): PatternNode {
    const part = this.#atom();
    const count = this.#quantifier();
    if (count === undefined) return part;
    if (part.kind === 'start' || part.kind === 'end') throw this.#error('"^" and "$" cannot be repeated');
    // Lazy or greedy: the same texts match.
    this.#takeIf('?');
    if (/^[*+?{]/.test(this.#peek() ?? ''))
      throw this.#error('nothing to repeat; put what is repeated twice into a group');
    return { kind: 'repeat', part, ...count };
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#takeIf('*')) return { min: 0, max: Infinity };
    if (this.#takeIf('+')) return { min: 1, max: Infinity };
    if (this.#takeIf('?')) return { min: 0, max: 1 };
    if (this.#peek() !== '{') return undefined;
    const match = /^\{(\d+)(?:,(\d*))?\}/.exec(this.#points.slice(this.#at).join(''));
    if (match === null) throw this.#error('write "{2}", "{2,}" or "{2,5}", or "\\{" for the character');
    const min = Number(match[1]);
    const last = match[0].includes(',') ? match[2] || 'Infinity' : match[1];
    const max = Number(last);
    if (min > max || min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT))
      throw this.#error(`a count is at most ${MAX_REPEAT}, and the second not below the first`);
    this.#at += match[0].length;
    return { min, max };
  }

  #atom(): PatternNode {
    const character = this.#peek() ?? '';
    if (/[*+?{]/.test(character)) throw this.#error(`nothing stands before "${character}" to repeat`);
    if (/[\]}]/.test(character)) throw this.#error(`write "\\${character}" for the character`);
    this.#at++;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return this.#set();
      case '.':
        return { kind: 'character', ranges: LINE_ENDS, isNegated: true };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '\\':
        return this.#escape();
      default:
        return this.#literal(character.codePointAt(0) ?? 0);
    }
  }

  #group(): PatternNode {
    if (this.#peek() === '?' && !this.#takeIf('?:'))
      throw this.#error(
        'only groups "(…)" and "(?:…)" are possible here: look-around and names are not, (?i) stands in front',
      );
    const node = this.#either();
    if (!this.#takeIf(')')) throw this.#error('write ")" here');
    return node;
  }

  #literal(point: number): PatternNode {
    return { kind: 'character', ranges: this.#cased([[point, point]]), isNegated: false };
  }

  #escape(): PatternNode {
    const { ranges, isNegated } = this.#escaped();
    return { kind: 'character', ranges: this.#cased(ranges), isNegated };
  }

  #escaped(): { readonly ranges: Ranges; readonly isNegated: boolean } {
    const character = this.#peek();
    if (character === undefined) throw this.#error('a backslash at the end; write "\\\\" for the character');
    const found = CLASSES[character.toLowerCase()];
    if (found !== undefined) {
      this.#at++;
      return { ranges: found, isNegated: character !== character.toLowerCase() };
    }
    const control = CONTROLS[character];
    if (control === undefined && /[A-Za-z0-9]/.test(character))
      throw this.#error(`"\\${character}" is not possible here; there are \\d \\w \\s \\D \\W \\S and escaped signs`);
    this.#at++;
    const point = control ?? character.codePointAt(0) ?? 0;
    return { ranges: [[point, point]], isNegated: false };
  }

  #set(): PatternNode {
    const isNegated = this.#takeIf('^');
    const ranges: (readonly [number, number])[] = [];
    for (let next = this.#peek(); next !== ']'; next = this.#peek()) {
      if (next === undefined) throw this.#error('write "]" here');
      const from = this.#member();
      if (
        from.length === 1 &&
        from[0][0] === from[0][1] &&
        this.#peek() === '-' &&
        this.#points[this.#at + 1] !== ']'
      ) {
        this.#at++;
        const to = this.#peek() === undefined ? [] : this.#member();
        if (to.length !== 1 || to[0][0] !== to[0][1] || to[0][0] < from[0][0])
          throw this.#error('a range goes from one character to a later one');
        ranges.push([from[0][0], to[0][0]]);
      } else ranges.push(...from);
    }
    this.#at++;
    return { kind: 'character', ranges: this.#cased(ranges), isNegated };
  }

  #member(): Ranges {
    const character = this.#peek() ?? '';
    this.#at++;
    if (character === '[') throw this.#error('write "\\[" for the character inside a set');
    if (character !== '\\') {
      const point = character.codePointAt(0) ?? 0;
      return [[point, point]];
    }
    const { ranges, isNegated } = this.#escaped();
    return isNegated ? complement(ranges) : ranges;
  }

  #cased(ranges: Ranges): Ranges {
    if (!this.#ignoresCase) return ranges;
    const other: (readonly [number, number])[] = [];
    for (const [from, to] of ranges) {
      for (const [first, last, shift] of [
        [0x41, 0x5a, 0x20],
        [0x61, 0x7a, -0x20],
      ]) {
        if (from <= last && to >= first) other.push([Math.max(from, first) + shift, Math.min(to, last) + shift]);
      }
    }
    return [...ranges, ...other];
  }
}

function complement(ranges: Ranges): Ranges {
  const outside: (readonly [number, number])[] = [];
  let from = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (first > from) outside.push([from, first - 1]);
    from = last + 1;
  }
  outside.push([from, LAST_CODE_POINT]);
  return outside;
}
