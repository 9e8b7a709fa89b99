// The `when` of a rule: a small language over the attributes at the top level of the instance, parsed into a tree.
//
//   condition  = term { "or" term }          term = factor { "and" factor }
//   factor     = "not" factor | "(" condition ")" | test
//   test       = attribute ( "=" | "!=" | "contains" | "matches" ) value | attribute "is" [ "not" ] "present"
//   attribute  = keyword | (gggg,eeee)       value = "text" | 'text' | number
import { findByKeyword, keywords } from '../standard/dictionary.ts';
import { parseTag } from '../standard/tags.ts';

import { suggest } from './problems.ts';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'present'; readonly tag: number }
  /** True when one of the attribute's values equals, contains or matches; `!=` is written as `not` over `=`. */
  | { readonly kind: 'equals' | 'contains'; readonly tag: number; readonly operand: string }
  | { readonly kind: 'matches'; readonly tag: number; readonly operand: string; readonly pattern: RegExp };

/** Where and why a condition could not be parsed; `index` counts characters from its start. */
export class ConditionError extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.name = 'ConditionError';
    this.index = index;
  }
}

interface Token {
  readonly kind: 'word' | 'tag' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly index: number;
}

const TOKEN =
  /\s+|(?<tag>\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\))|(?<sign>!=|=|\(|\))|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<word>[A-Za-z0-9_.+-]+)/y;
const OPERATORS = ['=', '!=', 'contains', 'matches', 'is'];
/** Deeper nesting than any reader of a profile follows. */
const MAX_DEPTH = 32;

function* tokenize(source: string): Generator<Token> {
  TOKEN.lastIndex = 0;
  let index = 0;
  while (index < source.length) {
    TOKEN.lastIndex = index;
    const match = TOKEN.exec(source);
    if (match === null) throw new ConditionError(index, `cannot read "${source.slice(index, index + 10)}"`);
    const groups: Partial<Record<string, string>> = match.groups ?? {};
    const quoted = groups.double === undefined ? groups.single : groups.double.replace(/\\(["\\])/g, '$1');
    if (groups.tag !== undefined) yield { kind: 'tag', text: groups.tag, index };
    else if (groups.sign !== undefined) yield { kind: 'sign', text: groups.sign, index };
    else if (quoted !== undefined) yield { kind: 'text', text: quoted, index };
    else if (groups.word !== undefined) yield { kind: 'word', text: groups.word, index };
    index += match[0].length;
  }
  yield { kind: 'end', text: 'the end', index: source.length };
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = [...tokenize(source)];
  }

  parse(): Condition {
    const condition = this.#either();
    const rest = this.#peek();
    if (rest.kind !== 'end')
      throw new ConditionError(rest.index, `"${rest.text}" is not expected here; join tests with and, or`);
    return condition;
  }

  #peek(): Token {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#tokens[this.#next];
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #takeIf(text: string): boolean {
    const token = this.#peek();
    if (token.kind === 'text' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #either(): Condition {
    if (++this.#depth > MAX_DEPTH)
      throw new ConditionError(this.#peek().index, 'nested too deeply; split it into several rules');
    let left = this.#both();
    while (this.#takeIf('or')) left = { kind: 'or', left, right: this.#both() };
    this.#depth--;
    return left;
  }

  #both(): Condition {
    let left = this.#factor();
    while (this.#takeIf('and')) left = { kind: 'and', left, right: this.#factor() };
    return left;
  }

  #factor(): Condition {
    if (this.#takeIf('not')) {
      if (++this.#depth > MAX_DEPTH) throw new ConditionError(this.#peek().index, 'nested too deeply');
      const operand = this.#factor();
      this.#depth--;
      return { kind: 'not', operand };
    }
    if (!this.#takeIf('(')) return this.#test();
    const condition = this.#either();
    const close = this.#take();
    if (close.kind !== 'sign' || close.text !== ')') throw new ConditionError(close.index, 'write ")" here');
    return condition;
  }

  #test(): Condition {
    const tag = this.#attribute();
    const operator = this.#take();
    switch (operator.kind === 'text' ? '' : operator.text) {
      case '=':
        return { kind: 'equals', tag, operand: this.#value() };
      case '!=':
        return { kind: 'not', operand: { kind: 'equals', tag, operand: this.#value() } };
      case 'contains':
        return { kind: 'contains', tag, operand: this.#value() };
      case 'matches':
        return this.#matches(tag);
      case 'is':
        return this.#presence(tag);
      default:
        throw new ConditionError(
          operator.index,
          `"${operator.text}" is no comparison${suggest(operator.text, OPERATORS, 'write =, !=, contains, matches, is present or is not present')}`,
        );
    }
  }

  #presence(tag: number): Condition {
    const isNegated = this.#takeIf('not');
    const word = this.#take();
    if (word.text !== 'present') throw new ConditionError(word.index, 'write "present" after "is" or "is not"');
    return isNegated ? { kind: 'not', operand: { kind: 'present', tag } } : { kind: 'present', tag };
  }

  #matches(tag: number): Condition {
    const { index } = this.#peek();
    const operand = this.#value();
    try {
      return { kind: 'matches', tag, operand, pattern: new RegExp(operand, 'u') };
    } catch {
      throw new ConditionError(index, 'the text after "matches" is not a regular expression of JavaScript');
    }
  }

  #value(): string {
    const token = this.#take();
    if (token.kind === 'text') return token.text;
    if (token.kind === 'word' && /^[\d.+-]+$/.test(token.text)) return token.text;
    throw new ConditionError(token.index, 'write a value in quotes here');
  }

  #attribute(): number {
    const token = this.#take();
    const tag = token.kind === 'tag' ? parseTag(token.text) : findByKeyword(token.text)?.tag;
    if (tag !== undefined && token.kind !== 'text') return tag;
    if (token.kind === 'word') {
      throw new ConditionError(
        token.index,
        `"${token.text}" is no DICOM keyword${suggest(token.text, keywords(), 'write a keyword of PS3.6 or (gggg,eeee)')}`,
      );
    }
    throw new ConditionError(token.index, 'write a keyword of PS3.6 or (gggg,eeee) here');
  }
}

/** @throws ConditionError */
export function parseCondition(source: string): Condition {
  return new Parser(source).parse();
}
