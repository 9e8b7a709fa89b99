// Regular expressions for `matches`, run in time linear in the text: all states are followed at once (Thompson's construction),
// so that no profile can make an instance take seconds. Without back references and look-around, which need more than that.

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
type Ranges = readonly (readonly [number, number])[];

type Node =
  | { readonly kind: 'character'; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

type Instruction =
  | { readonly op: 'character'; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly op: 'start' | 'end' | 'match' }
  /** Goes on at both. */
  | { readonly op: 'split'; readonly to: readonly [number, number] }
  | { readonly op: 'jump'; readonly to: number };

const MAX_INSTRUCTIONS = 2000;
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

/** A compiled expression: `. [a-z] [^…] \d \w \s ^ $ ( ) (?: ) | * + ? {m,n}`, and `(?i)` in front for ASCII letters of either case. */
export class Pattern {
  readonly source: string;
  readonly #program: readonly Instruction[];

  /** @throws PatternError */
  constructor(source: string) {
    this.source = source;
    this.#program = compile(new Parser(source).parse());
  }

  /** Whether the expression matches anywhere in the text. */
  test(text: string): boolean {
    const program = this.#program;
    let states = new States(program);
    let next = new States(program);
    for (let at = 0; ;) {
      const isEnd = at >= text.length;
      // A match may begin at every place.
      if (states.follow(0, at === 0, isEnd)) return true;
      if (isEnd) return false;
      const point = text.codePointAt(at) ?? 0;
      at += point > 0xffff ? 2 : 1;
      next.clear();
      for (const index of states.list) {
        const instruction = program[index];
        if (instruction.op !== 'character' || isIn(instruction.ranges, point) === instruction.isNegated) continue;
        if (next.follow(index + 1, false, at >= text.length)) return true;
      }
      [states, next] = [next, states];
    }
  }

  /** For the digest of a profile. */
  toJSON(): string {
    return this.source;
  }
}

/** The instructions that are waiting for a character, each once. */
class States {
  readonly list: number[] = [];
  readonly #program: readonly Instruction[];
  readonly #seen: Uint8Array;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#seen = new Uint8Array(program.length);
  }

  clear(): void {
    this.list.length = 0;
    this.#seen.fill(0);
  }

  /** Adds what can be reached from an instruction without a character; true when that is a match. */
  follow(from: number, isStart: boolean, isEnd: boolean): boolean {
    const open = [from];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#seen[index] === 1) continue;
      this.#seen[index] = 1;
      const instruction = this.#program[index];
      switch (instruction.op) {
        case 'match':
          return true;
        case 'character':
          this.list.push(index);
          break;
        case 'split':
          open.push(...instruction.to);
          break;
        case 'jump':
          open.push(instruction.to);
          break;
        case 'start':
          if (isStart) open.push(index + 1);
          break;
        case 'end':
          if (isEnd) open.push(index + 1);
      }
    }
    return false;
  }
}

function isIn(ranges: Ranges, point: number): boolean {
  for (const [from, to] of ranges) if (point >= from && point <= to) return true;
  return false;
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

  parse(): Node {
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

  #either(): Node {
    if (++this.#depth > MAX_DEPTH) throw this.#error('groups are nested too deeply');
    const parts = [this.#sequence()];
    while (this.#takeIf('|')) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 ? parts[0] : { kind: 'either', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek())
      parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): Node {
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

  #atom(): Node {
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

  #group(): Node {
    if (this.#peek() === '?' && !this.#takeIf('?:'))
      throw this.#error(
        'only groups "(…)" and "(?:…)" are possible here: look-around and names are not, (?i) stands in front',
      );
    const node = this.#either();
    if (!this.#takeIf(')')) throw this.#error('write ")" here');
    return node;
  }

  #literal(point: number): Node {
    return { kind: 'character', ranges: this.#cased([[point, point]]), isNegated: false };
  }

  #escape(): Node {
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

  #set(): Node {
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

function compile(node: Node): readonly Instruction[] {
  const program: Instruction[] = [];
  emit(node, program);
  program.push({ op: 'match' });
  return program;
}

function push(program: Instruction[], instruction: Instruction): number {
  if (program.length >= MAX_INSTRUCTIONS) throw new PatternError(0, 'the expression is too large; use smaller counts');
  return program.push(instruction) - 1;
}

function emit(node: Node, program: Instruction[]): void {
  switch (node.kind) {
    case 'character':
      push(program, { op: 'character', ranges: node.ranges, isNegated: node.isNegated });
      return;
    case 'start':
    case 'end':
      push(program, { op: node.kind });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program);
      return;
    case 'either':
      emitEither(node.parts, program);
      return;
    case 'repeat':
      emitRepeat(node, program);
  }
}

function emitEither([first, ...others]: readonly Node[], program: Instruction[]): void {
  if (others.length === 0) {
    emit(first, program);
    return;
  }
  const split = push(program, { op: 'match' });
  emit(first, program);
  const jump = push(program, { op: 'match' });
  program[split] = { op: 'split', to: [split + 1, program.length] };
  emitEither(others, program);
  program[jump] = { op: 'jump', to: program.length };
}

function emitRepeat({ part, min, max }: Extract<Node, { kind: 'repeat' }>, program: Instruction[]): void {
  for (let i = 0; i < min; i++) {
    const before = program.length;
    emit(part, program);
    // Nothing, repeated, is nothing.
    if (program.length === before) return;
  }
  if (max === Infinity) {
    const split = push(program, { op: 'match' });
    emit(part, program);
    push(program, { op: 'jump', to: split });
    program[split] = { op: 'split', to: [split + 1, program.length] };
    return;
  }
  const splits: number[] = [];
  for (let i = min; i < max; i++) {
    splits.push(push(program, { op: 'match' }));
    emit(part, program);
  }
  for (const split of splits) program[split] = { op: 'split', to: [split + 1, program.length] };
}
