// Conditions of CTP's filters and pixel scripts (`Modality.equals("CT") * ![0008,0070].containsIgnoreCase("ge")`) as conditions of a profile.
//
//   condition = term { "+" term }     term = factor { "*" factor }     factor = "!" factor | "(" condition ")" | test
//   test      = ( keyword | [gggg,eeee] ) "." method "(" '"' text '"' ")"        text has no escapes
import { findByKeyword } from '../../standard/dictionary.ts';
import { isPrivate, parseTag } from '../../standard/tags.ts';

import { ConditionError } from '../condition-tokens.ts';
import { parseCondition } from '../conditions.ts';
import { escapePattern, quoteText } from './karnak-condition.ts';
import { tagText } from './profile-builder.ts';

/** One test of one attribute, in the words of CTP. */
export interface PixelTest {
  readonly tag: number;
  readonly method: string;
  readonly text: string;
}

/** A factor of the whole condition: all of them have to hold. */
export interface PixelFactor {
  /** In the words of CTP, on one line. */
  readonly source: string;
  /** In the words of a profile; undefined without a counterpart. */
  readonly when: string | undefined;
  /** When it is a single test, not negated. */
  readonly test: PixelTest | undefined;
}

type Node =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Node[]; readonly start: number; readonly end: number }
  | { readonly kind: 'not'; readonly part: Node; readonly start: number; readonly end: number }
  | { readonly kind: 'test'; readonly test: PixelTest | undefined; readonly start: number; readonly end: number };

const MAX_CHARACTERS = 8000;
/** Conditions of profiles nest no deeper than 32. */
const MAX_DEPTH = 24;
const SPACE = /(?:\s+|\/\/[^\n]*)*/y;
const TEST =
  /(?<name>[A-Za-z]\w{0,63}|\[[^"{}.*+!]{1,200}\])\s*\.\s*(?<method>[A-Za-z]{1,40})\s*\(\s*"(?<text>[^"]*)"\s*\)/y;

/** Not a condition of CTP. */
class Unreadable extends Error {}

/** The factors of a condition; undefined when it cannot be read, or is deeper or longer than a person writes. */
export function readPixelCondition(source: string): readonly PixelFactor[] | undefined {
  if (source.length > MAX_CHARACTERS) return undefined;
  try {
    const whole = new Parser(source).parse();
    const factors = whole.kind === 'and' ? whole.parts : [whole];
    return factors.map((node) => ({
      source: source.slice(node.start, node.end).replace(/\s+/g, ' '),
      when: checked(write(node)),
      test: node.kind === 'test' ? node.test : undefined,
    }));
  } catch (error: unknown) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    const condition = this.#chain('+', () => this.#chain('*', () => this.#factor()));
    if (this.#at < this.#source.length) throw new Unreadable();
    return condition;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#source)?.[0].length ?? 0;
  }

  #takeIf(sign: string): boolean {
    this.#skip();
    if (this.#source[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #chain(sign: '+' | '*', next: () => Node): Node {
    const parts = [next()];
    while (this.#takeIf(sign)) parts.push(next());
    if (parts.length === 1) return parts[0];
    const flat = parts.flatMap((part) => (sign === '*' && part.kind === 'and' ? part.parts : [part]));
    return { kind: sign === '*' ? 'and' : 'or', parts: flat, start: parts[0].start, end: parts[parts.length - 1].end };
  }

  #factor(): Node {
    this.#skip();
    const start = this.#at;
    if (++this.#depth > MAX_DEPTH) throw new Unreadable();
    try {
      if (this.#takeIf('!')) {
        const part = this.#factor();
        return { kind: 'not', part, start, end: part.end };
      }
      if (!this.#takeIf('(')) return this.#test();
      const inside = this.#chain('+', () => this.#chain('*', () => this.#factor()));
      if (!this.#takeIf(')')) throw new Unreadable();
      return { ...inside, start, end: this.#at };
    } finally {
      this.#depth--;
    }
  }

  #test(): Node {
    const start = this.#at;
    TEST.lastIndex = start;
    const match = TEST.exec(this.#source);
    if (match === null) throw new Unreadable();
    this.#at += match[0].length;
    const { name, method, text } = match.groups as { name: string; method: string; text: string };
    const tag = tagOf(name);
    return { kind: 'test', test: tag === undefined ? undefined : { tag, method, text }, start, end: this.#at };
  }
}

/** An attribute at the top level that everybody knows: neither a path into sequences nor a private one, whose block is not known. */
function tagOf(name: string): number | undefined {
  const tag = name.startsWith('[') ? parseTag(name.slice(1, -1).replace(/\s/g, '')) : findByKeyword(name)?.tag;
  return tag === undefined || isPrivate(tag) ? undefined : tag;
}

function write(node: Node): string | undefined {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const parts = node.parts.map(write);
      return parts.includes(undefined) ? undefined : `(${parts.join(` ${node.kind} `)})`;
    }
    case 'not': {
      const part = write(node.part);
      return part === undefined ? undefined : `not (${part})`;
    }
    case 'test':
      return node.test === undefined ? undefined : writeTest(node.test);
  }
}

/** CTP compares the whole value, a profile each of several: one that holds the sign between values never would. */
function writeTest({ tag, method, text }: PixelTest): string | undefined {
  const name = tagText(tag);
  const compare = TESTS.get(method);
  if (compare === undefined) return undefined;
  // CTP reads an attribute that is absent as an empty text.
  if (text === '') return method.startsWith('equals') ? `not (${name} matches ${quoteText('\\S')})` : undefined;
  return text.includes('\\') && method !== 'matches' ? undefined : compare(name, text);
}

const pattern = (name: string, before: string, text: string, after: string): string =>
  `${name} matches ${quoteText(`${before}${escapePattern(text)}${after}`)}`;

const TESTS: ReadonlyMap<string, (name: string, text: string) => string | undefined> = new Map([
  ['equals', (name, text) => `${name} = ${quoteText(text)}`],
  ['equalsIgnoreCase', (name, text) => pattern(name, '(?i)^', text, '$')],
  ['contains', (name, text) => `${name} contains ${quoteText(text)}`],
  ['containsIgnoreCase', (name, text) => pattern(name, '(?i)', text, '')],
  ['startsWith', (name, text) => pattern(name, '^', text, '')],
  ['startsWithIgnoreCase', (name, text) => pattern(name, '(?i)^', text, '')],
  ['endsWith', (name, text) => pattern(name, '', text, '$')],
  ['endsWithIgnoreCase', (name, text) => pattern(name, '(?i)', text, '$')],
  ['matches', (name, text) => `${name} matches ${quoteText(`^(?:${text})$`)}`],
  ['isLessThan', (name, text) => (isNumber(text) ? `${name} < ${text}` : undefined)],
  ['isGreaterThan', (name, text) => (isNumber(text) ? `${name} > ${text}` : undefined)],
]);

function isNumber(text: string): boolean {
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(text);
}

/** The condition when a profile can be written with it: our expressions know less than Java's, and numbers are compared with numbers. */
function checked(when: string | undefined): string | undefined {
  if (when === undefined) return undefined;
  try {
    parseCondition(when);
    return when;
  } catch (error: unknown) {
    if (error instanceof ConditionError) return undefined;
    throw error;
  }
}
